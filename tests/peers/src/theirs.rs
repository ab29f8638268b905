//! The other engine: the code shared by both engines, and the code for this one only.

use std::pin::Pin;
use std::task::{Context, Waker};

use anyhow::Result;
use wasmtime as runtime;
use wasmtime::{
    Config, Enabled, Engine, Instance, InstanceAllocationStrategy, Module, PoolingAllocationConfig, Store,
};

use crate::rounds::Work;

#[expect(clippy::duplicate_mod, reason = "it is compiled once for each engine")]
#[path = "both.rs"]
pub mod both;

/// The fastest settings for stores, of those that were tried.
fn pooling() -> Result<Config> {
    let mut pool = PoolingAllocationConfig::default();
    pool.linear_memory_keep_resident(1 << 20).table_keep_resident(1 << 20).pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Ok(config)
}

/// Runs out of a slice of its fuel and resumes, repeatedly.
pub fn suspensions(wat: &str, fuel: u64, times: u32) -> Result<Work> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let module = Module::new(&engine, wat)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(u64::MAX)?;
    store.fuel_async_yield_interval(Some(fuel))?;
    let mut spin: Pin<Box<dyn Future<Output = wasmtime::Result<()>>>> = Box::pin(async move {
        let instance = Instance::new_async(&mut store, &module, &[]).await?;
        let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
        spin.call_async(&mut store, ()).await
    });
    Ok(Box::new(move || {
        for _ in 0..times {
            assert!(
                spin.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending(),
                "it never returns"
            );
        }
        Ok(())
    }))
}
