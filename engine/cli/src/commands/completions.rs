//! `tinkerbox completions`: prints what a shell needs to complete the tool's command lines.

use std::io;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// The arguments of `tinkerbox completions`.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  tinkerbox completions bash > ~/.local/share/bash-completion/completions/tinkerbox
  tinkerbox completions fish > ~/.config/fish/completions/tinkerbox.fish";

/// Prints the script of the shell for this command line.
pub(super) fn run(arguments: &Completions, mut of: Command) {
    generate(arguments.shell, &mut of, "tinkerbox", &mut io::stdout());
}
