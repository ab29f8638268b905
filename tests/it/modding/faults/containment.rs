//! Faulting and endless mods are contained, and the other mods are not affected.

use tinkerbox::{LogLevel, ModReportKind, ModStatus};

use crate::modding::games::game::*;

/// Writes every position, then traps.
fn crasher(id: &str) -> ModText {
    let mut text = mover(id, 1000.0);
    let body = "(f32.store (local.get $a) (f32.const 1000))";
    text.wat = module(
        &(each_row("move_all", [8, 0], 4096, body) + "(func (export \"sys_move\") (call $run) unreachable)"),
    );
    text.wat = text.wat.replace("(func (export \"sys_move_all\")", "(func $run");
    text
}

#[test]
fn a_fault_leaves_no_trace_and_the_others_go_on() {
    let mut game = Game::new(&[("a", &crasher("aaa")), ("b", &mover("bbb", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    assert_eq!(game.x(entity), 1.0);
    let fault = game.report("aaa", ModReportKind::Faulted);
    assert!(fault.contains("system `move` ended in a fault at tick 1"), "{fault}");
    assert!(fault.contains("unreachable"), "{fault}");
    assert_eq!(game.status("aaa"), ModStatus::Faulted { until_tick: 2 });
    game.frames(9);
    assert_eq!(game.x(entity), 10.0);
    assert_eq!(game.status("bbb"), ModStatus::Live);
}

#[test]
fn rests_grow_until_quarantine_and_all_is_counted_in_ticks() {
    let mut game = Game::new(&[("a", &plain("aaa", "unreachable"))]);
    let mut faulted_at = Vec::new();
    for tick in 1..=100 {
        let before = game.reports("aaa", ModReportKind::Faulted).len();
        game.frame();
        if game.reports("aaa", ModReportKind::Faulted).len() > before {
            faulted_at.push(tick);
        }
    }
    assert_eq!(faulted_at, [1, 2, 4, 8, 16, 32]);
    assert_eq!(game.status("aaa"), ModStatus::Quarantined);
    assert!(game.report("aaa", ModReportKind::Quarantined).contains("until its files change"));
    assert_eq!(game.stats("aaa").faults, 6);
}

#[test]
fn an_endless_mod_costs_its_budget_and_ends_in_quarantine() {
    let mut endless = plain("endless", "(loop $for_ever (br $for_ever))");
    endless.manifest = endless.manifest.replace("[[system]]", "[budget]\nfuel = 1000\n[[system]]");
    let mut game = Game::new(&[("a", &endless), ("b", &mover("other", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    assert_eq!(game.status("endless"), ModStatus::Suspended { frames: 1 });
    assert_eq!(game.reports("endless", ModReportKind::Suspended).len(), 1);
    let used = game.stats("endless").fuel_used;
    assert!((900..=1000).contains(&used), "it used {used}");
    game.frames(599);
    assert_eq!(game.x(entity), 600.0);
    assert_eq!(game.status("endless"), ModStatus::Quarantined);
    let faults = game.reports("endless", ModReportKind::Faulted);
    assert_eq!(faults.len(), 6);
    assert!(faults[0].contains("did not finish within 60 frames"), "{}", faults[0]);
    assert_eq!(game.reports("endless", ModReportKind::Suspended).len(), 6, "each wait is reported once");
}

#[test]
fn an_overrun_can_be_a_fault() {
    let mut endless = plain("endless", "(loop $for_ever (br $for_ever))");
    endless.manifest = endless.manifest.replace("[[system]]", "[budget]\noverrun = \"fault\"\n[[system]]");
    let mut game = Game::new(&[("a", &endless)]);
    game.frame();
    assert_eq!(game.status("endless"), ModStatus::Faulted { until_tick: 2 });
    assert!(game.report("endless", ModReportKind::Faulted).contains("used up its fuel"));
}

#[test]
fn a_panic_is_told_in_the_mods_own_words() {
    let body = "(call $panic (i32.const 0) (i32.const 7)) unreachable";
    let mut text = plain("aaa", body);
    text.wat = text.wat.replace(
        "(memory (export \"memory\") 2)",
        "(memory (export \"memory\") 2) (data (i32.const 0) \"no hay!\")",
    );
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    let fault = game.report("aaa", ModReportKind::Faulted);
    assert!(fault.contains("it panicked: no hay!"), "{fault}");
}

#[test]
fn pointers_that_lead_out_of_memory_are_faults() {
    let calls = [
        "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 131064) (i32.const 16)))",
        "(drop (call $view_next (i32.const 0) (i32.const 131064) (i32.const 64) (i32.const 16)))",
        "(drop (call $view_next (i32.const 0) (i32.const -1) (i32.const -8) (i32.const -1)))",
        "(drop (call $command (i32.const -8) (i32.const 16)))",
        "(call $log (i32.const 0) (i32.const 131072) (i32.const 1))",
        "(call $panic (i32.const -1) (i32.const -1))",
    ];
    for call in calls {
        let mut game = Game::new(&[("a", &plain("aaa", call))]);
        game.frame();
        let fault = game.report("aaa", ModReportKind::Faulted);
        assert!(fault.contains("its memory has 131072"), "{call}: {fault}");
    }
}

#[test]
fn what_only_works_in_a_system_is_not_now_elsewhere() {
    let mut text = plain("aaa", "");
    let init = r#"(func (export "tb_init") (param i32)
        (if (i32.ne (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 64)) (i32.const -6)) (then unreachable))
        (if (i32.ne (call $command (i32.const 0) (i32.const 0)) (i32.const -6)) (then unreachable))
        (call $log (i32.const 2) (i32.const 0) (i32.const 0)))"#;
    text.wat = module(&format!("(func (export \"sys_run\")) {init}"));
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    assert_eq!(game.status("aaa"), ModStatus::Live);
    assert_eq!(game.reports("aaa", ModReportKind::Log(LogLevel::Info)), [""]);
}

#[test]
fn a_chatterbox_is_cut_short() {
    let body = r#"(local $i i32)
        (loop $again
            (call $log (i32.const 3) (i32.const 0) (i32.const 5000))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 70))))"#;
    let mut text = plain("aaa", body);
    text.manifest = text.manifest.replace("[[system]]", "[budget]\nfuel = 1_000_000\n[[system]]");
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    let said = game.reports("aaa", ModReportKind::Log(LogLevel::Debug));
    // 4,096 bytes in a tick.
    assert_eq!(said.len(), 4);
    assert!(said.iter().all(|text| text.chars().count() == 1024));
    game.frame();
    let warning = game.report("aaa", ModReportKind::Log(LogLevel::Warn));
    assert!(warning.contains("66 more messages"), "{warning}");
}

#[test]
fn memory_grows_to_its_limit_and_no_further() {
    let body = "(if (i32.ne (memory.grow (i32.const 3)) (i32.const -1)) (then unreachable))
        (if (i32.eq (memory.grow (i32.const 2)) (i32.const -1)) (then unreachable))";
    let mut text = plain("aaa", body);
    text.manifest = text.manifest.replace("[[system]]", "[budget]\nmemory = \"256 KiB\"\n[[system]]");
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    assert_eq!(game.status("aaa"), ModStatus::Live);
}

#[test]
fn a_mod_whose_entity_the_game_despawns_is_gone() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0))]);
    let moved = game.spawn_at(0.0);
    game.frame();
    let entity = game.entity("aaa");
    game.world().despawn(entity);
    game.frames(2);
    assert_eq!(game.x(moved), 1.0);
    assert!(game.report("aaa", ModReportKind::Removed).contains("removed its entity"));
    let mut mods = game.world().query::<&ModStatus>();
    assert_eq!(mods.iter(game.app.world()).count(), 0);
}

#[test]
fn a_despawned_mod_comes_back_when_its_files_change() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0))]);
    game.write_file("b", "mod.toml", b"");
    let moved = game.spawn_at(0.0);
    game.frame();
    for id in ["aaa", "b"] {
        let entity = game.entity(id);
        game.world().despawn(entity);
    }
    game.rewrite("b", &mover("bbb", 10.0));
    assert_eq!(game.x(moved), 11.0);
    assert_eq!(game.status("bbb"), ModStatus::Live);
    game.rewrite("a", &mover("aaa", 2.0));
    assert_eq!(game.x(moved), 23.0);
}
