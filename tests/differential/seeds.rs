//! Which seeds are run, and by whom.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// `TINKERBOX_SEED=N` asks for one, `TINKERBOX_SEEDS=N` for so many.
pub fn wanted(default: u64) -> Range<u64> {
    match (number("TINKERBOX_SEED"), number("TINKERBOX_SEEDS")) {
        (Some(one), _) => one..one + 1,
        (None, count) => 0..count.unwrap_or(default),
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

/// Runs seeds on all cores. Threads have stacks on which deep recursion is the module's to end.
pub fn each(seeds: Range<u64>, check: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            check(seed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, |cores| cores.get()) {
            let worker = thread::Builder::new().stack_size(64 << 20);
            worker.spawn_scoped(scope, work).expect("a thread can be started");
        }
    });
}
