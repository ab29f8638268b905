//! The game that a new mod is for, as its interface file describes it.

use std::fs;
use std::path::Path;

use anyhow::Context;
use tinkerbox_interface::Interface;

use super::new_mod::Files;
use crate::page::is_plain;

/// The game that a new mod is for.
pub(super) struct Game {
    /// The name of the interface file, in the mod's folder too.
    pub file: String,
    text: String,
    /// What a first system can name; `None` if the game exposes nothing that has a plain name in all languages.
    pub example: Option<Example>,
}

/// A game and a component of it.
pub(super) struct Example {
    pub game: String,
    /// The component's name, without the game's.
    pub component: String,
}

/// Words of the languages in which names can't be written as they are, beside those of Rust and TypeScript.
const RESERVED: [&str; 13] = [
    "all", "and", "catch", "defer", "error", "export", "orelse", "packed", "std", "switch", "tb", "test",
    "var",
];

impl Game {
    /// Reads an interface file.
    ///
    /// # Errors
    /// If it can't be read, or is not valid.
    pub fn read(file: &Path) -> anyhow::Result<Game> {
        let interface = Interface::read(file)?;
        let name = file.file_name().context("the interface has to be a file")?;
        let text = fs::read_to_string(file)
            .with_context(|| format!("the interface {} can't be read", file.display()))?;
        let name = name.to_string_lossy();
        // Any other name may be that of a file of the mod.
        let file = match name.ends_with(".interface.toml") {
            true => name.into_owned(),
            false => format!("{}.interface.toml", interface.game),
        };
        Ok(Game { file, text, example: example(&interface) })
    }

    /// The files that a mod has of it.
    pub fn files(self) -> Files {
        vec![(self.file, self.text)]
    }
}

fn example(interface: &Interface) -> Option<Example> {
    let game = interface.game.clone();
    let is_name = |name: &str| is_plain(name) && !RESERVED.contains(&name);
    let own = interface.components.iter().filter_map(|component| component.id.split_once(':'));
    let mut names = own.filter(|(of, name)| *of == game && is_name(name)).map(|(_, name)| name.to_owned());
    let component = names.next().filter(|_| is_name(&game))?;
    Some(Example { game, component })
}
