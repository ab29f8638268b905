//! Values whose type is known at run time only.

use super::func::Func;
use super::store::owned_by;
use super::v128::V128;
use crate::base::error::{StoreError, TypeMismatch};
use crate::base::layout::Slot;
use crate::base::types::ValType;
use crate::vm::store::{FuncId, StoreCore};

/// A WebAssembly value. Floats are bits, so that comparing and copying changes nothing.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A vector of 128 bits.
    V128(V128),
    /// A function, or null.
    FuncRef(Option<Func>),
}

impl Val {
    /// The value that locals of this type start with.
    pub fn default_for_ty(ty: &ValType) -> Val {
        match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128::from(0)),
            ValType::Ref(_) => Val::FuncRef(None),
        }
    }

    /// The type of the value.
    pub fn ty(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(_) => ValType::FUNCREF,
        }
    }

    /// The integer, if it is a 32-bit one.
    pub fn i32(&self) -> Option<i32> {
        if let Val::I32(value) = self { Some(*value) } else { None }
    }

    /// The integer, if it is a 64-bit one.
    pub fn i64(&self) -> Option<i64> {
        if let Val::I64(value) = self { Some(*value) } else { None }
    }

    /// The float, if it is a 32-bit one.
    pub fn f32(&self) -> Option<f32> {
        if let Val::F32(bits) = self { Some(f32::from_bits(*bits)) } else { None }
    }

    /// The float, if it is a 64-bit one.
    pub fn f64(&self) -> Option<f64> {
        if let Val::F64(bits) = self { Some(f64::from_bits(*bits)) } else { None }
    }

    /// The vector, if it is one.
    pub fn v128(&self) -> Option<V128> {
        if let Val::V128(value) = self { Some(*value) } else { None }
    }

    pub(super) fn check(&self, wanted: ValType) -> Result<(), TypeMismatch> {
        if self.ty() == wanted { Ok(()) } else { Err(TypeMismatch::new(wanted, self.ty())) }
    }

    pub(super) fn to_slot(self, store: &StoreCore) -> Result<Slot, StoreError> {
        let bits = match self {
            Val::I32(value) => u64::from(value as u32),
            Val::I64(value) => value as u64,
            Val::F32(bits) => u64::from(bits),
            Val::F64(bits) => bits,
            Val::V128(value) => return Ok(Slot::new(value.as_u128())),
            Val::FuncRef(None) => FuncId::to_bits(None),
            Val::FuncRef(Some(func)) => {
                owned_by(store, func.store)?;
                FuncId::to_bits(Some(func.id))
            }
        };
        Ok(Slot([bits, 0]))
    }

    pub(super) fn from_slot(slot: Slot, ty: ValType, store: &StoreCore) -> Val {
        let bits = slot.0[0];
        match ty {
            ValType::I32 => Val::I32(bits as i32),
            ValType::I64 => Val::I64(bits as i64),
            ValType::F32 => Val::F32(bits as u32),
            ValType::F64 => Val::F64(bits),
            ValType::V128 => Val::V128(V128::from(slot.bits())),
            ValType::Ref(_) => Val::FuncRef(FuncId::from_bits(bits).map(|id| Func::from_id(store.id(), id))),
        }
    }
}

macro_rules! from_number {
    ($($ty:ty => $variant:ident($convert:expr);)*) => {$(
        impl From<$ty> for Val {
            fn from(value: $ty) -> Val {
                Val::$variant($convert(value))
            }
        }
    )*};
}

from_number! {
    i32 => I32(|value| value);
    i64 => I64(|value| value);
    f32 => F32(f32::to_bits);
    f64 => F64(f64::to_bits);
    V128 => V128(|value| value);
    Func => FuncRef(Some);
}
