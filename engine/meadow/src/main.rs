//! The binary `meadow`: reads the command line, runs the game and prints the error, if any.
//!
//! Everything else is in the library, where tests reach it.

#![forbid(unsafe_code)]

use std::io;
use std::process::ExitCode;

use clap::Parser;
use meadow_game::command_line::Arguments;

fn main() -> ExitCode {
    match meadow_game::run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The reader closed the pipe, as in `meadow --headless | head`, which is not a failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
