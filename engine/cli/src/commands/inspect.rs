//! `tinkerbox inspect`: says what a mod of anyone's may do, for players.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;
use tinkerbox::{Interface, inspect};

use super::check::describe;

/// The arguments of `tinkerbox inspect`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Inspect {
    /// The folder of a mod, or one of the two files in it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the game exposes, to say more about what the mod names
    #[arg(long, value_name = "FILE")]
    pub interface: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox inspect ~/game/mods/wolves
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
    let folder = folder_of(&arguments.file)?;
    let details = inspect(&folder).map_err(|why| anyhow!(why))?;
    anstream::println!("{}", describe(&details, interface.as_ref()));
    Ok(())
}

/// The folder of a mod of which a file was named.
fn folder_of(path: &Path) -> anyhow::Result<PathBuf> {
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    if !path.exists() {
        bail!("{} can't be found", path.display());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(parent.unwrap_or(Path::new(".")).to_owned())
}
