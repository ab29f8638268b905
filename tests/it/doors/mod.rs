//! Calls between host and guest, seen from outside: values, traps, errors and panics cross at every depth, and calls
//! are suspended, moved, resumed, polled and dropped.

mod host_futures;
mod lending;
mod nesting;
mod suspension;
pub mod tasks;
mod traps;
mod values;
mod yielding;

use tinkerbox_wasm::*;

/// An engine that counts fuel.
pub fn metered() -> Engine {
    Engine::new(Config::new().consume_fuel(true)).expect("the machine is supported")
}

/// An instance of a module in text form, in a store with plenty of fuel and no imports.
pub fn instance(engine: &Engine, wat: &str) -> (Store<()>, Instance) {
    let module = Module::new(engine, wat).expect("the test's module is valid");
    let mut store = Store::new(engine, ());
    let _ = store.set_fuel(u64::MAX);
    let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
    (store, instance)
}

/// The trap inside an error.
pub fn trap(error: &Error) -> Trap {
    *error.downcast_ref().unwrap_or_else(|| panic!("expected a trap, got: {error:?}"))
}
