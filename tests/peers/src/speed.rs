//! The speed of the programs: metered and not, with both engines. Each must compute the same result everywhere, and
//! use the same fuel with both.

use anyhow::{Context, Result, bail, ensure};

use crate::library::Wasm;
use crate::rounds::{Times, interleaved, mean, median_of, ratio, seconds};
use crate::table::{Target, row};
use crate::{ours, theirs};

/// An instance of a program, called with the number of repetitions.
pub type Run = Box<dyn FnMut(i32) -> Result<Outcome>>;

/// The result of a call of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub checksum: i64,
    /// 0 without metering.
    pub fuel: u64,
}

/// The approximate duration of a run of a program.
const SECONDS: f64 = 0.006;

const PLAIN: usize = 0;
const METERED: usize = 1;
const THEIRS_PLAIN: usize = 2;
const THEIRS_METERED: usize = 3;
const NAMES: [&str; 4] = ["ours", "ours, metered", "wasmtime", "wasmtime, metered"];

/// A program's entry in the table.
struct Line {
    metered_to_plain: f64,
    metered_to_metered: f64,
    metered_to_their_plain: f64,
    plain_to_plain: f64,
}

/// Prints the table of programs.
pub fn measure(programs: &[Wasm], rounds: usize, fresh: usize) -> Result<()> {
    println!("Programs: medians of {} rounds, {fresh} instances of each\n", rounds * fresh);
    let titles = ["plain ms", "metered/plain", "m/wasmtime m", "m/wasmtime plain", "plain/plain", "fuel"];
    row("program", &titles.map(str::to_string));
    let mut lines = Vec::new();
    for program in programs {
        let named = || format!("the program {}", program.name);
        lines.push(measure_one(program, rounds, fresh).with_context(named)?);
    }
    println!();
    let of = |ratio: fn(&Line) -> f64| lines.iter().map(ratio);
    let worst = of(|line| line.metered_to_plain).fold(0.0, f64::max);
    Target { what: "metered over plain, geometric mean", most: 1.05 }
        .print(mean(of(|line| line.metered_to_plain)));
    Target { what: "the worst", most: 1.3 }.print(worst);
    Target { what: "metered over wasmtime's metered", most: 0.85 }
        .print(mean(of(|line| line.metered_to_metered)));
    Target { what: "metered over wasmtime's plain", most: 1.05 }
        .print(mean(of(|line| line.metered_to_their_plain)));
    println!("  {:<40} {:>6.3}\n", "plain over wasmtime's plain", mean(of(|line| line.plain_to_plain)));
    Ok(())
}

fn measure_one(program: &Wasm, rounds: usize, fresh: usize) -> Result<Line> {
    let ours = [false, true].map(|metered| ours::both::Program::new(&program.bytes, metered));
    let theirs = [false, true].map(|metered| theirs::both::Program::new(&program.bytes, metered));
    let ([plain, metered], [their_plain, their_metered]) = (ours, theirs);
    let (plain, metered, their_plain, their_metered) = (plain?, metered?, their_plain?, their_metered?);
    let n = times_to_work(plain.instance()?)?;
    let mut times: Times<4> = Vec::new();
    let mut fuel = 0;
    for _ in 0..fresh {
        let mut runs =
            [plain.instance()?, metered.instance()?, their_plain.instance()?, their_metered.instance()?];
        let mut outcomes = [None; 4];
        times.extend(interleaved::<4>(rounds, |which| {
            // No run of a program affects a later one, except that its input is made once: in the round that is not
            // counted.
            let outcome = runs[which](n)?;
            outcomes[which] = Some(outcome);
            Ok(())
        })?);
        fuel = agreed(&outcomes.map(|outcome| outcome.expect("each has run")))?;
    }
    let line = Line {
        metered_to_plain: ratio(&times, METERED, PLAIN),
        metered_to_metered: ratio(&times, METERED, THEIRS_METERED),
        metered_to_their_plain: ratio(&times, METERED, THEIRS_PLAIN),
        plain_to_plain: ratio(&times, PLAIN, THEIRS_PLAIN),
    };
    let ratios =
        [line.metered_to_plain, line.metered_to_metered, line.metered_to_their_plain, line.plain_to_plain];
    let mut cells = vec![format!("{:.2}", median_of(&times, PLAIN) * 1e3)];
    cells.extend(ratios.map(|ratio| format!("{ratio:.3}")));
    cells.push(fuel.to_string());
    row(&program.name, &cells);
    Ok(line)
}

/// The number of repetitions that make a run long enough to be measured: a power of two, so that it is the same on
/// most machines.
fn times_to_work(mut run: Run) -> Result<i32> {
    run(1)?;
    for n in (0..20).map(|power| 1 << power) {
        if seconds(|| run(n).map(drop))? > SECONDS {
            return Ok(n);
        }
    }
    bail!("it does almost nothing: give it more to do")
}

/// Checks that all computed the same and used the same fuel, and returns the fuel.
fn agreed(outcomes: &[Outcome; 4]) -> Result<u64> {
    let checksum = outcomes[PLAIN].checksum;
    for (name, outcome) in NAMES.iter().zip(outcomes) {
        ensure!(
            outcome.checksum == checksum,
            "{name} computes {:#x}, {} {checksum:#x}: one of them is wrong",
            outcome.checksum,
            NAMES[PLAIN]
        );
    }
    let (fuel, theirs) = (outcomes[METERED].fuel, outcomes[THEIRS_METERED].fuel);
    ensure!(
        fuel == theirs,
        "it costs {fuel} units of fuel here and {theirs} on wasmtime: compare the prices"
    );
    Ok(fuel)
}
