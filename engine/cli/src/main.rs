//! The binary `tinkerbox`: reads the command line, runs the command and prints the error, if any.
//!
//! Everything else is in the library, where tests and games reach it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use tinkerbox_cli::command_line::Arguments;
use tinkerbox_cli::commands;

fn main() -> ExitCode {
    match commands::run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
