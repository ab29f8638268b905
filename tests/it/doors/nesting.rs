//! Calls from host to guest to host, nested, with a failure at each level.

use super::{metered, trap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tinkerbox_wasm::*;

/// What happens at the deepest level, and how many levels up it is finally handled.
#[derive(Clone, Copy, Debug)]
struct Plan {
    depth: u32,
    event: Event,
    caught_at: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    GuestTrap,
    HostError,
    HostPanic,
    OutOfFuel,
    Nothing,
}

#[derive(Debug, PartialEq, Eq)]
struct Marker(u32);

impl std::fmt::Display for Marker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "marker {}", self.0)
    }
}

impl std::error::Error for Marker {}

/// `down(level)` calls the host while values are live, and the host calls `down(level - 1)`.
const TOWER: &str = r#"(module $tower
    (import "host" "step" (func $step (param i32 i64) (result i64)))
    (func $down (export "down") (param i32 i64) (result i64) (local $kept i64) (local $float f64)
        (local.set $kept (i64.mul (local.get 1) (i64.const 3)))
        (local.set $float (f64.convert_i64_s (local.get 1)))
        (i64.add
            (call $step (local.get 0) (local.get 1))
            (i64.add (local.get $kept) (i64.trunc_f64_s (local.get $float)))))
    (func (export "trap") (result i64) unreachable)
    (func (export "spin") (result i64) (loop (br 0)) (i64.const 0)))"#;

fn step(mut caller: Caller<'_, Plan>, level: u32, value: i64) -> Result<i64> {
    let plan = *caller.data();
    let call = |caller: &mut Caller<'_, Plan>, name: &str| -> Result<i64> {
        let func = caller.get_export(name).and_then(Extern::into_func).expect("it is exported");
        func.typed::<(), i64>(&*caller)?.call(caller, ())
    };
    let result = if level < plan.depth {
        let down = caller.get_export("down").and_then(Extern::into_func).expect("it is exported");
        down.typed::<(u32, i64), i64>(&caller)?.call(&mut caller, (level + 1, value + 1))
    } else {
        match plan.event {
            Event::GuestTrap => call(&mut caller, "trap"),
            Event::OutOfFuel => call(&mut caller, "spin"),
            Event::HostError => Err(Marker(level).into()),
            Event::HostPanic => panic!("panic at level {level}"),
            Event::Nothing => Ok(0),
        }
    };
    match result {
        Err(_) if plan.caught_at == Some(level) => {
            caller.set_fuel(10_000)?;
            Ok(-1)
        }
        other => other,
    }
}

/// What `down(0, 0)` returns when the host functions up to `depth` nest and the last level returns `deepest`.
fn expected(depth: u32, deepest: i64) -> i64 {
    deepest + (0..=i64::from(depth)).map(|value| value * 4).sum::<i64>()
}

/// `down(level, value)`.
type Down = TypedFunc<(u32, i64), i64>;

fn tower() -> Result<(Store<Plan>, Down)> {
    let engine = metered();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "step", step)?;
    let module = Module::new(&engine, TOWER)?;
    let mut store = Store::new(&engine, Plan { depth: 0, event: Event::Nothing, caught_at: None });
    let instance = linker.instantiate(&mut store, &module)?;
    let down = instance.get_typed_func(&mut store, "down")?;
    Ok((store, down))
}

#[test]
fn an_event_at_each_level_caught_at_each_level_or_never() -> Result<()> {
    let (mut store, down) = tower()?;
    for depth in 0..6 {
        for event in [Event::GuestTrap, Event::HostError, Event::HostPanic, Event::OutOfFuel] {
            for caught_at in (0..=depth).map(Some).chain([None]) {
                *store.data_mut() = Plan { depth, event, caught_at };
                store.set_fuel(10_000)?;
                let result = catch_unwind(AssertUnwindSafe(|| down.call(&mut store, (0, 0))));
                check_outcome(depth, event, caught_at, result);
                // Whatever happened, the store is still usable.
                *store.data_mut() = Plan { depth: 3, event: Event::Nothing, caught_at: None };
                store.set_fuel(10_000)?;
                assert_eq!(down.call(&mut store, (0, 0))?, expected(3, 0), "after {event:?} at {depth}");
            }
        }
    }
    Ok(())
}

fn check_outcome(depth: u32, event: Event, caught_at: Option<u32>, result: std::thread::Result<Result<i64>>) {
    let context = format!("{event:?} at {depth}, caught at {caught_at:?}");
    match (event, caught_at, result) {
        // A host function does not see a panic as an error.
        (Event::HostPanic, _, Err(payload)) => {
            let message = payload.downcast_ref::<String>().expect("it was formatted");
            assert_eq!(*message, format!("panic at level {depth}"), "{context}");
        }
        (_, Some(level), Ok(Ok(value))) => {
            assert_eq!(value, expected(level, -1), "{context}");
        }
        (Event::HostError, None, Ok(Err(error))) => {
            assert_eq!(error.downcast_ref(), Some(&Marker(depth)), "{context}");
        }
        (Event::GuestTrap, None, Ok(Err(error))) => {
            assert_eq!(trap(&error), Trap::UnreachableCodeReached, "{context}");
            let backtrace = error.downcast_ref::<WasmBacktrace>().expect("it is attached");
            // The trap itself, then one `down` for each level.
            assert_eq!(backtrace.frames().len() as u32, depth + 2, "{context}: {backtrace}");
        }
        (Event::OutOfFuel, None, Ok(Err(error))) => {
            assert_eq!(trap(&error), Trap::OutOfFuel, "{context}");
        }
        (_, _, other) => panic!("{context}: {other:?}"),
    }
}

#[test]
fn endless_mutual_recursion_through_the_host_is_a_trap() -> Result<()> {
    let (mut store, down) = tower()?;
    *store.data_mut() = Plan { depth: u32::MAX, event: Event::Nothing, caught_at: None };
    for _ in 0..3 {
        store.set_fuel(u64::MAX)?;
        let error = down.call(&mut store, (0, 0)).expect_err("it never ends");
        assert_eq!(trap(&error), Trap::StackOverflow);
    }
    Ok(())
}

#[test]
fn host_functions_see_and_change_the_same_fuel() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<Vec<u64>>::new(&engine);
    linker.func_wrap("host", "look", |mut caller: Caller<'_, Vec<u64>>| -> Result<()> {
        let left = caller.get_fuel()?;
        caller.data_mut().push(left);
        caller.consume_fuel(10)?;
        Ok(())
    })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "look" (func $look))
            (func (export "run") (call $look) (call $look) (drop (i32.const 1)) (call $look)))"#,
    )?;
    let mut store = Store::new(&engine, Vec::new());
    store.set_fuel(100)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    run.call(&mut store, ())?;
    // Entry and call; then 10 and a call; then 10, a constant and a call; then 10.
    assert_eq!(*store.data(), [98, 87, 75]);
    assert_eq!((store.get_fuel()?, store.fuel_consumed()), (65, Some(35)));
    let error = store.consume_fuel(66).expect_err("65 are left");
    assert_eq!(error.downcast_ref(), Some(&StoreError::NotEnoughFuel));
    assert_eq!(store.get_fuel()?, 65);
    Ok(())
}
