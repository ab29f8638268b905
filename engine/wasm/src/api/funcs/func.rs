//! Functions of a store.

use std::sync::Arc;

use super::caller::Caller;
use super::host_func::{self, IntoFunc};
use super::typed::TypedFunc;
use crate::api::stores::context::{AsContext, AsContextMut, assert_owned, owned_by};
use crate::api::values::val::Val;
use crate::api::values::wasm_ty::{WasmParams, WasmResults};
use crate::base::error::TypeMismatch;
use crate::base::layout::Slot;
use crate::base::types::FuncType;
use crate::vm::store::funcref::StoreFunc;
use crate::vm::store::host::func::HostFunc;
use crate::vm::store::indices::StoreId;
use crate::vm::store::store_core::StoreCore;

/// A function of a store: of a module, or of the host.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let double = Func::wrap(&mut store, |x: i32| x * 2);
/// // If the type is known when the host is compiled:
/// assert_eq!(double.typed::<i32, i32>(&store)?.call(&mut store, 21)?, 42);
/// // And if it is not:
/// let mut results = vec![Val::I32(0); double.ty(&store).results().len()];
/// double.call(&mut store, &[Val::I32(21)], &mut results)?;
/// assert_eq!(results[0].i32(), Some(42));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    pub(in crate::api) store: StoreId,
    pub(in crate::api) id: StoreFunc,
}

impl Func {
    pub(in crate::api) fn from_id(store: StoreId, id: StoreFunc) -> Func {
        Func { store, id }
    }

    /// A host function from a closure, whose type determines the parameters and results.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let add = Func::wrap(&mut store, |a: i32, b: i32| a + b);
    /// assert_eq!(add.typed::<(i32, i32), i32>(&store)?.call(&mut store, (2, 3))?, 5);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The operating system refuses the memory for its trampolines.
    pub fn wrap<T: 'static, Params, Results>(
        store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        Func::try_wrap(store, func).expect("the system has memory for the trampolines of a host function")
    }

    /// As [`Func::wrap`], for hosts that continue if the system refuses memory.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let nothing = Func::try_wrap(&mut store, || ())?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The operating system refuses the memory for its trampolines.
    pub fn try_wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> anyhow::Result<Func> {
        Func::add(store.as_context_mut().core, func.into_host_func().0)
    }

    /// A host function whose type is known at run time only.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = FuncType::new(store.engine(), [ValType::I32], [ValType::I32, ValType::I32]);
    /// let twice = Func::new(&mut store, ty, |_caller, params, results| {
    ///     results.fill(params[0]);
    ///     Ok(())
    /// });
    /// let mut results = [Val::I32(0), Val::I32(0)];
    /// twice.call(&mut store, &[Val::I32(6)], &mut results)?;
    /// assert_eq!(results.map(|result| result.i32()), [Some(6); 2]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The type has more than 1,000 parameters or results, or the operating system refuses the memory
    /// for its trampolines.
    pub fn new<T: 'static>(
        store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> Func {
        Func::try_new(store, ty, func).expect("a function of this type can be made")
    }

    /// As [`Func::new`], for untrusted types.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let large = FuncType::new(store.engine(), [ValType::I32; 100_000], []);
    /// assert!(Func::try_new(&mut store, large, |_, _, _| Ok(())).is_err());
    /// ```
    ///
    /// # Errors
    /// The type has more than 1,000 parameters or results, or the operating system refuses the memory
    /// for its trampolines.
    pub fn try_new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> anyhow::Result<Func> {
        Func::add(store.as_context_mut().core, host_func::dynamic(ty, func))
    }

    pub(super) fn add(core: &mut StoreCore, func: HostFunc) -> anyhow::Result<Func> {
        func.ty.check_size()?;
        Ok(Func::from_id(core.id(), core.add_host_func(Arc::new(func))?))
    }

    /// The function's type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let func = Func::wrap(&mut store, |_: i32| 1_i64);
    /// assert_eq!(func.ty(&store).to_string(), "(i32) -> (i64)");
    /// ```
    ///
    /// # Panics
    /// The function belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.func_type(self.id)
    }

    /// Whether the function can be used where one of this type is expected.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let func = Func::wrap(&mut store, |_: i32| 1_i64);
    /// let ty = FuncType::new(store.engine(), [ValType::I32], [ValType::I64]);
    /// assert!(func.matches_ty(&store, &ty));
    /// ```
    ///
    /// # Panics
    /// The function belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &FuncType) -> bool {
        self.ty(store).matches(ty)
    }

    /// The function with its type checked, so that calls need not check it again.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let split = Func::wrap(&mut store, |whole: u64| (whole as u32, (whole >> 32) as u32));
    /// let split = split.typed::<u64, (u32, u32)>(&store)?;
    /// assert_eq!(split.call(&mut store, 7 << 32 | 9)?, (9, 7));
    /// assert!(split.func().typed::<f64, ()>(&store).is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The function's type does not match, or the function belongs to another store.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> anyhow::Result<TypedFunc<Params, Results>> {
        TypedFunc::new(*self, store.as_context().core)
    }

    /// Calls the function, and checks the types of the values now. If fuel runs out, the call ends.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let half = Func::wrap(&mut store, |x: f64| x / 2.0);
    /// let mut results = [Val::F64(0)];
    /// half.call(&mut store, &[Val::from(5.0)], &mut results)?;
    /// assert_eq!(results[0].f64(), Some(2.5));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A trap, an error of a host function, wrong types or numbers of values, a function of another
    /// store, the store has a suspended call, or it is configured to yield.
    ///
    /// # Panics
    /// A host function panicked.
    pub fn call(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        let mut slots = self.arguments(core, params, results.len())?;
        core.call(self.id, &mut slots)?;
        self.take_results(core, &slots, results);
        Ok(())
    }

    /// As [`TypedFunc::call_async`], but checks the types of the values now.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::pin::pin;
    /// # use std::task::{Context, Poll, Waker};
    /// let mut store = Store::new(&Engine::default(), ());
    /// let half = Func::wrap(&mut store, |x: f64| x / 2.0);
    /// let mut results = [Val::F64(0)];
    /// let params = [Val::from(5.0)];
    /// {
    ///     let ready = pin!(half.call_async(&mut store, &params, &mut results));
    ///     assert!(ready.poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// }
    /// assert_eq!(results[0].f64(), Some(2.5));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A trap, an error of a host function, wrong types or numbers of values, a function of another
    /// store, or the store has a suspended call.
    ///
    /// # Panics
    /// A host function panicked.
    pub async fn call_async(
        &self,
        mut store: impl AsContextMut<Data: Send>,
        params: &[Val],
        results: &mut [Val],
    ) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        let slots = self.arguments(core, params, results.len())?;
        let slots = core.call_async(self.id, None, slots).await?;
        self.take_results(core, &slots, results);
        Ok(())
    }

    /// The arguments in slots, with room for the results.
    fn arguments(&self, core: &mut StoreCore, params: &[Val], results: usize) -> anyhow::Result<Vec<Slot>> {
        owned_by(core, self.store)?;
        let ty = core.func_type(self.id);
        let counts = |params: usize, results: usize| format!("{params} parameters and {results} results");
        if params.len() != ty.params().len() || results != ty.results().len() {
            let expected = counts(ty.params().len(), ty.results().len());
            return Err(TypeMismatch::new(expected, counts(params.len(), results)).into());
        }
        let mut slots = vec![Slot::default(); params.len().max(results)];
        for ((param, wanted), slot) in params.iter().zip(ty.params()).zip(&mut slots) {
            param.check(wanted)?;
            *slot = param.to_slot(core)?;
        }
        Ok(slots)
    }

    fn take_results(&self, core: &mut StoreCore, slots: &[Slot], results: &mut [Val]) {
        let ty = core.func_type(self.id);
        for ((result, ty), slot) in results.iter_mut().zip(ty.results()).zip(slots) {
            *result = Val::from_slot(*slot, ty, core);
        }
    }
}
