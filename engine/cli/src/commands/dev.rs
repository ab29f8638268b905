//! `tinkerbox dev`: builds and installs mods whenever a source file is saved.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::build::BuildRequest;
use crate::build::console::{Console, Tone};
use crate::dev::{DevRequest, DevSession, Game};
use crate::project::{self, CommandLine, Manifest};

/// The arguments of `tinkerbox dev`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Dev {
    /// The folder of a mod, or a folder that contains folders of mods [default: the mod that the current folder is in, or
    /// the current folder]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Build only the mod with this name; may be given several times
    #[arg(long = "mod", value_name = "NAME")]
    pub names: Vec<String>,
    /// Install the mods into this folder, one folder for each [default: `mods` under `[dev]` in mod.toml, or target/mods]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Start the game with this command when the mods are built [default: `game` under `[dev]` in mod.toml]
    #[arg(long, value_name = "CMD", value_parser = CommandLine::parse)]
    pub game: Option<CommandLine>,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox dev                                   the mod of this folder, or all mods in it
  tinkerbox dev --to ~/game/mods                  for a game that runs
  tinkerbox dev --game \"cargo run --release\"      and start the game

A game that is in development shows what compilers find wrong, and the old version continues. Ctrl-C ends this; the game goes
on. A game that draws in the terminal needs one of its own: start it there.

Exit codes:
  0  it was ended with Ctrl-C
  1  no mod was found, or files can't be watched
  2  the command line is wrong";

/// Builds until the terminal asks for the end.
///
/// # Errors
/// If no mod is found, or files can't be watched.
pub(super) fn run(arguments: Dev) -> anyhow::Result<()> {
    let Dev { folder, names, to, game } = arguments;
    let folder = project::folder(folder.as_deref())?;
    let game = game.map(|command| Game { command, folder: PathBuf::from(".") }).or_else(|| game_of(&folder));
    let request = DevRequest {
        build: BuildRequest { folder, names, to, ..BuildRequest::default() },
        game,
        is_built: false,
    };
    let console = Console::StandardError;
    let session = DevSession::start(request, console)?;
    let stopper = session.stopper();
    ctrlc::set_handler(move || stopper.stop()).context("Ctrl-C can't be handled")?;
    session.wait();
    console.say(Tone::Plain, "ended", "mods are not built any more");
    Ok(())
}

/// The game that the mod of a folder is for.
fn game_of(folder: &Path) -> Option<Game> {
    let command = Manifest::read(folder).ok()?.dev.game?;
    Some(Game { command, folder: folder.to_owned() })
}
