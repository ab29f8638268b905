//! The binary `tinkerbox`: reads the command line, runs the command and prints its outcome.
//!
//! Everything else is in the library, where tests and games reach it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use tinkerbox_cli::command_line::{Arguments, Command};
use tinkerbox_cli::commands;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Build(build) => {
            let report = tinkerbox_cli::build(&build.request())?;
            report.print();
            report.check()
        }
        Command::Bindings(bindings) => commands::bindings::run(bindings),
        Command::Docs(docs) => commands::docs::run(docs),
    }
}
