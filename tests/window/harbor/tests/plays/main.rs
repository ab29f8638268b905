//! Plays the harbour as a player does, with the mods that come with it: allows them, sails, pauses, and lives through what
//! happens to mods' files. What is expected is asserted of the game's world.

mod building;
mod session;

mod consent;
mod pause;
mod reload;
mod voyage;

use std::fs;

use harbor::modding::interface_text;
use tinkerbox_cli::command_line::Command;
use tinkerbox_cli::commands;
use tinkerbox_cli::commands::test::Test;

/// As `tinkerbox test` does it.
#[test]
fn each_mod_does_what_its_scenarios_say() {
    let folder = Some(building::folder().join("mods"));
    let test = Test { folder, only: Vec::new(), interface: None, bless: false };
    commands::run(Command::Test(test)).expect("the reasons are above");
}

/// Authors build against the file, so it says what the game exposes. `BLESS=1` writes it.
#[test]
fn the_interface_file_is_the_games() {
    let file = building::folder().join("harbor.interface.toml");
    let text = interface_text().unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "repeat with BLESS=1");
}
