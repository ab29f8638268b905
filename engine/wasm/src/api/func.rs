//! Functions of a store.

use super::caller::Caller;
use super::host_func::{self, IntoFunc};
use super::store::{AsContext, AsContextMut, assert_owned, owned_by};
use super::typed::TypedFunc;
use super::val::Val;
use super::wasm_ty::{WasmParams, WasmResults};
use crate::base::error::TypeMismatch;
use crate::base::layout::Slot;
use crate::base::types::FuncType;
use crate::vm::store::{FuncId, StoreId};

/// A function of a store: of a module, or of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Func {
    pub(super) store: StoreId,
    pub(super) id: FuncId,
}

impl Func {
    pub(super) fn from_id(store: StoreId, id: FuncId) -> Func {
        Func { store, id }
    }

    /// A host function from a closure, whose type says its parameters and results.
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
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        Func::add(store.as_context_mut().core, func.into_host_func().0)
    }

    /// A host function whose type is known at run time only.
    ///
    /// # Panics
    /// The type has more parameters or results than the compiler takes (1,000 of each are fine), or the
    /// operating system refuses the memory for its trampolines.
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> Func {
        Func::add(store.as_context_mut().core, host_func::dynamic(ty, func))
    }

    /// The function's type.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.func_type(self.id)
    }

    /// The function with its type checked, so that calls need not check it again.
    ///
    /// # Errors
    /// Its type is another one, or it belongs to another store.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> anyhow::Result<TypedFunc<Params, Results>> {
        TypedFunc::new(*self, store.as_context().core)
    }

    /// Calls it with values whose types are checked now. When fuel runs out the call ends.
    ///
    /// # Errors
    /// A trap, an error of a host function, wrong types or numbers of values, a function of another
    /// store, or the store has a suspended call.
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
        owned_by(core, self.store)?;
        let ty = core.func_type(self.id);
        let counts = |params: usize, results: usize| format!("{params} parameters and {results} results");
        if params.len() != ty.params().len() || results.len() != ty.results().len() {
            let expected = counts(ty.params().len(), ty.results().len());
            return Err(TypeMismatch::new(expected, counts(params.len(), results.len())).into());
        }
        let mut slots = vec![Slot::default(); params.len().max(results.len())];
        for ((param, wanted), slot) in params.iter().zip(ty.params()).zip(&mut slots) {
            param.check(wanted)?;
            *slot = param.to_slot(core)?;
        }
        core.call(self.id, &mut slots)?;
        for ((result, ty), slot) in results.iter_mut().zip(ty.results()).zip(slots) {
            *result = Val::from_slot(slot, ty, core);
        }
        Ok(())
    }
}
