//! The commands of the tool, one file each: its arguments, and what it does with them.

pub mod bindings;
pub mod build;
pub mod check;
pub mod completions;
pub mod dev;
pub mod docs;
mod freshly_built;
pub mod inspect;
pub mod new;
pub mod pack;
pub mod test;

use clap::CommandFactory;

use crate::command_line::{Arguments, Command};

/// Runs a command.
///
/// # Errors
/// If something could not be done: the error says what, where, and what to do.
pub fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::New(new) => new::run(new),
        Command::Pack(pack) => pack::run(pack),
        Command::Completions(completions) => {
            completions::run(&completions, Arguments::command());
            Ok(())
        }
        Command::Dev(dev) => dev::run(dev),
        Command::Bindings(bindings) => bindings::run(bindings),
        Command::Docs(docs) => docs::run(docs),
        Command::Build(build) => build::run(build),
        Command::Check(check) => check::run(check),
        Command::Inspect(inspect) => inspect::run(inspect),
        Command::Test(test) => test::run(test),
    }
}
