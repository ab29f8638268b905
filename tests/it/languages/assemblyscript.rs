//! Mods in AssemblyScript, with the compiler that `npm ci` installs beside the SDK.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::compilers::is_installed;
use super::snippets::blocks;
use super::{assert_like_rust, assert_state_like_rust, said};

/// What changes in the mod's state between the versions.
const CHANGES: [(&str, &str); 4] = [
    ("days: u32 = 0", "days: u8 = 0; nights: u32 = 0"),
    ("warmth: f32 = 0", "warmth: u32 = 0"),
    ("debt: i16 = 0", "debt: i64 = 0"),
    ("diary.days % 4", "<i32>diary.days % 4"),
];

fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/assemblyscript").canonicalize().unwrap()
}

/// The compiler's program, which node runs.
fn asc() -> PathBuf {
    sdk().join("node_modules/assemblyscript/bin/asc.js")
}

pub fn has_asc() -> bool {
    let how = "install Node.js, and run `npm ci` in sdk/assemblyscript";
    is_installed("node", &[asc().to_str().unwrap(), "--version"], how)
}

/// Compiles the first of these files in a folder of its own, as the guide says. Returns what the compiler has to say if it
/// fails.
fn try_compile(files: &[(&str, &str)], flags: &[&str]) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        fs::write(folder.path().join(name), source).unwrap();
    }
    fs::copy(sdk().join("tests/game.ts"), folder.path().join("game.ts")).unwrap();
    let output = Command::new("node")
        .current_dir(folder.path())
        .arg(asc())
        .args([files[0].0, "--runtime", "minimal", "--outFile", "mod.wasm"])
        .arg("--path")
        .arg(sdk())
        .arg("--transform")
        .arg(sdk().join("transform.mjs"))
        .args(flags)
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(fs::read(folder.path().join("mod.wasm")).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[track_caller]
pub fn compile(files: &[(&str, &str)], flags: &[&str]) -> Vec<u8> {
    try_compile(files, flags).unwrap_or_else(|error| panic!("{error}"))
}

/// The two versions of the broad mod.
pub fn broad(flags: &[&str]) -> [Vec<u8>; 2] {
    let source = fs::read_to_string(sdk().join("tests/broad.ts")).unwrap();
    let changed = CHANGES.iter().fold(source.clone(), |text, (from, to)| text.replace(from, to));
    [source, changed].map(|text| compile(&[("broad.ts", &text)], flags))
}

#[test]
fn a_mod_in_assemblyscript_does_what_one_in_rust_does() {
    if !has_asc() {
        return;
    }
    for flags in [&["-O3s"][..], &["-O3s", "--debug"]] {
        let [first, second] = broad(flags);
        assert_like_rust(&first, &second);
    }
    let [first, second] = broad(&["-O3s"]);
    assert_state_like_rust(&first, &second);
}

#[test]
fn a_small_mod_has_a_few_kibibytes() {
    if !has_asc() {
        return;
    }
    let source = r#"
        import { Query, Write } from "tinkerbox";
        import { Position } from "./game";
        class Things extends Query { at!: Write<Position>; }
        @system function move(things: Things): void {
            while (things.next()) for (let i = 0; i < things.rows; i++) things.at[i].x += 1;
        }"#;
    for (runtime, most) in [("minimal", 6 * 1024), ("stub", 3 * 1024)] {
        let len = compile(&[("small.ts", source)], &["-O3s", "--runtime", runtime]).len();
        assert!(len < most, "{len} bytes with {runtime}");
    }
}

#[test]
fn systems_run_in_the_order_of_the_source() {
    if !has_asc() {
        return;
    }
    let system = |name: &str| format!("@system function {name}(): void {{ info(\"{name}\"); }}\n");
    let file = |names: &[&str]| {
        let systems: String = names.iter().map(|name| system(name)).collect();
        format!("import {{ info }} from \"tinkerbox\";\n{systems}")
    };
    let (one, two) = (file(&["zebra", "ant", "mule"]), file(&["yak", "bee"]));
    let main = format!("import \"./b\";\nimport \"./a\";\n{}", file(&["last"]));
    let wasm = compile(&[("main.ts", &main), ("a.ts", &one), ("b.ts", &two)], &["-O3s"]);
    assert_eq!(said(&wasm, "", 1), ["zebra", "ant", "mule", "yak", "bee", "last"]);
}

#[test]
fn numbers_are_written_as_rust_writes_them() {
    if !has_asc() {
        return;
    }
    let floats =
        [0.0, -0.0, 0.5, 1.5, 0.25, -2.125, 0.1, 1.0 / 3.0, 99.995, 1e9, 123456789.125, -0.001, 4e15];
    let call =
        |float: &f64| format!("info(fixed({float:?}, 0) + fixed({float:?}, 2) + fixed({float:?}, 5));\n");
    let calls: String = floats.iter().map(call).collect();
    let source =
        format!("import {{ info, fixed }} from \"tinkerbox\";\n@system function tell(): void {{\n{calls}}}");
    let expected = floats.map(|float| format!("{float:.0}{float:.2}{float:.5}"));
    assert_eq!(
        said(&compile(&[("tell.ts", &source)], &["-O3s"]), "[budget]\nfuel = 1_000_000\n", 1),
        expected
    );
}

/// Objects that a system makes are collected: a mod with a megabyte of memory makes forty of them.
#[test]
fn memory_does_not_grow_from_tick_to_tick() {
    if !has_asc() {
        return;
    }
    let source = r#"
        import { info, tick } from "tinkerbox";
        class Link { constructor(public next: Link | null) {} }
        let kept: Link | null = null;
        @system function litter(): void {
            let last: Link | null = null;
            for (let i = 0; i < 256; i++) last = new Link(last);
            kept = last;
            if (tick() % 1000 == 0) info(`${tick()}`);
        }"#;
    let wasm = compile(&[("litter.ts", source)], &["-O3s"]);
    assert_eq!(said(&wasm, "[budget]\nfuel = 500_000\nmemory = \"1 MiB\"\n", 5_000).len(), 5);
}

/// What an author can get wrong in a declaration ends the build with the file, the line, and what to do.
#[test]
fn mistakes_end_the_build() {
    if !has_asc() {
        return;
    }
    let program = |text: &str| {
        format!(
            "import {{ Commands, Query, Read, Res, ResMut, Write, info }} from \"tinkerbox\";
            import {{ Mood, Position, Weather }} from \"./game\";
            class Mine {{ x: f32 = 0; }}
            {text}"
        )
    };
    let fine = "class All extends Query { at!: Read<Position>; }\n@system function a(all: All): void {}";
    compile(&[("wrong.ts", &program(fine))], &[]);
    let wrong = [
        ("", "the mod has no function with @system"),
        ("@system function a(all: Mine): void {}", "a class that extends Query, or Commands"),
        (
            "class All extends Query { mine!: Read<Mine>; }\n@system function a(all: All): void {}",
            "Mine is not a type of the game",
        ),
        (
            "class All extends Query { mood!: Mood; }\n@system function a(all: All): void {}",
            "is a Read<T>, a Write<T> or Entities",
        ),
        ("@system({ afetr: \"b\" }) function a(): void {}", "@system has after and before, not afetr"),
        (
            "@system function a(weather: Res<Weather>): void { weather.set(new Weather()); }",
            "Property 'set' does not exist",
        ),
        (
            "@state let x: u32 = 0;\n@system function a(): void {}",
            "@state stands before `const name = new Class()`",
        ),
        (
            "@state const x = new Mine();\n@state const y = new Mine();\n@system function a(): void {}",
            "a mod has one @state",
        ),
        (
            "@state({ version: 1 }) const x = new Mine();\n@system function a(): void {}",
            "@state takes `{ migrate: function }`, and nothing else",
        ),
        (
            "@state({ migrate: older }) const x = new Mine();\n@system function a(): void {}",
            "the function older is not in this mod",
        ),
        (
            "class D { a: u8 = 0; @was(\"a\") b: u8 = 0; }\n@state const x = new D();\n@system function a(): void {}",
            "\"a\" is a field of D now",
        ),
        (
            "class D { @was(\"c\") a: u8 = 0; @was(\"c\") b: u8 = 0; }\n@state const x = new D();\n@system function a(): void {}",
            "\"c\" is a former name of a",
        ),
        (
            "class D { a: u8 = 0; @was() b: u8 = 0; }\n@state const x = new D();\n@system function a(): void {}",
            "write the names that the field had",
        ),
        (
            "class D { a: Map<u8, u8> = new Map<u8, u8>(); }\n@state const x = new D();\n@system function a(): void {}",
            "a Map can't be in the state",
        ),
        (
            "class D extends Mine { a: u8 = 0; }\n@state const x = new D();\n@system function a(): void {}",
            "can't extend another one",
        ),
    ];
    for (text, expected) in wrong {
        let error = try_compile(&[("wrong.ts", &program(text))], &[]).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
        assert!(text.is_empty() || error.contains("wrong.ts"), "{text}: {error}");
    }
}

#[test]
fn the_code_in_the_guide_compiles() {
    if !has_asc() {
        return;
    }
    let blocks = blocks(&sdk().join("README.md"), "ts");
    assert!(blocks.len() >= 5, "{} blocks", blocks.len());
    let meadow = fs::read_to_string(sdk().join("../../mods/gardener/meadow.ts")).unwrap();
    for block in blocks {
        // Bindings alone are no mod.
        let system = if block.contains("@system") { "" } else { "@system function any(): void {}" };
        compile(&[("block.ts", &(block + system)), ("meadow.ts", &meadow)], &["-O3s"]);
    }
}
