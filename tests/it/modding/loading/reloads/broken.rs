//! A broken version never costs a frame: in the one in which it would have taken over, the old version runs as if nothing had
//! been written.

use std::fs;

use bevy_ecs::prelude::*;
use tinkerbox::{ModReloads, ModReportKind, ModStats, ModStatus};

use crate::modding::games::game::*;

/// A mover that keeps a state, in which it counts its ticks. Its system needs several frames if it has to do some rounds.
fn good(rounds: u32) -> ModText {
    let mut text = mover("mover", 1.0);
    text.manifest += "[budget]\nfuel = 2000\nburst = 2000\n";
    let before = if rounds > 0 { ado(rounds) } else { String::new() };
    text.wat =
        text.wat.replacen("(local $b i32)", &format!("(local $b i32) (local $i i32) {before} {COUNT}"), 1);
    text.wat = text.wat.replace("(memory (export", &format!("{STATE} (memory (export"));
    text
}

const COUNT: &str = "(i64.store (i32.const 60000) (i64.add (i64.load (i32.const 60000)) (i64.const 1)))";

const STATE: &str = r#"
    (func (export "tb_init") (param i32) (call $log (i32.const 4) (i32.const 0) (i32.const 1)))
    (func (export "tb_save") (result i64) (i64.or (i64.shl (i64.const 60000) (i64.const 32)) (i64.const 8)))
    (func (export "tb_alloc") (param i32) (result i32) (i32.const 60000))
    (func (export "tb_load") (param i32 i32) (result i32) (i32.const 0))"#;

/// What is wrong with a version, and what the report of it contains.
struct Broken {
    name: &'static str,
    report: &'static str,
    /// Writes it over the good one.
    write: fn(&Game),
}

fn wat(game: &Game, change: impl FnOnce(String) -> String) {
    let text = good(0);
    let wat = change(text.wat.clone());
    let wasm = wat::parse_str(&wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
    game.write_file("mover", "mod.wasm", &wasm);
}

fn replace(game: &Game, from: &str, to: &str) {
    wat(game, |wat| {
        assert!(wat.contains(from), "{from}");
        wat.replace(from, to)
    });
}

fn manifest(game: &Game, change: impl FnOnce(String) -> String) {
    game.write("mover", &good(7));
    game.write_file("mover", "mod.toml", change(good(0).manifest).as_bytes());
}

const INIT: &str = r#"(call $log (i32.const 4) (i32.const 0) (i32.const 1))"#;
const LOAD: &str = r#"(param i32 i32) (result i32) (i32.const 0)"#;
const FOREVER: &str = "(loop $forever (br $forever))";

const KINDS: &[Broken] = &[
    // Files.
    Broken { name: "empty", report: "mod.wasm", write: |game| game.write_file("mover", "mod.wasm", b"") },
    Broken {
        name: "text",
        report: "mod.wasm",
        write: |game| game.write_file("mover", "mod.wasm", b"(module)"),
    },
    Broken {
        name: "cut in half",
        report: "mod.wasm",
        write: |game| {
            let wasm = wat::parse_str(mover("mover", 2.0).wat).unwrap();
            game.write_file("mover", "mod.wasm", &wasm[..wasm.len() / 2]);
        },
    },
    Broken {
        name: "no file",
        report: "there is no .wasm file",
        write: |game| fs::remove_file(game.folder("mover").join("mod.wasm")).unwrap(),
    },
    Broken {
        name: "two files",
        report: "there are 2 .wasm files",
        write: |game| {
            game.write("mover", &good(7));
            game.write_file("mover", "other.wasm", b"");
        },
    },
    Broken {
        name: "a folder in place of the file",
        report: "is a folder",
        write: |game| {
            let file = game.folder("mover").join("mod.wasm");
            fs::remove_file(&file).unwrap();
            fs::create_dir(file).unwrap();
        },
    },
    // Manifests.
    Broken {
        name: "no manifest",
        report: "there is no such file",
        write: |game| fs::remove_file(game.folder("mover").join("mod.toml")).unwrap(),
    },
    Broken {
        name: "not a manifest",
        report: "mod.toml: line 1",
        write: |game| manifest(game, |_| "[mod".to_owned()),
    },
    Broken {
        name: "unknown key",
        report: "unknown field",
        write: |game| manifest(game, |text| text.replace("version", "versoin")),
    },
    Broken {
        name: "not UTF-8",
        report: "UTF-8",
        write: |game| game.write_file("mover", "mod.toml", b"\xff\xfe"),
    },
    Broken {
        name: "another contract",
        report: "api",
        write: |game| manifest(game, |text| text.replace("api = 1", "api = 99")),
    },
    Broken {
        name: "a system that is not there",
        report: "sys_",
        write: |game| manifest(game, |text| text.replace("name = \"move\"", "name = \"fly\"")),
    },
    Broken {
        name: "an unknown component",
        report: "game:Ghost",
        write: |game| manifest(game, |text| text.replace("game:Position", "game:Ghost")),
    },
    Broken {
        name: "another layout",
        report: "was built for another",
        write: |game| manifest(game, |text| text.replace("y: f32", "y: u32")),
    },
    Broken {
        name: "a permission that is lacking",
        report: "game:Position",
        write: |game| manifest(game, |text| text.replace("write = [\"game:Position\"]\n", "")),
    },
    Broken {
        name: "a circle",
        report: "waits for",
        write: |game| {
            manifest(game, |text| text.replace("name = \"move\"", "name = \"move\"\nafter = [\"move\"]"))
        },
    },
    // Modules.
    Broken {
        name: "does not validate",
        report: "mod.wasm",
        write: |game| replace(game, INIT, "(drop (i32.add (i32.const 1) (i64.const 1)))"),
    },
    Broken {
        name: "an unknown import",
        report: "teleport",
        write: |game| {
            replace(
                game,
                r#"(import "tinkerbox1" "tick" (func $tick (result i64)))"#,
                r#"(import "tinkerbox1" "tick" (func $tick (result i64))) (import "tinkerbox1" "teleport" (func))"#,
            )
        },
    },
    Broken {
        name: "an import of another type",
        report: "delta",
        write: |game| {
            replace(
                game,
                r#"(import "tinkerbox1" "delta" (func $delta (result f32)))"#,
                r#"(import "tinkerbox1" "delta" (func $delta (result f64)))"#,
            )
        },
    },
    Broken {
        name: "no system",
        report: "sys_move",
        write: |game| replace(game, "\"sys_move\"", "\"sys_moves\""),
    },
    Broken {
        name: "no memory",
        report: "memory",
        write: |game| replace(game, "(memory (export \"memory\") 2)", "(memory 2)"),
    },
    Broken {
        name: "a part of the state's functions",
        report: "tb_save",
        write: |game| replace(game, "\"tb_save\"", "\"tb_saves\""),
    },
    // Beginnings.
    Broken {
        name: "a start function that traps",
        report: "unreachable",
        write: |game| {
            replace(
                game,
                "(func (export \"tb_init\")",
                "(start $start) (func $start unreachable) (func (export \"tb_init\")",
            )
        },
    },
    Broken {
        name: "a start function without end",
        report: "before its first tick",
        write: |game| {
            replace(
                game,
                "(func (export \"tb_init\")",
                &format!("(start $start) (func $start {FOREVER}) (func (export \"tb_init\")"),
            )
        },
    },
    Broken { name: "tb_init traps", report: "unreachable", write: |game| replace(game, INIT, "unreachable") },
    Broken {
        name: "tb_init has no end",
        report: "before its first tick",
        write: |game| replace(game, INIT, FOREVER),
    },
    Broken {
        name: "tb_init has no bottom",
        report: "before its first tick",
        write: |game| {
            wat(game, |wat| {
                wat.replace(INIT, "(call $deep)")
                    .replace("(memory (export", "(func $deep (call $deep)) (memory (export")
            })
        },
    },
    Broken {
        name: "tb_init calls what only systems may call",
        report: "before its first tick",
        write: |game| {
            replace(
                game,
                INIT,
                "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 4096))) unreachable",
            )
        },
    },
    Broken {
        name: "tb_load traps",
        report: "unreachable",
        write: |game| replace(game, LOAD, "(param i32 i32) (result i32) unreachable"),
    },
    Broken {
        name: "tb_load refuses",
        report: "tb_load refused the saved state with -1",
        write: |game| replace(game, LOAD, "(param i32 i32) (result i32) (i32.const -1)"),
    },
    Broken {
        name: "tb_load has no end",
        report: "before its first tick",
        write: |game| replace(game, LOAD, &format!("(param i32 i32) (result i32) {FOREVER} (i32.const 0)")),
    },
    Broken {
        name: "tb_alloc gives what is not there",
        report: "before its first tick",
        write: |game| {
            replace(
                game,
                "(param i32) (result i32) (i32.const 60000)",
                "(param i32) (result i32) (i32.const -8)",
            )
        },
    },
    // What the game has to allow.
    Broken {
        name: "more permissions",
        report: "asks for more",
        write: |game| manifest(game, |text| text.replace("[permissions]\n", "[permissions]\nspawn = true\n")),
    },
    Broken {
        name: "more fuel",
        report: "asks for more",
        write: |game| manifest(game, |text| text.replace("= 2000", "= 2001")),
    },
];

/// Builds what is in the folder, for the next frame.
fn build(game: &mut Game) {
    game.start_builds(&[game.folder("mover")]);
    game.world().resource_mut::<ModReloads>().finish_builds();
}

/// What can be seen of a mod and its work.
fn seen(game: &mut Game, entity: Entity) -> (f32, ModStatus, u64, [u64; 4], u32) {
    let x = game.x(entity);
    let ModStats { fuel_used, fuel_total, ticks, faults, suspensions, generation, .. } = game.stats("mover");
    (x, game.status("mover"), fuel_used, [fuel_total, ticks, faults, suspensions], generation)
}

/// The good version is put back as it was.
fn repair(game: &Game, text: &ModText) {
    let folder = game.folder("mover");
    if folder.join("mod.wasm").is_dir() {
        fs::remove_dir(folder.join("mod.wasm")).unwrap();
    }
    let _ = fs::remove_file(folder.join("other.wasm"));
    game.write("mover", text);
}

#[test]
fn the_old_version_runs_as_if_nothing_had_been_written() {
    // Systems that finish in a frame, and systems that are suspended in most frames.
    for rounds in [0, 700, 1100] {
        let text = good(rounds);
        let (mut game, mut twin) = (Game::new(&[("mover", &text)]), Game::new(&[("mover", &text)]));
        let [moved, twins] = [&mut game, &mut twin].map(|game| game.spawn_at(0.0));
        let mut frame = |game: &mut Game, about: &str| {
            game.frame();
            twin.frame();
            assert_eq!(
                seen(game, moved),
                seen(&mut twin, twins),
                "{rounds} rounds, {about}: {:#?}",
                game.all_reports().last()
            );
        };
        frame(&mut game, "at first");
        for kind in KINDS {
            let before = game.all_reports().len();
            (kind.write)(&game);
            build(&mut game);
            frame(&mut game, kind.name);
            for _ in 0..5 {
                frame(&mut game, kind.name);
            }
            let is_refusal = |kind| matches!(kind, ModReportKind::ReloadRefused | ModReportKind::AsksForMore);
            let refusals = game.all_reports()[before..].iter().filter(|report| is_refusal(report.kind));
            let refusals: Vec<&str> = refusals.map(|report| report.text.as_str()).collect();
            assert_eq!(refusals.len(), 1, "{}: {refusals:#?}", kind.name);
            assert!(refusals[0].contains(kind.report), "{}: {}", kind.name, refusals[0]);
            assert!(refusals[0].contains("continues"), "{}: {}", kind.name, refusals[0]);
            repair(&game, &text);
            build(&mut game);
            frame(&mut game, "as it was");
            for _ in 0..5 {
                frame(&mut game, "as it was");
            }
        }
        assert!(game.stats("mover").ticks > 300, "its state was saved meanwhile");
    }
}
