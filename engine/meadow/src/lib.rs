//! The demo world Meadow, in a terminal or without one, and the author's tool.
//!
//! ```text
//! command line -> project folder -> build (mods/ -> wasm -> mods/target/meadow/<id>/)
//!                                -> game (bevy_app + ModdingPlugin)  <- terminal: draws, asks for keys, keeps the pace
//!                                                                    <- headless: as fast as it goes, plain lines
//! ```
//!
//! `game` is the simulation: it reads no clock and knows neither terminal nor command line. The two shells read out of
//! its world what they show, through `mod_row`, `report_log` and the census, and change nothing in it.

#![forbid(unsafe_code)]

pub mod build;
pub mod command_line;
pub mod frame_times;
pub mod fuel_bar;
pub mod game;
pub mod headless;
pub mod meadow_file;
pub mod mod_row;
pub mod project;
pub mod report_log;
pub mod terminal;

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use bevy_app::App;
use tinkerbox::ModdingPlugin;

use command_line::{Arguments, Command, Play};
use game::MeadowPlugin;
use meadow_file::MeadowFile;
use project::Project;

/// Does what the command line asks for.
///
/// # Errors
/// If the project's folder is not found, a file of it can't be read, the mods can't be built, or the terminal fails.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        Some(Command::Build { mods }) => build::build(&Project::find()?, mods)?.check(),
        None => play(&arguments.play),
    }
}

fn play(play: &Play) -> anyhow::Result<()> {
    let file = MeadowFile::read(&assets_folder(play)?)?;
    let mods = mods_folder(play)?;
    let seed = play.seed.unwrap_or(file.world.seed);
    let is_headless = play.is_headless();
    if !is_headless && io::stdout().is_terminal() {
        let mut app = meadow(&file, ModdingPlugin::new(mods).seed(seed).watch(true), seed);
        return terminal::run(&mut app, &file);
    }
    let frames = play.frames.unwrap_or(headless::FRAMES);
    let mut out = io::stdout().lock();
    if !is_headless {
        headless::say_no_terminal(&mut out, frames)?;
    }
    let mut app = meadow(&file, ModdingPlugin::new(mods).seed(seed).watch(false), seed);
    headless::run(&mut app, &file, frames, &mut out)
}

/// The whole game: Meadow's own systems and its mods.
pub fn meadow(file: &MeadowFile, modding: ModdingPlugin, seed: u64) -> App {
    let mut app = App::new();
    let (start, tick_seconds) = (file.start, file.world.tick_seconds);
    app.add_plugins((MeadowPlugin { start, tick_seconds, seed }, modding));
    app
}

fn assets_folder(play: &Play) -> anyhow::Result<PathBuf> {
    match &play.assets {
        Some(folder) => Ok(folder.clone()),
        None => Ok(Project::find()
            .context("Meadow's data is in the project's folder (or give --assets DIR)")?
            .assets()),
    }
}

/// The folder of built mods; the project's own are built first.
fn mods_folder(play: &Play) -> anyhow::Result<PathBuf> {
    let Some(folder) = &play.mods else {
        let project = Project::find()
            .context("Meadow's mods are built in the project's folder (or give --mods DIR)")?;
        let report = build::build(&project, &[])?;
        return installed(report, project.installed_mods());
    };
    if !folder.is_dir() {
        bail!(
            "--mods {}: there is no such folder. Give one that holds a folder for each mod, with mod.toml and a .wasm file",
            folder.display()
        );
    }
    Ok(folder.clone())
}

/// The folder of the project's mods, if all could be built. Of those that are refused the game says it itself.
fn installed(report: build::Report, folder: PathBuf) -> anyhow::Result<PathBuf> {
    build::Report { refused: Vec::new(), ..report }.check().map_err(|error| {
        let folder = folder.display();
        anyhow!(
            "{error}. Meadow was not opened; with --mods {folder} it opens with the mods that are installed"
        )
    })?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_mod_could_not_be_built_it_is_said_how_to_play_without_it() {
        let folder = PathBuf::from("mods/target/meadow");
        let mut report = build::Report { refused: vec!["ant".to_owned()], ..Default::default() };
        assert_eq!(installed(report.clone(), folder.clone()).unwrap(), folder);
        report.not_built.push("bee".to_owned());
        let error = installed(report, folder).unwrap_err().to_string();
        assert!(error.starts_with("not built: bee. "), "{error}");
        assert!(error.contains("Meadow was not opened; with --mods mods/target/meadow it opens"), "{error}");
    }
}
