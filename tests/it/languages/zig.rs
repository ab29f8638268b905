//! Mods in Zig, with the compiler that PyPI's `ziglang` brings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::compilers::is_installed;
use super::snippets::blocks;
use super::{assert_like_rust, assert_state_like_rust, said};

/// What changes in the mod's state between the versions.
const CHANGES: [(&str, &str); 3] = [
    ("days: u32 = 0", "days: u8 = 0, nights: u32 = 0"),
    ("warmth: f32 = 0", "warmth: u32 = 0"),
    ("debt: i16", "debt: i64"),
];

fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/zig").canonicalize().unwrap()
}

pub fn has_zig() -> bool {
    let how = "install it with `pip install ziglang==0.15.2`";
    is_installed("python3", &["-m", "ziglang", "version"], how)
}

/// Compiles a file in an empty folder, as the guide says, with bindings of a game. Returns what the compiler has to say if
/// it fails.
fn try_compile(source: &str, game: &str, bindings: &Path, mode: &str) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("broad.zig"), source).unwrap();
    let output = Command::new("python3")
        .current_dir(folder.path())
        .args([
            "-m",
            "ziglang",
            "build-exe",
            "-target",
            "wasm32-freestanding",
            "-fno-entry",
            "-rdynamic",
            "--stack",
            "32768",
            mode,
        ])
        .args(["--dep", "tinkerbox", "--dep", game, "-Mroot=broad.zig"])
        .arg(format!("-Mtinkerbox={}", sdk().join("tinkerbox.zig").display()))
        .args(["--dep", "tinkerbox", &format!("-M{game}={}", bindings.display()), "-femit-bin=mod.wasm"])
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(fs::read(folder.path().join("mod.wasm")).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

pub fn compile(source: &str, mode: &str) -> Vec<u8> {
    try_compile(source, "game", &sdk().join("tests/game.zig"), mode).unwrap_or_else(|error| panic!("{error}"))
}

/// The two versions of the broad mod.
pub fn broad(mode: &str) -> [Vec<u8>; 2] {
    let source = fs::read_to_string(sdk().join("tests/broad.zig")).unwrap();
    let changed = CHANGES.iter().fold(source.clone(), |text, (from, to)| text.replace(from, to));
    [source, changed].map(|text| compile(&text, mode))
}

#[test]
fn a_mod_in_zig_does_what_one_in_rust_does() {
    if !has_zig() {
        return;
    }
    for mode in ["-OReleaseSmall", "-OReleaseSafe"] {
        let [first, second] = broad(mode);
        assert_like_rust(&first, &second);
    }
    let [first, second] = broad("-OReleaseSmall");
    assert_state_like_rust(&first, &second);
}

#[test]
fn a_small_mod_has_less_than_a_kibibyte() {
    if has_zig() {
        let source = r#"
            const tb = @import("tinkerbox");
            const game = @import("game");
            pub const panic = tb.Panic;
            fn move(things: *tb.Query(struct { at: []game.Position }, .{})) void {
                while (things.next()) |chunk| for (chunk.at) |*at| { at.x += 1; };
            }
            comptime { tb.mod(.{tb.system("move", move)}); }"#;
        let len = compile(source, "-OReleaseSmall").len();
        assert!(len < 1024, "{len} bytes");
    }
}

#[test]
fn systems_run_in_the_order_of_the_list() {
    if !has_zig() {
        return;
    }
    let names = ["zebra", "ant", "mule"];
    let function = |name: &str| format!("fn {name}() void {{ tb.info(\"{name}\", .{{}}); }}\n");
    let functions: String = names.iter().rev().map(|name| function(name)).collect();
    let list = names.map(|name| format!("tb.system(\"{name}\", {name})")).join(", ");
    let head = "const tb = @import(\"tinkerbox\");\ncomptime { _ = @import(\"game\"); }\n";
    let source = format!("{head}{functions}comptime {{ tb.mod(.{{ {list} }}); }}");
    assert_eq!(said(&compile(&source, "-OReleaseSmall"), "", 1), names);
}

#[test]
fn layouts_are_in_the_words_of_the_contract() {
    if !has_zig() {
        return;
    }
    let source = r#"
        const std = @import("std");
        const tb = @import("tinkerbox");
        const game = @import("game");
        const Mood = enum(u8) { calm = 0, angry = 7 };
        const Point = extern struct { x: f32, y: f32 };
        const All = extern struct {
            at: Point, leader: tb.Entity, mate: tb.OptionalEntity, name: tb.Text(32), rows: [2][3]i16, mood: Mood, tame: bool,
        };
        fn check(comptime T: type, comptime expected: []const u8) void {
            if (!std.mem.eql(u8, tb.layout(T), expected)) @compileError(tb.layout(T));
        }
        comptime {
            check(game.Sheep, "{}");
            check(game.Bell, "{ number: u32, ringer: u32, pitch: f32 }");
            check(game.Mood, "{ 0: u32 }");
            check(All, "{ at: { x: f32, y: f32 }, leader: entity, mate: entity?, name: text[32], rows: [[i16; 3]; 2], " ++
                "mood: enum u8 { calm = 0, angry = 7, }, tame: bool }");
            tb.mod(.{});
        }"#;
    compile(source, "-OReleaseSmall");
}

/// What an author can get wrong in a declaration or a call is an error of the compiler, with what to do.
#[test]
fn mistakes_do_not_compile() {
    if !has_zig() {
        return;
    }
    let program = |columns: &str, body: &str| {
        format!(
            "const tb = @import(\"tinkerbox\");
            const game = @import(\"game\");
            const Mine = extern struct {{ x: f32 }};
            fn try_it(all: *tb.Query(struct {{ at: []const game.Position, {columns} }}, .{{}}), weather: *tb.Res(game.Weather)) void {{
                _ = .{{ all, weather }};
                {body}
            }}
            comptime {{ tb.mod(.{{tb.system(\"try_it\", try_it)}}); }}"
        )
    };
    compile(&program("", "while (all.next()) |_| {}"), "-OReleaseSmall");
    let wrong = [
        ("mine: []const Mine", "", "is not a type of the game"),
        ("mood: game.Mood", "", "must be a slice, not game.Mood"),
        ("", "_ = all.set(.at, .none, .{ .x = 1, .y = 2 });", "only read: make it a slice that is not const"),
        ("", "_ = all.get(.mood, .none);", "no member named 'mood'"),
        ("", "_ = weather.set(.{ .wind = 1, .rain = 2 });", "use a `ResMut`"),
        ("", "_ = tb.stream(64);", "use a number from 0 to 63"),
    ];
    for (columns, body, expected) in wrong {
        let source = program(columns, body);
        let error =
            try_compile(&source, "game", &sdk().join("tests/game.zig"), "-OReleaseSmall").unwrap_err();
        assert!(error.contains(expected), "{columns} {body}: {error}");
    }
}

/// The same in a state.
#[test]
fn states_that_cannot_be_saved_do_not_compile() {
    if !has_zig() {
        return;
    }
    let program = |fields: &str| {
        format!(
            "const tb = @import(\"tinkerbox\");
            var diary: struct {{ days: u32 = 0, {fields} }} = .{{}};
            fn rest() void {{}}
            comptime {{ _ = @import(\"game\"); tb.mod(.{{tb.system(\"rest\", rest)}}); tb.state(\"diary\", &diary); }}"
        )
    };
    compile(&program("pub const was = .{ .days = .{\"tage\"} };"), "-OReleaseSmall");
    let wrong = [
        ("pub const was = .{ .dayes = .{\"tage\"} };", "`was` names dayes, which is not a field"),
        (
            "nights: u32 = 0, pub const was = .{ .days = .{\"nights\"} };",
            "`nights` is a field of the state now",
        ),
        ("place: *u32 = undefined,", "can't be saved: a state has numbers"),
        ("large: u128 = 0,", "use a number of at most 64 bits"),
    ];
    for (fields, expected) in wrong {
        let error = try_compile(&program(fields), "game", &sdk().join("tests/game.zig"), "-OReleaseSmall");
        let error = error.unwrap_err();
        assert!(error.contains(expected), "{fields}: {error}");
    }
}

#[test]
fn the_code_in_the_guide_compiles() {
    if !has_zig() {
        return;
    }
    let blocks = blocks(&sdk().join("README.md"), "zig");
    assert!(blocks.len() >= 5, "{} blocks", blocks.len());
    let meadow = sdk().join("../../mods/hail/meadow.zig");
    for block in blocks {
        // Bindings that are not used are not compiled.
        let source = format!("{block}\ncomptime {{ _ = @import(\"meadow\"); }}");
        try_compile(&source, "meadow", &meadow, "-OReleaseSmall").unwrap_or_else(|error| panic!("{error}"));
    }
}
