//! Meadow in a window: the game of `engine/meadow`, drawn by Bevy, with the panel of the plugin's feature `panel`.
//!
//! ```text
//! meadow-game: simulation, mods -> sprites, land, camera, heading -> window
//!                                  keys, panel                    <-
//! ```
//!
//! With `--session FOLDER` it plays by itself, takes pictures of what it shows, and checks them: see `session`.

mod camera;
mod heading;
mod keys;
mod land;
mod pace;
mod session;
mod sprites;
mod window;

use std::path::PathBuf;

use bevy::app::AppExit;
use clap::Parser;
use meadow_game::meadow_file::MeadowFile;
use meadow_game::project::Project;
use meadow_game::{InstalledMods, installed_mods};

/// The demo game Meadow in a window.
#[derive(Parser)]
struct Arguments {
    /// Play with the mods in this folder, instead of building Meadow's own
    #[arg(long, value_name = "DIR")]
    mods: Option<PathBuf>,
    /// The seed of the world
    #[arg(long)]
    seed: Option<u64>,
    /// Play a scripted session, and write its pictures into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "mods")]
    session: Option<PathBuf>,
}

fn main() -> anyhow::Result<AppExit> {
    let arguments = Arguments::parse();
    let file = MeadowFile::read(&Project::find()?.assets())?;
    let seed = arguments.seed.unwrap_or(file.world.seed);
    match &arguments.session {
        Some(pictures) => session::run(&file, seed, pictures),
        None => {
            // The session that builds mods on every save ends when it is dropped.
            let InstalledMods { folder, session: _building } =
                installed_mods(arguments.mods.as_deref(), false)?;
            Ok(window::app(&file, &folder, seed)?.run())
        }
    }
}
