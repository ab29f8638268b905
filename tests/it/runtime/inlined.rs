//! Small functions are inlined where they are called by name, without an observable difference: called through a
//! table, the same functions have the same results, stop at the same places, and cost the same but for the table's
//! index.

use super::engine;
use tinkerbox_wasm::*;

/// Bodies of `(func (param i32 i32) (result i32) (local i32 i64 f32 f64))`. The first parameter counts down from 3.
const LEAVES: [&str; 15] = [
    "(i32.sub (local.get 0) (local.get 1))",
    "(local.set 2 (i32.add (local.get 2) (i32.const 5))) (local.get 2)",
    "(local.set 3 (i64.add (local.get 3) (i64.const 5))) (i32.wrap_i64 (local.get 3))",
    "(local.set 5 (f64.add (local.get 5) (f64.const 1.5)))
     (local.set 4 (f32.sub (local.get 4) (f32.const 2)))
     (i32.sub (i32.trunc_f64_s (local.get 5)) (i32.trunc_f32_s (local.get 4)))",
    "(if (result i32) (local.get 1) (then (i32.const 10)) (else (i32.add (local.get 0) (i32.const 1))))",
    "(if (local.get 1) (then (return (i32.const 10)))) (local.get 0)",
    "(block (br_if 1 (i32.const 7) (i32.eqz (local.get 0))) drop) (i32.const 8)",
    "(block (block (br_if 1 (local.get 1)) (br_if 0 (local.get 0)) (return (i32.const 2)))
            (return (i32.const 3)))
     (i32.const 4)",
    "(i32.div_s (i32.const 100) (i32.sub (local.get 0) (i32.const 2)))",
    "(i32.load offset=65533 (local.get 0))",
    "(i32.add (local.get 1) (i32.load (i32.mul (local.get 0) (i32.const 30000))))",
    "(i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0))) (i32.load (i32.const 8))",
    "(if (i32.eq (local.get 0) (i32.const 2)) (then unreachable)) (local.tee 1 (local.get 0))",
    "unreachable",
    "(return (i32.const 1))",
];

fn module(leaf: &str) -> String {
    let index = "(i32.const 0)";
    let caller = |name: &str, call: &str, index: &str| {
        format!(
            r#"(func ${name} (export "{name}") (param i32 i32) (result i32) (local i32)
                (loop
                    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                    (local.set 2 (i32.add
                        (i32.mul (local.get 2) (i32.const 31))
                        ({call} (local.get 0) (local.get 1) {index})))
                    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                (i32.add (local.get 2) (i32.xor ({call} (i32.const 3) (i32.const 0) {index}) (i32.const 5))))"#
        )
    };
    format!(
        r#"(module
            (type $leaf (func (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (global $calls (export "calls") (mut i32) (i32.const 0))
            (table funcref (elem $leaf))
            (func $leaf (type $leaf) (local i32 i64 f32 f64) {leaf})
            {} {})"#,
        caller("direct", "call $leaf", ""),
        caller("indirect", "call_indirect (type $leaf)", index)
    )
}

/// The outcome of a run: its result or trap, the functions it stopped in, the calls it had made, and its fuel.
#[derive(Debug, PartialEq)]
struct Run {
    end: Result<i32, Trap>,
    frames: Vec<(String, Option<usize>)>,
    calls: i32,
    fuel: u64,
}

fn run(module: &Module, name: &str, argument: i32, fuel: u64) -> Result<Run> {
    let mut store = Store::new(module.engine(), ());
    store.set_fuel(fuel)?;
    let instance = Instance::new(&mut store, module, &[])?;
    let func = instance.get_typed_func::<(i32, i32), i32>(&mut store, name)?;
    let end = func.call(&mut store, (3, argument));
    let mut frames = Vec::new();
    if let Err(error) = &end {
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace is attached");
        frames.extend(backtrace.frames().iter().map(|frame| {
            let name = frame.func_name().unwrap_or_default();
            let own = (name == "leaf").then(|| frame.module_offset()).flatten();
            (if name == "leaf" { "leaf" } else { "caller" }.to_string(), own)
        }));
    }
    let calls = instance.get_global(&mut store, "calls").expect("it is exported").get(&mut store);
    Ok(Run {
        end: end.map_err(|error| *error.downcast_ref::<Trap>().expect("only traps end it")),
        frames,
        calls: calls.unwrap_i32(),
        fuel: store.fuel_consumed().expect("fuel is counted"),
    })
}

#[test]
fn nobody_can_tell() -> Result<()> {
    for signals in [true, false] {
        let engine = engine(|config| {
            config.signals_based_traps(signals);
        });
        for leaf in LEAVES {
            let module = Module::new(&engine, module(leaf))?;
            for argument in [0, 1, -7] {
                let direct = run(&module, "direct", argument, 10_000)?;
                let indirect = run(&module, "indirect", argument, 10_000)?;
                assert_eq!(direct.fuel + direct.calls as u64, indirect.fuel, "{leaf} with {argument}: fuel");
                assert_eq!(Run { fuel: 0, ..direct }, Run { fuel: 0, ..indirect }, "{leaf} with {argument}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_fuel_of_a_leaf_runs_out_where_it_is_called() -> Result<()> {
    let engine = engine(|_| {});
    for leaf in LEAVES {
        let module = Module::new(&engine, module(leaf))?;
        let whole = run(&module, "direct", 1, 10_000)?;
        for fuel in 0..whole.fuel {
            let cut = run(&module, "direct", 1, fuel)?;
            assert_eq!(cut.end, Err(Trap::OutOfFuel), "{leaf} with {fuel}");
            assert!(cut.fuel <= fuel, "{leaf} with {fuel}");
        }
        if whole.end.is_ok() {
            assert_eq!(run(&module, "direct", 1, whole.fuel)?.end, whole.end, "{leaf} with all");
        }
    }
    Ok(())
}
