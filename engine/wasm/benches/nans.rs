//! What canonical NaNs cost: the same code with the setting and without it. Compare what was measured in one run:
//! `cargo bench -p tinkerbox-wasm --bench nans`. Knows the public API only.

#![forbid(unsafe_code)]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use tinkerbox_wasm::*;

/// Five bodies of seven doubles (place, speed, mass) that draw each other, as compilers write it: what changes in
/// the inner loop is in locals, the rest in memory. Much arithmetic for each store.
const BODIES: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "run") (param $steps i32)
        (local $i i32) (local $j i32)
        (local $dx f64) (local $dy f64) (local $dz f64) (local $d f64) (local $m f64)
        (local $vx f64) (local $vy f64) (local $vz f64)
        (loop $step
            (local.set $i (i32.const 0))
            (loop $body
                (local.set $vx (f64.load offset=24 (local.get $i)))
                (local.set $vy (f64.load offset=32 (local.get $i)))
                (local.set $vz (f64.load offset=40 (local.get $i)))
                (local.set $j (i32.add (local.get $i) (i32.const 56)))
                (block $last (loop $other
                    (br_if $last (i32.ge_u (local.get $j) (i32.const 280)))
                    (local.set $dx (f64.sub (f64.load (local.get $i)) (f64.load (local.get $j))))
                    (local.set $dy (f64.sub (f64.load offset=8 (local.get $i)) (f64.load offset=8 (local.get $j))))
                    (local.set $dz (f64.sub (f64.load offset=16 (local.get $i)) (f64.load offset=16 (local.get $j))))
                    (local.set $d (f64.add (f64.mul (local.get $dx) (local.get $dx)) (f64.add
                        (f64.mul (local.get $dy) (local.get $dy)) (f64.mul (local.get $dz) (local.get $dz)))))
                    (local.set $d (f64.div (f64.const 0.01) (f64.mul (local.get $d) (f64.sqrt (local.get $d)))))
                    (local.set $m (f64.mul (f64.load offset=48 (local.get $j)) (local.get $d)))
                    (local.set $vx (f64.sub (local.get $vx) (f64.mul (local.get $dx) (local.get $m))))
                    (local.set $vy (f64.sub (local.get $vy) (f64.mul (local.get $dy) (local.get $m))))
                    (local.set $vz (f64.sub (local.get $vz) (f64.mul (local.get $dz) (local.get $m))))
                    (local.set $m (f64.mul (f64.load offset=48 (local.get $i)) (local.get $d)))
                    (f64.store offset=24 (local.get $j)
                        (f64.add (f64.load offset=24 (local.get $j)) (f64.mul (local.get $dx) (local.get $m))))
                    (f64.store offset=32 (local.get $j)
                        (f64.add (f64.load offset=32 (local.get $j)) (f64.mul (local.get $dy) (local.get $m))))
                    (f64.store offset=40 (local.get $j)
                        (f64.add (f64.load offset=40 (local.get $j)) (f64.mul (local.get $dz) (local.get $m))))
                    (local.set $j (i32.add (local.get $j) (i32.const 56)))
                    (br $other)))
                (f64.store offset=24 (local.get $i) (local.get $vx))
                (f64.store offset=32 (local.get $i) (local.get $vy))
                (f64.store offset=40 (local.get $i) (local.get $vz))
                (f64.store (local.get $i)
                    (f64.add (f64.load (local.get $i)) (f64.mul (f64.const 0.01) (local.get $vx))))
                (f64.store offset=8 (local.get $i)
                    (f64.add (f64.load offset=8 (local.get $i)) (f64.mul (f64.const 0.01) (local.get $vy))))
                (f64.store offset=16 (local.get $i)
                    (f64.add (f64.load offset=16 (local.get $i)) (f64.mul (f64.const 0.01) (local.get $vz))))
                (br_if $body (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 56))) (i32.const 280))))
            (br_if $step (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))))"#;

/// A point iterated: arithmetic only.
const FRACTAL: &str = r#"(module
    (func (export "run") (param $steps i32) (local $x f64) (local $y f64) (local $t f64)
        (loop
            (local.set $t (f64.add (f64.const -0.1) (f64.sub
                (f64.mul (local.get $x) (local.get $x)) (f64.mul (local.get $y) (local.get $y)))))
            (local.set $y (f64.add (f64.const 0.6) (f64.mul (f64.const 2)
                (f64.mul (local.get $x) (local.get $y)))))
            (local.set $x (local.get $t))
            (br_if 0 (i32.and
                (f64.lt (f64.add (f64.mul (local.get $x) (local.get $x)) (f64.mul (local.get $y) (local.get $y)))
                    (f64.const 4))
                (i32.ne (local.tee $steps (i32.sub (local.get $steps) (i32.const 1))) (i32.const 0)))))))"#;

/// Places moved by speeds: two operators of arithmetic for each store, on floats or on lanes.
const MOVED: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "run") (param $steps i32) (local $at i32)
        (loop $step
            (local.set $at (i32.const 0))
            (loop $move
                (LOAD.store (local.get $at) (FLOATS.add (LOAD.load (local.get $at))
                    (FLOATS.mul (LOAD.load offset=8192 (local.get $at)) (BY))))
                (br_if $move (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (i32.const 8192))))
            (br_if $step (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))))"#;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let moved = |load, ty, step| MOVED.replace("LOAD", load).replace("FLOATS", ty).replace("BY", step);
    let kernels = [
        ("bodies", BODIES.to_string(), 1_000),
        ("fractal", FRACTAL.to_string(), 100_000),
        ("moved floats", moved("f32", "f32", "f32.const 0.5"), 100),
        ("moved lanes", moved("v128", "f32x4", "v128.const f32x4 0.5 0.5 0.5 0.5"), 100),
    ];
    for (name, text, steps) in kernels {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(steps));
        for (setting, canonical) in [("off", false), ("canonical", true)] {
            let engine =
                Engine::new(Config::new().consume_fuel(true).cranelift_nan_canonicalization(canonical))?;
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &Module::new(&engine, &text)?, &[])?;
            if let Some(memory) = instance.get_memory(&mut store, "memory") {
                for (at, float) in memory.data_mut(&mut store).chunks_exact_mut(8).take(35).enumerate() {
                    float.copy_from_slice(&(at as f64 * 1.7 % 5.0 + 0.5).to_le_bytes());
                }
            }
            let run = instance.get_typed_func::<u32, ()>(&mut store, "run")?;
            group.bench_function(setting, |bencher| {
                bencher.iter(|| {
                    store.set_fuel(u64::MAX).expect("fuel is counted");
                    run.call(black_box(&mut store), steps as u32).expect("it returns");
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}
