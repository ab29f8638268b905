//! Runaway recursion ends in a trap on every stack that a guest can run on.

use super::{engine, instance};
use tinkerbox_wasm::*;

const RECURSES: &str = r#"(module
    (func $f (export "recurse") (call $f))
    (func $g (export "recurse in large frames") (param i64) (result i64)
        (i64.add (call $g (i64.add (local.get 0) (i64.const 1))) (local.get 0))))"#;

fn trap(error: &Error) -> Trap {
    *error.downcast_ref::<Trap>().unwrap_or_else(|| panic!("no trap: {error:?}"))
}

fn recurse(store: &mut Store<()>, instance: Instance) -> Result<()> {
    instance.get_typed_func::<(), ()>(&mut *store, "recurse")?.call(store, ())
}

/// A store whose `run` uses up a good part of its stack, then calls a host function that works on another
/// store.
fn around(
    engine: &Engine,
    inner: impl Fn() -> Result<()> + Send + Sync + 'static,
) -> (Store<()>, TypedFunc<(), ()>) {
    let text = r#"(module
        (import "" "inner" (func $inner))
        (func (export "run") (call $down (i32.const 15000)))
        (func $down (param i32)
            (if (local.get 0)
                (then (call $down (i32.sub (local.get 0) (i32.const 1))))
                (else (call $inner)))))"#;
    let module = Module::new(engine, text).expect("the module is valid");
    let mut store = Store::new(engine, ());
    store.set_fuel(u64::MAX).expect("fuel is configured");
    let inner = Func::wrap(&mut store, inner);
    let instance = Instance::new(&mut store, &module, &[inner.into()]).expect("the import fits");
    let run = instance.get_typed_func(&mut store, "run").expect("it is exported");
    (store, run)
}

#[test]
fn another_store_within_a_resumable_call_shares_its_stack() -> Result<()> {
    let engine = engine(|config| {
        config.host_stack_reserve(128 << 10);
    });
    let inner = engine.clone();
    let (mut store, run) = around(&engine, move || {
        let (mut store, instance) = instance(&inner, RECURSES);
        assert_eq!(trap(&recurse(&mut store, instance).unwrap_err()), Trap::StackOverflow);
        Ok(())
    });
    assert!(matches!(run.call_resumable(&mut store, ())?, CallState::Finished(())));
    Ok(())
}

#[test]
fn stores_within_stores_share_one_stack() {
    fn nest(engine: &Engine, depth: usize) -> Result<()> {
        if depth == 0 {
            let (mut store, instance) = instance(engine, RECURSES);
            return recurse(&mut store, instance);
        }
        let inner = engine.clone();
        let (mut store, run) = around(engine, move || nest(&inner, depth - 1));
        run.call(&mut store, ())
    }
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let engine = engine(|_| {});
        assert_eq!(trap(&nest(&engine, 8).unwrap_err()), Trap::StackOverflow);
    });
    thread.expect("there are threads").join().expect("nothing fails");
}

#[test]
fn a_host_function_may_go_on_with_its_store_on_another_thread() -> Result<()> {
    let engine = engine(|_| {});
    let text = r#"(module
        (import "" "elsewhere" (func $elsewhere))
        (func (export "run") (call $elsewhere))
        (func (export "fine") (param i32) (result i32) (local.get 0))
        (func $f (export "recurse") (call $f)))"#;
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(u64::MAX)?;
    let elsewhere = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let fine = caller.get_export("fine").and_then(Extern::into_func).expect("it is exported");
                let fine = fine.typed::<i32, i32>(&caller).expect("it has this type");
                assert_eq!(fine.call(&mut caller, 7).expect("it returns"), 7);
                let recurse =
                    caller.get_export("recurse").and_then(Extern::into_func).expect("it is exported");
                let recurse = recurse.typed::<(), ()>(&caller).expect("it has this type");
                assert_eq!(trap(&recurse.call(&mut caller, ()).unwrap_err()), Trap::StackOverflow);
            });
            thread.join().expect("nothing fails");
        });
    });
    let instance = Instance::new(&mut store, &module, &[elsewhere.into()])?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    run.call(&mut store, ())?;
    assert!(matches!(run.call_resumable(&mut store, ())?, CallState::Finished(())));
    Ok(())
}

#[test]
fn a_resumable_call_overflows_its_stack_in_order_whatever_the_reserve() -> Result<()> {
    let engine = engine(|config| {
        config.host_stack_reserve(0);
    });
    let (mut store, instance) = instance(&engine, RECURSES);
    let func = instance.get_typed_func::<(), ()>(&mut store, "recurse")?;
    assert_eq!(trap(&func.call_resumable(&mut store, ()).unwrap_err()), Trap::StackOverflow);
    Ok(())
}

#[test]
fn a_stack_larger_than_address_space_is_refused_when_it_is_wanted() -> Result<()> {
    let engine = engine(|config| {
        config.max_wasm_stack(usize::MAX);
    });
    let (mut store, instance) = instance(&engine, RECURSES);
    let func = instance.get_typed_func::<(), ()>(&mut store, "recurse")?;
    let error = func.call_resumable(&mut store, ()).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(StoreError::OutOfMemory(_))), "{error:?}");
    Ok(())
}
