//! Invalid mod folders of every kind: the message names file, item and remedy, and the other mods run.

use tinkerbox::{ModReportKind, ModStatus};

use crate::modding::games::game::*;

/// Loads a folder beside a good mod and returns the refusal.
fn refusal(prepare: impl FnOnce(&Game)) -> String {
    let mut game = Game::new(&[("good", &mover("good", 1.0))]);
    prepare(&game);
    let entity = game.spawn_at(0.0);
    game.frames(2);
    assert_eq!(game.x(entity), 2.0, "the other mod runs");
    assert_eq!(game.status("bad"), ModStatus::Refused);
    let refusal = game.report("bad", ModReportKind::Refused);
    assert_eq!(game.stats("bad").last_message, refusal);
    refusal
}

fn refusal_of(text: ModText) -> String {
    refusal(|game| game.write("bad", &text))
}

/// Checks that a message has all of these, in this order.
fn assert_names(message: &str, parts: &[&str]) {
    let mut rest = message;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => panic!("`{part}` is missing, or comes too early, in: {message}"),
        }
    }
    assert!(message.ends_with('.'), "a remedy is a sentence: {message}");
}

#[test]
fn a_folder_without_a_manifest() {
    let message = refusal(|game| game.write_file("bad", "mod.wasm", b""));
    assert_names(
        &message,
        &["bad/mod.toml", "there is no such file", "mod.toml and exactly one .wasm", "add it"],
    );
}

#[test]
fn a_manifest_with_an_unknown_key() {
    let mut text = plain("bad", "");
    text.manifest = text.manifest.replace("api = 1", "api = 1\ncolour = \"red\"");
    assert_names(
        &refusal_of(text),
        &["bad/mod.toml", "line 5", "`colour`", "`id`", "`version`", "`api`", "Remove the key"],
    );
}

#[test]
fn a_wasm_with_unknown_imports_names_all_of_them() {
    let mut text = plain("bad", "");
    let imports = r#"(module
        (import "env" "fly" (func))
        (import "tinkerbox1" "fly_away" (func))
        (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (import "env" "memory" (memory 1))
        (import "tinkerbox1" "tick" (func (result i32)))"#;
    text.wat = format!("{imports}\n(memory (export \"memory\") 1)\n(func (export \"sys_run\")))");
    // The runtime supports one memory a module, so this one is imported and exported.
    text.wat = text
        .wat
        .replace("(import \"env\" \"memory\" (memory 1))", "(import \"env\" \"table\" (table 1 funcref))");
    assert_names(
        &refusal_of(text),
        &[
            "bad/mod.wasm",
            "`env.fly`",
            "`tinkerbox1.fly_away`",
            "`wasi_snapshot_preview1.fd_write`",
            "`env.table`",
            "`tinkerbox1.tick` is a function () -> (i64) and not a function () -> (i32)",
            "Import only",
            "`tinkerbox1.view_next`",
            "wasm32-unknown-unknown",
        ],
    );
}

#[test]
fn exports_of_the_wrong_type() {
    let mut text = plain("bad", "");
    text.wat = module(
        r#"(func (export "sys_run") (param i32))
        (func (export "tb_init") (result i64) (i64.const 0))
        (func (export "tb_save") (result i64) (i64.const 0))"#,
    );
    assert_names(
        &refusal_of(text),
        &[
            "bad/mod.wasm",
            "export `sys_run` is a function (i32) -> () and not a function () -> ()",
            "export `tb_init` is a function () -> (i64) and not a function (i32) -> ()",
            "the mod exports only some of `tb_save`, `tb_alloc` and `tb_load`",
            "Export `memory`, every declared system as a function () -> ()",
        ],
    );
}

#[test]
fn a_memory_that_is_none() {
    let mut text = plain("bad", "");
    text.wat = "(module (func (export \"memory\")) (func (export \"sys_run\")))".to_owned();
    assert_names(
        &refusal_of(text),
        &["bad/mod.wasm", "export `memory` is a function () -> () and not a memory"],
    );
}

#[test]
fn a_system_without_an_export() {
    let mut text = plain("bad", "");
    text.wat = module("(func (export \"sys_walk\"))");
    assert_names(&refusal_of(text), &["bad/mod.wasm", "no export `sys_run`", "`sys_walk`"]);
}

#[test]
fn no_wasm_and_too_many() {
    let message = refusal(|game| game.write_file("bad", "mod.toml", head("bad").as_bytes()));
    assert_names(&message, &["bad: there is no .wasm file", "exactly one .wasm"]);
    let message = refusal(|game| {
        game.write("bad", &plain("bad", ""));
        game.write_file("bad", "old.wasm", b"");
    });
    assert_names(&message, &["bad: there are 2 .wasm files: `mod.wasm` and `old.wasm`", "remove the others"]);
}

#[test]
fn what_is_no_wasm() {
    for content in [&b""[..], b"\0asm", b"hello, I am a picture", b"\0asm\x01\0\0\0\x63\x05", b"(module)"] {
        let message = refusal(|game| {
            game.write("bad", &plain("bad", ""));
            game.write_file("bad", "mod.wasm", content);
        });
        assert_names(&message, &["bad/mod.wasm", "Build the mod again, or copy the whole file"]);
    }
}

#[test]
fn a_manifest_that_is_no_text() {
    let message = refusal(|game| {
        game.write("bad", &plain("bad", ""));
        game.write_file("bad", "mod.toml", b"\xff\xfe");
    });
    assert_names(&message, &["bad/mod.toml", "not UTF-8 text", "Save it"]);
}

#[test]
fn a_mod_for_another_api() {
    let mut text = plain("bad", "");
    text.manifest = text.manifest.replace("api = 1", "api = 2");
    assert_names(&refusal_of(text), &["bad/mod.toml", "api is 2", "supports api 1", "Build the mod"]);
}

#[test]
fn more_memory_than_granted() {
    let mut text = plain("bad", "");
    text.manifest += "[budget]\nmemory = \"64 KiB\"\n";
    assert_names(&refusal_of(text), &["bad/mod.wasm", "131072", "65536", "Raise [budget] memory"]);
}

#[test]
fn a_start_that_faults_or_never_ends() {
    for body in ["unreachable", "(loop $for_ever (br $for_ever))"] {
        let mut text = plain("bad", "");
        text.wat = module(&format!("(func $begin {body}) (start $begin) (func (export \"sys_run\"))"));
        assert_names(
            &refusal_of(text),
            &["bad/mod.wasm", "a fault before its first tick", "Correct the mod's code"],
        );
        let mut text = plain("bad", "");
        text.wat =
            module(&format!("(func (export \"sys_run\")) (func (export \"tb_init\") (param i32) {body})"));
        assert_names(
            &refusal_of(text),
            &["bad/mod.wasm", "a fault before its first tick", "Correct the mod's code"],
        );
    }
}

#[test]
fn two_mods_with_one_id() {
    let mut game = Game::new(&[("a", &mover("twin", 1.0)), ("b", &mover("twin", 10.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    assert_eq!(game.x(entity), 1.0, "the first folder's mod runs");
    let refusal = game.report("twin", ModReportKind::Refused);
    assert_names(&refusal, &["b/mod.toml", "/a", "id `twin`", "another id"]);
}

#[test]
fn files_and_hidden_folders_are_no_mods() {
    let mut game = Game::new(&[("good", &mover("good", 1.0))]);
    game.write_file(".git", "config", b"");
    game.write_file("", "notes.txt", b"");
    game.frame();
    let mut mods = game.world().query::<&ModStatus>();
    assert_eq!(mods.iter(game.app.world()).count(), 1);
}

#[test]
fn a_game_without_a_mods_folder_runs() {
    let mut game = Game::new(&[]);
    game.remove_folder("");
    game.frames(2);
}
