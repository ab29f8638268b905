//! Rust types that correspond to WebAssembly types, and tuples of them.

use super::externref::ExternRef;
use super::reference::Ref;
use super::rooted::{OwnedRooted, Rooted, sealed::Bits as _};
use super::v128::V128;
use crate::api::funcs::func::Func;
use crate::base::error::StoreError;
use crate::base::layout::Slot;
use crate::base::types::{RefType, ValType};
use crate::vm::store::funcref::StoreFunc;
use crate::vm::store::store_core::StoreCore;

/// A Rust type for a WebAssembly value: integers, floats, [`V128`], [`Func`], [`Rooted<ExternRef>`] and
/// [`OwnedRooted<ExternRef>`]. References can also be `Option`s, in which `None` is null.
///
/// ```
/// # use tinkerbox_wasm::*;
/// assert_eq!(<u32 as WasmTy>::valtype(), ValType::I32);
/// assert_eq!(<Option<Func> as WasmTy>::valtype(), ValType::FUNCREF);
/// ```
pub trait WasmTy: Sized + Send + 'static {
    /// The WebAssembly type.
    fn valtype() -> ValType;
    #[doc(hidden)]
    fn into_slot(self, store: &mut StoreRef<'_>) -> Result<Slot, StoreError>;
    /// `None` for null, if the Rust type has no null.
    #[doc(hidden)]
    fn from_slot(slot: Slot, store: &mut StoreRef<'_>) -> Option<Self>;
}

/// The store in which a value is translated. Only this crate can make one.
#[doc(hidden)]
pub struct StoreRef<'a>(pub(in crate::api) &'a mut StoreCore);

macro_rules! numbers {
    ($($ty:ty: $valtype:ident, $to:expr, $from:expr;)*) => {$(
        impl WasmTy for $ty {
            fn valtype() -> ValType {
                ValType::$valtype
            }

            #[inline]
            fn into_slot(self, _: &mut StoreRef<'_>) -> Result<Slot, StoreError> {
                Ok(Slot([$to(self), 0]))
            }

            #[inline]
            fn from_slot(slot: Slot, _: &mut StoreRef<'_>) -> Option<$ty> {
                Some($from(slot.0[0]))
            }
        }
    )*};
}

numbers! {
    i32: I32, |value| u64::from(value as u32), |bits| bits as i32;
    u32: I32, u64::from, |bits| bits as u32;
    i64: I64, |value| value as u64, |bits| bits as i64;
    u64: I64, |value| value, |bits| bits;
    f32: F32, |value: f32| u64::from(value.to_bits()), |bits| f32::from_bits(bits as u32);
    f64: F64, f64::to_bits, f64::from_bits;
}

impl WasmTy for V128 {
    fn valtype() -> ValType {
        ValType::V128
    }

    #[inline]
    fn into_slot(self, _: &mut StoreRef<'_>) -> Result<Slot, StoreError> {
        Ok(Slot::new(self.as_u128()))
    }

    #[inline]
    fn from_slot(slot: Slot, _: &mut StoreRef<'_>) -> Option<V128> {
        Some(V128::from(slot.bits()))
    }
}

/// References, each in the form that can be null and in the form that cannot: the type, how it becomes
/// bits of a slot, and how bits become it.
macro_rules! references {
    ($($ty:ty: $valtype:ident, $to:path, $from:path;)*) => {$(
        impl WasmTy for Option<$ty> {
            fn valtype() -> ValType {
                ValType::$valtype
            }

            fn into_slot(self, store: &mut StoreRef<'_>) -> Result<Slot, StoreError> {
                self.map_or(Ok(Slot::default()), |reference| reference.into_slot(store))
            }

            fn from_slot(slot: Slot, store: &mut StoreRef<'_>) -> Option<Option<$ty>> {
                Some($from(slot.0[0], store.0))
            }
        }

        impl WasmTy for $ty {
            fn valtype() -> ValType {
                ValType::Ref(RefType::new(false, *RefType::$valtype.heap_type()))
            }

            fn into_slot(self, store: &mut StoreRef<'_>) -> Result<Slot, StoreError> {
                Ok(Slot([$to(&self, store.0)?, 0]))
            }

            fn from_slot(slot: Slot, store: &mut StoreRef<'_>) -> Option<$ty> {
                $from(slot.0[0], store.0)
            }
        }
    )*};
}

references! {
    Func: FUNCREF, func_to_bits, func_from_bits;
    Rooted<ExternRef>: EXTERNREF, Rooted::bits, rooted_from_bits;
    OwnedRooted<ExternRef>: EXTERNREF, OwnedRooted::bits, OwnedRooted::from_bits;
}

fn func_to_bits(func: &Func, core: &StoreCore) -> Result<u64, StoreError> {
    Ref::from(*func).to_bits(core)
}

fn func_from_bits(bits: u64, core: &mut StoreCore) -> Option<Func> {
    Some(Func::from_id(core.id(), StoreFunc::from_bits(bits)?))
}

fn rooted_from_bits(bits: u64, core: &mut StoreCore) -> Option<Rooted<ExternRef>> {
    Some(Rooted::new(core.id(), core.root(bits)?))
}

const CHECKED: &str = "the type was checked, so a reference that cannot be null is not null";

/// Parameters of a typed function: one [`WasmTy`] or a tuple of up to 17.
///
/// ```
/// # use tinkerbox_wasm::*;
/// /// Calls an export with parameters of any type.
/// fn tell<P: WasmParams>(store: &mut Store<()>, instance: Instance, event: &str, what: P) -> Result<()> {
///     instance.get_typed_func::<P, ()>(&mut *store, event)?.call(store, what)
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module
///     (func (export "on_load")) (func (export "on_move") (param f32 f32)) (func (export "on_key") (param i32)))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// tell(&mut store, instance, "on_load", ())?;
/// tell(&mut store, instance, "on_move", (1.0_f32, 2.0_f32))?;
/// tell(&mut store, instance, "on_key", 27)?;
/// assert!(tell(&mut store, instance, "on_key", 27_i64).is_err()); // another type
/// # anyhow::Ok(())
/// ```
pub trait WasmParams: Send + 'static {
    #[doc(hidden)]
    const COUNT: usize;
    #[doc(hidden)]
    fn types() -> Vec<ValType>;
    #[doc(hidden)]
    fn store_into(self, slots: &mut [Slot], store: &mut StoreRef<'_>) -> Result<(), StoreError>;
}

/// Results of a typed function: one [`WasmTy`] or a tuple of up to 17.
///
/// ```
/// # use tinkerbox_wasm::*;
/// /// Calls an export with results of any type.
/// fn ask<R: WasmResults>(store: &mut Store<()>, instance: Instance, what: &str) -> Result<R> {
///     instance.get_typed_func::<(), R>(&mut *store, what)?.call(store, ())
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module
///     (func (export "lives") (result i32) (i32.const 9))
///     (func (export "place") (result f32 f32) (f32.const 1.5) (f32.const 2)))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// assert_eq!(ask::<i32>(&mut store, instance, "lives")?, 9);
/// assert_eq!(ask::<(f32, f32)>(&mut store, instance, "place")?, (1.5, 2.0));
/// # anyhow::Ok(())
/// ```
pub trait WasmResults: WasmParams + Sized {
    #[doc(hidden)]
    fn load_from(slots: &[Slot], store: &mut StoreRef<'_>) -> Self;
}

impl<T: WasmTy> WasmParams for T {
    const COUNT: usize = 1;

    fn types() -> Vec<ValType> {
        vec![T::valtype()]
    }

    #[inline]
    fn store_into(self, slots: &mut [Slot], store: &mut StoreRef<'_>) -> Result<(), StoreError> {
        slots[0] = self.into_slot(store)?;
        Ok(())
    }
}

impl<T: WasmTy> WasmResults for T {
    #[inline]
    fn load_from(slots: &[Slot], store: &mut StoreRef<'_>) -> T {
        T::from_slot(slots[0], store).expect(CHECKED)
    }
}

/// Parameters of an async host function, as a tuple of up to 17 [`WasmTy`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// fn count<P: WasmTyList>() -> usize {
///     P::valtypes().count()
/// }
/// assert_eq!((count::<()>(), count::<(i32, Option<Func>)>()), (0, 2));
/// ```
pub trait WasmTyList: Send + Sized + 'static {
    /// The WebAssembly types.
    fn valtypes() -> impl Iterator<Item = ValType>;
    /// `None` if null is passed for a type without null.
    #[doc(hidden)]
    fn load(slots: &[Slot], store: &mut StoreRef<'_>) -> Option<Self>;
}

/// Calls a macro with lists of 0 to 17 names.
macro_rules! for_each_arity {
    ($macro:ident) => {
        $macro!();
        $macro!(A1);
        $macro!(A1 A2);
        $macro!(A1 A2 A3);
        $macro!(A1 A2 A3 A4);
        $macro!(A1 A2 A3 A4 A5);
        $macro!(A1 A2 A3 A4 A5 A6);
        $macro!(A1 A2 A3 A4 A5 A6 A7);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17);
    };
}
pub(in crate::api) use for_each_arity;

macro_rules! tuples {
    ($($name:ident)*) => {
        #[allow(non_snake_case, unused_variables, unused_mut, reason = "names are types, and there may be none")]
        impl<$($name: WasmTy),*> WasmParams for ($($name,)*) {
            const COUNT: usize = 0 $(+ { let _ = stringify!($name); 1 })*;

            fn types() -> Vec<ValType> {
                vec![$($name::valtype()),*]
            }

            #[inline]
            fn store_into(self, slots: &mut [Slot], store: &mut StoreRef<'_>) -> Result<(), StoreError> {
                let ($($name,)*) = self;
                let mut slots = slots.iter_mut();
                $(*slots.next().expect("a slot for each value") = $name.into_slot(store)?;)*
                Ok(())
            }
        }

        #[allow(unused_variables, unused_mut, reason = "there may be no names")]
        impl<$($name: WasmTy),*> WasmTyList for ($($name,)*) {
            fn valtypes() -> impl Iterator<Item = ValType> {
                [$($name::valtype()),*].into_iter()
            }

            fn load(slots: &[Slot], store: &mut StoreRef<'_>) -> Option<Self> {
                let mut slots = slots.iter();
                Some(($($name::from_slot(*slots.next().expect("a slot for each value"), store)?,)*))
            }
        }

        #[allow(
            non_snake_case,
            unused_variables,
            unused_mut,
            clippy::unused_unit,
            reason = "names are types, and there may be none"
        )]
        impl<$($name: WasmTy),*> WasmResults for ($($name,)*) {
            #[inline]
            fn load_from(slots: &[Slot], store: &mut StoreRef<'_>) -> Self {
                let mut slots = slots.iter();
                ($($name::from_slot(*slots.next().expect("a slot for each value"), store).expect(CHECKED),)*)
            }
        }
    };
}

for_each_arity!(tuples);
