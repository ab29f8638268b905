//! Meaningless calls of the host are reported once for each system: function, argument, answer.

use tinkerbox::{LogLevel, ModReportKind};

use crate::modding::games::game::*;

/// The warnings of a mod whose system does `body` in each of some frames.
fn warnings(declared: &str, body: &str) -> Vec<String> {
    let rights = "[permissions]\nread = [\"game:Position\", \"game:Weather\"]\nwrite = [\"game:Mood\"]\n";
    let text = ModText {
        manifest: head("aaa") + rights + &plain_system("run") + declared,
        wat: module(&format!("(func (export \"sys_run\") {body})")),
    };
    let mut game = Game::new(&[("a", &text)]);
    game.spawn_at(1.0);
    game.frames(5);
    assert!(game.reports("aaa", ModReportKind::Refused).is_empty(), "{:#?}", game.all_reports());
    game.reports("aaa", ModReportKind::Log(LogLevel::Warn))
}

#[test]
fn every_mistake_is_told_once_with_function_argument_and_answer() {
    let position = query("read game:Position", "");
    let entities = query("read entity, read game:Position", "");
    let events = "send = []\n";
    let cases: [(&str, &str, &[&str]); 13] = [
        (
            "",
            "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 64)))",
            &["`view_next`", "BAD_ARGUMENT", "no query 0", "declares none"],
        ),
        (
            &position,
            "(drop (call $view_next (i32.const 7) (i32.const 0) (i32.const 64) (i32.const 64)))",
            &["`view_next`", "-4 (BAD_ARGUMENT)", "no query 7", "declares 1, numbered from 0"],
        ),
        (
            &position,
            "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 65) (i32.const 64)))",
            &["`view_next`", "buffer", "0x41", "multiple of 8"],
        ),
        (
            &position,
            "(drop (call $view_next (i32.const 0) (i32.const 128) (i32.const 0) (i32.const 64)))",
            &["`view_next`", "buffer's address is 0"],
        ),
        (
            &position,
            "(drop (call $get (i32.const 3) (i32.const 0) (i64.const 1) (i32.const 64)))",
            &["`get`", "no query 3"],
        ),
        (
            &position,
            "(drop (call $get (i32.const 0) (i32.const 9) (i64.const 1) (i32.const 64)))",
            &["`get`", "column 9"],
        ),
        (
            &entities,
            "(drop (call $get (i32.const 0) (i32.const 0) (i64.const 1) (i32.const 64)))",
            &["`get`", "column 0", "not a component"],
        ),
        (
            &position,
            "(drop (call $set (i32.const 1) (i32.const 0) (i64.const 1) (i32.const 64)))",
            &["`set`", "no query 1"],
        ),
        (
            "",
            "(drop (call $command (i32.const 0) (i32.const 8)))",
            &["`command`", "-1 (DENIED)", "`commands = true`"],
        ),
        (
            "commands = true\n",
            "(i64.store (i32.const 0) (i64.const -1)) (drop (call $command (i32.const 0) (i32.const 8)))",
            &["`command`", "BAD_ARGUMENT", "none was queued"],
        ),
        ("", "(drop (call $event_next (i32.const 0) (i32.const 64)))", &["`event_next`", "NOT_NOW", "`on`"]),
        (
            events,
            "(drop (call $event_send (i32.const 2) (i32.const 0) (i32.const 8)))",
            &["`event_send`", "no event 2"],
        ),
        (
            "",
            "(drop (call $resource_get (i32.const 4) (i32.const 64)))",
            &["`resource_get`", "no resource 4"],
        ),
    ];
    for (declared, body, parts) in cases {
        let told = warnings(declared, &body.repeat(3));
        let [text] = &told[..] else { panic!("{body}: {told:#?}") };
        for part in ["system `run`: ", "returns", "reported once"].iter().chain(parts) {
            assert!(text.contains(part), "`{part}` is missing in: {text}");
        }
    }
}

#[test]
fn each_system_is_told_of_and_so_is_what_runs_outside_of_them() {
    let call = "(drop (call $view_next (i32.const 5) (i32.const 0) (i32.const 64) (i32.const 64)))";
    let text = ModText {
        manifest: head("aaa") + &plain_system("one") + &plain_system("two"),
        wat: module(&format!(
            "(func (export \"sys_one\") {call}) (func (export \"sys_two\") {call})
            (func (export \"tb_init\") (param i32) {call})"
        )),
    };
    let mut game = Game::new(&[("a", &text)]);
    game.frames(10);
    let told = game.reports("aaa", ModReportKind::Log(LogLevel::Warn));
    assert_eq!(told.len(), 3, "{told:#?}");
    for whose in ["outside of a system: ", "system `one`: ", "system `two`: "] {
        assert!(told.iter().any(|text| text.starts_with(whose)), "{whose}: {told:#?}");
    }
}

#[test]
fn what_a_mod_can_handle_is_not_told() {
    // An entity that is gone, a missing value, a query at its end.
    let position = query("read game:Position", "");
    let calls = "(drop (call $get (i32.const 0) (i32.const 0) (i64.const 77777) (i32.const 64)))
        (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 64)))
        (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 64)))";
    assert!(warnings(&position, calls).is_empty());
}

#[test]
fn a_flood_of_messages_does_not_drown_it() {
    let flood = "(call $log (i32.const 2) (i32.const 0) (i32.const 1))".repeat(80);
    let told = warnings("", &format!("{flood} (drop (call $resource_get (i32.const 4) (i32.const 64)))"));
    assert_eq!(told.iter().filter(|text| text.contains("no resource 4")).count(), 1, "{told:#?}");
}
