//! A failure at the nth opportunity, for every n: at host calls, at growths, at the parts of an instantiation. The
//! error is the one returned, the fuel is exact, and the store remains usable.

use super::engine;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tinkerbox_wasm::*;

const PLENTY: u64 = 1_000_000;

/// Calls the host from its start function, from loops, through tables, from within calls of the host, and with live
/// references that the collector has to find.
const PROGRAM: &str = r#"(module $program
    (type $visits (func (param i32) (result i32)))
    (import "host" "visit" (func $visit (type $visits)))
    (import "host" "make" (func $make (result externref)))
    (import "host" "back" (func $back (type $visits)))
    (import "host" "nest" (func $nest (type $visits)))
    (table funcref (elem $visit $inner $back))
    (global $kept (mut externref) (ref.null extern))
    (func $start
        (drop (call $visit (i32.const 1000)))
        (global.set $kept (call $make)))
    (start $start)
    (func $inner (export "inner") (param $n i32) (result i32) (local $ref externref)
        (local.set $ref (call $make))
        (i32.add
            (call $visit (local.get $n))
            (i32.add
                (call_indirect (type $visits) (i32.const 7) (i32.const 0))
                (ref.is_null (local.get $ref)))))
    (func (export "run") (param $rounds i32) (result i32) (local $sum i32) (local $ref externref)
        (local.set $ref (call $make))
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $visit (local.get $rounds))))
            (local.set $sum (i32.add (local.get $sum) (call $back (local.get $sum))))
            (local.set $sum (i32.add (local.get $sum)
                (call_indirect (type $visits) (local.get $sum) (local.get $rounds))))
            (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
        (if (ref.is_null (local.get $ref)) (then unreachable))
        (if (ref.is_null (global.get $kept)) (then unreachable))
        (local.get $sum))
    (func (export "nested") (param i32) (result i32)
        (i32.add (call $nest (local.get 0)) (call $visit (i32.const 1)))))"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Error,
    Trap,
    Panic,
}

/// How the program is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Plain,
    /// From a host function that the guest called.
    Nested,
    /// On a stack of its own, after it was suspended.
    Resumable,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("visit {0} failed")]
struct Marker(usize);

#[derive(Default)]
struct Host {
    /// The fuel used at each visit.
    used: Vec<u64>,
    fails: Option<(usize, Failure)>,
    /// Its reference count tells what has not been dropped.
    token: Arc<()>,
}

/// Every host function counts its visit, and fails at the chosen one.
fn visit(caller: &mut Caller<'_, Host>) -> Result<()> {
    let used = PLENTY - caller.get_fuel()?;
    let host = caller.data_mut();
    host.used.push(used);
    match host.fails {
        Some((at, failure)) if at == host.used.len() => match failure {
            Failure::Error => Err(Marker(at).into()),
            Failure::Trap => Err(Trap::IntegerOverflow.into()),
            Failure::Panic => std::panic::panic_any(Marker(at)),
        },
        _ => Ok(()),
    }
}

fn call(caller: &mut Caller<'_, Host>, name: &str, value: i32) -> Result<i32> {
    let func = caller.get_export(name).and_then(Extern::into_func).expect("it is exported");
    func.typed::<i32, i32>(&*caller)?.call(caller, value)
}

fn linker(engine: &Engine, token: &Arc<()>) -> Result<Linker<Host>> {
    let (mut linker, held) = (Linker::new(engine), token.clone());
    linker.func_wrap("host", "visit", move |mut caller: Caller<'_, Host>, value: i32| {
        let _held = &held;
        visit(&mut caller)?;
        Ok(value ^ 1)
    })?;
    linker.func_wrap("host", "make", |mut caller: Caller<'_, Host>| {
        visit(&mut caller)?;
        let token = caller.data().token.clone();
        caller.gc();
        ExternRef::new(&mut caller, token)
    })?;
    linker.func_wrap("host", "back", |mut caller: Caller<'_, Host>, value: i32| {
        visit(&mut caller)?;
        let result = call(&mut caller, "inner", value)?;
        visit(&mut caller)?;
        Ok(result)
    })?;
    linker.func_wrap("host", "nest", |mut caller: Caller<'_, Host>, value: i32| {
        visit(&mut caller)?;
        call(&mut caller, "run", value)
    })?;
    Ok(linker)
}

/// Instantiates the program and runs it in one of the ways; the fuel of both together starts at [`PLENTY`].
fn run(store: &mut Store<Host>, linker: &Linker<Host>, module: &Module, way: Way) -> Result<i32> {
    store.set_fuel(PLENTY)?;
    let instance = linker.instantiate(&mut *store, module)?;
    let name = if way == Way::Nested { "nested" } else { "run" };
    let run = instance.get_typed_func::<i32, i32>(&mut *store, name)?;
    if way != Way::Resumable {
        return run.call(store, 2);
    }
    let left = store.get_fuel()?;
    store.set_fuel(0)?;
    let CallState::Suspended(call) = run.call_resumable(&mut *store, 2)? else {
        panic!("nothing can run without fuel");
    };
    store.set_fuel(left)?;
    match call.resume(store)? {
        CallState::Finished(result) => Ok(result),
        CallState::Suspended(_) => panic!("there is plenty of fuel"),
    }
}

/// An undisturbed run: its result, and the fuel used at each host call.
fn undisturbed(engine: &Engine, module: &Module, way: Way) -> Result<(i32, Vec<u64>)> {
    let host = Host::default();
    let linker = linker(engine, &host.token)?;
    let mut store = Store::new(engine, host);
    let result = run(&mut store, &linker, module, way)?;
    Ok((result, store.into_data().used))
}

fn check_failure(at: usize, failure: Failure, found: std::thread::Result<Result<i32>>) {
    let error = match found {
        Err(panic) => {
            assert_eq!(failure, Failure::Panic);
            assert_eq!(panic.downcast_ref(), Some(&Marker(at)), "the panic is what the host function made");
            return;
        }
        Ok(found) => found.expect_err("a host function failed"),
    };
    match failure {
        Failure::Error => assert_eq!(error.downcast_ref(), Some(&Marker(at)), "{error:?}"),
        Failure::Trap => assert_eq!(error.downcast_ref(), Some(&Trap::IntegerOverflow), "{error:?}"),
        Failure::Panic => panic!("a panic became an error: {error:?}"),
    }
    let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a guest called the host");
    assert!(!backtrace.frames().is_empty(), "visit {at}: {error:?}");
}

#[test]
fn every_host_call_can_fail() -> Result<()> {
    for signals in [true, false] {
        let engine = engine(|config| {
            config.signals_based_traps(signals);
        });
        let module = Module::new(&engine, PROGRAM)?;
        for way in [Way::Plain, Way::Nested, Way::Resumable] {
            let (result, used) = undisturbed(&engine, &module, way)?;
            assert!(used.len() > 20, "{way:?}: only {} host calls", used.len());
            for at in 1..=used.len() {
                for failure in [Failure::Error, Failure::Trap, Failure::Panic] {
                    let host = Host { fails: Some((at, failure)), ..Host::default() };
                    let token = host.token.clone();
                    let linker = linker(&engine, &token)?;
                    let mut store = Store::new(&engine, host);
                    let found = catch_unwind(AssertUnwindSafe(|| run(&mut store, &linker, &module, way)));
                    check_failure(at, failure, found);
                    let place = format!("{way:?}, {failure:?} at visit {at}, signals {signals}");
                    assert_eq!(store.data().used, used[..at], "{place}: before");
                    assert_eq!(PLENTY - store.get_fuel()?, used[at - 1], "{place}: fuel");

                    store.data_mut().used.clear();
                    store.data_mut().fails = None;
                    assert_eq!(run(&mut store, &linker, &module, way)?, result, "{place}: afterwards");
                    assert_eq!(store.data().used, used, "{place}: afterwards");
                    drop((store, linker));
                    assert_eq!(Arc::strong_count(&token), 1, "{place}: something was not dropped");
                }
            }
        }
    }
    Ok(())
}

/// Grows at its start and when it is run; each failed growth sets a bit of the result.
const GROWING: &str = r#"(module
    (memory (export "memory") 1 20)
    (table $a (export "a") 1 20 funcref)
    (table $b 1 20 externref)
    (global $failed (mut i32) (i32.const 0))
    (func $note (param i32)
        (global.set $failed (i32.or
            (i32.shl (global.get $failed) (i32.const 1))
            (i32.eq (local.get 0) (i32.const -1)))))
    (func $grow
        (call $note (memory.grow (i32.const 1)))
        (call $note (table.grow $a (ref.null func) (i32.const 2)))
        (call $note (table.grow $b (ref.null extern) (i32.const 3))))
    (start $grow)
    (func (export "run") (result i32) (call $grow) (call $grow) (global.get $failed))
    (func (export "sizes") (result i32 i32 i32) (memory.size) (table.size $a) (table.size $b)))"#;

/// A memory and two tables are created, and each is grown three times.
const GROWTHS: usize = 12;

/// Refuses or fails at the nth request.
struct Nth {
    asked: usize,
    at: usize,
    fails: bool,
}

impl Nth {
    fn answer(&mut self) -> Result<bool> {
        self.asked += 1;
        match self.asked == self.at {
            true if self.fails => Err(Marker(self.at).into()),
            now => Ok(!now),
        }
    }
}

impl ResourceLimiter for Nth {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.answer()
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.answer()
    }
}

fn grow(store: &mut Store<Nth>, module: &Module) -> Result<(Instance, i32)> {
    store.set_fuel(PLENTY)?;
    let instance = Instance::new(&mut *store, module, &[])?;
    let run = instance.get_typed_func::<(), i32>(&mut *store, "run")?;
    Ok((instance, run.call(store, ())?))
}

fn sizes(store: &mut Store<Nth>, instance: Instance) -> Result<[i32; 3]> {
    Ok(instance.get_typed_func::<(), (i32, i32, i32)>(&mut *store, "sizes")?.call(store, ())?.into())
}

#[test]
fn every_growth_can_be_refused_or_fail() -> Result<()> {
    let engine = engine(|_| {});
    let module = Module::new(&engine, GROWING)?;
    for (at, fails) in (1..=GROWTHS).flat_map(|at| [(at, false), (at, true)]) {
        let mut store = Store::new(&engine, Nth { asked: 0, at, fails });
        store.limiter(|nth| nth);
        match grow(&mut store, &module) {
            Ok((instance, failed)) => {
                assert!(!fails && at > 3, "growth {at} failed and nobody heard of it");
                assert_eq!(failed, 1 << (GROWTHS - at), "growth {at}");
                let mut wanted = [4, 7, 10];
                wanted[(at - 1) % 3] -= [1, 2, 3][(at - 1) % 3];
                assert_eq!(sizes(&mut store, instance)?, wanted, "growth {at}");
            }
            Err(error) if fails => assert_eq!(error.downcast_ref(), Some(&Marker(at)), "{error:?}"),
            Err(error) => {
                assert!(at <= 3, "growth {at}: {error:?}");
                let what = if at == 1 { "memory" } else { "table" };
                assert_eq!(error.downcast_ref(), Some(&StoreError::LimitExceeded(what)), "{error:?}");
            }
        }
        let (instance, failed) = grow(&mut store, &module)?;
        assert_eq!((failed, sizes(&mut store, instance)?), (0, [4, 7, 10]), "after growth {at}");
    }
    Ok(())
}

#[test]
fn every_part_of_an_instance_can_be_one_too_many() -> Result<()> {
    let engine = engine(|_| {});
    let module = Module::new(&engine, GROWING)?;
    let limits = |instances: usize, memories: usize, tables: usize| {
        StoreLimitsBuilder::new().instances(instances).memories(memories).tables(tables).build()
    };
    let too_few = [limits(0, 1, 2), limits(1, 0, 2), limits(1, 1, 0), limits(1, 1, 1)];
    for (at, few) in too_few.into_iter().enumerate() {
        let mut store = Store::new(&engine, few);
        store.limiter(|limits| limits);
        store.set_fuel(PLENTY)?;
        let error = Instance::new(&mut store, &module, &[]).expect_err("something is one too many");
        let what = ["instance", "memory", "table", "table"][at];
        assert_eq!(error.downcast_ref(), Some(&StoreError::LimitExceeded(what)), "{error:?}");
        *store.data_mut() = StoreLimits::default();
        let instance = Instance::new(&mut store, &module, &[])?;
        let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
        assert_eq!(run.call(&mut store, ())?, 0);
    }
    Ok(())
}
