//! Calls that are suspended when fuel runs out: moved between threads, dropped, cancelled, nested.
//! `tests/differential/fuel` sweeps every place at which a call can wait, and checks that the result does not depend
//! on it.

use super::{instance, metered, trap};
use tinkerbox_wasm::*;

/// Keeps many values of all types live across every fuel check, and calls with many of them.
pub const BUSY: &str = r#"(module
    (memory (export "memory") 1)
    (func $mix (param i64 f64 f32 i32) (result i64)
        (i64.add (local.get 0) (i64.add (i64.trunc_f64_s (local.get 1))
            (i64.add (i64.trunc_f32_s (local.get 2)) (i64.extend_i32_s (local.get 3))))))
    (func (export "busy") (param $n i32) (result i64)
        (local $a i64) (local $b i64) (local $c i64) (local $d i64) (local $e i64) (local $f i64)
        (local $x f64) (local $y f64) (local $z f64) (local $u f32) (local $v f32) (local $i i32)
        (local $p v128) (local $q v128)
        (local.set $b (i64.const 1)) (local.set $y (f64.const 1)) (local.set $u (f32.const 0.5))
        (loop $again
            (local.set $a (i64.add (local.get $a) (local.get $b)))
            (local.set $b (i64.xor (local.get $b) (i64.shl (local.get $a) (i64.const 3))))
            (local.set $c (i64.sub (local.get $c) (local.get $a)))
            (local.set $d (i64.rotl (i64.add (local.get $d) (local.get $c)) (i64.const 7)))
            (local.set $e (i64.or (local.get $e) (local.get $d)))
            (local.set $f (i64.add (local.get $f) (local.get $e)))
            (local.set $x (f64.add (local.get $x) (local.get $y)))
            (local.set $y (f64.mul (local.get $y) (f64.const 1.0001)))
            (local.set $z (f64.sub (local.get $z) (f64.sqrt (local.get $x))))
            (local.set $u (f32.add (local.get $u) (f32.const 0.25)))
            (local.set $v (f32.mul (local.get $u) (f32.const 0.5)))
            (local.set $p (i64x2.add (local.get $p) (i64x2.splat (local.get $a))))
            (local.set $q (v128.xor (v128.not (local.get $q)) (local.get $p)))
            (if (i32.and (local.get $i) (i32.const 1))
                (then (local.set $a (i64.add (local.get $a)
                    (call $mix (local.get $f) (local.get $x) (local.get $v) (local.get $i)))))
                (else (i64.store (i32.const 8) (local.get $d))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
        (memory.fill (i32.const 64) (i32.const 7) (i32.const 100))
        (i64.xor (i64x2.extract_lane 1 (local.get $q))
        (i64.add (local.get $a) (i64.add (local.get $b) (i64.add (local.get $c) (i64.add (local.get $d)
            (i64.add (local.get $e) (i64.add (local.get $f) (i64.trunc_f64_s
                (f64.add (local.get $z) (f64.add (f64.promote_f32 (local.get $v))
                    (f64.add (local.get $x) (local.get $y))))))))))))))"#;

pub const ROUNDS: i32 = 20;

/// The result and the fuel of the program above, run without suspension.
pub fn unlimited() -> Result<(i64, u64)> {
    let (mut store, instance) = instance(&metered(), BUSY);
    let busy = instance.get_typed_func::<i32, i64>(&mut store, "busy")?;
    let before = store.get_fuel()?;
    let result = busy.call(&mut store, ROUNDS)?;
    Ok((result, before - store.get_fuel()?))
}

#[test]
fn a_suspended_call_goes_on_on_other_threads() -> Result<()> {
    let (result, fuel) = unlimited()?;
    let (mut store, instance) = instance(&metered(), BUSY);
    store.set_fuel(10)?;
    let busy = instance.get_typed_func::<i32, i64>(&mut store, "busy")?;
    let mut state = busy.call_resumable(&mut store, ROUNDS)?;
    let mut given = 10;
    let returned = loop {
        let call = match state {
            CallState::Finished(returned) => break returned,
            CallState::Suspended(call) => call,
        };
        // A new thread each time; other calls trap on it before and after.
        (store, state) = std::thread::spawn(move || {
            let stray = super::instance(&metered(), "(module (func (export \"f\") unreachable))");
            let (mut other, instance) = stray;
            let f = instance.get_typed_func::<(), ()>(&mut other, "f").expect("it is exported");
            f.call(&mut other, ()).expect_err("it traps");
            store.add_fuel(100).expect("fuel is configured");
            let state = call.resume(&mut store).expect("it does not trap");
            f.call(&mut other, ()).expect_err("it traps");
            (store, state)
        })
        .join()
        .expect("the thread does not panic");
        given += 100;
    };
    assert_eq!((returned, given - store.get_fuel()?), (result, fuel));
    Ok(())
}

#[test]
fn a_trap_after_a_suspension_is_a_trap() -> Result<()> {
    let (mut store, instance) = instance(
        &metered(),
        r#"(module (func (export "f") (param i32)
            (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0)))
            (drop (i32.div_u (i32.const 1) (local.get 0)))))"#,
    );
    store.set_fuel(7)?;
    let f = instance.get_typed_func::<i32, ()>(&mut store, "f")?;
    let mut state = f.call_resumable(&mut store, 30)?;
    let error = loop {
        let CallState::Suspended(call) = state else { panic!("it divides by zero at last") };
        store.add_fuel(7)?;
        match call.resume(&mut store) {
            Ok(next) => state = next,
            Err(error) => break error,
        }
    };
    assert_eq!(trap(&error), Trap::IntegerDivisionByZero);
    // Entry, 30 rounds of six, two operands and the division.
    assert_eq!(store.fuel_consumed(), Some(1 + 30 * 6 + 3));
    Ok(())
}

#[test]
fn a_suspended_store_refuses_calls_until_it_is_cancelled() -> Result<()> {
    let (mut store, instance) = instance(
        &metered(),
        r#"(module (func (export "spin") (loop (br 0))) (func (export "one") (result i32) (i32.const 1)))"#,
    );
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let one = instance.get_typed_func::<(), i32>(&mut store, "one")?;
    store.set_fuel(50)?;
    let CallState::Suspended(first) = spin.call_resumable(&mut store, ())? else { panic!("it spins") };
    let refused = one.call(&mut store, ()).expect_err("a call is suspended");
    assert_eq!(refused.downcast_ref(), Some(&StoreError::Suspended));
    let refused = spin.call_resumable(&mut store, ()).expect_err("a call is suspended");
    assert_eq!(refused.downcast_ref(), Some(&StoreError::Suspended));
    store.set_fuel(10)?;
    let CallState::Suspended(again) = first.resume(&mut store)? else { panic!("it spins") };
    again.cancel(&mut store)?;
    assert_eq!(one.call(&mut store, ()).expect_err("no fuel is left").downcast_ref(), Some(&Trap::OutOfFuel));
    store.set_fuel(10)?;
    assert_eq!(one.call(&mut store, ())?, 1);
    Ok(())
}

#[test]
fn a_handle_of_an_ended_call_is_an_error() -> Result<()> {
    let (mut store, instance) = instance(&metered(), r#"(module (func (export "spin") (loop (br 0))))"#);
    let (mut other, _) = super::instance(&metered(), "(module)");
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    store.set_fuel(50)?;
    let CallState::Suspended(call) = spin.call_resumable(&mut store, ())? else { panic!("it spins") };
    let error = call.resume(&mut other).expect_err("it waits in another store");
    assert_eq!(error.downcast_ref(), Some(&StoreError::WrongStore));
    drop(store);
    Ok(())
}

#[test]
fn suspended_stores_are_dropped_in_any_state_and_give_everything_back() -> Result<()> {
    let engine = metered();
    let module = Module::new(
        &engine,
        r#"(module (memory 1)
            (func $deep (export "deep") (param i32)
                (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                (loop (br 0))))"#,
    )?;
    let round = |rounds: u64| -> Result<()> {
        for at in 0..rounds {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[])?;
            let deep = instance.get_typed_func::<i32, ()>(&mut store, "deep")?;
            store.set_fuel(at % 700)?;
            assert!(matches!(deep.call_resumable(&mut store, 50)?, CallState::Suspended(_)));
        }
        Ok(())
    };
    // Many at once, dropped together: more stacks than the engine keeps spare.
    let many: Vec<Store<()>> = (0..200)
        .map(|_| {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
            let deep = instance.get_typed_func::<i32, ()>(&mut store, "deep").expect("it is exported");
            store.set_fuel(100).expect("fuel is configured");
            assert!(matches!(deep.call_resumable(&mut store, 5), Ok(CallState::Suspended(_))));
            store
        })
        .collect();
    drop(many);
    round(2_000)
}

#[test]
fn a_nested_call_gets_out_of_fuel_and_the_outer_one_goes_on() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<u32>::new(&engine);
    linker.func_wrap("host", "nested", |mut caller: Caller<'_, u32>| -> Result<i32> {
        let spin = caller.get_export("spin").and_then(Extern::into_func).expect("it is exported");
        let spin = spin.typed::<(), ()>(&caller)?;
        let refused = spin.call_resumable(&mut caller, ()).expect_err("a host function is between");
        assert_eq!(refused.downcast_ref(), Some(&StoreError::ResumableWithin));
        let error = spin.call(&mut caller, ()).expect_err("it never ends");
        assert_eq!(trap(&error), Trap::OutOfFuel);
        *caller.data_mut() += 1;
        caller.set_fuel(3)?;
        Ok(42)
    })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "nested" (func $nested (result i32)))
            (func (export "spin") (loop (br 0)))
            (func (export "run") (result i32) (local i32)
                (local.set 0 (call $nested))
                (loop (br_if 0 (i32.const 0)))
                (i32.add (local.get 0) (call $nested))))"#,
    )?;
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    store.set_fuel(100)?;
    let mut state = run.call_resumable(&mut store, ())?;
    let mut suspensions = 0;
    while let CallState::Suspended(call) = state {
        suspensions += 1;
        store.add_fuel(3)?;
        state = call.resume(&mut store)?;
    }
    let CallState::Finished(result) = state else { panic!("it has finished") };
    assert_eq!((result, *store.data()), (84, 2));
    assert!(suspensions > 0, "the outer call was suspended between the nested ones");
    Ok(())
}

#[test]
fn a_panic_on_a_fiber_arrives_at_the_host() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("host", "panic", |_: i32| -> () { panic!("on a fiber") })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "panic" (func $panic (param i32)))
            (func (export "run") (call $panic (i32.const 1)))
            (func (export "one") (result i32) (i32.const 1)))"#,
    )?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(100)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    let one = instance.get_typed_func::<(), i32>(&mut store, "one")?;
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = run.call_resumable(&mut store, ());
    }));
    assert_eq!(caught.expect_err("it panics").downcast_ref(), Some(&"on a fiber"));
    assert_eq!(one.call(&mut store, ())?, 1);
    Ok(())
}
