//! The command line of the game: names and help texts only. The library's root decides what they do.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};

/// Meadow: a small living world whose rules are sandboxed WebAssembly mods.
///
/// Without a command, builds the mods in `mods/` and opens Meadow in the terminal. While it runs, save a source file of a
/// mod, and see it change.
#[derive(Clone, Debug, Parser)]
#[command(name = "meadow", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// The command; without one, the game is played.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Write what Meadow exposes to mods into this file, from which authors' tools work, and play nothing
    #[arg(long, value_name = "FILE")]
    pub write_interface: Option<PathBuf>,
    /// Options for playing.
    #[command(flatten)]
    pub play: Play,
}

/// Commands other than playing.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Build Meadow's mods and install them; a running game reloads them at once
    Build {
        /// The mods in `mods/` to build, by the names of their packages; all of them if none is named
        #[arg(value_name = "MOD")]
        mods: Vec<String>,
    },
}

/// Options for playing.
#[derive(Clone, Debug, Default, Args)]
pub struct Play {
    /// Run without a terminal, as fast as possible: prints a line for each simulated second, and a summary
    #[arg(long)]
    pub headless: bool,
    /// Without a terminal too, keep the pace of the game and take over mods that change, until the process is ended or the
    /// number of frames is reached; implies --headless
    #[arg(long)]
    pub watch: bool,
    /// How many frames to run without a terminal [default: 600]; implies --headless
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub frames: Option<u32>,
    /// Play with the built mods of this folder (a folder for each, with mod.toml and a .wasm file), and build nothing
    #[arg(long, value_name = "DIR")]
    pub mods: Option<PathBuf>,
    /// Read Meadow's data, meadow.toml, from this folder [default: the project's assets/meadow, or what is built in]
    #[arg(long, value_name = "DIR")]
    pub assets: Option<PathBuf>,
    /// The seed of the world; the same seed gives the same world [default: the one in meadow.toml]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
}

impl Play {
    /// Whether to run without a terminal even if there is one.
    pub fn is_headless(&self) -> bool {
        self.headless || self.watch || self.frames.is_some()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definitions_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_argument_is_needed_to_play() {
        let arguments = parse("meadow").unwrap();
        assert!(arguments.command.is_none() && !arguments.play.is_headless());
    }

    #[test]
    fn frames_mean_headless() {
        assert!(parse("meadow --frames 20").unwrap().play.is_headless());
        assert!(parse("meadow --headless").unwrap().play.is_headless());
        assert!(parse("meadow --watch").unwrap().play.is_headless());
        assert!(parse("meadow --frames 0").is_err());
    }

    #[test]
    fn build_takes_names_of_mods() {
        let Some(Command::Build { mods }) = parse("meadow build flock grass").unwrap().command else {
            panic!()
        };
        assert_eq!(mods, ["flock", "grass"]);
    }
}
