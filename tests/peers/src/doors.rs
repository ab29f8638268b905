//! Crossings between host and guest: calls in and out, suspensions, stores. With both engines.

use anyhow::Result;

use crate::rounds::{Work, interleaved, median_of, ratio};
use crate::table::row;
use crate::{ours, theirs};

/// The number of repetitions in one measurement.
const OFTEN: u32 = 20_000;
/// Stores take longer.
const LESS_OFTEN: u32 = 500;

/// Runs without end, and uses one unit of fuel in each round.
const SPIN: &str = r#"(module (func (export "spin") (loop (br 0))))"#;
/// The fuel until it is suspended.
const SLICE: u64 = 10;

/// Prints the table of crossings.
pub fn measure(rounds: usize) -> Result<()> {
    println!("Doors, metered: medians of {rounds} rounds, of many calls each\n");
    let titles = ["ours ns", "wasmtime ns", "ratio", "at most"];
    row("door", &titles.map(str::to_string));
    let door = |name, most, times, ours: Work, theirs: Work| one(name, most, times, [ours, theirs], rounds);
    for (name, refuel) in [("host to guest", false), ("  with refuel", true)] {
        let (ours, theirs) =
            (ours::both::typed_calls(refuel, OFTEN)?, theirs::both::typed_calls(refuel, OFTEN)?);
        door(name, 0.5, OFTEN, ours, theirs)?;
    }
    for (name, export, most) in [("guest to host", "call empty", 1.0), ("  64 bytes read", "call read", 0.2)]
    {
        let (ours, theirs) =
            (ours::both::guest_loop(export, OFTEN)?, theirs::both::guest_loop(export, OFTEN)?);
        door(name, most, OFTEN, ours, theirs)?;
    }
    let (ours, theirs) = (ours::suspensions(SPIN, SLICE, OFTEN)?, theirs::suspensions(SPIN, SLICE, OFTEN)?);
    door("suspend, resume", 0.5, OFTEN, ours, theirs)?;
    for (name, call) in [("store, drop", false), ("  with a call", true)] {
        let (ours, theirs) = (ours::both::stores(call, LESS_OFTEN)?, theirs::both::stores(call, LESS_OFTEN)?);
        door(name, 0.8, LESS_OFTEN, ours, theirs)?;
    }
    println!();
    Ok(())
}

fn one(name: &str, most: f64, of: u32, mut work: [Work; 2], rounds: usize) -> Result<()> {
    let times = interleaved::<2>(rounds, |which| work[which]())?;
    let ns = |column| format!("{:.1}", median_of(&times, column) * 1e9 / f64::from(of));
    let ratio = ratio(&times, 0, 1);
    let verdict = format!("{most:.2} {}", if ratio <= most { "reached" } else { "missed" });
    row(name, &[ns(0), ns(1), format!("{ratio:.3}"), verdict]);
    Ok(())
}
