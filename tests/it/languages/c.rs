//! Mods in C: the header with clang, as C and as C++.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::compilers::is_installed;
use super::snippets::blocks;
use super::{assert_like_rust, assert_state_like_rust, said};

/// What changes in the mod's state between the versions.
const CHANGES: [(&str, &str); 3] = [
    ("TB_FIELD(uint32_t, days)", "TB_FIELD(uint8_t, days), TB_FIELD(uint32_t, nights)"),
    ("TB_FIELD(float, warmth)", "TB_FIELD(uint32_t, warmth)"),
    ("int16_t, debt", "int64_t, debt"),
];

fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/c").canonicalize().unwrap()
}

pub fn has_clang() -> bool {
    let how = "install clang and lld, with `apt-get install clang lld` on Debian";
    is_installed("clang", &["--version"], how) && is_installed("wasm-ld", &["--version"], how)
}

/// Runs a compiler on files in a folder, with the SDK's flags and these, as the guide says. Returns what it has to say if
/// it fails.
fn try_compile(compiler: &str, files: &[(&str, &str)], flags: &[&str]) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        fs::write(folder.path().join(name), source).unwrap();
    }
    let sources = files.iter().map(|(name, _)| name).filter(|name| !name.ends_with(".h"));
    let output = Command::new(compiler)
        .current_dir(folder.path())
        .arg(format!("@{}", sdk().join("flags.txt").display()))
        .arg(format!("-I{}", sdk().display()))
        .arg(format!("-I{}", sdk().join("tests").display()))
        .args(["-Werror", "-o", "mod.wasm"])
        .args(flags)
        .args(sources)
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(fs::read(folder.path().join("mod.wasm")).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[track_caller]
pub fn compile(files: &[(&str, &str)], flags: &[&str]) -> Vec<u8> {
    try_compile("clang", files, flags).unwrap_or_else(|error| panic!("{error}"))
}

/// The two versions of the broad mod.
pub fn broad(flags: &[&str]) -> [Vec<u8>; 2] {
    let source = fs::read_to_string(sdk().join("tests/broad.c")).unwrap();
    let changed = CHANGES.iter().fold(source.clone(), |text, (from, to)| text.replace(from, to));
    [source, changed].map(|text| compile(&[("broad.c", &text)], flags))
}

#[test]
fn a_mod_in_c_does_what_one_in_rust_does() {
    if !has_clang() {
        return;
    }
    for flags in [&["-O2"][..], &["-O0"], &["-Oz", "-flto", "-g0"]] {
        let [first, second] = broad(flags);
        assert_like_rust(&first, &second);
    }
    let [first, second] = broad(&["-O2"]);
    assert_state_like_rust(&first, &second);
}

#[test]
fn a_mod_is_the_same_in_every_folder() {
    if has_clang() {
        let source = fs::read_to_string(sdk().join("tests/broad.c")).unwrap();
        let [one, other] = [(); 2].map(|()| compile(&[("broad.c", &source)], &[]));
        assert!(one == other, "something of the folder, whose name is random, is in it");
    }
}

#[test]
fn a_small_mod_has_less_than_a_kibibyte() {
    if has_clang() {
        let source = r#"
            #include "game.h"
            TB_SYSTEM(move, TB_QUERY(things, TB_WRITE(game_Position, at)))
            {
                while (tb_next(things))
                    for (uint32_t i = 0; i < things->rows; i++) things->at[i].x += 1;
            }"#;
        let len = compile(&[("small.c", source)], &["-Oz", "-g0", "-Wl,--strip-all"]).len();
        assert!(len < 1024, "{len} bytes");
    }
}

#[test]
fn systems_run_in_the_order_of_the_source() {
    if !has_clang() {
        return;
    }
    let system = |name: &str| format!("TB_SYSTEM({name}) {{ tb_info(\"{name}\"); }}\n");
    let file = |names: &[&str]| {
        let systems: String = names.iter().map(|name| system(name)).collect();
        format!("#include \"tinkerbox.h\"\n{systems}")
    };
    let (one, two) = (file(&["zebra", "ant", "mule"]), file(&["yak", "bee"]));
    // Names of files count, and not the order in which the linker is given them.
    let both: [&[(&str, &str)]; 2] = [&[("a.c", &one), ("b.c", &two)], &[("b.c", &two), ("a.c", &one)]];
    for files in both {
        assert_eq!(said(&compile(files, &[]), "", 1), ["zebra", "ant", "mule", "yak", "bee"]);
    }
}

#[test]
fn numbers_are_written_as_rust_writes_them() {
    if !has_clang() {
        return;
    }
    let floats =
        [0.0, -0.0, 0.5, 1.5, 0.25, -2.125, 0.1, 1.0 / 3.0, 99.995, 1e9, 123456789.125, -0.001, 4e15];
    let mut calls = String::new();
    let mut expected = Vec::new();
    for float in floats {
        calls += &format!("tb_info(\"%.0f %.1f %.2f %.5f %f\", {0:?}, {0:?}, {0:?}, {0:?}, {0:?});\n", float);
        expected.push(format!("{float:.0} {float:.1} {float:.2} {float:.5} {float:.6}"));
    }
    for integer in [0, 1, -1, 10, i64::from(i32::MAX), i64::MAX, i64::MIN + 1] {
        calls +=
            &format!("tb_info(\"%d %u %lld %llx\", (int){0}ll, (unsigned){0}ll, {0}ll, {0}ll);\n", integer);
        expected.push(format!("{} {} {integer} {integer:x}", integer as i32, integer as u32));
    }
    calls += "tb_info(\"%c%s%% %f %f\", 'a', \"bc\", __builtin_inf(), -__builtin_inf());\n";
    expected.push("abc% inf -inf".to_owned());
    calls += "tb_info(\"100%, verbatim\");\n";
    expected.push("100%, verbatim".to_owned());
    let source = format!("#include \"tinkerbox.h\"\nTB_SYSTEM(tell) {{\n{calls}}}");
    assert_eq!(said(&compile(&[("told.c", &source)], &[]), "", 1), expected);
}

#[test]
fn a_text_that_is_too_long_is_cut() {
    if !has_clang() {
        return;
    }
    let source = r#"
        #include "tinkerbox.h"
        TB_SYSTEM(tell)
        {
            char small[4];
            for (uint32_t size = 1; size <= 4; size++) {
                tb_format(small, size, "%u!", 123u);
                tb_info("%s", small);
                tb_format(small, size, "%s", "\u00fc\u00df");
                tb_info("%s", small);
            }
        }"#;
    let expected = ["", "", "1", "", "12", "\u{fc}", "123", "\u{fc}"];
    assert_eq!(said(&compile(&[("told.c", source)], &[]), "", 1), expected);
}

#[test]
fn texts_of_a_fixed_size_are_set_and_written() {
    if !has_clang() {
        return;
    }
    let source = r#"
        #include "tinkerbox.h"
        TB_SYSTEM(tell)
        {
            char name[4];
            tb_set_text(name, "ab");
            tb_info("%.*s|%d", TB_TEXT(name), name[3]);
            tb_set_text(name, "abcdef");
            tb_info("%.*s|", TB_TEXT(name));
            tb_set_text(name, "abc\u00fc");
            tb_info("%.*s|%d", TB_TEXT(name), name[3]);
            tb_info("%.2s|%.0f|%s", "xyz", 1.5, "all");
        }"#;
    let expected = ["ab|0", "abcd|", "abc|0", "xy|2|all"];
    assert_eq!(said(&compile(&[("told.c", source)], &[]), "", 1), expected);
}

/// What an author can get wrong in a call is an error of the compiler.
#[test]
fn mistakes_do_not_compile() {
    if !has_clang() {
        return;
    }
    let program = |body: &str| {
        format!(
            "#include \"game.h\"
            TB_SYSTEM(try_it, TB_QUERY(all, TB_READ(game_Position, at), TB_WRITE(game_Mood, mood)), TB_COMMANDS(commands),
                      TB_READ_RESOURCE(game_Weather, weather), TB_SEND(game_Bell, bells))
            {{
                game_Position position = {{0, 0}};
                game_Mood mood = {{0}};
                tb_entity entity = tb_spawn(commands);
                while (tb_next(all)) tb_get(all, at, entity, &position);
                (void)mood;
                {body}
            }}"
        )
    };
    compile(
        &[("fine.c", &program("tb_set(all, mood, entity, &mood); tb_put(commands, game_Mood, &mood);"))],
        &[],
    );
    let wrong = [
        ("tb_set(all, at, entity, &position);", "read-only variable"),
        ("tb_set(all, mood, entity, &position);", "incompatible type"),
        ("tb_get(all, mood, entity, &position);", "incompatible type"),
        ("tb_put(commands, game_Mood, &position);", "incompatible type"),
        ("all->at[0].x = 1;", "read-only variable"),
        ("tb_store(weather);", "no member named 'is_written_'"),
        ("tb_send(bells, &position);", "incompatible type"),
        ("tb_info(\"%d\", 1.5);", "format specifies type 'int'"),
        ("tb_put(commands, game_Energy, &position);", "game_Energy"),
    ];
    for (body, expected) in wrong {
        let error = try_compile("clang", &[("wrong.c", &program(body))], &[]).unwrap_err();
        assert!(error.contains(expected) && error.contains("wrong.c"), "{body}: {error}");
    }
}

#[test]
fn the_header_is_valid_in_cpp() {
    if !has_clang() {
        return;
    }
    let source = r#"
        #include "game.h"
        TB_STATE(counts, TB_FIELD(uint32_t, runs), TB_FIELD(bool, odd));
        TB_INIT(reason) { tb_info("reason %d", reason); }
        TB_SYSTEM(move, TB_QUERY(things, TB_WRITE(game_Position, at), TB_ENTITIES(ids)), TB_COMMANDS(commands),
                  TB_WRITE_RESOURCE(game_Weather, weather), TB_SEND(game_Bell, bells))
        {
            counts.runs++;
            uint32_t rows = 0;
            while (tb_next(things)) rows += things->rows;
            game_Position at = {1, 2};
            game_Bell bell = {1, 2, 3};
            tb_spawn(commands);
            tb_put(commands, game_Position, &at);
            tb_send(bells, &bell);
            if (tb_fetch(weather)) tb_store(weather);
            tb_info("%u rows in run %u", rows, counts.runs);
        }"#;
    let flags = ["-x", "c++", "-std=c++20", "-fno-exceptions", "-fno-rtti"];
    let wasm =
        try_compile("clang++", &[("told.cpp", source)], &flags).unwrap_or_else(|error| panic!("{error}"));
    let rights = "[permissions]\nwrite = [\"game:Position\", \"game:Weather\"]\nsend = [\"game:Bell\"]\nspawn = true\n";
    assert_eq!(said(&wasm, rights, 2), ["reason 0", "0 rows in run 1", "1 rows in run 2"]);
}

#[test]
fn the_code_in_the_guide_compiles() {
    if !has_clang() {
        return;
    }
    // What the guide uses of games that do not exist.
    let invented = r#"
        #include "tinkerbox.h"
        #include "meadow.h"
        typedef struct { tb_entity leader; } meadow_Follows;
        #define meadow_Follows_ID "meadow:Follows"
        #define meadow_Follows_KEY 1ull
        #define meadow_Follows_LAYOUT "{ leader: entity }"
        typedef struct { tb_entity car; uint32_t lap; float seconds; } race_LapDone;
        #define race_LapDone_ID "race:LapDone"
        #define race_LapDone_LAYOUT "{ car: entity, lap: u32, seconds: f32 }"
        typedef struct { tb_entity car; } race_Penalty;
        #define race_Penalty_ID "race:Penalty"
        #define race_Penalty_LAYOUT "{ car: entity }"
        "#;
    let meadow = fs::read_to_string(sdk().join("../../mods/shepherd/meadow.h")).unwrap();
    let blocks = blocks(&sdk().join("README.md"), "c");
    assert!(blocks.len() >= 6, "{} blocks", blocks.len());
    for block in blocks {
        compile(&[("block.c", &format!("{invented}{block}")), ("meadow.h", &meadow)], &["-I."]);
    }
}
