//! One mod in an endless loop beside 99 good ones: a frame takes longer by the loop's budget, and no more.

use criterion::Criterion;

use super::worlds::{manifest, modded, wasm};

const GOOD: usize = 99;
const FUEL: u64 = 100_000;

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("99 good mods");
    let good: Vec<_> = (0..GOOD).map(|number| worker(number, 1_000)).collect();
    let mut alone = modded(&good);
    group.bench_function("alone", |bencher| bencher.iter(|| alone.app.update()));
    // The cost of the budget: a mod that uses all of it and returns.
    let with = |other| [&good[..], &[other]].concat();
    let mut beside = modded(&with(worker(GOOD, FUEL / 6)));
    group.bench_function("beside one that uses its budget", |bencher| bencher.iter(|| beside.app.update()));
    // It is aborted after 60 frames and restarts after a rest: both are part of its cost.
    let mut beside = modded(&with(endless()));
    group.bench_function("beside an endless loop", |bencher| {
        bencher.iter(|| {
            let mut time = beside.app.world_mut().resource_mut::<tinkerbox::ModTime>();
            // Far enough apart for faults not to lead to quarantine.
            time.tick += 1_000;
            beside.app.update();
        });
    });
}

fn budget() -> String {
    format!("[budget]\nfuel = {FUEL}\nburst = {FUEL}\nmemory = \"64 KiB\"\n[[system]]\nname = \"run\"\n")
}

/// A mod that runs n rounds of a loop of six operators.
fn worker(number: usize, rounds: u64) -> (String, Vec<u8>) {
    (
        manifest(&format!("good{number}"), &budget()),
        wasm(&counting(rounds, "(br_if $again (local.get $left))")),
    )
}

/// The same loop without an exit.
fn endless() -> (String, Vec<u8>) {
    (manifest("endless", &budget()), wasm(&counting(1, "(drop (local.get $left)) (br $again)")))
}

fn counting(rounds: u64, go_on: &str) -> String {
    format!(
        r#"(module (memory (export "memory") 1) (func (export "sys_run") (local $left i32)
            (local.set $left (i32.const {rounds}))
            (loop $again
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                {go_on})))"#
    )
}
