//! Values lent to host functions: available while the closure runs, and no longer.

use super::metered;
use tinkerbox_wasm::*;

struct World(Vec<i32>);

fn asking() -> Result<(Store<()>, TypedFunc<u32, i32>)> {
    let engine = metered();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "get", |caller: Caller<'_, ()>, at: u32| -> Result<i32> {
        caller.with_lent(|world: &World| world.0.get(at as usize).copied().unwrap_or(-1)).map_err(Error::new)
    })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "get" (func $get (param i32) (result i32)))
            (func (export "ask") (param i32) (result i32) (call $get (local.get 0))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let ask = instance.get_typed_func(&mut store, "ask")?;
    Ok((store, ask))
}

fn is_not_lent(result: Result<i32>) -> bool {
    result.is_err_and(|error| error.downcast_ref() == Some(&StoreError::NotLent))
}

#[test]
fn the_innermost_value_of_the_type_is_seen() -> Result<()> {
    let (mut store, ask) = asking()?;
    assert!(is_not_lent(ask.call(&mut store, 0)));
    let world = World(vec![7, 8]);
    assert_eq!(store.lend(&world, |mut store| ask.call(&mut store, 1))?, 8);
    assert_eq!(store.lend(&world, |mut store| ask.call(&mut store, 9))?, -1);
    assert!(is_not_lent(ask.call(&mut store, 0)));
    assert!(is_not_lent(store.lend(&5_u8, |mut store| ask.call(&mut store, 0))));
    Ok(())
}

#[test]
fn a_panic_while_lending_takes_the_value_back() -> Result<()> {
    let (mut store, ask) = asking()?;
    let world = World(vec![1]);
    let lending = std::panic::AssertUnwindSafe(|| store.lend(&world, |_| panic!("while lending")));
    assert!(std::panic::catch_unwind(lending).is_err());
    drop(world);
    assert!(is_not_lent(ask.call(&mut store, 0)));
    Ok(())
}

#[test]
fn a_value_is_lent_anew_at_each_resumption() -> Result<()> {
    let (mut store, _) = asking()?;
    let engine = store.engine().clone();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "get", |caller: Caller<'_, ()>| -> Result<i32> {
        caller.with_lent(|world: &World| world.0[0]).map_err(Error::new)
    })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "get" (func $get (result i32)))
            (func (export "run") (result i32) (local i32 i32)
                (local.set 0 (call $get))
                (loop
                    (local.set 1 (i32.add (local.get 1) (i32.const 1)))
                    (br_if 0 (i32.lt_u (local.get 1) (i32.const 20))))
                (i32.add (i32.mul (local.get 0) (i32.const 100)) (call $get))))"#,
    )?;
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    store.set_fuel(30)?;
    let state = store.lend(&World(vec![3]), |mut store| run.call_resumable(&mut store, ()))?;
    let CallState::Suspended(call) = state else { panic!("30 units are not enough") };
    store.set_fuel(1_000)?;
    let state = store.lend(&World(vec![4]), |mut store| call.resume(&mut store))?;
    assert!(matches!(state, CallState::Finished(304)), "{state:?}");
    Ok(())
}
