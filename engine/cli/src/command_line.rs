//! The command line of the author's tool: names and help texts only.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::build::BuildRequest;
use crate::commands::bindings::Bindings;
use crate::commands::docs::Docs;

/// The tool for authors of Tinkerbox mods.
#[derive(Clone, Debug, Parser)]
#[command(name = "tinkerbox", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the tool can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Build mods written in Rust and install them; a running game that watches the folder reloads them
    Build(Build),
    /// Print what a game exposes as source text in a language of mods
    Bindings(Bindings),
    /// Write a page for authors that says what a game exposes
    Docs(Docs),
}

/// The arguments of `tinkerbox build`.
#[derive(Clone, Debug, Args)]
pub struct Build {
    /// The folder of a mod, with Cargo.toml and mod.toml, or a folder that contains such folders
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Build only the mod with this package name; may be given several times
    #[arg(long = "mod", value_name = "NAME")]
    pub names: Vec<String>,
    /// Install the mods into this folder, one folder for each [default: target/mods of the Cargo workspace]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}

impl Build {
    /// The same as a request to the library.
    pub fn request(self) -> BuildRequest {
        let Build { folder, names, to } = self;
        BuildRequest { folder, names, to }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn build(line: &str) -> BuildRequest {
        match Arguments::try_parse_from(line.split(' ')).unwrap().command {
            Command::Build(build) => build.request(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definitions_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn build_uses_the_current_folder_by_default() {
        let request = BuildRequest { folder: ".".into(), names: Vec::new(), to: None };
        assert_eq!(build("tinkerbox build"), request);
    }

    #[test]
    fn build_takes_a_folder_names_and_a_destination() {
        let names = vec!["flock".to_owned(), "grass".to_owned()];
        let request = BuildRequest { folder: "mods".into(), names, to: Some("game/mods".into()) };
        assert_eq!(build("tinkerbox build mods --mod flock --mod grass --to game/mods"), request);
        assert!(Arguments::try_parse_from(["tinkerbox"]).is_err());
    }
}
