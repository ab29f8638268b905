//! What can be said on the command line.
//!
//! Names and help texts only: what follows from them is decided in the library's root.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};

/// Meadow: a small living world whose rules are sandboxed WebAssembly mods.
///
/// Without a command, builds the mods in `mods/` and opens Meadow in the terminal. While it runs, rebuild a mod in a
/// second terminal with the command `build`, and see it change.
#[derive(Clone, Debug, Parser)]
#[command(name = "meadow", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do; to play when it is not given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to play.
    #[command(flatten)]
    pub play: Play,
}

/// What else there is to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Build mods and install them for Meadow; one that is running takes them over at once
    Build {
        /// The mods to build, by the names of their folders in `mods/`; all of them if none is named
        #[arg(value_name = "MOD")]
        mods: Vec<String>,
    },
}

/// How to play.
#[derive(Clone, Debug, Default, Args)]
pub struct Play {
    /// Run without a terminal, as fast as it goes: a plain line each simulated second, and a summary
    #[arg(long)]
    pub headless: bool,
    /// How many frames to run without a terminal [default: 600]; implies --headless
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub frames: Option<u32>,
    /// Play with the built mods of this folder (one folder each, with mod.toml and a .wasm file), and build nothing
    #[arg(long, value_name = "DIR")]
    pub mods: Option<PathBuf>,
    /// Read Meadow's data, meadow.toml, from this folder [default: the project's assets/meadow]
    #[arg(long, value_name = "DIR")]
    pub assets: Option<PathBuf>,
    /// The seed of the world: the same seed, the same world [default: the one in meadow.toml]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
}

impl Play {
    /// Whether to do without a terminal even where there is one.
    pub fn is_headless(&self) -> bool {
        self.headless || self.frames.is_some()
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
    fn nothing_is_needed_to_play() {
        let arguments = parse("meadow").unwrap();
        assert!(arguments.command.is_none() && !arguments.play.is_headless());
    }

    #[test]
    fn frames_mean_headless() {
        assert!(parse("meadow --frames 20").unwrap().play.is_headless());
        assert!(parse("meadow --headless").unwrap().play.is_headless());
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
