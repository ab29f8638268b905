//! The time to compile the largest programs, metered and not, with both engines, on one thread.

use anyhow::{Context, Result};

use crate::library::Wasm;
use crate::rounds::{Work, interleaved, mean, median_of, ratio};
use crate::table::{Target, row};
use crate::{ours, theirs};

/// The number of programs.
const LARGEST: usize = 6;

/// Prints the compiler's table.
pub fn measure(programs: &[Wasm], rounds: usize) -> Result<()> {
    println!("Compiling the largest on one thread: medians of {rounds} rounds\n");
    let titles = ["KB", "plain ms", "metered/plain", "wasmtime's m/p", "m/wasmtime m"];
    row("program", &titles.map(str::to_string));
    let mut largest: Vec<&Wasm> = programs.iter().collect();
    largest.sort_by_key(|program| (usize::MAX - program.bytes.len(), &program.name));
    let mut ratios = Vec::new();
    for program in largest.into_iter().take(LARGEST) {
        ratios.push(measure_one(program, rounds).with_context(|| format!("the program {}", program.name))?);
    }
    println!();
    Target { what: "metered over plain, geometric mean", most: 1.2 }.print(mean(ratios.into_iter()));
    println!();
    Ok(())
}

fn measure_one(program: &Wasm, rounds: usize) -> Result<f64> {
    let wasm = &program.bytes;
    let mut work: [Work; 4] = [
        ours::both::compilation(wasm, false)?,
        ours::both::compilation(wasm, true)?,
        theirs::both::compilation(wasm, false)?,
        theirs::both::compilation(wasm, true)?,
    ];
    let times = interleaved::<4>(rounds, |which| work[which]())?;
    let cells = [ratio(&times, 1, 0), ratio(&times, 3, 2), ratio(&times, 1, 3)];
    let mut row_cells = vec![(wasm.len() / 1024).to_string(), format!("{:.1}", median_of(&times, 0) * 1e3)];
    row_cells.extend(cells.map(|ratio| format!("{ratio:.3}")));
    row(&program.name, &row_cells);
    Ok(cells[0])
}
