//! Calls that wait for fuel.

use std::marker::PhantomData;

use super::store::{AsContextMut, owned_by};
use super::wasm_ty::{Place, WasmResults};
use crate::vm::fiber::Step;
use crate::vm::store::{StoreCore, StoreId};

/// How far a call has come: see [`TypedFunc::call_resumable`](crate::TypedFunc::call_resumable).
#[derive(Debug)]
pub enum CallState<Results> {
    /// It returned.
    Finished(Results),
    /// It ran out of fuel and waits, its whole stack kept.
    Suspended(SuspendedCall<Results>),
}

/// A call that waits in its store. Dropping this leaves it waiting there; the store makes no other
/// call until it is resumed to its end or cancelled.
#[must_use = "a suspended call keeps its store from making other calls"]
#[derive(Debug)]
pub struct SuspendedCall<Results> {
    store: StoreId,
    serial: u64,
    results: PhantomData<fn() -> Results>,
}

impl<Results: WasmResults> CallState<Results> {
    pub(super) fn new(step: Step, core: &mut StoreCore) -> CallState<Results> {
        match step {
            Step::Finished(slots) => CallState::Finished(Results::load_from(&slots, &mut Place(core))),
            Step::Suspended(serial) => {
                CallState::Suspended(SuspendedCall { store: core.id(), serial, results: PhantomData })
            }
        }
    }
}

impl<Results: WasmResults> SuspendedCall<Results> {
    /// Lets the call go on, on this thread. With too little fuel for its next step it is suspended
    /// again at once.
    ///
    /// # Errors
    /// As for a plain call; also when the call has ended before, or belongs to another store.
    ///
    /// # Panics
    /// A host function panicked.
    pub fn resume(self, mut store: impl AsContextMut) -> anyhow::Result<CallState<Results>> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        let step = core.resume(self.serial)?;
        Ok(CallState::new(step, core))
    }

    /// Ends the call where it is. The guest's memory stays as it is.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    /// store.set_fuel(10)?;
    /// let CallState::Suspended(call) = spin.call_resumable(&mut store, ())? else {
    ///     panic!("it never returns");
    /// };
    /// assert!(spin.call(&mut store, ()).is_err()); // one call is waiting
    /// call.cancel(&mut store)?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The call has ended before, or belongs to another store.
    pub fn cancel(self, mut store: impl AsContextMut) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        Ok(core.cancel(self.serial)?)
    }
}
