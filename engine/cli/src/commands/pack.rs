//! `tinkerbox pack`: makes an archive of a mod for players.

use std::path::PathBuf;

use clap::Args;

use crate::build::console::{Console, Tone};
use crate::pack::{PackSettings, pack};
use crate::project;

/// The arguments of `tinkerbox pack`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Pack {
    /// The folder of the mod [default: the mod that the current folder is in]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Write the archive to this file [default: ID-VERSION.zip in the mod's folder]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Keep debug information, so that backtraces on players' machines name files and lines; it can be larger than the code
    #[arg(long)]
    pub debug: bool,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox pack                        gale-0.1.0.zip, to be unpacked into a game's folder of mods
  tinkerbox pack --out /tmp/gale.zip

The archive holds mod.toml, without [dev], and the .wasm file. Its path is printed to standard output.

Exit codes:
  0  the archive was written
  1  the mod can't be built, or the archive can't be written
  2  the command line is wrong";

/// Builds the mod, packs it, and prints the path of the archive.
///
/// # Errors
/// If there is no mod, it can't be built, or the archive can't be written.
pub(super) fn run(arguments: Pack) -> anyhow::Result<()> {
    let folder = project::one_mod(arguments.folder.as_deref())?;
    let settings = PackSettings { file: arguments.out, keeps_debug_information: arguments.debug };
    let file = pack(&folder, &settings, Console::StandardError)?;
    Console::StandardError.say(Tone::Good, "packed", &folder.display().to_string());
    anstream::println!("{}", file.display());
    Ok(())
}
