//! The command line of the author's tool. The arguments of each command are beside what it does, in `commands`.

use clap::{Parser, Subcommand};

use crate::commands::bindings::Bindings;
use crate::commands::build::Build;
use crate::commands::check::Check;
use crate::commands::completions::Completions;
use crate::commands::dev::Dev;
use crate::commands::docs::Docs;
use crate::commands::inspect::Inspect;
use crate::commands::new::New;
use crate::commands::pack::Pack;
use crate::commands::test::Test;

/// The tool for authors of Tinkerbox mods.
#[derive(Clone, Debug, Parser)]
#[command(name = "tinkerbox", version, after_long_help = EXIT_CODES)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  everything was done
  1  something failed, for the reason that is printed
  2  the command line is wrong";

/// What the tool can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Make the folder of a new mod, which builds as it is
    New(New),
    /// Build and install mods whenever a source file is saved, and start the game
    Dev(Dev),
    /// Build mods and install them; a running game that watches the folder reloads them
    Build(Build),
    /// Say what a game would say of a mod when it loads it, and what the mod asks for
    Check(Check),
    /// Say what a mod of anyone's is and may do
    Inspect(Inspect),
    /// Run the scenarios beside a mod
    Test(Test),
    /// Make an archive of a mod for players
    Pack(Pack),
    /// Print a script with which a shell completes command lines of this tool
    Completions(Completions),
    /// Print what a game exposes as source text in a language of mods
    Bindings(Bindings),
    /// Write a page for authors that says what a game exposes
    Docs(Docs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::scaffold::Language;

    #[test]
    fn the_definitions_fit_together() {
        Arguments::command().debug_assert();
        assert!(Arguments::try_parse_from(["tinkerbox"]).is_err());
    }

    fn parse(line: &str) -> Command {
        Arguments::try_parse_from(line.split(' ')).unwrap().command
    }

    #[test]
    fn build_takes_a_folder_names_and_a_destination() {
        let Command::Build(build) = parse("tinkerbox build") else { panic!() };
        assert_eq!((build.folder, build.names, build.to, build.json), (None, vec![], None, false));
        let line = "tinkerbox build mods --mod flock --mod grass --to game/mods --json";
        let Command::Build(build) = parse(line) else { panic!() };
        assert_eq!(build.names, ["flock", "grass"]);
        assert_eq!(
            (build.folder, build.to, build.json),
            (Some("mods".into()), Some("game/mods".into()), true)
        );
    }

    #[test]
    fn the_language_of_a_new_mod_is_rust_unless_it_is_named() {
        let language = |line: &str| match parse(line) {
            Command::New(new) => new.lang,
            _ => panic!(),
        };
        assert_eq!(language("tinkerbox new gale"), Language::Rust);
        let named = ["rust", "c", "assemblyscript", "zig"]
            .map(|name| language(&format!("tinkerbox new gale --lang {name}")));
        assert_eq!(named, [Language::Rust, Language::C, Language::AssemblyScript, Language::Zig]);
    }
}
