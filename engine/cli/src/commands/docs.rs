//! `tinkerbox docs`: writes the page that tells authors what a game exposes.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::check::interface_here;
use crate::page;

/// The arguments of `tinkerbox docs`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Docs {
    /// What the game exposes [default: `interface` under `[dev]` in mod.toml]
    #[arg(long, value_name = "FILE")]
    pub interface: Option<PathBuf>,
    /// The folder for the page, once as Markdown and once as HTML
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox docs --interface meadow.interface.toml --out website

The files are named after the game: meadow.md and meadow.html. The second needs no other file.";

/// Writes the page.
///
/// # Errors
/// If the interface can't be read or has types without a size, or if the files can't be written.
pub fn run(arguments: Docs) -> anyhow::Result<()> {
    let Docs { interface, out } = arguments;
    let (_, interface) = interface_here(interface)?;
    let markdown = page::markdown(&interface).map_err(anyhow::Error::msg)?;
    fs::create_dir_all(&out).with_context(|| format!("the folder {} can't be made", out.display()))?;
    let html = page::html(&interface, &markdown);
    for (ending, text) in [("md", markdown), ("html", html)] {
        let file = out.join(format!("{}.{ending}", interface.game));
        fs::write(&file, text).with_context(|| format!("{} can't be written", file.display()))?;
        println!("{}", file.display());
    }
    Ok(())
}
