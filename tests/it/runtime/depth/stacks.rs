//! Runaway recursion ends in a trap on every stack that a guest can run on.

use crate::runtime::{engine, instance};
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

/// A store whose `run` uses up a good part of its stack, then calls a host function that runs in another store.
fn around(
    engine: &Engine,
    inner: impl Fn() -> Result<()> + Send + Sync + 'static,
) -> (Store<()>, TypedFunc<(), ()>) {
    let text = r#"(module
        (import "" "inner" (func $inner))
        (func (export "run") (call $down (i32.const 1000)))
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
        config.host_stack_reserve(256 << 10);
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
fn a_thread_with_a_small_stack_ends_guests_early_and_not_the_process() {
    let engine = engine(|config| {
        config.host_stack_reserve(256 << 10);
    });
    // Compiled here: the compiler needs more stack than the smallest of these threads have.
    let module = Module::new(&engine, RECURSES).expect("the module is valid");
    for stack in [128, 300, 500, 700, 1_000].map(|kib| kib << 10) {
        let (engine, module) = (engine.clone(), module.clone());
        let thread = std::thread::Builder::new().stack_size(stack).spawn(move || {
            let mut store = Store::new(&engine, ());
            store.set_fuel(u64::MAX).expect("fuel is configured");
            let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
            assert_eq!(trap(&recurse(&mut store, instance).unwrap_err()), Trap::StackOverflow);
        });
        thread.expect("there are threads").join().expect("nothing fails");
    }
}

#[test]
fn a_thread_with_a_small_stack_can_run_what_is_not_deep() {
    let engine = engine(|_| {});
    let module = r#"(module (func (export "f") (result i32) (i32.const 7)))"#;
    let module = Module::new(&engine, module).expect("the module is valid");
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(move || {
        let mut store = Store::new(&engine, ());
        store.set_fuel(10).expect("fuel is configured");
        let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
        let f = instance.get_typed_func::<(), i32>(&mut store, "f").expect("it is exported");
        assert_eq!(f.call(&mut store, ()).expect("half of the stack is enough"), 7);
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
    assert!(error.to_string().starts_with("a call needs a stack of"), "{error}");
    let error = func.call(&mut store, ()).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(StoreError::OutOfMemory(_))), "{error:?}");
    Ok(())
}

/// An address in the frame of this function.
#[inline(never)]
fn here() -> usize {
    let byte = std::hint::black_box(0_u8);
    (&raw const byte).addr()
}

/// Where a host function that is called on this thread runs.
fn where_the_host_runs(engine: &Engine, functions: &str) -> usize {
    let mut store = Store::new(engine, ());
    store.set_fuel(u64::MAX).expect("fuel is configured");
    let place = Func::wrap(&mut store, || here() as u64);
    let text = format!(
        r#"(module (import "" "here" (func $here (result i64)))
            (func (export "run") (result i64) (call $here)) {functions})"#
    );
    let module = Module::new(engine, text).expect("the module is valid");
    let instance = Instance::new(&mut store, &module, &[place.into()]).expect("the import fits");
    let run = instance.get_typed_func::<(), u64>(&mut store, "run").expect("it is exported");
    run.call(&mut store, ()).expect("it returns") as usize
}

#[test]
fn a_plain_call_on_a_thread_of_2_mib_stays_on_its_stack() {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let here = here();
        let engine = engine(|_| {});
        let there = where_the_host_runs(&engine, "");
        assert!((here.saturating_sub(256 << 10)..here).contains(&there), "{here:x}, {there:x}");
        // A call that needs more stack than the thread has runs elsewhere.
        let there = where_the_host_runs(&engine, &keeps(200));
        assert!(!(here.saturating_sub(1 << 20)..here).contains(&there), "{here:x}, {there:x}");
    });
    thread.expect("there are threads").join().expect("nothing fails");
}

/// A function of few locals that keeps n values, which its loop always computes in the same way.
pub(in crate::runtime) fn keeps(values: usize) -> String {
    let stores: String = (0..values)
        .map(|at| {
            let factor = 0x1234_5678_9abc_def1_u64 + at as u64 * 0x1111;
            let product = format!("(i64.mul (local.get 0) (i64.const {factor}))");
            format!("(i64.store offset={} (i32.const 0) {product})", at * 8)
        })
        .collect();
    format!(
        r#"(memory 1) (func $keeps (export "keeps") (param i64) (local i32)
            (loop $l (call $keeps (local.get 0)) {stores}
                (br_if $l (local.tee 1 (i32.add (local.get 1) (i32.const 1))))))"#
    )
}

#[test]
fn a_function_whose_frame_is_much_larger_than_what_is_counted_for_it_is_refused() {
    let text = format!("(module {})", keeps(3_000));
    let error = Module::new(&engine(|_| {}), &text).expect_err("its frame is larger than 64 times its price");
    let message = error.to_string();
    assert!(
        message.contains("function 0 needs a stack frame of") && message.contains("split it"),
        "{message}"
    );
    assert!(error.downcast_ref::<InvalidModule>().and_then(InvalidModule::offset).is_some(), "{message}");
    let plain = engine(|config| {
        config.cranelift_opt_level(OptLevel::None);
    });
    Module::new(&plain, &text).expect("nothing is taken out of its loop");
}

/// The stack that functions of a store need does not depend on those of other stores, and larger stacks are reused.
#[test]
fn larger_stacks_are_those_of_the_store() -> Result<()> {
    let engine = engine(|config| {
        config.max_wasm_stack(128 << 10);
    });
    let module = Module::new(&engine, format!("(module {})", keeps(800)))?;
    let mut fuel = Vec::new();
    for _ in 0..3 {
        fuel.push(fuel_of_keeps(&engine, &module)?);
        let (mut store, instance) = instance(&engine, RECURSES);
        assert_eq!(trap(&recurse(&mut store, instance).unwrap_err()), Trap::StackOverflow);
    }
    assert!(fuel.windows(2).all(|pair| pair[0] == pair[1]), "{fuel:?}");
    // The depth that a function of two values reaches.
    let depth = (128 << 10) / (64 + 2 * 8 + 2 * 16);
    assert!(fuel[0] > depth, "{fuel:?}");
    Ok(())
}

/// The fuel that a function of [`keeps`] uses until its recursion traps.
pub(in crate::runtime) fn fuel_of_keeps(engine: &Engine, module: &Module) -> Result<u64> {
    let mut store = Store::new(engine, ());
    store.set_fuel(u64::MAX)?;
    let instance = Instance::new(&mut store, module, &[])?;
    let keeps = instance.get_typed_func::<i64, ()>(&mut store, "keeps")?;
    assert_eq!(trap(&keeps.call(&mut store, 7).unwrap_err()), Trap::StackOverflow);
    let fuel = u64::MAX - store.get_fuel()?;
    assert_eq!(trap(&keeps.call_resumable(&mut store, 7).unwrap_err()), Trap::StackOverflow);
    assert_eq!(u64::MAX - store.get_fuel()?, 2 * fuel);
    Ok(fuel)
}

#[test]
fn stacks_that_only_just_hold_what_guests_take_have_room_for_the_host() -> Result<()> {
    let engine = engine(|config| {
        config.async_stack_size(1 << 20);
    });
    let (mut store, instance) = instance(&engine, RECURSES);
    let func = instance.get_typed_func::<(), ()>(&mut store, "recurse")?;
    assert_eq!(trap(&func.call_resumable(&mut store, ()).unwrap_err()), Trap::StackOverflow);
    let error = Engine::new(Config::new().async_stack_size(1 << 19)).expect_err("it is less");
    assert!(error.to_string().contains("async_stack_size of 524288 bytes"), "{error}");
    Ok(())
}

/// A function that calls itself while n values are live.
fn wide_recursion(values: usize) -> String {
    let globals = "(global (mut i64) (i64.const 1))".repeat(values);
    let locals = " i64".repeat(values);
    let gets: String = (0..values).map(|at| format!("(local.set {at} (global.get {at}))")).collect();
    let sum: String = (0..values).map(|at| format!("(i64.add (local.get {at}))")).collect();
    format!(
        r#"(module {globals}
            (func $f (export "recurse") (result i64) (local{locals}) {gets} (call $f) {sum}))"#
    )
}

/// Without signals a frame exists before it is compared with the limit, however large it is.
#[test]
fn without_signals_frames_of_every_size_overflow_in_order_on_a_stack_that_is_just_large_enough() -> Result<()>
{
    let engine = engine(|config| {
        config.signals_based_traps(false).host_stack_reserve(0).cranelift_opt_level(OptLevel::None);
    });
    for values in (0..8_150).step_by(2_700) {
        let (mut store, instance) = instance(&engine, &wide_recursion(values));
        let func = instance.get_typed_func::<(), i64>(&mut store, "recurse")?;
        assert_eq!(trap(&func.call_resumable(&mut store, ()).unwrap_err()), Trap::StackOverflow);
        let before = store.get_fuel()?;
        assert_eq!(trap(&func.call(&mut store, ()).unwrap_err()), Trap::StackOverflow);
        // The call that finds no stack has not been charged; the others have reached their own call.
        let per_call = 2 + 2 * values as u64;
        assert_eq!((before - store.get_fuel()?) % per_call, 0, "{values} values");
    }
    Ok(())
}

#[test]
fn without_signals_a_frame_that_could_step_over_the_end_of_the_stack_is_refused() {
    let text = wide_recursion(8_300);
    Module::new(&engine(|_| {}), &text).expect("with signals the frame is compared before it is made");
    let without_signals = engine(|config| {
        config.signals_based_traps(false);
    });
    let error = Module::new(&without_signals, &text).expect_err("its frame is larger than 64 KiB");
    let message = error.to_string();
    assert!(message.contains("a stack frame of") && message.contains("split it"), "{message}");
    assert!(error.downcast_ref::<InvalidModule>().and_then(InvalidModule::offset).is_some(), "{message}");
}

#[test]
fn without_signals_the_widest_signatures_have_doors() -> Result<()> {
    let engine = engine(|config| {
        config.signals_based_traps(false);
    });
    let (params, results) = (" v128".repeat(1_000), " v128".repeat(1_000));
    let gets: String = (0..1_000).map(|at| format!("(local.get {at})")).collect();
    let text = format!(
        r#"(module
            (type $wide (func (param{params}) (result{results})))
            (import "" "out" (func $out (type $wide)))
            (func (export "in") (type $wide) {gets} (call $out)))"#
    );
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(u64::MAX)?;
    let wide = module.imports().next().and_then(|import| import.ty().func().cloned()).expect("a function");
    let out = Func::new(&mut store, wide, |_, params, results| {
        results.clone_from_slice(params);
        Ok(())
    });
    let instance = Instance::new(&mut store, &module, &[out.into()])?;
    let params: Vec<Val> = (0..1_000).map(|at| Val::V128(V128::from(at))).collect();
    let mut results = vec![Val::I32(0); 1_000];
    instance.get_func(&mut store, "in").expect("it is exported").call(&mut store, &params, &mut results)?;
    assert_eq!(format!("{results:?}"), format!("{params:?}"));
    Ok(())
}
