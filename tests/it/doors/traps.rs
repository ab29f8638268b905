//! Every trap produces the right error and the exact fuel, and leaves the store usable.

use super::{instance, metered, trap};
use tinkerbox_wasm::*;

const TRAPS: &str = r#"(module $traps
    (memory 1)
    (table 2 funcref) (elem (i32.const 0) $forever)
    (type $int (func (result i32)))
    (func (export "unreachable") unreachable)
    (func (export "load") (drop (i32.load (i32.const 65533))))
    (func (export "load far") (drop (i32.load offset=0xfffffff0 (i32.const -1))))
    (func (export "store") (i64.store (i32.const -8) (i64.const 1)))
    (func (export "divide") (drop (i32.div_s (i32.const 1) (i32.const 0))))
    (func (export "remainder") (drop (i64.rem_u (i64.const 1) (i64.const 0))))
    (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
    (func (export "truncate") (drop (i32.trunc_f32_s (f32.const nan))))
    (func (export "truncate far") (drop (i64.trunc_f64_u (f64.const 1e30))))
    (func (export "null") (call_indirect (i32.const 1)))
    (func (export "outside") (call_indirect (i32.const 2)))
    (func (export "signature") (drop (call_indirect (type $int) (i32.const 0))))
    (func (export "fill") (memory.fill (i32.const 65535) (i32.const 0) (i32.const 2)))
    (func $forever (export "recurse") (call $forever))
    (func (export "fine") (result i32) (i32.load (i32.const 0))))"#;

/// Each function of the module above: its trap, and the fuel used when it traps.
const EXPECTED: [(&str, Trap, u64); 15] = [
    ("unreachable", Trap::UnreachableCodeReached, 1),
    ("load", Trap::MemoryOutOfBounds, 3),
    ("load far", Trap::MemoryOutOfBounds, 3),
    ("store", Trap::MemoryOutOfBounds, 4),
    ("divide", Trap::IntegerDivisionByZero, 4),
    ("remainder", Trap::IntegerDivisionByZero, 4),
    ("overflow", Trap::IntegerOverflow, 4),
    ("truncate", Trap::BadConversionToInteger, 3),
    ("truncate far", Trap::IntegerOverflow, 3),
    ("null", Trap::IndirectCallToNull, 3),
    ("outside", Trap::TableOutOfBounds, 3),
    ("signature", Trap::BadSignature, 3),
    ("fill", Trap::MemoryOutOfBounds, 7),
    ("recurse", Trap::StackOverflow, 0),
    ("recurse", Trap::OutOfFuel, 0),
];

fn check(engine: &Engine, call: impl Fn(&mut Store<()>, TypedFunc<(), ()>) -> Error) -> Result<()> {
    let (mut store, instance) = instance(engine, TRAPS);
    let fine = instance.get_typed_func::<(), i32>(&mut store, "fine")?;
    for (name, expected, spent) in EXPECTED {
        let given = if expected == Trap::OutOfFuel { 2_000 } else { u64::MAX >> 1 };
        store.set_fuel(given)?;
        let func = instance.get_typed_func::<(), ()>(&mut store, name)?;
        let error = call(&mut store, func);
        assert_eq!(trap(&error), expected, "{name}");
        if spent > 0 {
            assert_eq!(given - store.get_fuel()?, spent, "fuel of `{name}`");
        }
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace is attached");
        let innermost = &backtrace.frames()[0];
        assert_eq!(innermost.module().name(), Some("traps"));
        assert!(innermost.module_offset().is_some(), "{name}: {backtrace}");
        store.set_fuel(100)?;
        assert_eq!(fine.call(&mut store, ())?, 0, "after `{name}`");
    }
    Ok(())
}

#[test]
fn on_the_threads_stack() -> Result<()> {
    check(&metered(), |store, func| func.call(store, ()).expect_err("it traps"))
}

#[test]
fn with_explicit_bounds_checks() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true).memory_reservation(0).memory_guard_size(0))?;
    check(&engine, |store, func| func.call(store, ()).expect_err("it traps"))
}

fn without_signals() -> Engine {
    Engine::new(Config::new().consume_fuel(true).signals_based_traps(false))
        .expect("the machine is supported")
}

#[test]
fn without_faults() -> Result<()> {
    check(&without_signals(), |store, func| func.call(store, ()).expect_err("it traps"))
}

#[test]
fn on_threads_side_by_side() {
    let engine = metered();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                check(&engine, |store, func| func.call(store, ()).expect_err("it traps"))
                    .expect("the traps are as expected");
            });
        }
    });
}

#[test]
fn on_a_fiber() -> Result<()> {
    check_on_a_fiber(&metered())?;
    check_on_a_fiber(&without_signals())
}

fn check_on_a_fiber(engine: &Engine) -> Result<()> {
    check(engine, |store, func| {
        let limited = store.get_fuel().expect("fuel is configured") < 10_000;
        match func.call_resumable(&mut *store, ()) {
            Err(error) => error,
            Ok(CallState::Suspended(call)) if limited => {
                // A resumable call waits where a plain one would trap; resumed, it does trap.
                call.cancel(&mut *store).expect("it is suspended");
                func.call(store, ()).expect_err("no fuel is left")
            }
            Ok(state) => panic!("expected a trap, got {state:?}"),
        }
    })
}

#[test]
fn a_backtrace_names_all_functions() -> Result<()> {
    let (mut store, instance) = instance(
        &metered(),
        r#"(module $meadow
            (func $inner (drop (i32.div_u (i32.const 1) (i32.const 0))))
            (func $middle (call $inner))
            (func (export "outer") (call $middle)))"#,
    );
    let outer = instance.get_typed_func::<(), ()>(&mut store, "outer")?;
    let error = outer.call(&mut store, ()).expect_err("it divides by zero");
    let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace is attached");
    let names: Vec<_> = backtrace.frames().iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("inner"), Some("middle"), None]);
    let offsets: Vec<_> = backtrace.frames().iter().filter_map(FrameInfo::module_offset).collect();
    assert!(offsets.is_sorted() && offsets.len() == 3, "{backtrace}");
    assert!(format!("{error:?}").contains(" - meadow!inner"), "{error:?}");
    Ok(())
}

#[test]
fn a_memory_grows_by_its_limits_only() -> Result<()> {
    let module = r#"(module (memory (export "memory") 1 3)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "touch") (param i32) (i32.store8 (local.get 0) (i32.const 1))))"#;
    let mut moving = Config::new();
    moving.consume_fuel(true).memory_reservation(0).memory_guard_size(0);
    let moving_without_signals = Engine::new(moving.clone().signals_based_traps(false))?;
    for engine in [metered(), Engine::new(&moving)?, without_signals(), moving_without_signals] {
        let (mut store, instance) = instance(&engine, module);
        let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow")?;
        let touch = instance.get_typed_func::<i32, ()>(&mut store, "touch")?;
        for (delta, was, last) in [(0, 1, 0xffff), (1, 1, 0x1_ffff), (2, -1, 0x1_ffff), (1, 2, 0x2_ffff)] {
            assert_eq!(grow.call(&mut store, delta)?, was);
            touch.call(&mut store, last)?;
            let outside = touch.call(&mut store, last + 1).expect_err("it is out of bounds");
            assert_eq!(trap(&outside), Trap::MemoryOutOfBounds);
        }
    }
    Ok(())
}
