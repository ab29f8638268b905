//! New mods, made and built with the real tool in empty folders. Needs the target `wasm32-unknown-unknown`, and no network:
//! new mods depend on the versions that this repository depends on.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Crates that mods depend on are compiled once for all tests: mods that are built at the same time have different names.
const SHARED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/new-mods");

fn tinkerbox(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tinkerbox"));
    command
        .current_dir(folder)
        .args(arguments)
        .envs([("CARGO_NET_OFFLINE", "true"), ("CARGO_TARGET_DIR", SHARED)]);
    command.output().unwrap()
}

/// Makes a mod, builds it, and returns the size of its code.
fn make_and_build(folder: &Path, id: &str, more: &[&str]) -> u64 {
    let made = tinkerbox(folder, &[&["new", id], more].concat());
    let said = String::from_utf8(made.stderr).unwrap();
    assert!(made.status.success() && said.contains("Next:") && said.contains(&format!("cd {id}")), "{said}");
    let own = folder.join(id);
    let lock = fs::read_to_string(own.join("Cargo.lock")).unwrap();
    // From a folder inside the mod's.
    let built = tinkerbox(&own.join("src"), &["build"]);
    let said = String::from_utf8(built.stderr).unwrap();
    assert!(built.status.success() && said.contains(&format!("installed {id} in ")), "{said}");
    assert!(!said.contains("Locking") && !said.contains("warning"), "{said}");
    let names = |lock: &str| lock.lines().filter(|line| line.starts_with("name = ")).count();
    assert_eq!(names(&lock), names(&fs::read_to_string(own.join("Cargo.lock")).unwrap()));
    let wasm = fs::read(own.join(format!("target/mods/{id}/{id}.wasm"))).unwrap();
    let home = std::env::home_dir().unwrap().display().to_string();
    for place in [home.as_str(), folder.to_str().unwrap()] {
        assert!(!wasm.windows(place.len()).any(|part| part == place.as_bytes()), "it names {place}");
    }
    wasm.len() as u64
}

#[test]
fn a_mod_with_the_sdk_in_its_folder_builds_without_this_repository() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = make_and_build(folder.path(), "gale", &[]);
    assert!(bytes > 0);
    assert!(folder.path().join("gale/.tinkerbox/sdk/rust/src/lib.rs").is_file());
    let again = tinkerbox(folder.path(), &["new", "gale"]);
    assert!(!again.status.success());
    assert!(String::from_utf8(again.stderr).unwrap().contains("gale exists already"));
}

#[test]
fn a_mod_with_the_sdk_of_a_checkout_builds() {
    let folder = tempfile::tempdir().unwrap();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    make_and_build(folder.path(), "hail", &["--lang", "rust", "--sdk", checkout.to_str().unwrap()]);
    assert!(!folder.path().join("hail/.tinkerbox").exists());
}

/// Plain functions of a mod, and tests of them. Where the game is needed, a test panics with what was called.
const TESTED: &str = r#"
tinkerbox_sdk::game_functions! {
    "meadow";
    fn height_at(x: f32, y: f32) -> f32;
}

#[mod_type("meadow:Position")]
#[derive(Debug, PartialEq)]
struct Position { x: f32, y: f32 }

fn middle(a: Position, b: Position) -> Position {
    debug!("between {a:?} and {b:?}");
    Position { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 }
}

#[system]
fn gather(mut all: Query<&mut Position>) {
    all.for_each(|position| *position = middle(*position, Position { x: 0.0, y: 0.0 }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_between() {
        assert_eq!(middle(Position { x: 1.0, y: 2.0 }, Position { x: 3.0, y: 2.0 }), Position { x: 2.0, y: 2.0 });
    }

    #[test]
    fn calls_of_the_game_say_so() {
        let calls: [(&str, fn()); 6] = [
            ("`tick()` needs the game, and there is none here", || _ = tick()),
            ("`delta()` needs the game", || _ = delta()),
            ("`tick()` needs the game", || _ = every(1.0)),
            ("a random number needs the game", || _ = random()),
            ("`fuel_left()` needs the game", || _ = fuel_left()),
            ("`height_at()` is a function of the game \"meadow\", and there is no game here", || _ = height_at(1.0, 2.0)),
        ];
        for (expected, call) in calls {
            let panic = std::panic::catch_unwind(call).expect_err("there is no game");
            let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let said = panic.downcast_ref::<String>().cloned().or(literal).expect("a message");
            assert!(said.contains(expected) && said.contains("`tinkerbox test`"), "{said}");
        }
    }
}
"#;

#[test]
fn a_mods_own_tests_run_with_cargo() {
    let folder = tempfile::tempdir().unwrap();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let made =
        tinkerbox(folder.path(), &["new", "tested", "--lang", "rust", "--sdk", checkout.to_str().unwrap()]);
    assert!(made.status.success());
    let source = folder.path().join("tested/src/lib.rs");
    let code = fs::read_to_string(&source).unwrap() + TESTED;
    fs::write(&source, code).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder.path().join("tested")).env("CARGO_NET_OFFLINE", "true");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tested");
    let output = cargo.args(["test", "--locked"]).env("CARGO_TARGET_DIR", target).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success() && said.contains("2 passed"), "{said}");
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn without_a_terminal_a_missing_id_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let made = tinkerbox(folder.path(), &["new"]);
    assert_eq!(made.status.code(), Some(1));
    assert!(String::from_utf8(made.stderr).unwrap().contains("Name one: tinkerbox new ID"));
    assert_eq!(tinkerbox(folder.path(), &["new", "gale", "--lang", "cobol"]).status.code(), Some(2));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
