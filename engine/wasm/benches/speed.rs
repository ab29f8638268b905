//! How long the runtime itself takes: stores that come and go, and the doors between host and guest. Compare
//! what was measured in one run: `cargo bench -p tinkerbox-wasm`. Knows the public API only.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use criterion::Criterion;
use tinkerbox_wasm::*;

/// What a small mod has: two imports, a table, some data, a memory of a megabyte.
const MOD: &str = r#"(module
    (import "host" "empty" (func $empty))
    (import "host" "read" (func $read))
    (memory (export "memory") 17)
    (table 4 funcref)
    (elem (i32.const 1) $run)
    (data (i32.const 65536) "text that programs have somewhere in their data")
    (func (export "empty"))
    (func (export "call host") (param i32)
        (loop
            (call $empty)
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "call read") (param i32)
        (loop
            (call $read)
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "spin") (loop (br 0)))
    (func $run (export "run")
        (i32.store (i32.const 65000) (i32.const 1))
        (i32.store (i32.const 70000) (i32.load (i32.const 65536)))))"#;

const CALLS: i32 = 1_000;

struct Host {
    engine: Engine,
    module: Module,
    linker: Linker<u64>,
}

impl Host {
    fn new() -> Result<Host> {
        let engine = Engine::new(Config::new().consume_fuel(true))?;
        let module = Module::new(&engine, MOD)?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "empty", |_: Caller<'_, u64>| {})?;
        linker.func_wrap("host", "read", |mut caller: Caller<'_, u64>| {
            let memory = caller.get_export("memory").and_then(Extern::into_memory);
            let mut bytes = [0; 64];
            memory.expect("it is exported").read(&caller, 65_536, &mut bytes)?;
            *caller.data_mut() += u64::from(bytes[0]);
            Ok(())
        })?;
        Ok(Host { engine, module, linker })
    }

    fn instance(&self) -> Result<(Store<u64>, Instance)> {
        let mut store = Store::new(&self.engine, 0);
        store.set_fuel(u64::MAX)?;
        let instance = self.linker.instantiate(&mut store, &self.module)?;
        Ok((store, instance))
    }
}

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let host = Host::new()?;
    stores(&mut criterion, &host);
    doors(&mut criterion, &host)?;
    suspensions(&mut criterion, &host)?;
    criterion.final_summary();
    Ok(())
}

fn stores(criterion: &mut Criterion, host: &Host) {
    criterion.bench_function("store, drop", |bencher| bencher.iter(|| Store::new(&host.engine, 0_u64)));
    criterion.bench_function("store, instantiate, drop", |bencher| {
        bencher.iter(|| host.instance().expect("it is linked"));
    });
    criterion.bench_function("store, instantiate, call, drop", |bencher| {
        bencher.iter(|| {
            let (mut store, instance) = host.instance().expect("it is linked");
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("it is exported");
            run.call(&mut store, ()).expect("it returns");
        });
    });
}

fn doors(criterion: &mut Criterion, host: &Host) -> Result<()> {
    let (mut store, instance) = host.instance()?;
    let empty = instance.get_typed_func::<(), ()>(&mut store, "empty")?;
    criterion.bench_function("host to guest, typed", |bencher| {
        bencher.iter(|| empty.call(black_box(&mut store), ()).expect("it returns"));
    });
    for (name, what) in [
        ("call host", "guest to host, 1000 times"),
        ("call read", "guest to host, get_export and read of 64 bytes, 1000 times"),
    ] {
        let call = instance.get_typed_func::<i32, ()>(&mut store, name)?;
        criterion.bench_function(what, |bencher| {
            bencher.iter(|| call.call(black_box(&mut store), CALLS).expect("it returns"));
        });
    }
    Ok(())
}

/// Fuel for a step of a call: enough for its next check.
const STEP: u64 = 4;

/// Short steps of calls that never end, and whole calls that could have been suspended.
fn suspensions(criterion: &mut Criterion, host: &Host) -> Result<()> {
    let (mut store, instance) = host.instance()?;
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let empty = instance.get_typed_func::<(), ()>(&mut store, "empty")?;

    criterion.bench_function("refuel, resume, suspend", |bencher| {
        store.set_fuel(0).expect("fuel is configured");
        let mut state = spin.call_resumable(&mut store, ()).expect("it is suspended");
        bencher.iter(|| {
            let CallState::Suspended(call) = std::mem::replace(&mut state, CallState::Finished(())) else {
                return;
            };
            store.set_fuel(STEP).expect("fuel is configured");
            state = call.resume(black_box(&mut store)).expect("it is suspended");
        });
        if let CallState::Suspended(call) = state {
            call.cancel(&mut store).expect("it is suspended");
        }
    });
    store.set_fuel(u64::MAX)?;
    criterion.bench_function("host to guest, resumable", |bencher| {
        bencher.iter(|| empty.call_resumable(black_box(&mut store), ()).expect("it returns"));
    });
    criterion.bench_function("host to guest, async", |bencher| {
        bencher.iter(|| {
            let call = pin!(empty.call_async(black_box(&mut store), ()));
            assert!(call.poll(&mut Context::from_waker(Waker::noop())).is_ready());
        });
    });
    store.fuel_async_yield_interval(Some(STEP))?;
    let mut call = pin!(spin.call_async(&mut store, ()));
    criterion.bench_function("poll, yield", |bencher| {
        bencher.iter(|| {
            let task = &mut Context::from_waker(Waker::noop());
            assert!(matches!(black_box(&mut call).as_mut().poll(task), Poll::Pending));
        });
    });
    Ok(())
}
