//! Untrusted modules must not exhaust, stall or end their host, or be charged wrongly; and the embedding API as its
//! users use it.

mod advisories;
mod cached;
mod compile_cost;
mod debug_info;
mod depth;
mod embedding;
mod growth;
mod inlined;
#[cfg(target_os = "linux")]
mod lifetimes;
mod memories;
mod serialized;
mod sweeps;

use tinkerbox_wasm::*;

/// An engine that counts fuel, with the test's own settings.
fn engine(settings: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    config.consume_fuel(true);
    settings(&mut config);
    Engine::new(&config).expect("the settings are fine")
}

/// A store with plenty of fuel and an instance of a module without imports.
fn instance(engine: &Engine, text: &str) -> (Store<()>, Instance) {
    let module = Module::new(engine, text).expect("the module is valid");
    let mut store = Store::new(engine, ());
    store.set_fuel(u64::MAX).expect("fuel is configured");
    let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
    (store, instance)
}
