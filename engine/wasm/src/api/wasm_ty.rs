//! Rust types that stand for WebAssembly types, and tuples of them.

use super::func::Func;
use super::store::owned_by;
use super::v128::V128;
use crate::base::error::StoreError;
use crate::base::layout::Slot;
use crate::base::types::ValType;
use crate::vm::store::{FuncId, StoreCore};

/// A Rust type for a WebAssembly value: integers, floats, [`V128`] and `Option<Func>`.
pub trait WasmTy: Sized + Send + 'static {
    /// The WebAssembly type.
    fn valtype() -> ValType;
    #[doc(hidden)]
    fn into_slot(self, store: Place<'_>) -> Result<Slot, StoreError>;
    #[doc(hidden)]
    fn from_slot(slot: Slot, store: Place<'_>) -> Self;
}

/// The store that a value crosses the border of. Only this crate can make one.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Place<'a>(pub(super) &'a StoreCore);

macro_rules! numbers {
    ($($ty:ty: $valtype:ident, $to:expr, $from:expr;)*) => {$(
        impl WasmTy for $ty {
            fn valtype() -> ValType {
                ValType::$valtype
            }

            #[inline]
            fn into_slot(self, _: Place<'_>) -> Result<Slot, StoreError> {
                Ok(Slot([$to(self), 0]))
            }

            #[inline]
            fn from_slot(slot: Slot, _: Place<'_>) -> $ty {
                $from(slot.0[0])
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
    fn into_slot(self, _: Place<'_>) -> Result<Slot, StoreError> {
        Ok(Slot::new(self.as_u128()))
    }

    #[inline]
    fn from_slot(slot: Slot, _: Place<'_>) -> V128 {
        V128::from(slot.bits())
    }
}

impl WasmTy for Option<Func> {
    fn valtype() -> ValType {
        ValType::FUNCREF
    }

    fn into_slot(self, store: Place<'_>) -> Result<Slot, StoreError> {
        if let Some(func) = self {
            owned_by(store.0, func.store)?;
        }
        Ok(Slot([FuncId::to_bits(self.map(|func| func.id)), 0]))
    }

    fn from_slot(slot: Slot, store: Place<'_>) -> Option<Func> {
        Some(Func::from_id(store.0.id(), FuncId::from_bits(slot.0[0])?))
    }
}

/// Parameters of a typed function: one [`WasmTy`] or a tuple of up to 16.
pub trait WasmParams: Send + 'static {
    #[doc(hidden)]
    const COUNT: usize;
    #[doc(hidden)]
    fn types() -> Vec<ValType>;
    #[doc(hidden)]
    fn store_into(self, slots: &mut [Slot], store: Place<'_>) -> Result<(), StoreError>;
}

/// Results of a typed function: one [`WasmTy`] or a tuple of up to 16.
pub trait WasmResults: WasmParams + Sized {
    #[doc(hidden)]
    fn load_from(slots: &[Slot], store: Place<'_>) -> Self;
}

impl<T: WasmTy> WasmParams for T {
    const COUNT: usize = 1;

    fn types() -> Vec<ValType> {
        vec![T::valtype()]
    }

    #[inline]
    fn store_into(self, slots: &mut [Slot], store: Place<'_>) -> Result<(), StoreError> {
        slots[0] = self.into_slot(store)?;
        Ok(())
    }
}

impl<T: WasmTy> WasmResults for T {
    #[inline]
    fn load_from(slots: &[Slot], store: Place<'_>) -> T {
        T::from_slot(slots[0], store)
    }
}

/// Calls a macro with lists of 0 to 16 names.
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
    };
}
pub(super) use for_each_arity;

macro_rules! tuples {
    ($($name:ident)*) => {
        #[allow(non_snake_case, unused_variables, unused_mut)]
        impl<$($name: WasmTy),*> WasmParams for ($($name,)*) {
            const COUNT: usize = 0 $(+ { let _ = stringify!($name); 1 })*;

            fn types() -> Vec<ValType> {
                vec![$($name::valtype()),*]
            }

            #[inline]
            fn store_into(self, slots: &mut [Slot], store: Place<'_>) -> Result<(), StoreError> {
                let ($($name,)*) = self;
                let mut slots = slots.iter_mut();
                $(*slots.next().expect("a slot for each value") = $name.into_slot(store)?;)*
                Ok(())
            }
        }

        #[allow(non_snake_case, unused_variables, unused_mut, clippy::unused_unit)]
        impl<$($name: WasmTy),*> WasmResults for ($($name,)*) {
            #[inline]
            fn load_from(slots: &[Slot], store: Place<'_>) -> Self {
                let mut slots = slots.iter();
                ($($name::from_slot(*slots.next().expect("a slot for each value"), store),)*)
            }
        }
    };
}

for_each_arity!(tuples);
