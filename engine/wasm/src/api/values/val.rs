//! Values whose type is known at run time only.

use super::externref::ExternRef;
use super::reference::Ref;
use super::rooted::Rooted;
use super::v128::V128;
use crate::api::funcs::func::Func;
use crate::api::stores::context::AsContext;
use crate::base::error::{StoreError, TypeMismatch};
use crate::base::layout::Slot;
use crate::base::types::{HeapType, ValType};
use crate::vm::store::store_core::StoreCore;

/// A WebAssembly value. Floats are kept as bits, so that copying them changes nothing.
///
/// ```
/// # use tinkerbox_wasm::*;
/// assert_eq!(Val::from(1.5f32).f32(), Some(1.5));
/// assert_eq!(Val::from(7).i64(), None); // an `i32`
/// ```
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
    /// A value of the host, or null.
    ExternRef(Option<Rooted<ExternRef>>),
}

impl Val {
    /// The null reference of a kind.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::null_ref(&HeapType::Func).unwrap_funcref().is_none());
    /// ```
    pub fn null_ref(heap_type: &HeapType) -> Val {
        Ref::null(heap_type).into()
    }

    /// The null function reference.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::null_func_ref().unwrap_funcref().is_none());
    /// ```
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// The null reference to a value of the host.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::null_extern_ref().unwrap_externref().is_none());
    /// ```
    pub const fn null_extern_ref() -> Val {
        Val::ExternRef(None)
    }

    /// The initial value of locals of this type; `None` for a reference that cannot be null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Val::default_for_ty(&ValType::I64).map(|zero| zero.unwrap_i64()), Some(0));
    /// ```
    pub fn default_for_ty(ty: &ValType) -> Option<Val> {
        match ty {
            ValType::I32 => Some(Val::I32(0)),
            ValType::I64 => Some(Val::I64(0)),
            ValType::F32 => Some(Val::F32(0)),
            ValType::F64 => Some(Val::F64(0)),
            ValType::V128 => Some(Val::V128(V128::from(0))),
            ValType::Ref(ty) => ty.is_nullable().then(|| Val::null_ref(ty.heap_type())),
        }
    }

    /// The type of the value; that of a reference includes null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::new(&Engine::default(), ());
    /// assert_eq!(Val::from(7).ty(&store)?, ValType::I32);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The value is a reference of another store, or one whose scope has ended.
    pub fn ty(&self, store: impl AsContext) -> anyhow::Result<ValType> {
        self.to_slot(store.as_context().core)?;
        Ok(self.kind())
    }

    /// Whether it is a value of a type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::new(&Engine::default(), ());
    /// assert!(Val::null_func_ref().matches_ty(&store, &ValType::FUNCREF)?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The value is a reference of another store, or one whose scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ValType) -> anyhow::Result<bool> {
        self.to_slot(store.as_context().core)?;
        Ok(self.check(*ty).is_ok())
    }

    /// The reference, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::null_func_ref().ref_().is_some_and(|reference| reference.is_null()));
    /// ```
    pub fn ref_(self) -> Option<Ref> {
        match self {
            Val::FuncRef(func) => Some(Ref::Func(func)),
            Val::ExternRef(value) => Some(Ref::Extern(value)),
            _ => None,
        }
    }

    /// The function or null, if the value is of that kind.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::from(7).funcref().is_none());
    /// ```
    pub fn funcref(&self) -> Option<Option<&Func>> {
        if let Val::FuncRef(func) = self { Some(func.as_ref()) } else { None }
    }

    /// The function or null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::null_func_ref().unwrap_funcref().is_none());
    /// ```
    ///
    /// # Panics
    /// The value is of another type.
    pub fn unwrap_funcref(&self) -> Option<&Func> {
        self.funcref().expect("the value is not a funcref")
    }

    /// The value of the host or null, if the value is of that kind.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::null_extern_ref().externref().is_some());
    /// ```
    pub fn externref(&self) -> Option<Option<&Rooted<ExternRef>>> {
        if let Val::ExternRef(value) = self { Some(value.as_ref()) } else { None }
    }

    /// The value of the host or null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Val::null_extern_ref().unwrap_externref().is_none());
    /// ```
    ///
    /// # Panics
    /// The value is of another type.
    pub fn unwrap_externref(&self) -> Option<&Rooted<ExternRef>> {
        self.externref().expect("the value is not an externref")
    }

    fn kind(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(_) => ValType::FUNCREF,
            Val::ExternRef(_) => ValType::EXTERNREF,
        }
    }

    pub(in crate::api) fn check(&self, wanted: ValType) -> Result<(), TypeMismatch> {
        match (self.ref_(), wanted) {
            (Some(reference), ValType::Ref(wanted)) => reference.check(wanted),
            _ if self.kind() == wanted => Ok(()),
            _ => Err(TypeMismatch::new(wanted, self.kind())),
        }
    }

    pub(in crate::api) fn to_slot(self, store: &StoreCore) -> Result<Slot, StoreError> {
        let bits = match self {
            Val::I32(value) => u64::from(value as u32),
            Val::I64(value) => value as u64,
            Val::F32(bits) => u64::from(bits),
            Val::F64(bits) => bits,
            Val::V128(value) => return Ok(Slot::new(value.as_u128())),
            Val::FuncRef(func) => Ref::Func(func).to_bits(store)?,
            Val::ExternRef(value) => Ref::Extern(value).to_bits(store)?,
        };
        Ok(Slot([bits, 0]))
    }

    pub(in crate::api) fn from_slot(slot: Slot, ty: ValType, store: &mut StoreCore) -> Val {
        let bits = slot.0[0];
        match ty {
            ValType::I32 => Val::I32(bits as i32),
            ValType::I64 => Val::I64(bits as i64),
            ValType::F32 => Val::F32(bits as u32),
            ValType::F64 => Val::F64(bits),
            ValType::V128 => Val::V128(V128::from(slot.bits())),
            ValType::Ref(ty) => Ref::from_bits(bits, ty, store).into(),
        }
    }
}

/// The accessors of numbers, with their panicking forms.
macro_rules! numbers {
    ($($get:ident $unwrap:ident $ty:ident $variant:ident $zero:literal $convert:expr;)*) => {
        impl Val {$(
            #[doc = concat!("The value, if it is of type `", stringify!($get), "`.")]
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            #[doc = concat!("assert!(Val::", stringify!($variant), "(", $zero, ").", stringify!($get), "().is_some());")]
            /// assert!(Val::null_func_ref()
            #[doc = concat!("    .", stringify!($get), "().is_none());")]
            /// ```
            pub fn $get(&self) -> Option<$ty> {
                if let Val::$variant(value) = self { Some($convert(*value)) } else { None }
            }

            #[doc = concat!("The value of type `", stringify!($get), "`.")]
            ///
            /// ```
            /// # use tinkerbox_wasm::*;
            #[doc = concat!("let value = Val::", stringify!($variant), "(", $zero, ").", stringify!($unwrap), "();")]
            /// # let _ = value;
            /// ```
            ///
            /// # Panics
            /// The value is of another type.
            pub fn $unwrap(&self) -> $ty {
                self.$get().expect(concat!("the value is not of type ", stringify!($get)))
            }
        )*}
    };
}

numbers! {
    i32 unwrap_i32 i32 I32 "0" |value| value;
    i64 unwrap_i64 i64 I64 "0" |value| value;
    f32 unwrap_f32 f32 F32 "0" f32::from_bits;
    f64 unwrap_f64 f64 F64 "0" f64::from_bits;
    v128 unwrap_v128 V128 V128 "V128::from(0)" |value| value;
}

macro_rules! from {
    ($($ty:ty => $variant:ident($convert:expr);)*) => {$(
        impl From<$ty> for Val {
            fn from(value: $ty) -> Val {
                Val::$variant($convert(value))
            }
        }
    )*};
}

from! {
    i32 => I32(|value| value);
    i64 => I64(|value| value);
    f32 => F32(f32::to_bits);
    f64 => F64(f64::to_bits);
    u128 => V128(V128::from);
    V128 => V128(|value| value);
    Func => FuncRef(Some);
    Option<Func> => FuncRef(|func| func);
    Rooted<ExternRef> => ExternRef(Some);
    Option<Rooted<ExternRef>> => ExternRef(|value| value);
}

impl From<Ref> for Val {
    fn from(reference: Ref) -> Val {
        match reference {
            Ref::Func(func) => Val::FuncRef(func),
            Ref::Extern(value) => Val::ExternRef(value),
        }
    }
}
