//! `check`, `inspect` and `test` as an author runs them: the real tool, in a folder outside of this repository.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

const INTERFACE: &str = r#"
game = "meadow"
api = 1

[[component]]
id = "meadow:Energy"
docs = "The energy of an animal."
field = [{ name = "joules", type = "f32" }]

[[component]]
id = "meadow:Sheep"

[[resource]]
id = "meadow:Clock"
field = [{ name = "day", type = "u32" }]

[[event]]
id = "meadow:Rested"
field = [{ name = "joules", type = "f32" }]

[[function]]
id = "meadow:effort"
fuel = 10
result = "f32"

[[entity]]
name = "sheep"
components = ["meadow:Energy", "meadow:Sheep"]
"#;

const MANIFEST: &str = r#"
[mod]
id = "tired"
version = "0.1.0"
api = 1
title = "Tired sheep"

[permissions]
write = ["meadow:Energy"]
read = ["meadow:Clock", "meadow:Sheep"]
send = ["meadow:Rested"]
functions = ["meadow:effort"]

[[system]]
name = "tire"
query = [{ columns = [{ component = "meadow:Energy", access = "write", layout = "{ joules: f32 }" }] }]
resource = [{ resource = "meadow:Clock", access = "read", layout = "{ day: u32 }" }]
send = [{ event = "meadow:Rested", layout = "{ joules: f32 }" }]

[[system]]
name = "mourn"
on = { removed = "meadow:Sheep" }

[dev]
build = "cp prebuilt.bin tired.wasm"
output = "tired.wasm"
interface = "meadow.interface.toml"
"#;

/// Each sheep loses as much energy as the effort is, says so, and rests. On day 7 it traps. It says when sheep are gone.
const WAT: &str = r#"(module
    (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
    (import "tinkerbox1" "resource_get" (func $resource_get (param i32 i32) (result i32)))
    (import "tinkerbox1" "event_send" (func $event_send (param i32 i32 i32) (result i32)))
    (import "tinkerbox1" "log" (func $log (param i32 i32 i32)))
    (import "meadow" "effort" (func $effort (result f32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "sheep tire")
    (data (i32.const 20) "a sheep died")
    (func (export "sys_mourn") (call $log (i32.const 3) (i32.const 20) (i32.const 12)))
    (func (export "sys_tire") (local $rows i32) (local $at i32)
        (loop $chunks
            (local.set $rows
                (call $view_next (i32.const 0) (i32.const 64) (i32.const 1024) (i32.const 8192)))
            (if (i32.gt_s (local.get $rows) (i32.const 0)) (then
                (local.set $at (i32.load (i32.const 72)))
                (loop $each
                    (f32.store (local.get $at) (f32.sub (f32.load (local.get $at)) (call $effort)))
                    (local.set $at (i32.add (local.get $at) (i32.const 4)))
                    (br_if $each (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
                (br $chunks))))
        (call $log (i32.const 3) (i32.const 8) (i32.const 10))
        (drop (call $resource_get (i32.const 0) (i32.const 32)))
        (if (i32.eq (i32.load (i32.const 32)) (i32.const 7)) (then unreachable))
        (f32.store (i32.const 32) (f32.const 1.5))
        (drop (call $event_send (i32.const 0) (i32.const 32) (i32.const 4)))))"#;

const SCENARIO: &str = r#"# Sheep tire.
[resources]
Clock = { day = 1 }

[functions]
effort = [0.5, 2]       # the first call, then all others

[[entity]]
name = "dolly"
kind = "sheep"
components = { Energy = { joules = 10.0 } }

[[step]]
ticks = 2
max_fuel = 1000
[step.expect]
entities = [{ name = "dolly", components = { Energy = { joules = 7.5 } }, lacks = [] }]
counts = [{ with = ["Sheep"], is = 1 }, { with = ["Energy", "Sheep"], is = { above = 0 } }]
events = [{ event = "Rested", value = { joules = 1.5 } }, { event = "Rested", value = { joules = 1.5 } }]
logs = ["sheep tire"]
resources = { Clock = { day = 1 } }

[[step]]
resources = { Clock = { day = 7 } }
send = [{ event = "Rested", value = { joules = 9.0 } }]
[step.expect]
faults = ["unreachable"]
entities = [{ name = "dolly", components = { Energy = { joules = 7.5 } } }]   # a fault leaves no trace
events = []

[[step]]
set = [{ entity = "dolly", components = { Energy = { joules = 1.0 } } }]
ticks = 0
[step.expect]
entities = [{ name = "dolly", components = { Energy = { joules = 1.0 } } }]

[[step]]
despawn = ["dolly"]
resources = { Clock = { day = 1 } }
[step.expect]
logs = ["a sheep died"]
entities = [{ name = "dolly", exists = false }]
"#;

struct Author(tempfile::TempDir);

impl Author {
    fn new() -> Author {
        let author = Author(tempfile::tempdir().unwrap());
        author.write("meadow.interface.toml", INTERFACE);
        author.write("mod.toml", MANIFEST);
        author.write("tests/tire.toml", SCENARIO);
        fs::write(author.folder().join("prebuilt.bin"), wat::parse_str(WAT).unwrap()).unwrap();
        author
    }

    fn folder(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap().join("tired")
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.0.path().join("tired").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Whether a command succeeded, and what it printed.
    fn run(&self, arguments: &str) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tinkerbox"));
        command.args(arguments.split(' ')).current_dir(self.folder());
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }
}

#[test]
fn a_scenario_passes_that_says_what_is() {
    let (passed, text) = Author::new().run("test");
    assert!(passed && text.contains("passed") && text.contains("tire.toml"), "{text}");
}

/// Each expectation of the scenario can fail, with a message that names it.
#[test]
fn every_expectation_can_fail() {
    let cases = [
        (
            "joules = 7.5 } }, lacks",
            "joules = 7.25 } }, lacks",
            "step 1, after tick 2: dolly: Energy.joules is 7.5; expected: 7.25",
        ),
        ("lacks = []", "lacks = [\"Sheep\"]", "dolly: Sheep is {}; expected: none"),
        ("[\"Sheep\"], is = 1", "[\"Sheep\"], is = 2", "the number of entities with Sheep is 1; expected: 2"),
        (
            "{ above = 0 }",
            "{ above = 1 }",
            "the number of entities with Energy, Sheep is 1; expected: above 1",
        ),
        (
            "value = { joules = 1.5 } }]",
            "value = { joules = 2.5 } }]",
            "what it sent[1].value.joules is 1.5; expected: 2.5",
        ),
        ("logs = [\"sheep tire\"]", "logs = [\"wolves\"]", "a message is not there; there are:"),
        ("despawn = [\"dolly\"]", "despawn = []", "a message is not there; there are:"),
        ("Clock = { day = 1 } }", "Clock = { day = 2 } }", "Clock.day is 1; expected: 2"),
        ("max_fuel = 1000", "max_fuel = 10", "the most fuel of a tick is "),
        ("faults = [\"unreachable\"]", "", "step 2, after tick 3: the number of faults is 1:"),
        ("faults = [\"unreachable\"]", "faults = [\"overflow\"]", "a fault is not there; there are:"),
        ("events = []", "events = [{ event = \"Rested\" }]", "what it sent is []; expected: "),
        ("exists = false", "exists = true", "dolly is gone; expected: there"),
        // Mistakes of the author's in the scenario itself.
        ("kind = \"sheep\"", "kind = \"goat\"", "the game has no kind of entity \"goat\"; it has: sheep"),
        (
            "Energy = { joules = 10.0 }",
            "Energy = { watts = 1 }",
            "Energy: there is no field `watts`; the fields are: joules",
        ),
        ("effort = [0.5, 2]", "efort = 1", "the game has no function `efort`; it has: meadow:effort"),
        ("effort = [0.5, 2]", "", "the scenario does not say what `meadow:effort` answers"),
        ("despawn = [\"dolly\"]", "despawn = [\"bob\"]", "step 4: no entity is called \"bob\""),
        ("ticks = 2", "tikcs = 2", "line 14: unknown field `tikcs`"),
        ("day = 7", "day = -7", "step 2: Clock: day: -7 is not a u32"),
    ];
    let author = Author::new();
    for (from, to, expected) in cases {
        let scenario = SCENARIO.replacen(from, to, 1);
        assert_ne!(scenario, SCENARIO, "{from}");
        author.write("tests/tire.toml", &scenario);
        let (passed, text) = author.run("test");
        assert!(!passed && text.contains(expected), "{from} -> {to}:\n{text}");
        assert!(text.contains("1 of 1 scenarios failed"), "{text}");
    }
}

#[test]
fn a_failure_says_how_to_repeat_it_and_bless_takes_what_is() {
    let author = Author::new();
    let wrong = SCENARIO
        .replace("7.5", "1.25")
        .replace("is = 1 }", "is = 9 }")
        .replace("exists = false", "exists = true");
    author.write("tests/tire.toml", &wrong);
    author.write("tests/other.toml", SCENARIO);
    let (passed, text) = author.run("test");
    let only = author.folder().join("tests/tire.toml");
    assert!(!passed && text.contains(&format!("--only {}", only.display())), "{text}");
    let (passed, text) = author.run(&format!("test --only {}", only.display()));
    assert!(!passed && !text.contains("other.toml"), "{text}");
    let (passed, text) = author.run("test --bless");
    assert!(passed, "{text}");
    let blessed = fs::read_to_string(only).unwrap();
    assert_eq!(blessed, SCENARIO);
    // What only people can decide stays.
    author.write("tests/tire.toml", &SCENARIO.replace("above = 0", "above = 5"));
    let (passed, text) = author.run("test --bless");
    assert!(!passed && text.contains("expected: above 5"), "{text}");
}

#[test]
fn a_mod_that_a_game_would_load_is_described() {
    let author = Author::new();
    let (ok, text) = author.run("check");
    assert!(ok, "{text}");
    for part in [
        "Tired sheep 0.1.0 (",
        "reads `meadow:Clock`",
        "changes `meadow:Energy` of any entity, gives it and takes it away (The energy of an animal.)",
        "sends `meadow:Rested`",
        "calls the game's function `meadow:effort`",
        "- tire: reads meadow:Clock; writes meadow:Energy; sends meadow:Rested",
        "- mourn: is told when meadow:Sheep is removed",
        "instructions: floating-point numbers",
        "`meadow` would load it",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}

/// A game that changed, and a mod that asks for what it does not have: refused with the paths of the sources.
#[test]
fn a_mod_that_a_game_would_refuse_is_refused_before_it_is_installed() {
    let cases = [
        (
            "meadow.interface.toml",
            INTERFACE,
            "\"joules\", type = \"f32\" }]\n\n[[component]]",
            "\"joules\", type = \"f64\" }]\n\n[[component]]",
            "`joules` is f64 in the game and f32 in the mod",
        ),
        (
            "meadow.interface.toml",
            INTERFACE,
            "meadow:Energy\"\ndocs",
            "meadow:Power\"\ndocs",
            "[permissions] names what this game does not expose: `meadow:Energy`",
        ),
        (
            "meadow.interface.toml",
            INTERFACE,
            "result = \"f32\"",
            "result = \"f64\"",
            "`meadow.effort` is a function ",
        ),
        (
            "mod.toml",
            MANIFEST,
            "write = [\"meadow:Energy\"]",
            "",
            "[permissions] lacks what the mod's systems do: `write meadow:Energy`",
        ),
        ("mod.toml", MANIFEST, "name = \"tire\"", "name = \"rest\"", "there is no export `sys_rest`"),
        ("mod.toml", MANIFEST, "api = 1\ntitle", "api = 3\ntitle", "api is 3"),
    ];
    for (file, whole, from, to, expected) in cases {
        let author = Author::new();
        let changed =
            whole.replacen(from, to, 1).replace("components = [\"meadow:Energy\", ", "components = [");
        assert_ne!(changed, whole, "{from}");
        author.write(file, &changed);
        let (ok, text) = author.run("check");
        assert!(!ok && text.contains(expected), "{from} -> {to}:\n{text}");
        assert!(!text.contains("-checked"), "a path of the check's own:\n{text}");
        if expected.contains("[permissions]") {
            assert!(text.contains(&author.folder().join("mod.toml").display().to_string()), "{text}");
        }
    }
}

#[test]
fn other_mods_of_the_game_can_be_in_the_way() {
    let author = Author::new();
    assert!(author.run("build --to installed").0);
    let (ok, text) = author.run("check --with installed/tired");
    assert!(!ok && text.contains("has the id"), "{text}");
}

#[test]
fn a_mod_of_anyones_can_be_looked_at() {
    let author = Author::new();
    assert!(author.run("build --to installed").0);
    for path in ["installed/tired", "installed/tired/mod.toml", "installed/tired/tired.wasm"] {
        let (ok, text) = author.run(&format!("inspect {path}"));
        assert!(ok && text.contains("sends `meadow:Rested`") && text.contains("  hash "), "{text}");
    }
    let (ok, text) = author.run("inspect tests");
    assert!(!ok && text.contains("mod.toml"), "{text}");
    let (ok, text) = author.run("inspect nowhere");
    assert!(!ok && text.contains("nowhere can't be found"), "{text}");
}
