//! Functions whose type was checked once.

use std::marker::PhantomData;

use super::context::{AsContextMut, owned_by};
use super::func::Func;
use super::resumable::CallState;
use super::wasm_ty::{Place, WasmParams, WasmResults};
use crate::base::error::TypeMismatch;
use crate::base::layout::Slot;
use crate::base::types::FuncType;
use crate::vm::store::StoreCore;

/// The most parameters or results that a tuple has.
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

    /// Calls the function. When fuel runs out the call ends with
    /// [`Trap::OutOfFuel`](crate::Trap::OutOfFuel).
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
    /// // After a trap the store goes on; four units of fuel were for each call.
    /// assert_eq!(store.get_fuel()?, 4);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A trap, an error of a host function, a function of another store, or the store has a
    /// suspended call.
    ///
    /// # Panics
    /// A host function panicked.
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> anyhow::Result<Results> {
        let core = store.as_context_mut().core;
        owned_by(core, self.func.store)?;
        // Small calls must not pay for the room that large ones need.
        if Params::COUNT <= 4 && Results::COUNT <= 4 {
            self.call_with(core, params, &mut [Slot::default(); 4])
        } else {
            self.call_with(core, params, &mut [Slot::default(); MOST_VALUES])
        }
    }

    fn call_with(&self, core: &mut StoreCore, params: Params, slots: &mut [Slot]) -> anyhow::Result<Results> {
        params.store_into(slots, &mut Place(core))?;
        core.call(self.func.id, slots)?;
        Ok(Results::load_from(slots, &mut Place(core)))
    }

    /// Calls the function on a stack of its own. When fuel runs out it is suspended, and goes on when
    /// [`SuspendedCall::resume`](crate::SuspendedCall::resume) is called. A nested plain call of a host
    /// function ends with [`Trap::OutOfFuel`](crate::Trap::OutOfFuel) as always.
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
    /// As for [`TypedFunc::call`]; and it cannot be made from within a host function.
    ///
    /// # Panics
    /// A host function panicked.
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        params: Params,
    ) -> anyhow::Result<CallState<Results>> {
        let core = store.as_context_mut().core;
        owned_by(core, self.func.store)?;
        let mut slots = vec![Slot::default(); Params::COUNT.max(Results::COUNT)];
        params.store_into(&mut slots, &mut Place(core))?;
        let step = core.start_resumable(self.func.id, slots)?;
        Ok(CallState::new(step, core))
    }
}
