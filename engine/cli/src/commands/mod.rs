//! The commands of the tool, one file each: its arguments, and what it does with them.

pub mod build;
pub mod dev;
pub mod new;

use crate::command_line::Command;

/// Runs a command.
///
/// # Errors
/// If something could not be done: the error says what, where, and what to do.
pub fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::New(new) => new::run(new),
        Command::Dev(dev) => dev::run(dev),
        Command::Build(build) => build::run(build),
    }
}
