//! Mods are added, changed and removed while the world runs.

use std::fs;
use std::time::Duration;

use tinkerbox::{ModInfo, ModReloads, ModReportKind, ModStatus, Mods};

use crate::modding::games::game::*;

#[test]
fn new_code_is_swapped_in_while_the_world_runs() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frames(3);
    assert_eq!(game.x(entity), 3.0);
    game.rewrite("mover", &mover("mover", 10.0));
    assert_eq!(game.x(entity), 13.0);
    game.frame();
    assert_eq!(game.x(entity), 23.0);
    assert_eq!(game.stats("mover").generation, 2);
    game.report("mover", ModReportKind::Reloaded);
}

#[test]
fn a_file_cut_short_leaves_the_old_code_running_and_says_why() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    let whole = wat::parse_str(mover("mover", 10.0).wat).unwrap();
    // Each truncation is a separate change; whatever is left of the file, the old code continues to run.
    let mut frames = 1.0;
    for len in [0, 3, 4, 7, 8, 9, 60, whole.len() / 2, whole.len() - 1] {
        game.write_file("mover", "mod.wasm", &whole[..len]);
        game.changed("mover");
        frames += 1.0;
        assert_eq!(game.x(entity), frames, "cut at {len}");
        let refusal = game.reports("mover", ModReportKind::ReloadRefused).pop().unwrap();
        assert!(refusal.contains("mod.wasm"), "{refusal}");
        assert!(refusal.contains("The old code continues"), "{refusal}");
    }
    assert_eq!(game.status("mover"), ModStatus::Live);
    assert_eq!(game.stats("mover").generation, 1);
    game.rewrite("mover", &mover("mover", 10.0));
    assert_eq!(game.x(entity), frames + 10.0);
}

#[test]
fn a_broken_manifest_leaves_the_old_code_running_and_says_why() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    game.write_file("mover", "mod.toml", b"[mod]\nid = \"mover\"\nversoin = \"0.2.0\"");
    game.changed("mover");
    assert_eq!(game.x(entity), 2.0);
    let refusal = game.report("mover", ModReportKind::ReloadRefused);
    assert!(refusal.contains("mod.toml: line 3: unknown field `versoin`"), "{refusal}");
    assert_eq!(game.stats("mover").last_message, refusal);
}

#[test]
fn a_changed_manifest_is_a_change() {
    let mut text = mover("mover", 1.0);
    let mut game = Game::new(&[("mover", &text)]);
    game.frame();
    text.manifest = text.manifest.replace("0.1.0", "0.2.0") + "[budget]\nfuel = 77_000\n";
    game.rewrite("mover", &text);
    let entity = game.entity("mover");
    assert_eq!(game.world().get::<ModInfo>(entity).unwrap().version, "0.2.0");
    assert_eq!(game.world().get::<tinkerbox::FuelBudget>(entity).unwrap().grant, 77_000);
}

#[test]
fn what_was_only_touched_is_not_loaded_again() {
    let text = mover("mover", 1.0);
    let mut game = Game::new(&[("mover", &text)]);
    game.frame();
    game.rewrite("mover", &text);
    assert_eq!(game.stats("mover").generation, 1);
    assert!(game.reports("mover", ModReportKind::Reloaded).is_empty());
}

#[test]
fn new_code_that_can_not_begin_leaves_the_old_running() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    let mut text = mover("mover", 10.0);
    text.wat = text
        .wat
        .replace("(memory (export", "(func (export \"tb_init\") (param i32) unreachable) (memory (export");
    game.rewrite("mover", &text);
    assert_eq!(game.x(entity), 2.0);
    let refusal = game.report("mover", ModReportKind::ReloadRefused);
    assert!(refusal.contains("before its first tick") && refusal.contains("unreachable"), "{refusal}");
}

#[test]
fn a_folder_that_comes_is_loaded_and_one_that_goes_is_removed() {
    let mut game = Game::new(&[]);
    let entity = game.spawn_at(0.0);
    game.frame();
    game.rewrite("mover", &mover("mover", 1.0));
    assert_eq!(game.x(entity), 1.0);
    game.report("mover", ModReportKind::Loaded);
    game.take_out("mover");
    game.frame();
    assert_eq!(game.x(entity), 1.0);
    assert!(game.report("mover", ModReportKind::Removed).contains("folder is gone"));
    let mut mods = game.world().query::<&ModInfo>();
    assert_eq!(mods.iter(game.app.world()).count(), 0);
}

#[test]
fn a_refused_mod_runs_once_it_is_corrected() {
    let mut game = Game::new(&[]);
    let entity = game.spawn_at(0.0);
    game.write_file("mover", "mod.toml", b"");
    game.frame();
    assert_eq!(game.status("mover"), ModStatus::Refused);
    game.rewrite("mover", &mover("mover", 1.0));
    assert_eq!(game.status("mover"), ModStatus::Live);
    assert_eq!(game.x(entity), 1.0);
}

#[test]
fn a_reload_ends_quarantine() {
    let mut game = Game::new(&[("a", &plain("aaa", "unreachable"))]);
    game.frames(40);
    assert_eq!(game.status("aaa"), ModStatus::Quarantined);
    game.rewrite("a", &plain("aaa", ""));
    assert_eq!(game.status("aaa"), ModStatus::Live);
    game.frames(100);
    assert_eq!(game.status("aaa"), ModStatus::Live);
}

#[test]
fn new_code_that_asks_for_more_waits_until_the_game_allows_it() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let moved = game.spawn_at(0.0);
    game.frame();
    let mut text = mover("mover", 10.0);
    text.manifest = text
        .manifest
        .replace("write = [\"game:Position\"]", "write = [\"game:Position\", \"game:Mood\"]\nspawn = true");
    game.rewrite("mover", &text);
    let refusal = game.report("mover", ModReportKind::AsksForMore);
    assert!(refusal.contains("read game:Mood, write game:Mood, spawn"), "{refusal}");
    game.frame();
    assert_eq!(game.x(moved), 3.0);
    let entity = game.entity("mover");
    game.world().resource_mut::<Mods>().grant(entity);
    game.frame();
    assert_eq!(game.x(moved), 13.0);
    game.report("mover", ModReportKind::Reloaded);
}

#[test]
fn a_reload_waits_for_a_suspended_system() {
    // Counts down from 1,000 and adds 1 at the end: some 5,000 units.
    let slow = r#"(func (export "sys_move") (local $left i32)
        (local.set $left (i32.const 1000))
        (loop $ado
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $ado (local.get $left)))
        (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 4096)))
        (f32.store (i32.load (i32.const 8)) (f32.const 1)))"#;
    let mut text = mover("slow", 0.0);
    text.manifest += "[budget]\nfuel = 2000\n";
    text.wat = module(slow);
    let mut game = Game::new(&[("slow", &text)]);
    let entity = game.spawn_at(0.0);
    game.frame();
    assert!(matches!(game.status("slow"), ModStatus::Suspended { .. }));
    let mut new = mover("slow", 10.0);
    new.manifest = text.manifest.clone();
    game.rewrite("slow", &new);
    for _ in 0..10 {
        game.frame();
    }
    assert_eq!(game.reports("slow", ModReportKind::Reloaded).len(), 1);
    let x = game.x(entity);
    assert!(x > 1.0 && x % 10.0 == 1.0, "the old code has finished and the new gone on from there: {x}");
}

#[test]
fn nothing_is_built_before_a_folder_is_quiet() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    game.write("mover", &mover("mover", 10.0));
    let path = game.folder("mover").join("mod.wasm");
    let at = Duration::from_millis;
    let mut reloads = game.world().resource_mut::<ModReloads>();
    reloads.record(&path, at(0));
    reloads.settle(at(50));
    reloads.record(&path, at(60));
    reloads.settle(at(130));
    reloads.finish_builds();
    game.frame();
    assert_eq!(game.x(entity), 2.0);
    let mut reloads = game.world().resource_mut::<ModReloads>();
    reloads.settle(at(140));
    reloads.finish_builds();
    game.frame();
    assert_eq!(game.x(entity), 12.0);
}

#[test]
fn the_last_of_several_changes_counts() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    for (time, step) in [(0, 5.0), (1000, 7.0), (2000, 9.0)] {
        game.write("mover", &mover("mover", step));
        let path = game.folder("mover");
        let mut reloads = game.world().resource_mut::<ModReloads>();
        reloads.record(&path, Duration::from_millis(time));
        reloads.settle(Duration::from_millis(time + 500));
        reloads.finish_builds();
    }
    game.frame();
    assert_eq!(game.x(entity), 10.0);
}

#[test]
fn files_that_vanish_leave_the_old_code_running() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    fs::remove_file(game.folder("mover").join("mod.wasm")).unwrap();
    game.changed("mover");
    assert_eq!(game.x(entity), 2.0);
    let refusal = game.report("mover", ModReportKind::ReloadRefused);
    assert!(refusal.contains("there is no .wasm file"), "{refusal}");
}
