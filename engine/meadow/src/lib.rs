//! The demo game Meadow, in a terminal or without one.
//!
//! ```text
//! command line -> project folder -> own_mods (mods/ -> tinkerbox_cli -> mods/target/mods/<name>/, again on every save)
//!                                -> game (bevy_app + ModdingPlugin)  <- terminal: draws, reads keys, keeps the pace
//!                                                                    <- headless: plain lines, as fast as possible
//! ```
//!
//! `game` is the simulation. The two shells read what they show from its world, through the census and the model of
//! [`tinkerbox::panel`], which the panel of a window shows, too.

#![forbid(unsafe_code)]

// From the command line to a game with its mods.
mod app;
pub mod command_line;
pub mod game;
mod interface;
pub mod meadow_file;
pub mod own_mods;
pub mod project;

// What both shells show.
pub mod frame_times;
pub mod fuel_bar;
#[cfg(test)]
mod rows_for_tests;

// The shells.
pub mod headless;
pub mod terminal;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tinkerbox::ModdingPlugin;
use tinkerbox_cli::Report;
use tinkerbox_cli::dev::DevSession;

pub use app::meadow;
use command_line::{Arguments, Command, Play};
use headless::Run;
use meadow_file::MeadowFile;
use project::Project;

/// Runs the command that the command line names.
///
/// # Errors
/// If the project's folder is not found, a file of it can't be read, the mods can't be built, or the terminal fails.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(file) = &arguments.write_interface {
        return interface::write(file);
    }
    match &arguments.command {
        Some(Command::Build { mods }) => own_mods::build(&Project::find()?, mods)?.check(),
        None => play(&arguments.play),
    }
}

fn play(play: &Play) -> anyhow::Result<()> {
    let file = meadow_file(play)?;
    let InstalledMods { folder: mods, session } = installed_mods(play.mods.as_deref(), play.is_headless())?;
    let is_watched = session.is_some();
    let seed = play.seed.unwrap_or(file.world.seed);
    let is_headless = play.is_headless();
    if !is_headless && io::stdout().is_terminal() {
        let mut app = meadow(&file, ModdingPlugin::new(mods).seed(seed).development(true), seed);
        return terminal::run(&mut app, &file);
    }
    let frames = play.frames.unwrap_or(if play.watch { u32::MAX } else { headless::FRAMES });
    let mut out = io::stdout().lock();
    if !is_headless {
        headless::say_no_terminal(&mut out, frames)?;
    }
    let modding = ModdingPlugin::new(mods).seed(seed).watch(is_watched || play.watch).development(true);
    let modding = modding.wait_for_mods(true);
    let mut app = meadow(&file, modding, seed);
    let pace = play.watch.then(|| Duration::from_secs_f32(file.world.tick_seconds));
    headless::run(&mut app, &file, Run { frames, pace }, &mut out)
}

/// Meadow's data: from the given folder, from the project's, or, where neither is there, what the binary has in it.
fn meadow_file(play: &Play) -> anyhow::Result<MeadowFile> {
    match (&play.assets, Project::find()) {
        (Some(folder), _) => MeadowFile::read(folder),
        (None, Ok(project)) => MeadowFile::read(&project.assets()),
        (None, Err(_)) => Ok(MeadowFile::built_in()?),
    }
}

/// The mods to play with.
pub struct InstalledMods {
    /// The folder of built mods.
    pub folder: PathBuf,
    /// Builds Meadow's own mods whenever their sources change, as long as it lives.
    pub session: Option<DevSession>,
}

/// The mods to play with: those in `folder`, or else Meadow's own, which are built first, and again whenever their sources
/// change.
///
/// # Errors
/// If there is no such folder, or Meadow's own mods can't be built.
pub fn installed_mods(folder: Option<&Path>, is_measured: bool) -> anyhow::Result<InstalledMods> {
    let Some(folder) = folder else {
        let project = Project::find()
            .context("Meadow's mods are built in the project's folder (or give --mods DIR)")?;
        let folder = installed(own_mods::build(&project, &[])?)?;
        // While Meadow plays, changes that came during the first build are caught up on; without a terminal, that would take
        // the time of the frames that are measured.
        let session = own_mods::develop(&project, is_measured)?;
        return Ok(InstalledMods { folder, session: Some(session) });
    };
    if !folder.is_dir() {
        bail!(
            "--mods {}: there is no such folder. Give one that contains a folder for each mod, with mod.toml and a .wasm file",
            folder.display()
        );
    }
    Ok(InstalledMods { folder: folder.to_owned(), session: None })
}

/// The folder of Meadow's own mods, if all of them could be built. Those that are refused show in the game.
fn installed(report: Report) -> anyhow::Result<PathBuf> {
    let not_built = report.not_built();
    if !not_built.is_empty() {
        bail!(
            "not built: {}. See the reasons above. Meadow was not opened; --mods {} opens it with the mods that are \
             installed",
            not_built.join(", "),
            report.folder.display()
        );
    }
    Ok(report.folder)
}

#[cfg(test)]
mod tests {
    use tinkerbox_cli::{BuildOutcome, BuiltMod};

    use super::*;

    #[test]
    fn the_error_says_how_to_play_without_a_mod_that_could_not_be_built() {
        let built = |name: &str, outcome| BuiltMod {
            name: name.to_owned(),
            id: None,
            errors: Vec::new(),
            checked: None,
            source: name.into(),
            folder: name.into(),
            outcome,
        };
        let refused = built("ant", BuildOutcome::Refused("why".to_owned()));
        let mut report =
            Report { mods: vec![refused], folder: "mods/target/mods".into(), ..Report::default() };
        assert_eq!(installed(report.clone()).unwrap(), report.folder);
        report.mods.push(built("bee", BuildOutcome::NotBuilt("why".to_owned())));
        let error = installed(report).unwrap_err().to_string();
        assert!(error.starts_with("not built: bee. "), "{error}");
        assert!(error.contains("Meadow was not opened; --mods mods/target/mods opens it"), "{error}");
    }
}
