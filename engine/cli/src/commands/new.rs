//! `tinkerbox new`: makes the folder of a mod.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use crate::build::console::{Console, Tone};
use crate::scaffold::{self, Language, NewMod};

/// The arguments of `tinkerbox new`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct New {
    /// The id of the mod, and the name of its folder; asked for in a terminal
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// The language
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t)]
    pub lang: Language,
    /// What the game exposes: a file that the game's developers give to authors [default: the only *.interface.toml in the
    /// current folder, if there is one]
    #[arg(long, value_name = "FILE")]
    pub interface: Option<PathBuf>,
    /// Depend on the SDK of this checkout of Tinkerbox, in place of a copy in the mod's folder
    #[arg(long, value_name = "PATH")]
    pub sdk: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox new gale                            a mod in Rust, in the new folder gale
  tinkerbox new gale --lang c                   in C
  tinkerbox new gale --interface meadow.interface.toml

Exit codes:
  0  the mod was made
  1  it was not, and nothing was left of it
  2  the command line is wrong";

/// Makes the mod in the current folder, and says what to type next.
///
/// # Errors
/// If there is no valid id, or something can't be read or written.
pub(super) fn run(arguments: New) -> anyhow::Result<()> {
    let New { id, lang, interface, sdk } = arguments;
    let parent = env::current_dir().context("the current folder can't be found")?;
    let id = match id {
        Some(id) => id,
        None => ask("Name of the mod (a-z, 0-9 and _)")?,
    };
    let interface = interface.or_else(|| scaffold::interface_in(&parent));
    let new = NewMod { parent, id, language: lang, interface, checkout: sdk };
    let folder = scaffold::make(&new)?;
    let console = Console::StandardError;
    console.say(Tone::Good, "created", &folder.display().to_string());
    if let Some(interface) = &new.interface {
        console.say(Tone::Plain, "interface", &interface.display().to_string());
    }
    console.line("\nNext:");
    console.line(&format!("  cd {}", new.id));
    if let Some(first) = scaffold::first_command(new.language) {
        console.line(&format!("  {first}"));
    }
    console.line("  tinkerbox dev --to MODS   # builds and installs the mod on every save; MODS is the folder that the game loads");
    Ok(())
}

/// Asks for a line, if there is a terminal to ask in.
fn ask(what: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        bail!("the mod needs an id. Name one: tinkerbox new ID");
    }
    anstream::eprint!("{what}: ");
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("standard input can't be read")?;
    Ok(line.trim().to_owned())
}
