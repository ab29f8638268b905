//! The scenarios beside Meadow's mods, run as `tinkerbox test` runs them.

use tinkerbox_cli::command_line::Command;
use tinkerbox_cli::commands;
use tinkerbox_cli::commands::test::Test;

use super::PROJECT;
use crate::languages::{assemblyscript, c, zig};

/// Meadow's own mods.
const MODS: [&str; 8] = ["flock", "gardener", "grass", "hail", "runaway", "shepherd", "weather", "wolves"];

#[test]
fn each_mod_does_what_its_scenarios_say() {
    // Mods whose compiler is missing are skipped, except in CI.
    for has_compiler in [assemblyscript::has_asc, c::has_clang, zig::has_zig] {
        has_compiler();
    }
    for id in MODS {
        let tests = PROJECT.mods().join(id).join("tests");
        assert!(tests.is_dir(), "the mod {id} has no scenarios: write one in {}", tests.display());
    }
    let test = Test {
        folder: Some(PROJECT.mods()),
        only: Vec::new(),
        interface: None,
        bless: std::env::var_os("BLESS").is_some(),
    };
    commands::run(Command::Test(test)).expect("the reasons are above");
}
