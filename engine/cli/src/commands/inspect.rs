//! `tinkerbox inspect`: says what a mod of anyone's may do, for players.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;
use tempfile::TempDir;
use tinkerbox::{Interface, inspect};

use crate::check::{Checked, ModuleFacts, describe, json, wasm_in};
use crate::pack::unpack;

/// The arguments of `tinkerbox inspect`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Inspect {
    /// The folder of a mod, one of the two files in it, or an archive
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the game exposes, to say more about what the mod names
    #[arg(long, value_name = "FILE")]
    pub interface: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox inspect ~/game/mods/wolves
  tinkerbox inspect wolves-0.2.0.zip
  tinkerbox inspect wolves --interface meadow.interface.toml

Nothing of the mod is run.

Exit codes:
  0  it is a mod
  1  it is not, or it can't be read
  2  the command line is wrong";

/// Prints what a mod is and may do.
///
/// # Errors
/// If it is not a mod.
pub(super) fn run(arguments: Inspect) -> anyhow::Result<()> {
    let interface = arguments.interface.as_deref().map(Interface::read).transpose()?;
    let (folder, unpacked) = folder_of(&arguments.file)?;
    let details = inspect(&folder).map_err(|why| match &unpacked {
        // What is wrong is in the archive.
        Some(_) => anyhow!(why.replace(&folder.display().to_string(), &arguments.file.display().to_string())),
        None if why.contains("there is no .wasm file") => {
            anyhow!("{why} If these are the sources of a mod, `tinkerbox check` says the same of them")
        }
        None => anyhow!(why),
    })?;
    let facts = ModuleFacts::of(&fs::read(wasm_in(&folder)?)?)?;
    if arguments.json {
        let checked = Checked { about: Some((details, facts)), interface, refusals: Vec::new() };
        anstream::println!("{}", json(&checked));
    } else {
        anstream::println!("{}", describe(&details, &facts, interface.as_ref()));
    }
    Ok(())
}

/// The folder of a mod of which a file was named, which lasts as long as what comes with it.
fn folder_of(path: &Path) -> anyhow::Result<(PathBuf, Option<TempDir>)> {
    if path.is_dir() {
        return Ok((path.to_owned(), None));
    }
    if !path.exists() {
        bail!("{} can't be found", path.display());
    }
    if path.extension().is_some_and(|end| end == "zip") {
        let unpacked = unpack(path)?;
        return Ok((unpacked.path().to_owned(), Some(unpacked)));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok((parent.unwrap_or(Path::new(".")).to_owned(), None))
}
