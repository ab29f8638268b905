//! Code that is longer than one charge, and recursion deeper than the stack.

use tinkerbox_wasm::Trap;

use super::{BETWEEN_CHECKS, Way, start, ways};
use crate::engines::machine::{Machine, Stop, Value};
use crate::engines::ours::{self, PLENTY};

const OUT_OF_FUEL: Result<Vec<Value>, Stop> = Err(Stop::Trap(Trap::OutOfFuel));

/// Runs a test in every way of compiling.
fn in_every_way(test: impl FnMut(&Way)) {
    ways().iter().for_each(test);
}

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the program can be read")
}

/// However long code is, checks are close together, and none asks for more than the code costs.
#[test]
fn long_straight_code() {
    const PAIRS: u64 = 2_000;
    let pairs = "(i32.add (i32.const 1))".repeat(PAIRS as usize);
    let text = format!("(module (func (export \"f\") (param i32) (result i32) (local.get 0) {pairs}))");
    let total = 2 + 2 * PAIRS;
    in_every_way(|way| {
        let module = way.compile(&wasm(&text));
        let mut stops = vec![0];
        for fuel in 0..=total {
            let mut ours = start(&way.engine, &module, fuel);
            let found = ours.call("f", &[Value::I32(5)]);
            assert!(ours.used() >= stops[stops.len() - 1] && ours.used() <= fuel, "given {fuel}");
            if ours.used() != stops[stops.len() - 1] {
                stops.push(ours.used());
            }
            let sum = Ok(vec![Value::I32(5 + PAIRS as i32)]);
            assert_eq!(found, if fuel < total { OUT_OF_FUEL } else { sum }, "given {fuel}");
        }
        assert_eq!(stops.last(), Some(&total));
        assert!(stops.windows(2).all(|pair| pair[1] - pair[0] < BETWEEN_CHECKS), "{stops:?}");
    });
}

/// Straight code that calls functions of constant cost, which could all be charged at once.
#[test]
fn long_code_of_calls() {
    const CALLS: u64 = 5_000;
    let calls = "(call $leaf)".repeat(CALLS as usize);
    let text = format!(
        "(module
        (global $count (export \"count\") (mut i32) (i32.const 0))
        (func $leaf (global.set $count (i32.add (global.get $count) (i32.const 1))))
        (func (export \"f\") (param i32) (result i32) {calls} (global.get $count)))"
    );
    // The call, the entry, and the four of the leaf.
    let total = 2 + 6 * CALLS;
    in_every_way(|way| {
        let module = way.compile(&wasm(&text));
        for fuel in (0..total).step_by(997).chain([total - 1, total]) {
            let mut ours = start(&way.engine, &module, fuel);
            let found = ours.call("f", &[Value::I32(5)]);
            let used = ours.used();
            let Value::I32(count) = ours.state().globals["count"] else { panic!("it is an integer") };
            if fuel == total {
                assert_eq!((found, used), (Ok(vec![Value::I32(CALLS as i32)]), total));
                break;
            }
            assert_eq!(found, OUT_OF_FUEL, "given {fuel}");
            assert!(used <= fuel && fuel - used < BETWEEN_CHECKS, "{used} of {fuel}");
            // The entry; then the calls that were made, and perhaps the first operators of another.
            let calls = used.saturating_sub(1) / 6;
            assert_eq!(count as u64, calls, "given {fuel}, used {used}");
        }
    });
}

/// The depth of recursion is counted equally in every way, and so is its cost.
#[test]
fn recursion_without_end() {
    // Each call: entry, get, const, add, set, get, call. The one that finds no stack is not entered.
    let text = r#"(module
        (global $depth (export "depth") (mut i32) (i32.const 0))
        (func $f (export "f") (param i32) (result i32)
            (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
            (call $f (local.get 0))))"#;
    let mut first = None;
    in_every_way(|way| {
        let module = way.compile(&wasm(text));
        let mut ours = start(&way.engine, &module, PLENTY);
        let function =
            ours.instance.get_typed_func::<i32, i32>(&mut ours.store, "f").expect("it is exported");
        let used_by_depth = |ours: &mut ours::Ours| {
            let depth = ours.instance.get_global(&mut ours.store, "depth").expect("it is exported");
            let used = depth.get(&mut ours.store).i32().expect("it is a 32-bit integer") as u64 * 7;
            assert!(used > 7_000, "the stack bears more than {used} units of recursion");
            used
        };
        let stopped = function.call(&mut ours.store, 1).map_err(ours::stop);
        assert_eq!(stopped, Err(Stop::Trap(Trap::StackOverflow)));
        let used = used_by_depth(&mut ours);
        assert_eq!(ours.used(), used);
        assert_eq!(*first.get_or_insert(used), used);
        // The same on a fiber; the global continues to count.
        let stopped = function.call_resumable(&mut ours.store, 1).map(drop).map_err(ours::stop);
        assert_eq!(stopped, Err(Stop::Trap(Trap::StackOverflow)));
        assert_eq!((ours.used(), used_by_depth(&mut ours)), (2 * used, 2 * used));
    });
}
