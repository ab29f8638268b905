//! The host's time for one unit of fuel, for mods that make it work as much as they can.
//!
//! `cargo bench -p tinkerbox-tests --bench unpaid` runs every mod of `tests/unpaid` with three budgets, prints
//! nanoseconds for a unit, and fails if one of them exceeds the bound that the guide states. Words after `--` select
//! mods by name, numbers select budgets.

#![expect(clippy::unwrap_used, reason = "it shares its games with the behaviour tests")]

#[expect(dead_code, reason = "the behaviour tests use more of them")]
mod modding;
#[expect(dead_code, reason = "what they have to be charged is for the behaviour tests")]
#[path = "../../unpaid/mod.rs"]
mod unpaid;

use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use modding::games::game::{Game, plain};
use modding::games::wider_game::wider_game;
use tinkerbox::ModReportKind;
use unpaid::{Miser, misers, populate, ring};

/// The bound, in nanoseconds for a unit: see `engine/modding/src/prices.rs`.
const BOUND: f64 = 20.0;
const ENTITIES: usize = 100_000;
const BUDGETS: [u64; 3] = [100_000, 1_000_000, 25_000_000];

/// The duration of a measurement, and its number of frames.
const MEASURED: Duration = Duration::from_millis(100);
const FRAMES_MAX: u32 = 700;

fn main() -> ExitCode {
    let words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let (numbers, words): (Vec<String>, Vec<String>) = words.partition(|word| word.parse::<u64>().is_ok());
    let idle = frame_of_idle_game();
    println!(
        "a frame without it: {idle:.2?}\n{:>9} {:>9} {:>9} ms {:>9} ns/unit",
        "budget", "frames", "longest", ""
    );
    let mut above = Vec::new();
    for miser in misers(ENTITIES) {
        if !words.is_empty() && !words.iter().any(|word| miser.name.contains(word)) {
            continue;
        }
        for budget in BUDGETS {
            if !numbers.is_empty() && !numbers.contains(&budget.to_string()) {
                continue;
            }
            let ns = measure(&miser, budget, idle);
            if ns > BOUND {
                above.push(format!("{} at {budget}: {ns:.1}", miser.name));
            }
        }
    }
    println!("\nabove {BOUND} ns for a unit: {}\n{}", above.len(), above.join("\n"));
    if above.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The time of a frame without such a mod.
fn frame_of_idle_game() -> Duration {
    let mut game = wider_game(&[("idle", &plain("idle", ""))]);
    populate(&mut game, ENTITIES);
    (0..5).for_each(|_| game.frame());
    let start = worked();
    (0..200).for_each(|_| {
        ring(&mut game);
        game.frame();
    });
    (worked() - start) / 200
}

/// Prints and returns nanoseconds for each unit that the mod was charged.
fn measure(miser: &Miser, budget: u64, idle: Duration) -> f64 {
    let mut game = wider_game(&[("miser", &miser.text(budget, -1))]);
    populate(&mut game, ENTITIES);
    // Loads the mod, which then prepares itself.
    frames(&mut game, 20);
    let refused = game.reports("miser", ModReportKind::Refused);
    assert!(refused.is_empty(), "{}: {refused:?}", miser.name);
    let before = game.stats("miser").fuel_total;
    let (mut count, mut all, mut longest) = (0, Duration::ZERO, Duration::ZERO);
    while count < 5 || count < FRAMES_MAX && all < MEASURED {
        let start = worked();
        frames(&mut game, 1);
        let took = worked() - start;
        (count, all, longest) = (count + 1, all + took, longest.max(took));
    }
    let used = (game.stats("miser").fuel_total - before).max(1);
    let ns = all.saturating_sub(idle * count).as_nanos() as f64 / used as f64;
    println!(
        "{budget:>9} {count:>9} {:>9.1}    {ns:>9.2}         {}",
        longest.as_secs_f64() * 1e3,
        miser.name
    );
    ns
}

/// The time that this thread has worked so far. Other processes do not count, if the system can tell them apart.
fn worked() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    told.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn frames(game: &mut Game, count: usize) {
    for _ in 0..count {
        ring(game);
        game.frame();
    }
}
