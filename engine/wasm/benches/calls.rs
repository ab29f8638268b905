//! How long guest code takes that does little but call: each call counts what it takes of the stack. Compare what was
//! measured in one run: `cargo bench -p tinkerbox-wasm --bench calls`. Knows the public API only.

#![forbid(unsafe_code)]

use std::hint::black_box;

use criterion::Criterion;
use tinkerbox_wasm::*;

/// Recursion, plain and in turn; through a table; with more parameters than registers; a tree that is built in memory;
/// and calls of a function that calls nothing and is too large to be inlined.
const CALLS: &str = r#"(module
    (memory 1)
    (type $binary (func (param i32 i32) (result i32)))
    (table funcref (elem $add $sub $add $sub))
    (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
    (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
    (func $fib (export "fib") (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add
                (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func $ackermann (export "ackermann") (param i32) (result i32)
        (call $ack (i32.const 2) (local.get 0)))
    (func $ack (param i32 i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0))
            (then (i32.add (local.get 1) (i32.const 1)))
            (else (call $ack (i32.sub (local.get 0) (i32.const 1))
                (if (result i32) (i32.eqz (local.get 1))
                    (then (i32.const 1))
                    (else (call $ack (local.get 0) (i32.sub (local.get 1) (i32.const 1)))))))))
    (func $even (export "even") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
    (func $odd (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
    (func (export "table") (param i32) (result i32) (local $sum i32)
        (loop $l
            (local.set $sum (call_indirect (type $binary)
                (local.get $sum) (local.get 0) (i32.and (local.get 0) (i32.const 3))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum))
    (func $wide (export "wide") (param i32) (result i32)
        (call $wider (local.get 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)))
    (func $wider (param i32 i32 i32 i32 i32 i32 i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (local.get 6) (call $wider (i32.sub (local.get 0) (i32.const 1)) (local.get 6)
                (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5))))
            (else (local.get 1))))
    (func $mix (param i32) (result i32) (local $n i32)
        (loop $l
            (local.set 0 (i32.xor (local.get 0) (i32.shl (local.get 0) (i32.const 5))))
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3))))
        (local.get 0))
    (func (export "leaves") (param i32) (result i32) (local $sum i32)
        (loop $l
            (local.set $sum (call $mix (i32.add (local.get $sum) (local.get 0))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum))
    (func $sort (param $from i32) (param $to i32) (local $i i32) (local $j i32) (local $pivot i32) (local $x i32)
        (if (i32.ge_s (local.get $from) (local.get $to)) (then (return)))
        (local.set $pivot (i32.load (local.get $to)))
        (local.set $i (local.get $from))
        (local.set $j (local.get $from))
        (loop $l
            (if (i32.lt_s (local.tee $x (i32.load (local.get $j))) (local.get $pivot))
                (then
                    (i32.store (local.get $j) (i32.load (local.get $i)))
                    (i32.store (local.get $i) (local.get $x))
                    (local.set $i (i32.add (local.get $i) (i32.const 4)))))
            (br_if $l (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 4))) (local.get $to))))
        (i32.store (local.get $to) (i32.load (local.get $i)))
        (i32.store (local.get $i) (local.get $pivot))
        (call $sort (local.get $from) (i32.sub (local.get $i) (i32.const 4)))
        (call $sort (i32.add (local.get $i) (i32.const 4)) (local.get $to)))
    (func (export "sort") (param $n i32) (result i32) (local $at i32) (local $x i32)
        (local.set $x (i32.const 12345))
        (loop $l
            (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1103515245)) (i32.const 12345)))
            (i32.store (i32.shl (local.get $at) (i32.const 2)) (i32.shr_u (local.get $x) (i32.const 3)))
            (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $n))))
        (call $sort (i32.const 0) (i32.shl (i32.sub (local.get $n) (i32.const 1)) (i32.const 2)))
        (i32.load (i32.const 40))))"#;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let engine = Engine::new(Config::new().consume_fuel(true).max_wasm_stack(4 << 20))?;
    let module = Module::new(&engine, CALLS)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(u64::MAX)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    for (name, n) in [
        ("fib", 24),
        ("ackermann", 90),
        ("even", 8_000),
        ("table", 10_000),
        ("wide", 8_000),
        ("leaves", 10_000),
        ("sort", 10_000),
    ] {
        let run = instance.get_typed_func::<i32, i32>(&mut store, name)?;
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| run.call(&mut store, black_box(n)).expect("it returns"));
        });
    }
    criterion.final_summary();
    Ok(())
}
