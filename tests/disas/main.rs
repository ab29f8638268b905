//! Small functions as Cranelift's representation and as machine code, so that a change shows in a diff.
//!
//! ```text
//! *.wat ─┬─ `;;!` on top: what is shown, and with which settings
//!        ├─ the module ──> Module ──> shown (CLIF, instructions) ─┐
//!        └─ `;;` at the end: what is expected <── compared ───────┘
//! ```
//!
//! Each file is a test of its own. `BLESS=1 cargo test -p tinkerbox-tests --test disas` rewrites the expectations, to
//! be reviewed in the diff: the reviewer decides whether the change is an improvement; no output is right or wrong by
//! itself. Instructions are x86-64's, and depend on the machine that compiles: so files that show them avoid
//! operators for which newer processors have better instructions (floats, shifts, counted bits). Knows the public API
//! only.

#![forbid(unsafe_code)]

mod input;
mod instructions;
mod shown;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use input::Input;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = if cfg!(target_arch = "x86_64") { input::all() } else { Vec::new() };
    let trials = trials.into_iter().map(|input| Trial::test(input.name(), move || check(&input)));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn check(input: &Input) -> Result<(), Failed> {
    let found = shown::shown(input)?;
    if std::env::var_os("BLESS").is_some() {
        return Ok(input.expect(&found)?);
    }
    let difference = input.difference(&found);
    difference.map_or(Ok(()), |difference| {
        let name = input.name();
        Err(format!("{name}: {difference}\nIf this is meant, run again with BLESS=1 and read the diff")
            .into())
    })
}
