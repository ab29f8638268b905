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

#[test]
fn without_a_terminal_a_missing_id_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let made = tinkerbox(folder.path(), &["new"]);
    assert_eq!(made.status.code(), Some(1));
    assert!(String::from_utf8(made.stderr).unwrap().contains("Name one: tinkerbox new ID"));
    assert_eq!(tinkerbox(folder.path(), &["new", "gale", "--lang", "cobol"]).status.code(), Some(2));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
