//! Typed functions, whose types were checked once.

use std::marker::PhantomData;

use super::func::Func;
use super::resumable::CallState;
use crate::api::stores::context::{AsContextMut, owned_by};
use crate::api::values::wasm_ty::{StoreRef, WasmParams, WasmResults};
use crate::base::error::TypeMismatch;
use crate::base::layout::Slot;
use crate::base::types::FuncType;
use crate::vm::store::store_core::StoreCore;

/// The most parameters or results that a tuple can have.
const MOST_VALUES: usize = 17;

/// A function of a known type: see [`Func::typed`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let func = Func::wrap(&mut store, |a: i64, b: i64| (b, a));
/// let swap: TypedFunc<(i64, i64), (i64, i64)> = func.typed(&store)?;
/// assert_eq!(swap.call(&mut store, (1, 2))?, (2, 1));
/// assert_eq!(*swap.func(), func);
/// # anyhow::Ok(())
/// ```
pub struct TypedFunc<Params, Results> {
    func: Func,
    ty: PhantomData<fn(Params) -> Results>,
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    pub(super) fn new(func: Func, core: &StoreCore) -> anyhow::Result<Self> {
        owned_by(core, func.store)?;
        let (wanted, found) =
            (FuncType::from_parts(Params::types(), Results::types()), core.func_type(func.id));
        if !found.matches(&wanted) {
            return Err(TypeMismatch::new(wanted, found).into());
        }
        Ok(TypedFunc { func, ty: PhantomData })
    }

    /// The function without its type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let half = Func::wrap(&mut store, |x: f32| x / 2.0).typed::<f32, f32>(&store)?;
    /// assert_eq!(half.func().ty(&store).to_string(), "(f32) -> (f32)");
    /// # anyhow::Ok(())
    /// ```
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function. When fuel runs out, the call ends with
    /// [`Trap::OutOfFuel`](crate::Trap::OutOfFuel). It cannot yield: if the store is configured to, the call is an error,
    /// unless a host function makes it; then it may consume all fuel that is left.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module
    ///     (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// store.set_fuel(12)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let divide = instance.get_typed_func::<(i32, i32), i32>(&mut store, "divide")?;
    /// assert_eq!(divide.call(&mut store, (12, 4))?, 3);
    /// let by_zero = divide.call(&mut store, (12, 0)).unwrap_err();
    /// assert_eq!(by_zero.downcast_ref(), Some(&Trap::IntegerDivisionByZero));
    /// // The store can be used after a trap; each call consumed four units of fuel.
    /// assert_eq!(store.get_fuel()?, 4);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A trap, an error of a host function, a function of another store, the store has a
    /// suspended call, or it is configured to yield.
    ///
    /// # Panics
    /// A host function panicked.
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> anyhow::Result<Results> {
        let core = store.as_context_mut().core;
        owned_by(core, self.func.store)?;
        // Small calls do not pay for the room that large ones need.
        if Params::COUNT <= 4 && Results::COUNT <= 4 {
            self.call_with(core, params, &mut [Slot::default(); 4])
        } else {
            self.call_with(core, params, &mut [Slot::default(); MOST_VALUES])
        }
    }

    fn call_with(&self, core: &mut StoreCore, params: Params, slots: &mut [Slot]) -> anyhow::Result<Results> {
        params.store_into(slots, &mut StoreRef(core))?;
        core.call(self.func.id, slots)?;
        Ok(Results::load_from(slots, &mut StoreRef(core)))
    }

    /// Calls the function on a stack of its own, as a future: it yields as the store is configured to, by
    /// [`Store::fuel_async_yield_interval`](crate::Store::fuel_async_yield_interval) or
    /// [`Store::out_of_fuel_async_yield`](crate::Store::out_of_fuel_async_yield), and waits for async host functions. When
    /// fuel runs out, it ends with [`Trap::OutOfFuel`](crate::Trap::OutOfFuel).
    ///
    /// When it yields, the task is woken at once. Dropping the future ends the call where it is, and the store is free
    /// for others. Within a host function that guest code has called, it is a plain call, which does not wait.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::pin::pin;
    /// # use std::task::{Context, Poll, Waker};
    /// # fn main() -> Result<()> {
    /// async fn fibonacci(store: &mut Store<()>, n: u32) -> Result<u32> {
    ///     let module = Module::new(store.engine(), r#"(module
    ///         (func $fibonacci (export "fibonacci") (param i32) (result i32)
    ///             (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (local.get 0))))
    ///             (i32.add
    ///                 (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
    ///                 (call $fibonacci (i32.sub (local.get 0) (i32.const 2))))))"#)?;
    ///     let instance = Instance::new_async(&mut *store, &module, &[]).await?;
    ///     instance.get_typed_func::<u32, u32>(&mut *store, "fibonacci")?.call_async(store, n).await
    /// }
    /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
    /// store.set_fuel(100_000)?;
    /// store.fuel_async_yield_interval(Some(1_000))?; // so that one thread runs many
    /// let mut call = pin!(fibonacci(&mut store, 15));
    /// let result = loop {
    ///     if let Poll::Ready(result) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
    ///         break result?;
    ///     }
    /// };
    /// assert_eq!(result, 610);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A trap, an error of a host function, a function of another store, or the store has a suspended call.
    ///
    /// # Panics
    /// A host function panicked.
    pub async fn call_async(
        &self,
        mut store: impl AsContextMut<Data: Send>,
        params: Params,
    ) -> anyhow::Result<Results>
    where
        Params: Sync,
        Results: Sync,
    {
        let core = store.as_context_mut().core;
        owned_by(core, self.func.store)?;
        let mut slots = core.take_slots(Params::COUNT.max(Results::COUNT));
        params.store_into(&mut slots, &mut StoreRef(core))?;
        let slots = core.call_async(self.func.id, None, slots).await?;
        let results = Results::load_from(&slots, &mut StoreRef(core));
        core.keep_slots(slots);
        Ok(results)
    }

    /// Calls the function on a stack of its own. When fuel runs out it is suspended, until
    /// [`SuspendedCall::resume`](crate::SuspendedCall::resume) is called. If the store is configured to yield, it is also
    /// suspended then; [`SuspendedCall::wants_fuel`](crate::SuspendedCall::wants_fuel) tells the two cases apart. A nested plain call of
    /// a host function ends with [`Trap::OutOfFuel`](crate::Trap::OutOfFuel) as always.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::new(Config::new().consume_fuel(true))?;
    /// let module = Module::new(&engine, r#"(module
    ///     (func (export "count") (param i32) (result i32) (local i32)
    ///         (loop
    ///             (local.set 1 (i32.add (local.get 1) (i32.const 1)))
    ///             (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
    ///         (local.get 1)))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let count = instance.get_typed_func::<i32, i32>(&mut store, "count")?;
    ///
    /// let mut frames = 1;
    /// store.set_fuel(100)?;
    /// let mut state = count.call_resumable(&mut store, 50)?;
    /// let counted = loop {
    ///     match state {
    ///         CallState::Finished(counted) => break counted,
    ///         CallState::Suspended(call) => {
    ///             frames += 1;
    ///             store.add_fuel(100)?;
    ///             state = call.resume(&mut store)?;
    ///         }
    ///     }
    /// };
    /// assert_eq!((counted, frames), (50, 5));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`TypedFunc::call`]; or the call is made from within a host function.
    ///
    /// # Panics
    /// A host function panicked.
    #[inline]
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        params: Params,
    ) -> anyhow::Result<CallState<Results>> {
        let core = store.as_context_mut().core;
        owned_by(core, self.func.store)?;
        let mut slots = core.take_slots(Params::COUNT.max(Results::COUNT));
        params.store_into(&mut slots, &mut StoreRef(core))?;
        let wait = core.start_resumable(self.func.id, &mut slots)?;
        Ok(CallState::new(wait, slots, core))
    }
}
