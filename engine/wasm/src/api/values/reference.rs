//! References of any kind.

use super::externref::ExternRef;
use super::rooted::{Rooted, sealed::Bits as _};
use crate::api::funcs::func::Func;
use crate::api::stores::context::{AsContext, owned_by};
use crate::base::error::{StoreError, TypeMismatch};
use crate::base::types::{HeapType, RefType};
use crate::vm::store::funcref::StoreFunc;
use crate::vm::store::store_core::StoreCore;

/// A reference whose kind is known at run time only, as tables hold it.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let nothing = Ref::null(&HeapType::Extern);
/// assert!(nothing.is_null() && nothing.is_extern());
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Ref {
    /// A function, or null.
    Func(Option<Func>),
    /// A value of the host, or null.
    Extern(Option<Rooted<ExternRef>>),
}

impl Ref {
    /// The null of a kind.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::null(&HeapType::Func).is_func());
    /// ```
    pub fn null(heap_type: &HeapType) -> Ref {
        match heap_type {
            HeapType::Func => Ref::Func(None),
            HeapType::Extern => Ref::Extern(None),
        }
    }

    /// Whether it is null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::Func(None).is_null());
    /// ```
    pub fn is_null(&self) -> bool {
        matches!(self, Ref::Func(None) | Ref::Extern(None))
    }

    /// Whether it is a reference to a function, null or not.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::Func(None).is_func());
    /// ```
    pub fn is_func(&self) -> bool {
        matches!(self, Ref::Func(_))
    }

    /// Whether it is a reference to a value of the host, null or not.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::Extern(None).is_extern());
    /// ```
    pub fn is_extern(&self) -> bool {
        matches!(self, Ref::Extern(_))
    }

    /// The function, or null, if this is a reference of that kind.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::Func(None).as_func().is_some_and(|func| func.is_none()));
    /// assert!(Ref::Extern(None).as_func().is_none());
    /// ```
    pub fn as_func(&self) -> Option<Option<&Func>> {
        if let Ref::Func(func) = self { Some(func.as_ref()) } else { None }
    }

    /// The function, or null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::Func(None).unwrap_func().is_none());
    /// ```
    ///
    /// # Panics
    /// The reference is of another kind.
    pub fn unwrap_func(&self) -> Option<&Func> {
        self.as_func().expect("a reference of another kind is not a function")
    }

    /// The value of the host, or null, if this is a reference of that kind.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::Extern(None).as_extern().is_some_and(|value| value.is_none()));
    /// ```
    pub fn as_extern(&self) -> Option<Option<&Rooted<ExternRef>>> {
        if let Ref::Extern(value) = self { Some(value.as_ref()) } else { None }
    }

    /// The value of the host, or null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Ref::Extern(None).unwrap_extern().is_none());
    /// ```
    ///
    /// # Panics
    /// The reference is of another kind.
    pub fn unwrap_extern(&self) -> Option<&Rooted<ExternRef>> {
        self.as_extern().expect("a reference of another kind is not a value of the host")
    }

    /// Its type, which includes null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::new(&Engine::default(), ());
    /// assert_eq!(Ref::Func(None).ty(&store)?, RefType::FUNCREF);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The reference belongs to another store, or its scope has ended.
    pub fn ty(&self, store: impl AsContext) -> anyhow::Result<RefType> {
        self.to_bits(store.as_context().core)?;
        Ok(self.kind())
    }

    /// Whether it is a value of a type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let store = Store::new(&Engine::default(), ());
    /// assert!(Ref::Extern(None).matches_ty(&store, &RefType::EXTERNREF)?);
    /// assert!(!Ref::Extern(None).matches_ty(&store, &RefType::new(false, HeapType::Extern))?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The reference belongs to another store, or its scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &RefType) -> anyhow::Result<bool> {
        self.to_bits(store.as_context().core)?;
        Ok(self.matches(ty))
    }

    fn kind(&self) -> RefType {
        match self {
            Ref::Func(_) => RefType::FUNCREF,
            Ref::Extern(_) => RefType::EXTERNREF,
        }
    }

    pub(super) fn matches(&self, ty: &RefType) -> bool {
        self.kind().heap_type() == ty.heap_type() && (ty.is_nullable() || !self.is_null())
    }

    pub(in crate::api) fn check(&self, wanted: RefType) -> Result<(), TypeMismatch> {
        if self.matches(&wanted) { Ok(()) } else { Err(TypeMismatch::new(wanted, self.kind())) }
    }

    /// The reference as slots of the host hold it.
    pub(in crate::api) fn to_bits(self, core: &StoreCore) -> Result<u64, StoreError> {
        match self {
            Ref::Func(None) | Ref::Extern(None) => Ok(0),
            Ref::Func(Some(func)) => {
                owned_by(core, func.store)?;
                Ok(StoreFunc::to_bits(Some(func.id)))
            }
            Ref::Extern(Some(value)) => value.bits(core),
        }
    }

    /// From a slot of the host; keeps the object for the innermost scope.
    pub(in crate::api) fn from_bits(bits: u64, ty: RefType, core: &mut StoreCore) -> Ref {
        match ty.heap_type() {
            HeapType::Func => Ref::Func(StoreFunc::from_bits(bits).map(|id| Func::from_id(core.id(), id))),
            HeapType::Extern => Ref::Extern(core.root(bits).map(|root| Rooted::new(core.id(), root))),
        }
    }
}

impl From<Func> for Ref {
    fn from(func: Func) -> Ref {
        Ref::Func(Some(func))
    }
}

impl From<Option<Func>> for Ref {
    fn from(func: Option<Func>) -> Ref {
        Ref::Func(func)
    }
}

impl From<Rooted<ExternRef>> for Ref {
    fn from(value: Rooted<ExternRef>) -> Ref {
        Ref::Extern(Some(value))
    }
}

impl From<Option<Rooted<ExternRef>>> for Ref {
    fn from(value: Option<Rooted<ExternRef>>) -> Ref {
        Ref::Extern(value)
    }
}
