//! Runs real programs here and on wasmtime, side by side in one process, and reports the speed of both. Entry of the
//! runner: build the programs, then run the requested measurements. Knows neither engine's internals.

#![forbid(unsafe_code)]

mod compiled;
mod doors;
mod library;
mod ours;
mod programs;
mod rounds;
mod speed;
mod table;
mod theirs;

use anyhow::{Context, Result, bail};
use rustix::thread::{CpuSet, sched_getcpu, sched_setaffinity};

const USAGE: &str =
    "cargo run --release -- [programs|compile|doors|all] [part of a program's name]... [options]
  --rounds N   how often each instance of a program is measured (9)
  --fresh N    how many instances of a program are measured, and how often it is compiled (5)
  --keep       do not build the programs again";

/// The task, from the command line.
struct Options {
    what: String,
    names: Vec<String>,
    rounds: usize,
    fresh: usize,
    keep: bool,
}

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let programs = library::build(&options.names, options.keep)?;
    stay_on_one_processor()?;
    let (all, what) = (options.what == "all", &options.what[..]);
    if all || what == "programs" {
        speed::measure(&programs, options.rounds, options.fresh)?;
    }
    if all || what == "compile" {
        compiled::measure(&programs, options.fresh)?;
    }
    if all || what == "doors" {
        doors::measure(options.rounds * options.fresh)?;
    }
    Ok(())
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Options> {
        let what = "programs".to_string();
        let mut options = Options { what, names: Vec::new(), rounds: 9, fresh: 5, keep: false };
        while let Some(argument) = arguments.next() {
            let mut number = || -> Result<usize> {
                let next = arguments.next().with_context(|| format!("{argument} needs a number\n{USAGE}"))?;
                next.parse().with_context(|| format!("{argument} {next}: a number is needed"))
            };
            match &argument[..] {
                "--rounds" => options.rounds = number()?.max(1),
                "--fresh" => options.fresh = number()?.max(1),
                "--keep" => options.keep = true,
                "--help" => {
                    println!("{USAGE}");
                    std::process::exit(0);
                }
                "programs" | "compile" | "doors" | "all" => options.what = argument,
                other if other.starts_with('-') => bail!("{other} is not known\n{USAGE}"),
                _ => options.names.push(argument),
            }
        }
        Ok(options)
    }
}

/// Keeps to one processor: they differ in their other work and in their caches.
fn stay_on_one_processor() -> Result<()> {
    let mut only = CpuSet::new();
    only.set(sched_getcpu());
    sched_setaffinity(None, &only).context("cannot stay on this processor")
}
