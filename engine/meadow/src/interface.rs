//! Meadow's interface file, `assets/meadow/meadow.interface.toml`, which authors' tools work from.

use std::fs;
use std::path::Path;

use anyhow::Context;
use bevy_ecs::world::World;
use tinkerbox::interface;

use crate::game::expose;

/// The name of the game, the first half of its ids.
const GAME: &str = "meadow";

/// Writes what Meadow exposes to mods into a file.
///
/// # Errors
/// If the file can't be written.
pub fn write(file: &Path) -> anyhow::Result<()> {
    fs::write(file, text()?).with_context(|| format!("{} can't be written", file.display()))
}

fn text() -> anyhow::Result<String> {
    let mut world = World::new();
    expose(&mut world);
    Ok(interface(&world, GAME)?.to_toml()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn the_file_in_assets_is_what_meadow_exposes() {
        let file = Project::find().unwrap().assets().join("meadow.interface.toml");
        let text = text().unwrap();
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            there == text,
            "{} differs from what Meadow exposes. If the change is meant, write the file again: \
             cargo run -- --write-interface assets/meadow/meadow.interface.toml",
            file.display()
        );
    }
}
