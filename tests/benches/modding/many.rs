//! 10,000 mods with an empty system, on one thread; a plain loop over the same number of functions is the control.
//!
//! Each mod has its own WebAssembly, so that they share no more than mods of different authors would.

use std::hint::black_box;

use criterion::{Criterion, Throughput};

use super::worlds::{manifest, modded, wasm};

const MODS: usize = 10_000;

pub fn bench(criterion: &mut Criterion) {
    let mods: Vec<_> = (0..MODS).map(empty).collect();
    let mut world = modded(&mods);
    let mut group = criterion.benchmark_group("10,000 empty mods");
    group.throughput(Throughput::Elements(MODS as u64));
    group.bench_function("a frame", |bencher| bencher.iter(|| world.app.update()));
    let mut functions: Vec<Native> = (0..MODS).map(|_| Native { calls: 0, run: nothing }).collect();
    group.bench_function("control: a plain loop", |bencher| {
        bencher.iter(|| {
            for native in black_box(&mut functions) {
                (native.run)(native);
            }
        });
    });
}

fn empty(number: usize) -> (String, Vec<u8>) {
    let text = format!(
        r#"(module (memory (export "memory") 1) (global i32 (i32.const {number})) (func (export "sys_run")))"#
    );
    (
        manifest(&format!("m{number}"), "[budget]\nmemory = \"64 KiB\"\n[[system]]\nname = \"run\"\n"),
        wasm(&text),
    )
}

/// The function that a game would call instead of a mod.
struct Native {
    calls: u64,
    run: fn(&mut Native),
}

#[inline(never)]
fn nothing(native: &mut Native) {
    native.calls += 1;
}
