//! This project's engine: the code shared by both engines, and the code for this one only.

use anyhow::Result;
use tinkerbox_wasm as runtime;
use tinkerbox_wasm::{CallState, Config, Engine, Instance, Module, Store};

use crate::rounds::Work;

#[expect(clippy::duplicate_mod, reason = "it is compiled once for each engine")]
#[path = "both.rs"]
pub mod both;

/// The fastest settings for stores, which are the defaults here.
fn pooling() -> Result<Config> {
    Ok(Config::new())
}

/// Runs out of fuel and resumes, repeatedly.
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
