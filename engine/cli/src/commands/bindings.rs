//! `tinkerbox bindings`: prints what a game exposes as source text in a language of mods.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use clap::builder::PossibleValuesParser;
use tinkerbox_bindings::Language;

use super::check::interface_here;

/// The arguments of `tinkerbox bindings`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Bindings {
    /// What the game exposes [default: `interface` under `[dev]` in mod.toml]
    #[arg(long, value_name = "FILE")]
    pub interface: Option<PathBuf>,
    /// The language of the mod
    #[arg(long, value_parser = PossibleValuesParser::new(Language::ALL.map(|(name, _)| name)))]
    pub lang: String,
    /// Where to write them [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox bindings --interface meadow.interface.toml --lang c --out meadow.h
  tinkerbox bindings --interface meadow.interface.toml --lang zig

A mod in Rust needs no file: tinkerbox_sdk::game!(\"meadow.interface.toml\") compiles what this command prints.";

/// Prints or writes the bindings.
///
/// # Errors
/// If the interface can't be read, there are no bindings for it, or the file can't be written.
pub fn run(arguments: Bindings) -> anyhow::Result<()> {
    let Bindings { interface, lang, out } = arguments;
    let (file, interface) = interface_here(interface)?;
    let (_, language) = Language::ALL
        .into_iter()
        .find(|(name, _)| *name == lang)
        .ok_or_else(|| anyhow!("there are no bindings in {lang}"))?;
    let text = language
        .bindings(&interface)
        .with_context(|| format!("{}: no bindings in {lang}", file.display()))?;
    match out {
        Some(out) => fs::write(&out, text).with_context(|| format!("{} can't be written", out.display())),
        None => {
            print!("{text}");
            Ok(())
        }
    }
}
