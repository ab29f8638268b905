//! Resumable calls, which wait in their store for fuel or for being resumed.

use std::marker::PhantomData;

use crate::api::stores::context::{AsContextMut, owned_by};
use crate::api::values::wasm_ty::{StoreRef, WasmResults};
use crate::base::layout::Slot;
use crate::vm::store::calls::fiber::Wait;
use crate::vm::store::indices::StoreId;
use crate::vm::store::store_core::StoreCore;

/// Whether a call has returned or waits: see [`TypedFunc::call_resumable`](crate::TypedFunc::call_resumable).
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::new(Config::new().consume_fuel(true))?;
/// let module = Module::new(&engine, r#"(module (func (export "run") (result i32) (i32.const 42)))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
/// let CallState::Suspended(call) = run.call_resumable(&mut store, ())? else {
///     bail!("it has no fuel yet");
/// };
/// store.set_fuel(100)?;
/// assert!(matches!(call.resume(&mut store)?, CallState::Finished(42)));
/// # anyhow::Ok(())
/// ```
#[derive(Debug)]
pub enum CallState<Results> {
    /// It returned.
    Finished(Results),
    /// It ran out of fuel or has yielded, and waits with its whole stack.
    Suspended(SuspendedCall<Results>),
}

/// A call that waits in its store. Dropping this leaves it waiting there; the store can make no other call until it has been
/// resumed to its end or cancelled.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// /// A mod of a game: its store, and the call that continues in the next frame.
/// struct Mod {
///     store: Store<()>,
///     waiting: Option<SuspendedCall<i32>>,
/// }
///
/// impl Mod {
///     /// Runs for a frame; returns the result when there is one.
///     fn run_for(&mut self, fuel: u64) -> Result<Option<i32>> {
///         self.store.set_fuel(fuel)?;
///         let Some(call) = self.waiting.take() else { return Ok(None) };
///         match call.resume(&mut self.store)? {
///             CallState::Finished(result) => return Ok(Some(result)),
///             CallState::Suspended(call) => self.waiting = Some(call),
///         }
///         Ok(None)
///     }
/// }
///
/// let engine = Engine::new(Config::new().consume_fuel(true))?;
/// let module = Module::new(&engine, r#"(module (func (export "run") (result i32) (local i32)
///     (loop
///         (local.set 0 (i32.add (local.get 0) (i32.const 1)))
///         (br_if 0 (i32.lt_u (local.get 0) (i32.const 50))))
///     (local.get 0)))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
/// let CallState::Suspended(call) = run.call_resumable(&mut store, ())? else { bail!("it has no fuel yet") };
/// let mut wolves = Mod { store, waiting: Some(call) };
/// let results: Vec<_> = (0..6).map(|_| wolves.run_for(100)).collect::<Result<_>>()?;
/// assert_eq!(results, [None, None, None, None, Some(50), None]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a suspended call keeps its store from making other calls"]
#[derive(Debug)]
pub struct SuspendedCall<Results> {
    store: StoreId,
    serial: u64,
    wait: Wait,
    results: PhantomData<fn() -> Results>,
}

impl<Results: WasmResults> CallState<Results> {
    /// The slots are those of a call that has returned.
    #[inline]
    pub(super) fn new(wait: Option<Wait>, slots: Vec<Slot>, core: &mut StoreCore) -> CallState<Results> {
        match wait {
            None => {
                let results = Results::load_from(&slots, &mut StoreRef(core));
                core.keep_slots(slots);
                CallState::Finished(results)
            }
            Some(wait) => {
                let (store, serial) = (core.id(), core.suspended_serial());
                CallState::Suspended(SuspendedCall { store, serial, wait, results: PhantomData })
            }
        }
    }
}

impl<Results: WasmResults> SuspendedCall<Results> {
    /// Whether it waits for fuel: what is left is too little to continue. Otherwise it has only yielded, as the store is
    /// configured to, and can continue.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    /// store.set_fuel(300)?;
    /// store.fuel_async_yield_interval(Some(100))?;
    /// let mut state = spin.call_resumable(&mut store, ())?;
    /// for wants_fuel in [false, false, true] {
    ///     let CallState::Suspended(call) = state else { bail!("it never returns") };
    ///     assert_eq!(call.wants_fuel(), wants_fuel);
    ///     state = call.resume(&mut store)?;
    /// }
    /// # anyhow::Ok(())
    /// ```
    pub fn wants_fuel(&self) -> bool {
        self.wait == Wait::Fuel
    }

    /// Resumes the call, on this thread. If there is too little fuel for its next step, it is suspended again at once.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    /// let mut state = spin.call_resumable(&mut store, ())?;
    /// for _ in 0..3 {
    ///     let CallState::Suspended(call) = state else { bail!("it never returns") };
    ///     store.add_fuel(1_000)?;
    ///     state = call.resume(&mut store)?;
    /// }
    /// assert!(store.fuel_consumed().is_some_and(|consumed| (2_990..=3_000).contains(&consumed)));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// As for a plain call; also if the call has already ended, or belongs to another store.
    ///
    /// # Panics
    /// A host function panicked.
    pub fn resume(self, mut store: impl AsContextMut) -> anyhow::Result<CallState<Results>> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        let mut slots = Vec::new();
        let wait = core.resume(self.serial, &mut slots)?;
        Ok(CallState::new(wait, slots, core))
    }

    /// Ends the call where it is. The guest's memory is not changed.
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
    /// The call has already ended, or belongs to another store.
    pub fn cancel(self, mut store: impl AsContextMut) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        Ok(core.cancel(self.serial)?)
    }
}
