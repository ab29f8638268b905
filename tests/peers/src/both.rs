//! Measurements of either engine, in the terms of the API that both have: this file is compiled twice, each time
//! beside another `runtime`.

use anyhow::Result;

use super::runtime::*;
use crate::rounds::Work;
use crate::speed::{Outcome, Run};

/// More than any measurement here needs.
const FUEL: u64 = u64::MAX / 4;

fn engine(metered: bool) -> super::runtime::Result<Engine> {
    Engine::new(Config::new().consume_fuel(metered).parallel_compilation(false))
}

/// Compiles and drops a module.
pub fn compilation(wasm: &[u8], metered: bool) -> Result<Work> {
    let (engine, wasm) = (engine(metered)?, wasm.to_vec());
    Ok(Box::new(move || {
        Module::new(&engine, &wasm)?;
        Ok(())
    }))
}

/// A compiled program, from which instances are made.
pub struct Program {
    module: Module,
    linker: Linker<()>,
    metered: bool,
}

impl Program {
    pub fn new(wasm: &[u8], metered: bool) -> Result<Program> {
        let engine = engine(metered)?;
        let module = Module::new(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        // C libraries import functions that their programs never call.
        linker.define_unknown_imports_as_traps(&module)?;
        Ok(Program { module, linker, metered })
    }

    /// An instance in a store of its own, whose `run` is called with a number.
    pub fn instance(&self) -> Result<Run> {
        let metered = self.metered;
        let mut store = Store::new(self.module.engine(), ());
        if metered {
            store.set_fuel(FUEL)?;
        }
        let instance = self.linker.instantiate(&mut store, &self.module)?;
        if let Ok(start) = instance.get_typed_func::<(), ()>(&mut store, "_initialize") {
            start.call(&mut store, ())?;
        }
        let run = instance.get_typed_func::<i32, i64>(&mut store, "run")?;
        Ok(Box::new(move |n| {
            if metered {
                store.set_fuel(FUEL)?;
            }
            let checksum = run.call(&mut store, n)?;
            let fuel = if metered { FUEL - store.get_fuel()? } else { 0 };
            Ok(Outcome { checksum, fuel })
        }))
    }
}

/// A module with an export for each way of crossing between host and guest, and the parts of a small mod.
pub const DOORS: &str = r#"(module
    (import "host" "empty" (func $empty))
    (import "host" "read" (func $read))
    (memory (export "memory") 17)
    (table 4 funcref)
    (elem (i32.const 1) $run)
    (data (i32.const 65536) "text that programs have somewhere in their data")
    (func (export "empty"))
    (func (export "nothing") (param i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "call empty") (param i32)
        (loop
            (call $empty)
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "call read") (param i32)
        (loop
            (call $read)
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func $run (export "run")
        (i32.store (i32.const 65000) (i32.const 1))
        (i32.store (i32.const 70000) (i32.load (i32.const 65536)))))"#;

/// [`DOORS`], linked.
struct Doors(InstancePre<u64>);

impl Doors {
    fn new(config: &mut Config) -> Result<Doors> {
        let engine = Engine::new(config.consume_fuel(true))?;
        let module = Module::new(&engine, DOORS)?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "empty", |_: Caller<'_, u64>| {})?;
        linker.func_wrap("host", "read", |mut caller: Caller<'_, u64>| {
            let memory = caller.get_export("memory").and_then(Extern::into_memory);
            let mut bytes = [0; 64];
            memory.expect("it is exported").read(&caller, 65_536, &mut bytes)?;
            *caller.data_mut() += u64::from(bytes[0]);
            Ok(())
        })?;
        Ok(Doors(linker.instantiate_pre(&module)?))
    }

    fn instance(&self) -> Result<(Store<u64>, Instance)> {
        let mut store = Store::new(self.0.module().engine(), 0);
        store.set_fuel(FUEL)?;
        let instance = self.0.instantiate(&mut store)?;
        Ok((store, instance))
    }
}

/// The host calls a function that does nothing.
pub fn typed_calls(refuel: bool, times: u32) -> Result<Work> {
    let (mut store, instance) = Doors::new(&mut Config::new())?.instance()?;
    let empty = instance.get_typed_func::<(), ()>(&mut store, "empty")?;
    Ok(Box::new(move || {
        for _ in 0..times {
            if refuel {
                store.set_fuel(FUEL)?;
            }
            empty.call(&mut store, ())?;
        }
        Ok(())
    }))
}

/// A loop of the guest, by the name of its export.
pub fn guest_loop(export: &str, times: u32) -> Result<Work> {
    let (mut store, instance) = Doors::new(&mut Config::new())?.instance()?;
    let run = instance.get_typed_func::<u32, ()>(&mut store, export)?;
    Ok(Box::new(move || {
        store.set_fuel(FUEL)?;
        run.call(&mut store, times)?;
        Ok(())
    }))
}

/// Creates and drops stores.
pub fn stores(call: bool, times: u32) -> Result<Work> {
    let doors = Doors::new(&mut super::pooling()?)?;
    Ok(Box::new(move || {
        for _ in 0..times {
            let (mut store, instance) = doors.instance()?;
            if call {
                instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
            }
        }
        Ok(())
    }))
}
