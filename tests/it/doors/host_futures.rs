//! Host functions that are futures: guest code waits for them on any thread, and dropping the guest's call drops
//! them.

use super::tasks::{finish, finish_across_threads, poll_once, turns};
use super::{metered, trap};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tinkerbox_wasm::*;

/// Waits for the host in each of its rounds, with its arguments in order.
const ROUNDS: &str = r#"(module
    (import "host" "mix" (func $mix (param i32 i64 f32 f64) (result i64 i32)))
    (memory (export "memory") 1)
    (func $again (export "run") (param $n i32) (result i64) (local $sum i64) (local $i i32)
        (loop
            (call $mix (local.get $i) (local.get $sum) (f32.const 1.5) (f64.const 2.5))
            (local.set $i (i32.add (i32.const 1)))
            (local.set $sum)
            (i64.store (i32.const 8) (local.get $sum))
            (br_if 0 (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $sum)))"#;

/// What the host does in each round: it returns the next sum, and the index again.
fn mixed(i: i32, sum: i64, x: f32, y: f64) -> (i64, i32) {
    (sum * 3 + i64::from(i) + (f64::from(x) * y * 4.0) as i64, i)
}

type Mix = (i32, i64, f32, f64);

/// A store with that program, whose host function is a plain one or waits for a number of turns, and the program's
/// `run`.
fn rounds(waits: Option<u32>) -> Result<(Store<u32>, TypedFunc<i32, i64>)> {
    let engine = metered();
    let mut linker = Linker::<u32>::new(&engine);
    match waits {
        None => linker.func_wrap(
            "host",
            "mix",
            |mut caller: Caller<'_, u32>, i: i32, sum: i64, x: f32, y: f64| {
                *caller.data_mut() += 1;
                mixed(i, sum, x, y)
            },
        )?,
        Some(count) => {
            linker.func_wrap_async(
                "host",
                "mix",
                move |mut caller: Caller<'_, u32>, (i, sum, x, y): Mix| {
                    Box::new(async move {
                        turns(count).await;
                        // While this future waits, it owns the store, with its memory and data.
                        let (memory, calls) = caller.memory_and_data().expect("the caller has a memory");
                        assert_eq!(memory[8..16], sum.to_le_bytes());
                        turns(count).await;
                        *calls += 1;
                        memory[16] = 1;
                        mixed(i, sum, x, y)
                    })
                },
            )?
        }
    };
    let mut store = Store::new(&engine, 0);
    store.set_fuel(1_000_000)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, ROUNDS)?)?;
    let run = instance.get_typed_func::<i32, i64>(&mut store, "run")?;
    Ok((store, run))
}

#[test]
fn waiting_changes_neither_results_nor_fuel() -> Result<()> {
    let (mut store, run) = rounds(None)?;
    let expected = (run.call(&mut store, 9)?, store.get_fuel()?, *store.data());
    for waits in 0..4 {
        let (mut store, run) = rounds(Some(waits))?;
        let (returned, pending) = finish(run.call_async(&mut store, 9));
        assert_eq!((returned?, store.get_fuel()?, *store.data()), expected);
        assert_eq!(pending, u64::from(2 * waits) * 9);
        // It also yields for fuel in between.
        for interval in (1..12).chain([50, 1_000]) {
            let (mut store, run) = rounds(Some(waits))?;
            store.fuel_async_yield_interval(Some(interval))?;
            let before = store.get_fuel()?;
            let (returned, pending) = finish(run.call_async(&mut store, 9));
            assert_eq!((returned?, store.get_fuel()?, *store.data()), expected);
            let fuel = before - store.get_fuel()?;
            assert_eq!(pending, u64::from(2 * waits) * 9 + (fuel - 1) / interval, "every {interval}");
        }
        let (mut store, run) = rounds(Some(waits))?;
        store.fuel_async_yield_interval(Some(7))?;
        let call = async move { (run.call_async(&mut store, 9).await, store.get_fuel(), *store.data()) };
        let ((returned, left, calls), _) = finish_across_threads(call);
        assert_eq!((returned?, left?, calls), expected);
    }
    Ok(())
}

/// Tells a host that still exists when it is dropped.
struct Goodbye<'a> {
    caller: Caller<'a, u32>,
    said: Arc<AtomicU32>,
}

impl Drop for Goodbye<'_> {
    fn drop(&mut self) {
        *self.caller.data_mut() += 100;
        // Guest code can also be called from here, by a plain call.
        let double = self.caller.get_export("double").and_then(Extern::into_func).expect("it is exported");
        let double = double.typed::<i32, i32>(&self.caller).expect("of this type");
        assert_eq!(double.call(&mut self.caller, 21).expect("it returns"), 42);
        self.said.fetch_add(1, Ordering::SeqCst);
    }
}

const DOUBLES: &str = r#"(module
    (import "host" "wait" (func $wait (param i32)))
    (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $deep (param i32)
        (if (local.get 0)
            (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
            (else (call $wait (i32.const 3)))))
    (func (export "run") (call $deep (i32.const 30)) (call $wait (i32.const 2))))"#;

/// A store with that program, whose host function waits while it holds a value to drop, and the number of values
/// dropped.
fn doubles() -> Result<(Store<u32>, Instance, Arc<AtomicU32>)> {
    let engine = metered();
    let mut linker = Linker::<u32>::new(&engine);
    let dropped = Arc::new(AtomicU32::new(0));
    let count = dropped.clone();
    linker.func_wrap_async("host", "wait", move |caller: Caller<'_, u32>, (count_of_turns,): (u32,)| {
        let goodbye = Goodbye { caller, said: count.clone() };
        Box::new(async move {
            turns(count_of_turns).await;
            drop(goodbye);
        })
    })?;
    let mut store = Store::new(&engine, 0);
    store.set_fuel(100_000)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, DOUBLES)?)?;
    Ok((store, instance, dropped))
}

#[test]
fn what_waits_is_dropped_with_whoever_waits_for_it() -> Result<()> {
    for polls in 0..=5 {
        let (mut store, instance, dropped) = doubles()?;
        let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
        {
            let mut call = Box::pin(run.call_async(&mut store, ()));
            for _ in 0..polls {
                assert!(poll_once(call.as_mut()).is_pending());
            }
            let before = dropped.load(Ordering::SeqCst);
            assert_eq!(before, u32::from(polls > 3), "after {polls}");
            // Dropped on a different thread from the one it ran on.
            std::thread::scope(|scope| scope.spawn(move || drop(call)).join()).expect("nothing panics");
        }
        let goodbyes = u32::from(polls > 0) + u32::from(polls > 3);
        assert_eq!((dropped.load(Ordering::SeqCst), *store.data()), (goodbyes, 100 * goodbyes));
        finish(run.call_async(&mut store, ())).0?;
    }
    Ok(())
}

#[test]
fn a_forgotten_future_forgets_what_waits() -> Result<()> {
    let (mut store, instance, dropped) = doubles()?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    let double = instance.get_typed_func::<i32, i32>(&mut store, "double")?;
    let mut call = Box::pin(run.call_async(&mut store, ()));
    assert!(poll_once(call.as_mut()).is_pending());
    std::mem::forget(call);
    *store.data_mut() = 7;
    store.gc();
    let error = double.call(&mut store, 1).expect_err("a call waits for ever");
    assert_eq!(error.downcast_ref(), Some(&StoreError::Suspended));
    assert_eq!(store.into_data(), 7);
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    Ok(())
}

#[test]
fn errors_and_panics_of_futures_come_out_where_the_task_polls() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap_async("host", "wait", |_: Caller<'_, ()>, (what,): (i32,)| {
        Box::new(async move {
            turns(2).await;
            assert!(what != 1, "the host breaks");
            ensure!(what != 2, "the host has enough");
            turns(1).await;
            Ok(())
        })
    })?;
    let module = r#"(module
        (import "host" "wait" (func $wait (param i32)))
        (func (export "run") (param i32) (call $wait (local.get 0)) (call $wait (i32.const 0))))"#;
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, module)?)?;
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
    for _ in 0..3 {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            finish(run.call_async(&mut store, 1)).0
        }));
        assert_eq!(caught.expect_err("it panics").downcast_ref(), Some(&"the host breaks"));
        let error = finish(run.call_async(&mut store, 2)).0.expect_err("the host fails");
        assert_eq!(error.root_cause().to_string(), "the host has enough");
        assert!(error.is::<WasmBacktrace>());
        assert_eq!(finish(run.call_async(&mut store, 0)).1, 6);
    }
    Ok(())
}

#[test]
fn a_panic_while_what_waits_is_dropped_comes_out_of_the_drop() -> Result<()> {
    struct Breaks;
    impl Drop for Breaks {
        fn drop(&mut self) {
            panic!("it does not want to go");
        }
    }
    let mut store = Store::new(&Engine::default(), ());
    let wait = Func::wrap_async(&mut store, |_: Caller<'_, ()>, (): ()| {
        Box::new(async {
            let breaks = Breaks;
            turns(1).await;
            std::mem::forget(breaks);
        })
    });
    let module =
        Module::new(store.engine(), r#"(module (import "" "" (func)) (func (export "run") (call 0)))"#)?;
    let instance = Instance::new(&mut store, &module, &[wait.into()])?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    let mut call = Box::pin(run.call_async(&mut store, ()));
    assert!(poll_once(call.as_mut()).is_pending());
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(call)));
    assert_eq!(caught.expect_err("it panics").downcast_ref(), Some(&"it does not want to go"));
    finish(run.call_async(&mut store, ())).0
}

#[test]
fn where_nobody_can_wait_it_is_an_error() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<Option<Func>>::new(&engine);
    linker.func_wrap_async("host", "wait", |_: Caller<'_, Option<Func>>, (): ()| {
        Box::new(async { turns(1).await })
    })?;
    linker.func_wrap("host", "through", |mut caller: Caller<'_, Option<Func>>| -> Result<()> {
        let func = caller.data().ok_or_else(|| format_err!("it is not set"))?;
        func.call(&mut caller, &[], &mut [])
    })?;
    let module = r#"(module
        (import "host" "wait" (func $wait)) (import "host" "through" (func $through))
        (export "wait" (func $wait))
        (func (export "direct") (call $wait))
        (func (export "through") (call $through)))"#;
    let mut store = Store::new(&engine, None);
    store.set_fuel(1_000)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, module)?)?;
    let get = |store: &mut Store<Option<Func>>, name| instance.get_typed_func::<(), ()>(store, name);
    let [wait, direct, through] =
        [get(&mut store, "wait")?, get(&mut store, "direct")?, get(&mut store, "through")?];
    let refused =
        |error: Error| assert_eq!(error.downcast_ref(), Some(&StoreError::AsyncHostFunction), "{error:?}");
    refused(wait.call(&mut store, ()).expect_err("nobody polls"));
    refused(direct.call(&mut store, ()).expect_err("nobody polls"));
    refused(direct.call_resumable(&mut store, ()).expect_err("the host could use the store meanwhile"));
    refused(wait.call_resumable(&mut store, ()).expect_err("the host could use the store meanwhile"));
    for func in [wait, direct] {
        *store.data_mut() = Some(*func.func());
        refused(finish(through.call_async(&mut store, ())).0.expect_err("a host function is between"));
    }
    let starts = Module::new(&engine, r#"(module (import "host" "wait" (func $wait)) (start $wait))"#)?;
    refused(linker.instantiate(&mut store, &starts).expect_err("nobody polls"));
    assert_eq!(finish(linker.instantiate_async(&mut store, &starts)).1, 1);
    assert_eq!(finish(wait.call_async(&mut store, ())).1, 1);
    assert_eq!(finish(direct.call_async(&mut store, ())).1, 1);
    Ok(())
}

#[test]
fn futures_of_the_host_call_guests_and_each_other() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<u32>::new(&engine);
    linker.func_wrap_async("host", "wait", |mut caller: Caller<'_, u32>, (count,): (u32,)| {
        Box::new(async move {
            turns(count).await;
            *caller.data_mut() += count;
            count
        })
    })?;
    linker.func_wrap_async("host", "both", |mut caller: Caller<'_, u32>, (count,): (u32,)| {
        Box::new(async move {
            let get = |caller: &mut Caller<'_, u32>, name| {
                caller
                    .get_export(name)
                    .and_then(Extern::into_func)
                    .ok_or_else(|| format_err!("it is exported"))
            };
            let wait = get(&mut caller, "wait")?.typed::<u32, u32>(&caller)?;
            let spin = get(&mut caller, "spin")?.typed::<u32, ()>(&caller)?;
            let waited = wait.call_async(&mut caller, count).await?;
            // On a fiber this is a plain call: it gets all remaining fuel, and does not yield.
            spin.call_async(&mut caller, 20).await?;
            let left = caller.get_fuel()?;
            let ended = spin.call_async(&mut caller, u32::MAX).await.expect_err("there is not so much fuel");
            ensure!(trap(&ended) == Trap::OutOfFuel, "{ended:?}");
            caller.set_fuel(left)?;
            ensure!(spin.call_resumable(&mut caller, 1).is_err(), "it cannot be suspended by itself");
            Ok(waited + wait.call_async(&mut caller, count).await?)
        })
    })?;
    let module = r#"(module
        (import "host" "wait" (func $wait (param i32) (result i32)))
        (import "host" "both" (func $both (param i32) (result i32)))
        (export "wait" (func $wait))
        (func (export "spin") (param i32)
            (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "run") (result i32) (i32.add (call $both (i32.const 3)) (call $wait (i32.const 4)))))"#;
    let mut store = Store::new(&engine, 0);
    store.set_fuel(100_000)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, module)?)?;
    let run = instance.get_typed_func::<(), u32>(&mut store, "run")?;
    let (returned, pending) = finish(run.call_async(&mut store, ()));
    assert_eq!((returned?, pending, *store.data()), (10, 10, 10));
    Ok(())
}

#[test]
fn references_live_as_long_as_the_future_that_got_them() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<Arc<()>>::new(&engine);
    type Passed = (Option<Rooted<ExternRef>>, Option<Func>);
    linker.func_wrap_async("host", "keep", |mut caller: Caller<'_, Arc<()>>, (given, func): Passed| {
        Box::new(async move {
            let token = caller.data().clone();
            let own = ExternRef::new(&mut caller, token)?;
            for _ in 0..3 {
                turns(1).await;
                caller.gc();
                for _ in 0..50 {
                    ExternRef::new(&mut caller, "another")?;
                }
            }
            ensure!(func.is_some() && given.is_some(), "they were given");
            ensure!(given.and_then(|given| given.data(&caller).ok()).is_some(), "it is still there");
            Ok((Some(own), given))
        })
    })?;
    let module = r#"(module
        (import "host" "keep" (func $keep (param externref funcref) (result externref externref)))
        (func $f) (elem declare func $f)
        (func (export "run") (param externref) (result externref externref)
            (local externref)
            (local.set 1 (local.get 0))
            (call $keep (local.get 1) (ref.func $f))))"#;
    let token = Arc::new(());
    let mut store = Store::new(&engine, token.clone());
    store.set_fuel(1_000)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, module)?)?;
    type Owned = Option<OwnedRooted<ExternRef>>;
    let run = instance.get_typed_func::<Owned, (Owned, Owned)>(&mut store, "run")?;
    for polls in 0..5 {
        let given = {
            let mut scope = RootScope::new(&mut store);
            let given = ExternRef::new(&mut scope, token.clone())?;
            given.to_owned_rooted(&mut scope)?
        };
        let mut call = Box::pin(run.call_async(&mut store, Some(given)));
        let mut back = None;
        for _ in 0..polls {
            if let std::task::Poll::Ready(returned) = poll_once(call.as_mut()) {
                back = Some(returned?);
            }
        }
        drop(call);
        assert_eq!(back.is_some(), polls == 4);
        store.gc();
        // The test's own, the store's, and the two that were returned.
        assert_eq!(Arc::strong_count(&token), if polls == 4 { 4 } else { 2 }, "after {polls}");
        drop(back);
        store.gc();
        assert_eq!(Arc::strong_count(&token), 2, "after {polls}");
    }
    Ok(())
}

#[test]
fn functions_of_types_known_at_run_time_wait_as_well() -> Result<()> {
    let mut store = Store::new(&Engine::default(), ());
    let ty = FuncType::new(store.engine(), [ValType::I32, ValType::F64], [ValType::F64, ValType::I32]);
    let swap = Func::new_async(&mut store, ty.clone(), |_, params, results| {
        Box::new(async move {
            turns(2).await;
            results.clone_from_slice(&[params[1], params[0]]);
            Ok(())
        })
    });
    let wrong = Func::new_async(&mut store, ty, |_, _, results| {
        Box::new(async move {
            results.fill(Val::I64(0));
            Ok(())
        })
    });
    let module = r#"(module
        (import "" "" (func $f (param i32 f64) (result f64 i32)))
        (func (export "run") (param i32 f64) (result f64 i32) (call $f (local.get 0) (local.get 1))))"#;
    let module = Module::new(store.engine(), module)?;
    for (func, works) in [(swap, true), (wrong, false)] {
        let instance = Instance::new(&mut store, &module, &[func.into()])?;
        let run = instance.get_func(&mut store, "run").expect("it is exported");
        for func in [func, run] {
            let mut results = [Val::I32(0); 2];
            let params = [Val::I32(7), Val::from(0.5)];
            let (returned, pending) = finish(func.call_async(&mut store, &params, &mut results));
            assert_eq!((returned.is_ok(), pending), (works, if works { 2 } else { 0 }));
            if works {
                assert_eq!((results[0].f64(), results[1].i32()), (Some(0.5), Some(7)));
            }
        }
    }
    Ok(())
}

#[test]
fn what_is_lent_is_there_while_the_task_polls() -> Result<()> {
    let mut store = Store::new(&Engine::default(), ());
    let height = Func::wrap_async(&mut store, |caller: Caller<'_, ()>, (x,): (u32,)| {
        Box::new(async move {
            turns(1).await;
            Ok(caller.with_lent(|heights: &[u32; 3]| heights[x as usize])?)
        })
    });
    let module = r#"(module (import "" "" (func $height (param i32) (result i32)))
        (func (export "run") (result i32) (call $height (i32.const 1))))"#;
    let module = Module::new(store.engine(), module)?;
    let instance = Instance::new(&mut store, &module, &[height.into()])?;
    let run = instance.get_typed_func::<(), u32>(&mut store, "run")?;
    let found = store.lend(&[3_u32, 5, 4], |mut store| finish(pin!(run.call_async(&mut store, ()))).0)?;
    assert_eq!(found, 5);
    let error = finish(run.call_async(&mut store, ())).0.expect_err("nothing is lent");
    assert_eq!(error.downcast_ref(), Some(&StoreError::NotLent));
    Ok(())
}
