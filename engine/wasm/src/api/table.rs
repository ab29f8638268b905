//! Tables of a store.

use super::func::Func;
use super::store::{AsContext, AsContextMut, assert_owned, owned_by};
use crate::base::error::StoreError;
use crate::base::trap::Trap;
use crate::base::types::TableType;
use crate::vm::store::StoreId;

/// A table of function references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub(super) store: StoreId,
    pub(super) index: u32,
}

impl Table {
    pub(super) fn from_index(store: StoreId, index: u32) -> Table {
        Table { store, index }
    }

    /// A new table of the type's least size, each element `init`.
    ///
    /// # Errors
    /// The store's limits refuse, or `init` belongs to another store.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Option<Func>) -> anyhow::Result<Table> {
        let mut store = store.as_context_mut();
        let minimum = ty.minimum();
        let table = Table { store: store.core.id(), index: store.core.add_table(ty)? };
        for at in 0..minimum {
            table.set(&mut store, at, init)?;
        }
        Ok(table)
    }

    /// The table's type.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.table_type(self.index).clone()
    }

    /// The number of elements.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.table_size(self.index) as u64
    }

    /// An element: a function or null. `None` beyond the end.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn get(&self, store: impl AsContext, index: u64) -> Option<Option<Func>> {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        let element = store.core.table_get(self.index, index)?;
        Some(element.map(|id| Func::from_id(self.store, id)))
    }

    /// Sets an element.
    ///
    /// # Errors
    /// The index is beyond the end, or the table or function belongs to another store.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, value: Option<Func>) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        if let Some(func) = value {
            owned_by(core, func.store)?;
        }
        let set = core.table_set(self.index, index, value.map(|func| func.id));
        if set { Ok(()) } else { Err(Trap::TableOutOfBounds.into()) }
    }

    /// Appends `delta` elements and returns how many there were.
    ///
    /// # Errors
    /// Its maximum or the store's limits forbid it; the table or function belongs to another store.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Option<Func>) -> anyhow::Result<u64> {
        let core = store.as_context_mut().core;
        owned_by(core, self.store)?;
        if let Some(func) = init {
            owned_by(core, func.store)?;
        }
        let grown = core.grow_table(self.index, delta, init.map(|func| func.id))?;
        Ok(grown.ok_or(StoreError::LimitExceeded("table size"))?)
    }
}
