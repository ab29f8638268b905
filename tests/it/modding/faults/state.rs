//! The state that a mod keeps across a reload and across a fault.

use tinkerbox::{LogLevel, ModReportKind, ModStatus};

use crate::modding::games::game::*;

/// Counts its ticks in memory, logs the count's last digit, and saves the count as one byte.
fn counter(extra: &str) -> ModText {
    let body = format!(
        r#"
        (func (export "sys_run")
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (call $say (i32.load (i32.const 0)))
            {extra})
        (func $say (param i32)
            (i32.store8 (i32.const 16) (i32.add (i32.const 48) (i32.rem_u (local.get 0) (i32.const 10))))
            (call $log (i32.const 2) (i32.const 16) (i32.const 1)))
        (func (export "tb_init") (param i32)
            (i32.store8 (i32.const 16) (i32.add (i32.const 97) (local.get 0)))
            (call $log (i32.const 2) (i32.const 16) (i32.const 1)))
        (func (export "tb_save") (result i64) (i64.const 1))
        (func (export "tb_alloc") (param i32) (result i32) (i32.const 32))
        (func (export "tb_load") (param i32 i32) (result i32)
            (if (i32.ne (local.get 1) (i32.const 1)) (then unreachable))
            (i32.store (i32.const 0) (i32.load8_u (local.get 0)))
            (i32.const 0))"#
    );
    ModText { manifest: head("counter") + &plain_system("run"), wat: module(&body) }
}

fn said(game: &Game) -> String {
    game.reports("counter", ModReportKind::Log(LogLevel::Info)).join("")
}

#[test]
fn state_is_handed_over_to_new_code() {
    let mut game = Game::new(&[("a", &counter(""))]);
    game.frames(3);
    game.rewrite("a", &counter("nop"));
    game.frame();
    // `a` is tb_init(0), a new mod; `c` is tb_init(2), a reload.
    assert_eq!(said(&game), "a123c45");
}

/// The same without the functions for a state.
fn stateless(extra: &str) -> ModText {
    let mut text = counter(extra);
    for name in ["tb_save", "tb_alloc", "tb_load"] {
        text.wat = text.wat.replace(name, &format!("un{name}"));
    }
    text
}

#[test]
fn a_state_that_new_code_does_not_keep_is_not_lost_in_silence() {
    let mut game = Game::new(&[("a", &counter(""))]);
    game.frames(3);
    let lost = "it keeps no state, so that of the version before is lost";
    game.rewrite("a", &counter("nop"));
    assert!(!game.report("counter", ModReportKind::Reloaded).contains(lost));
    game.rewrite("a", &stateless(""));
    let reports = game.reports("counter", ModReportKind::Reloaded);
    assert!(reports.last().unwrap().contains(lost), "{reports:?}");
    game.rewrite("a", &stateless("nop"));
    let reports = game.reports("counter", ModReportKind::Reloaded);
    assert!(!reports.last().unwrap().contains(lost), "{reports:?}");
}

#[test]
fn without_its_functions_state_begins_anew() {
    let mut game = Game::new(&[("a", &stateless(""))]);
    game.frames(3);
    game.rewrite("a", &stateless("nop"));
    assert_eq!(said(&game), "a123c1");
}

#[test]
fn state_that_is_refused_keeps_the_old_code() {
    let mut game = Game::new(&[("a", &counter(""))]);
    game.frames(2);
    let mut text = counter("");
    text.wat = text.wat.replace("(i32.const 0))\n", "(i32.const -1))\n").replace(
        "(i32.load8_u (local.get 0)))\n            (i32.const 0))",
        "(i32.load8_u (local.get 0)))\n            (i32.const -4))",
    );
    game.rewrite("a", &text);
    let refusal = game.report("counter", ModReportKind::ReloadRefused);
    assert!(refusal.contains("tb_load refused the saved state with -4"), "{refusal}");
    assert_eq!(said(&game), "a123");
}

#[test]
fn a_state_that_can_not_be_saved_does_not_stop_a_reload() {
    let mut broken = counter("");
    broken.wat = broken.wat.replace("(result i64) (i64.const 1)", "(result i64) unreachable");
    let mut game = Game::new(&[("a", &broken)]);
    game.frames(2);
    game.rewrite("a", &counter(""));
    assert!(game.report("counter", ModReportKind::Reloaded).contains("without the old state"));
    assert_eq!(said(&game), "a12c1");
}

#[test]
fn saved_bytes_outside_of_memory_are_a_fault_of_the_mod() {
    for place in ["-1", "0x0001FFFF_00000002", "0x00000000_7FFFFFFF"] {
        let mut hostile = counter("");
        hostile.wat =
            hostile.wat.replace("(result i64) (i64.const 1)", &format!("(result i64) (i64.const {place})"));
        let mut game = Game::new(&[("a", &hostile)]);
        game.frame();
        game.rewrite("a", &counter(""));
        assert!(game.report("counter", ModReportKind::Reloaded).contains("tb_save gave"), "{place}");
    }
}

#[test]
fn after_a_fault_a_mod_begins_anew() {
    let faulty = "(if (i32.eq (i32.load (i32.const 0)) (i32.const 2)) (then unreachable))";
    let mut game = Game::new(&[("a", &counter(faulty))]);
    game.frames(4);
    // `d` is tb_init(3), after a fault. Nothing was saved, so it counts from 1 again.
    assert_eq!(said(&game), "a12d12");
    assert!(matches!(game.status("counter"), ModStatus::Faulted { .. }));
}

#[test]
fn a_mod_goes_on_from_its_last_saved_state_once() {
    // Saved after 300 ticks, as one byte: 44. With the next tick, the 301st, it faults.
    let faulty = "(if (i32.eq (i32.load (i32.const 0)) (i32.const 301)) (then unreachable))";
    let mut game = Game::new(&[("a", &counter(faulty))]);
    game.frames(301);
    assert!(matches!(game.status("counter"), ModStatus::Faulted { .. }));
    game.frame();
    assert_eq!(said(&game).split('d').nth(1), Some("5"), "it counts on from 44");
}
