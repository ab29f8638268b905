//! Globals of a store.

use crate::api::stores::context::{AsContext, AsContextMut, assert_owned, owned_by};
use crate::api::values::val::Val;
use crate::base::types::GlobalType;
use crate::vm::store::indices::{StoreGlobal, StoreId};
use crate::vm::store::items::is_mutable;

/// A global of a store.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType::new(ValType::I32, Mutability::Var);
/// let global = Global::new(&mut store, ty, Val::I32(1))?;
/// global.set(&mut store, Val::I32(2))?;
/// assert_eq!(global.get(&mut store).i32(), Some(2));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global {
    pub(super) store: StoreId,
    pub(super) index: StoreGlobal,
}

impl Global {
    pub(super) fn from_index(store: StoreId, index: StoreGlobal) -> Global {
        Global { store, index }
    }

    /// A new global.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = GlobalType::new(ValType::F64, Mutability::Const);
    /// let gravity = Global::new(&mut store, ty, 9.81.into())?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The value is of another type, or belongs to another store.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> anyhow::Result<Global> {
        let core = store.as_context_mut().core;
        value.check(*ty.content())?;
        let value = value.to_slot(core)?;
        Ok(Global { store: core.id(), index: core.add_global(ty, value)? })
    }

    /// The global's type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = GlobalType::new(ValType::I64, Mutability::Const);
    /// let global = Global::new(&mut store, ty.clone(), Val::I64(1))?;
    /// assert_eq!(global.ty(&store), ty);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The global belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.global_type(self.index).clone()
    }

    /// The global's value.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = GlobalType::new(ValType::FUNCREF, Mutability::Const);
    /// let global = Global::new(&mut store, ty, Val::null_func_ref())?;
    /// assert!(global.get(&mut store).unwrap_funcref().is_none());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The global belongs to another store.
    pub fn get(&self, mut store: impl AsContextMut) -> Val {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let ty = *core.global_type(self.index).content();
        Val::from_slot(core.read_global(self.index), ty, core)
    }

    /// Assigns the global.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = GlobalType::new(ValType::I32, Mutability::Var);
    /// let global = Global::new(&mut store, ty, Val::I32(1))?;
    /// global.set(&mut store, Val::I32(2))?;
    /// assert!(global.set(&mut store, Val::I64(2)).is_err()); // another type
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The global is constant; the value is of another type; one of them belongs to another store.
    pub fn set(&self, mut store: impl AsContextMut, value: Val) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        let ty = core.global_type(self.index).clone();
        anyhow::ensure!(is_mutable(&ty), "the global is constant and cannot be assigned");
        value.check(*ty.content())?;
        let value = value.to_slot(core)?;
        core.write_global(self.index, value);
        Ok(())
    }
}
