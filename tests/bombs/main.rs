//! Compile bombs: small modules made to cost their host minutes or gigabytes. Each must be refused with an error
//! that names the limit, or compile.
//!
//! As tests, the bombs are not timed, and slow ones are made smaller. `TINKERBOX_BOMBS=all cargo test --release -p
//! tinkerbox-tests --test bombs` prints, without a verdict, the time and memory that each takes at full size; instead
//! of `all`, give a part of a name. Each is then compiled in a process of its own. Nothing here knows the runtime's
//! insides.

#![forbid(unsafe_code)]

mod function;
mod measure;
mod module;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tinkerbox_wasm::{Config, Engine, InvalidModule, Module};

/// A module that is made to be expensive.
struct Bomb {
    name: &'static str,
    /// Makes the bytes for a size.
    build: fn(u32) -> Vec<u8>,
    /// The size that is measured: the maximum that limits admit, or the size named in the issue.
    size: u32,
    /// The size that is tested.
    tested: u32,
    outcome: Outcome,
}

/// The expected outcome of a bomb, at both sizes.
#[derive(Clone, Copy)]
enum Outcome {
    Compiles,
    /// The error contains these words.
    Refused(&'static str),
}

fn bombs() -> impl Iterator<Item = &'static Bomb> {
    function::BOMBS.iter().chain(module::BOMBS)
}

fn main() -> ExitCode {
    if let Ok(name) = std::env::var(measure::CHILD) {
        measure::child(&name);
        return ExitCode::SUCCESS;
    }
    if let Ok(part) = std::env::var("TINKERBOX_BOMBS") {
        measure::all(if part == "all" { "" } else { &part });
        return ExitCode::SUCCESS;
    }
    let trials = bombs().map(|bomb| Trial::test(bomb.name, || bomb.check())).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

impl Bomb {
    fn check(&self) -> Result<(), Failed> {
        let found = compile(&(self.build)(self.tested));
        match (self.outcome, found) {
            (Outcome::Compiles, Ok(_)) => Ok(()),
            (Outcome::Refused(words), Err(error)) => {
                let message = error.downcast::<InvalidModule>()?.message().to_string();
                if message.contains(words) { Ok(()) } else { Err(format!("refused for: {message}").into()) }
            }
            (Outcome::Compiles, Err(error)) => Err(error.into()),
            (Outcome::Refused(words), Ok(_)) => Err(format!("compiled, and not refused for: {words}").into()),
        }
    }
}

/// Compiles with the settings for mods: fuel and canonical NaNs.
fn compile(bytes: &[u8]) -> tinkerbox_wasm::Result<Module> {
    let engine = Engine::new(Config::new().consume_fuel(true).cranelift_nan_canonicalization(true))?;
    Module::new(&engine, bytes)
}
