//! Globals of a store.

use super::store::{AsContext, AsContextMut, assert_owned, owned_by};
use super::val::Val;
use crate::base::types::GlobalType;
use crate::vm::store::{StoreId, is_mutable};

/// A global of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global {
    pub(super) store: StoreId,
    pub(super) index: u32,
}

impl Global {
    pub(super) fn from_index(store: StoreId, index: u32) -> Global {
        Global { store, index }
    }

    /// A new global.
    ///
    /// # Errors
    /// The value is of another type, or of another store.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> anyhow::Result<Global> {
        let core = store.as_context_mut().core;
        value.check(*ty.content())?;
        let value = value.to_slot(core)?;
        Ok(Global { store: core.id(), index: core.add_global(ty, value)? })
    }

    /// The global's type.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.global_type(self.index).clone()
    }

    /// The global's value.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn get(&self, mut store: impl AsContextMut) -> Val {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let ty = *core.global_type(self.index).content();
        Val::from_slot(core.read_global(self.index), ty, core)
    }

    /// Assigns the global.
    ///
    /// # Errors
    /// It is constant; the value is of another type; one of them belongs to another store.
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
