//! A scripted session: plays by itself, takes pictures, and checks what they show.
//!
//! ```text
//! script: steps -> steps: keys, clicks, files, pictures -> checks: pixels against the world and the UI's nodes
//! ```
//!
//! The mouse and the keyboard are Bevy's messages, as a window sends them; files are changed as an editor would change them.

mod checks;
#[cfg(test)]
mod drawn;
mod mods;
mod screen;
mod script;
mod steps;

use std::fs;
use std::path::Path;

use anyhow::Context;
use bevy::app::AppExit;
use meadow_game::meadow_file::MeadowFile;

use steps::{Pictures, Session};

/// Plays the session, and returns whether all pictures were right.
///
/// # Errors
/// If its mods can't be built, or a folder can't be made.
pub fn run(file: &MeadowFile, seed: u64, pictures: &Path) -> anyhow::Result<AppExit> {
    fs::create_dir_all(pictures).with_context(|| format!("{} can't be created", pictures.display()))?;
    let mods = tempfile::tempdir()?;
    mods::install(mods.path())?;
    let mut app = crate::window::app(file, mods.path(), seed)?;
    app.init_resource::<Pictures>();
    Session::new(pictures.to_owned(), mods.path().to_owned(), script::steps()).add(&mut app);
    Ok(app.run())
}
