//! `tinkerbox build`: builds mods and installs them.

use std::path::PathBuf;

use clap::Args;

use crate::build::console::Console;
use crate::build::{BuildRequest, build};
use crate::project;

/// The arguments of `tinkerbox build`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Build {
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
    /// Print what came of each mod as JSON to standard output
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox build                          the mod of this folder, or all mods in it
  tinkerbox build mods/wolves              one mod
  tinkerbox build --to ~/game/mods         into the folder of a game, which takes them over while it runs
  tinkerbox build --json | jq .mods        for another program

Exit codes:
  0  all mods were built and installed
  1  a mod was not built or not installed; the others were
  2  the command line is wrong";

/// Builds, prints what came of each mod, and fails if one was not built.
///
/// # Errors
/// If no mod is found, or not all were built.
pub(super) fn run(arguments: Build) -> anyhow::Result<()> {
    let Build { folder, names, to, json } = arguments;
    let folder = project::folder(folder.as_deref())?;
    let request = BuildRequest { folder, names, to, ..BuildRequest::default() };
    let report = build(&request, Console::StandardError)?;
    report.print(Console::StandardError);
    if json {
        anstream::println!("{}", report.json());
    }
    report.check()
}
