//! Collections in every place where the host's code runs between a guest's call and its return: a pending argument or
//! result is kept until it is read, and freed when it is no longer needed.

use std::pin::pin;

use tinkerbox_wasm::*;

use super::herd::{self, Herd, Sheep};
use crate::doors::tasks::{poll_once, turns};

type Given = Option<Rooted<ExternRef>>;

/// Collects, and allocates other objects in the place of any that were lost.
fn collect(caller: &mut Caller<'_, Herd>) -> Result<()> {
    caller.gc();
    let mut scope = RootScope::new(caller);
    for _ in 0..9 {
        ExternRef::new(&mut scope, "another")?;
    }
    Ok(())
}

fn id(caller: &Caller<'_, Herd>, sheep: Given) -> Result<u32> {
    let sheep = sheep.ok_or_else(|| format_err!("it is null"))?;
    let sheep = sheep.data(caller)?.and_then(|data| data.downcast_ref::<Sheep>());
    Ok(sheep.ok_or_else(|| format_err!("another object is there"))?.id)
}

fn new(mut caller: impl AsContextMut<Data = Herd>, id: u32) -> Result<Rooted<ExternRef>> {
    let sheep = Sheep::new(id, &caller.as_context().data().living);
    ExternRef::new(&mut caller, sheep)
}

/// A host function of each shape, which adds up the ids of its arguments.
fn link(linker: &mut Linker<Herd>) -> Result<()> {
    let pay = |mut caller: Caller<'_, Herd>| collect(&mut caller);
    let last = |caller: Caller<'_, Herd>, _: i32, _: f64, a: Given| id(&caller, a);
    linker.func_wrap("host", "last", with_prelude(pay, last))?;
    let all = |mut caller: Caller<'_, Herd>, a: Given, b: Rooted<ExternRef>, _: i64, c: Given| {
        collect(&mut caller)?;
        Ok(id(&caller, a)? + id(&caller, Some(b))? + id(&caller, c)?)
    };
    linker.func_wrap("host", "all", with_prelude(pay, with_prelude(pay, all)))?;
    let owned = |mut caller: Caller<'_, Herd>, a: Option<OwnedRooted<ExternRef>>| -> Result<u32> {
        collect(&mut caller)?;
        let a = a.map(|a| a.to_rooted(&mut caller));
        id(&caller, a)
    };
    linker.func_wrap("host", "owned", with_prelude(pay, owned))?;
    // The objects of a prelude do not interfere with pending values.
    let makes = |mut caller: Caller<'_, Herd>| {
        new(&mut caller, 40)?;
        collect(&mut caller)
    };
    let back = |mut caller: Caller<'_, Herd>, a: Given| -> Result<(Given, i32, Rooted<ExternRef>)> {
        let made = new(&mut caller, 4)?;
        collect(&mut caller)?;
        Ok((a, 7, made))
    };
    linker.func_wrap("host", "back", with_prelude(makes, back))?;
    let fails = |mut caller: Caller<'_, Herd>, a: Given| -> Result<()> {
        collect(&mut caller)?;
        bail!("{} does not like it", id(&caller, a)?)
    };
    linker.func_wrap("host", "fails", with_prelude(pay, fails))?;
    let refuses = |mut caller: Caller<'_, Herd>| -> Result<()> {
        collect(&mut caller)?;
        bail!("too dear")
    };
    linker.func_wrap(
        "host",
        "dear",
        with_prelude(refuses, |_: Given| -> Result<()> { bail!("never run") }),
    )?;
    let within = |mut caller: Caller<'_, Herd>, a: Given| -> Result<u32> {
        let inner = caller.get_export("inner").and_then(Extern::into_func);
        let inner = inner.ok_or_else(|| format_err!("it is exported"))?.typed::<(), ()>(&caller)?;
        inner.call(&mut caller, ())?;
        id(&caller, a)
    };
    linker.func_wrap("host", "within", with_prelude(pay, within))?;
    let ty = FuncType::new(linker.engine(), [ValType::I32, ValType::EXTERNREF], [ValType::EXTERNREF]);
    linker.func_new("host", "dynamic", ty, |mut caller, params, results| {
        collect(&mut caller)?;
        results[0] = params[1];
        collect(&mut caller)
    })?;
    linker.func_wrap_async("host", "waits", |mut caller: Caller<'_, Herd>, (a, times): (Given, u32)| {
        Box::new(async move {
            for _ in 0..times {
                collect(&mut caller)?;
                turns(1).await;
            }
            collect(&mut caller)?;
            id(&caller, a)
        })
    })?;
    Ok(())
}

const IMPORTS: &str = r#"
    (import "host" "last" (func $last (param i32 f64 externref) (result i32)))
    (import "host" "all" (func $all (param externref externref i64 externref) (result i32)))
    (import "host" "owned" (func $owned (param externref) (result i32)))
    (import "host" "back" (func $back (param externref) (result externref i32 externref)))
    (import "host" "fails" (func $fails (param externref)))
    (import "host" "dear" (func $dear (param externref)))
    (import "host" "within" (func $within (param externref) (result i32)))
    (import "host" "dynamic" (func $dynamic (param i32 externref) (result externref)))
    (func (export "inner") (drop (call $make (i32.const 20))) (call $check (i64.const MASK)))
    (func $is (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then (unreachable))))"#;

/// Runs a body with everything linked, and returns its outcome; nothing is alive afterwards.
fn run(body: &str) -> Result<()> {
    let imports = IMPORTS.replace("MASK", "2");
    let mut outcome = Ok(());
    for engine in herd::engines() {
        let mut linker = herd::linker(&engine);
        link(&mut linker)?;
        let module = herd::module(&engine, &format!("{imports} (func (export \"run\") {body})"));
        let mut store = Store::new(&engine, Herd::default());
        let _ = store.set_fuel(1_000_000);
        let instance = linker.instantiate(&mut store, &module)?;
        let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
        outcome = run.call(&mut store, ());
        store.gc();
        assert_eq!(store.data().living(), 0, "{body}");
    }
    outcome
}

#[test]
fn arguments_wait_while_preludes_collect() -> Result<()> {
    run("(call $is (call $last (i32.const 5) (f64.const 1) (call $make (i32.const 3))) (i32.const 3))")?;
    run("(call $is (i32.const 6) (call $all (call $make (i32.const 1)) (call $make (i32.const 2))
                                            (i64.const -1) (call $make (i32.const 3))))")?;
    run("(call $is (call $owned (call $make (i32.const 9))) (i32.const 9))")?;
    run("(local externref) (local.set 0 (call $make (i32.const 1)))
         (call $is (call $within (local.get 0)) (i32.const 1)) (call $use (local.get 0) (i32.const 1))")
}

#[test]
fn results_wait_while_the_host_collects() -> Result<()> {
    run("(local externref externref i32)
         (call $back (call $make (i32.const 3))) (local.set 1) (local.set 2) (local.set 0)
         (call $check (i64.const 0b11000))
         (call $use (local.get 0) (i32.const 3)) (call $use (local.get 1) (i32.const 4))
         (call $is (local.get 2) (i32.const 7))")?;
    run("(call $use (call $dynamic (i32.const 0) (call $make (i32.const 3))) (i32.const 3))")
}

#[test]
fn what_a_failing_call_was_given_goes_with_it() {
    let said = |body| format!("{:#}", run(body).expect_err("the host refuses"));
    assert!(said("(call $fails (call $make (i32.const 3)))").contains("3 does not like it"));
    assert!(said("(call $dear (call $make (i32.const 3)))").contains("too dear"));
    let error = run("(call $last (i32.const 5) (f64.const 1) (call $make (i32.const 3))) (unreachable)");
    assert_eq!(error.expect_err("it traps").downcast_ref(), Some(&Trap::UnreachableCodeReached));
    let null =
        "(drop (call $all (call $make (i32.const 1)) (ref.null extern) (i64.const 0) (ref.null extern)))";
    assert_eq!(run(null).expect_err("it is null").downcast_ref(), Some(&Trap::NullReference));
}

#[test]
fn a_host_that_calls_a_host_function_itself_need_not_hold_what_it_gives() -> Result<()> {
    let mut store = Store::new(&Engine::default(), Herd::default());
    let pay = |mut caller: Caller<'_, Herd>| collect(&mut caller);
    let count = with_prelude(pay, |caller: Caller<'_, Herd>, a: Given| id(&caller, a));
    let count = Func::wrap(&mut store, count).typed::<Option<OwnedRooted<ExternRef>>, u32>(&store)?;
    let given = {
        let mut scope = RootScope::new(&mut store);
        new(&mut scope, 5)?.to_owned_rooted(&mut scope)?
    };
    assert_eq!(count.call(&mut store, Some(given))?, 5);
    store.gc();
    assert_eq!(store.data().living(), 0);
    Ok(())
}

#[test]
fn arguments_wait_as_long_as_an_async_host_function_does() -> Result<()> {
    for engine in herd::engines() {
        let mut linker = herd::linker(&engine);
        link(&mut linker)?;
        let module = herd::module(
            &engine,
            r#"(import "host" "waits" (func $waits (param externref i32) (result i32)))
            (func (export "run") (result i32) (local externref)
                (local.set 0 (call $make (i32.const 2)))
                (i32.add (call $waits (call $make (i32.const 3)) (i32.const 4))
                    (call $waits (local.get 0) (i32.const 0))))"#,
        );
        let mut store = Store::new(&engine, Herd::default());
        let _ = store.set_fuel(1_000_000);
        let instance = linker.instantiate(&mut store, &module)?;
        let run = instance.get_typed_func::<(), u32>(&mut store, "run")?;
        // Dropped at each of its waits, then run to the end.
        for polls in 0..6 {
            let mut call = pin!(run.call_async(&mut store, ()));
            for _ in 0..polls.min(4) {
                assert!(poll_once(call.as_mut()).is_pending());
            }
            if polls == 5 {
                assert!(matches!(poll_once(call.as_mut()), std::task::Poll::Ready(Ok(5))));
            }
        }
        store.gc();
        assert_eq!(store.data().living(), 0);
    }
    Ok(())
}
