//! The seeds to run, and the threads that run them.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// `TINKERBOX_SEED=N` asks for one seed, `TINKERBOX_SEEDS=N` for N of them, `TINKERBOX_SEEDS=M..N` for a range.
pub fn wanted(default: u64) -> Range<u64> {
    if let Some(one) = variable("TINKERBOX_SEED") {
        let one = number(&one);
        return one..one + 1;
    }
    let Some(seeds) = variable("TINKERBOX_SEEDS") else { return 0..default };
    match seeds.split_once("..") {
        Some((start, end)) => number(start)..number(end),
        None => 0..number(&seeds),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("not a number of seeds: {text}"))
}

/// Runs seeds on all cores. The threads' stacks are large, so that only the module's limit ends deep recursion.
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
