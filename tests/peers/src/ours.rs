//! The engine of this project: the code that is the same for both, and what only this one has.

use anyhow::Result;
use tinkerbox_wasm as runtime;
use tinkerbox_wasm::{CallState, Config, Engine, Instance, Module, Store};

use crate::rounds::Work;

#[expect(clippy::duplicate_mod, reason = "it is compiled once for each engine")]
#[path = "both.rs"]
pub mod both;

/// The settings that stores are quickest with: here they are the default.
fn pooling() -> Result<Config> {
    Ok(Config::new())
}

/// Runs out of fuel and goes on, again and again.
pub fn suspensions(wat: &str, fuel: u64, times: u32) -> Result<Work> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let module = Module::new(&engine, wat)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let mut state =
        Some(instance.get_typed_func::<(), ()>(&mut store, "spin")?.call_resumable(&mut store, ())?);
    Ok(Box::new(move || {
        for _ in 0..times {
            let Some(CallState::Suspended(call)) = state.take() else { panic!("it never returns") };
            store.set_fuel(fuel)?;
            state = Some(call.resume(&mut store)?);
        }
        Ok(())
    }))
}
