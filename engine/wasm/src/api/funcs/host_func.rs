//! Host functions from closures.

use std::marker::PhantomData;

use super::caller::Caller;
use crate::api::values::val::Val;
use crate::api::values::wasm_ty::{StoreRef, WasmParams, WasmResults, WasmTy, for_each_arity};
use crate::base::error::TypeMismatch;
use crate::base::layout::Slot;
use crate::base::trap::Trap;
use crate::base::types::{FuncType, RefType, ValType};
use crate::vm::store::host::func::HostFunc;
use crate::vm::store::store_core::StoreCore;

/// What a host function returns: nothing, a value, a tuple, or a `Result` of these.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let nothing = Func::wrap(&mut store, || ());
/// let pair = Func::wrap(&mut store, || (1, 2.5));
/// assert_eq!(nothing.ty(&store).to_string(), "() -> ()");
/// assert_eq!(pair.ty(&store).to_string(), "() -> (i32, f64)");
/// // An error also ends the guest's call, and is returned to the host that made it.
/// let fails = Func::wrap(&mut store, || -> Result<i32> { bail!("no hay is left") });
/// let error = fails.typed::<(), i32>(&store)?.call(&mut store, ()).unwrap_err();
/// assert_eq!(error.root_cause().to_string(), "no hay is left");
/// # anyhow::Ok(())
/// ```
pub trait WasmRet: 'static {
    #[doc(hidden)]
    fn types() -> Vec<ValType>;
    #[doc(hidden)]
    fn store_into(self, slots: &mut [Slot], store: &mut StoreRef<'_>) -> anyhow::Result<()>;
}

impl<R: WasmResults> WasmRet for R {
    fn types() -> Vec<ValType> {
        <R as WasmParams>::types()
    }

    #[inline]
    fn store_into(self, slots: &mut [Slot], store: &mut StoreRef<'_>) -> anyhow::Result<()> {
        Ok(WasmParams::store_into(self, slots, store)?)
    }
}

impl<R: WasmResults> WasmRet for anyhow::Result<R> {
    fn types() -> Vec<ValType> {
        <R as WasmParams>::types()
    }

    #[inline]
    fn store_into(self, slots: &mut [Slot], store: &mut StoreRef<'_>) -> anyhow::Result<()> {
        Ok(WasmParams::store_into(self?, slots, store)?)
    }
}

/// A closure that can be a host function: up to 17 [`WasmTy`] parameters, a
/// [`Caller`] in front of them or not, and any [`WasmRet`] as its result.
///
/// ```
/// # use tinkerbox_wasm::*;
/// /// Takes whatever `func_wrap` takes.
/// fn define<P, R>(linker: &mut Linker<u32>, name: &str, func: impl IntoFunc<u32, P, R>) -> Result<()> {
///     linker.func_wrap("game", name, func)?;
///     Ok(())
/// }
/// let mut linker = Linker::default();
/// define(&mut linker, "add", |a: i32, b: i32| a + b)?;
/// define(&mut linker, "score", |caller: Caller<'_, u32>| *caller.data())?;
/// let mut store = Store::new(linker.engine(), 7);
/// let score = linker.get(&mut store, "game", "score").and_then(Extern::into_func);
/// let score = score.ok_or_else(|| format_err!("it is defined above"))?;
/// assert_eq!(score.typed::<(), u32>(&store)?.call(&mut store, ())?, 7);
/// # anyhow::Ok(())
/// ```
pub trait IntoFunc<T, Params, Results>: Send + Sync + 'static {
    #[doc(hidden)]
    fn into_host_func(self) -> HostParts;
}

/// A host function before it is in a store or linker.
#[doc(hidden)]
pub struct HostParts(pub(in crate::api) HostFunc);

macro_rules! closures {
    ($($name:ident)*) => {
        #[allow(non_snake_case, unused_variables, unused_mut, reason = "names are types, and there may be none")]
        impl<T: 'static, F, R: WasmRet, $($name: WasmTy),*> IntoFunc<T, ($($name,)*), R> for F
        where
            F: Fn($($name),*) -> R + Send + Sync + 'static,
        {
            fn into_host_func(self) -> HostParts {
                let with_caller = move |_: Caller<'_, T>, $($name: $name),*| self($($name),*);
                IntoFunc::<T, (Caller<'_, T>, $($name,)*), R>::into_host_func(with_caller)
            }
        }

        #[allow(non_snake_case, unused_variables, unused_mut, reason = "names are types, and there may be none")]
        impl<T: 'static, F, R: WasmRet, $($name: WasmTy),*> IntoFunc<T, (Caller<'_, T>, $($name,)*), R> for F
        where
            F: Fn(Caller<'_, T>, $($name),*) -> R + Send + Sync + 'static,
        {
            fn into_host_func(self) -> HostParts {
                let params = [$($name::valtype()),*].map(with_null);
                let ty = FuncType::from_parts(params, R::types().into_iter().map(with_null));
                let code = move |core: &mut StoreCore, caller, slots: &mut [Slot]| {
                    let mut arguments = slots.iter();
                    $(
                        let slot = *arguments.next().expect("a slot for each");
                        let $name = $name::from_slot(slot, &mut StoreRef(core)).ok_or(Trap::NullReference)?;
                    )*
                    let result = self(Caller::new(core, caller), $($name),*);
                    result.store_into(slots, &mut StoreRef(core))
                };
                HostParts(HostFunc::new(ty, code))
            }
        }
    };
}

for_each_arity!(closures);

/// A host function that runs a prelude each time it is called, for example to pay its price. If the prelude fails, the function
/// is not run. A collection during the prelude does not free the arguments.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::new(Config::new().consume_fuel(true))?;
/// let mut linker = Linker::new(&engine);
/// let pay = |mut caller: Caller<'_, ()>| caller.consume_fuel(500).map(drop);
/// linker.func_wrap("game", "height_at", with_prelude(pay, |x: f32| x / 2.0))?;
/// let mut store = Store::new(&engine, ());
/// store.set_fuel(600)?;
/// let height_at = linker.get(&mut store, "game", "height_at").and_then(Extern::into_func);
/// let height_at = height_at.ok_or_else(|| format_err!("it is defined above"))?.typed::<f32, f32>(&store)?;
/// assert_eq!(height_at.call(&mut store, 3.0)?, 1.5);
/// assert_eq!(store.get_fuel()?, 100);
/// assert!(height_at.call(&mut store, 3.0).is_err());
/// # anyhow::Ok(())
/// ```
pub fn with_prelude<T: 'static, Params, Results>(
    prelude: impl Fn(Caller<'_, T>) -> anyhow::Result<()> + Send + Sync + 'static,
    func: impl IntoFunc<T, Params, Results>,
) -> WithPrelude<Params, Results> {
    let HostParts(HostFunc { ty, code, .. }) = func.into_host_func();
    let collected: Vec<(usize, ValType)> =
        ty.params().enumerate().filter(|(_, ty)| ty.is_collected()).collect();
    let code = move |core: &mut StoreCore, caller, slots: &mut [Slot]| {
        for (at, ty) in &collected {
            // Nothing else roots the arguments yet. As values they are rooted until the host function has returned.
            Val::from_slot(slots[*at], *ty, core);
        }
        prelude(Caller::new(core, caller))?;
        code(core, caller, slots)
    };
    WithPrelude { func: HostFunc::new(ty, code), kind: PhantomData }
}

/// What [`with_prelude`] makes.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let limited: WithPrelude<(f32,), f32> = with_prelude(|_: Caller<'_, ()>| Ok(()), |x: f32| x.min(1.0));
/// Linker::<()>::default().func_wrap("game", "limited", limited)?;
/// # anyhow::Ok(())
/// ```
pub struct WithPrelude<Params, Results> {
    func: HostFunc,
    kind: PhantomData<fn(Params) -> Results>,
}

impl<Params, Results> WithPrelude<Params, Results> {
    /// The type of the function.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let free = with_prelude(|_: Caller<'_, ()>| Ok(()), |x: f32, times: u32| x * times as f32);
    /// assert_eq!(free.ty().to_string(), "(f32, i32) -> (f32)");
    /// ```
    pub fn ty(&self) -> &FuncType {
        &self.func.ty
    }
}

impl<T, Params: 'static, Results: 'static> IntoFunc<T, Params, Results> for WithPrelude<Params, Results> {
    fn into_host_func(self) -> HostParts {
        HostParts(self.func)
    }
}

/// Guests have no reference types without null, so those of a closure are declared with it. If a null is passed for a parameter
/// that cannot be null, the call traps.
pub(super) fn with_null(ty: ValType) -> ValType {
    match ty {
        ValType::Ref(ty) => ValType::Ref(RefType::new(true, *ty.heap_type())),
        other => other,
    }
}

/// A host function whose type is known at run time only.
pub(in crate::api) fn dynamic<T: 'static>(
    ty: FuncType,
    func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> anyhow::Result<()> + Send + Sync + 'static,
) -> HostFunc {
    let declared = ty.clone();
    let code = move |core: &mut StoreCore, caller, slots: &mut [Slot]| {
        let (arguments, mut results) = values(&declared, slots, core);
        func(Caller::new(core, caller), &arguments, &mut results)?;
        leave(&declared, &results, slots, core)
    };
    HostFunc::new(ty, code)
}

/// The arguments in slots as values, and initial values for the results.
pub(super) fn values(ty: &FuncType, slots: &[Slot], core: &mut StoreCore) -> (Vec<Val>, Vec<Val>) {
    let arguments = ty.params().zip(slots).map(|(ty, slot)| Val::from_slot(*slot, ty, core)).collect();
    // A reference that cannot be null has no initial value: the function must set one.
    let first = |ty| Val::default_for_ty(&ty).unwrap_or(Val::null_func_ref());
    (arguments, ty.results().map(first).collect())
}

/// Puts results into slots.
///
/// # Errors
/// The results are not of the function's type.
pub(super) fn leave(
    ty: &FuncType,
    results: &[Val],
    slots: &mut [Slot],
    core: &mut StoreCore,
) -> anyhow::Result<()> {
    for ((ty, result), slot) in ty.results().zip(results).zip(slots) {
        result.check(ty).map_err(|error: TypeMismatch| {
            anyhow::Error::new(error).context("a host function returned a value of the wrong type")
        })?;
        *slot = result.to_slot(core)?;
    }
    Ok(())
}
