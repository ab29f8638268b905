//! Tables of a store.

use crate::api::stores::context::{AsContext, AsContextMut, assert_owned, owned_by};
use crate::api::values::reference::Ref;
use crate::base::error::StoreError;
use crate::base::layout::{Slot, VmRef};
use crate::base::trap::Trap;
use crate::base::types::{RefType, TableType, ValType};
use crate::vm::store::indices::{StoreId, StoreTable};
use crate::vm::store::store_core::StoreCore;

/// A table of references.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
/// let func = Func::wrap(&mut store, || {});
/// table.set(&mut store, 1, func.into())?;
/// assert!(table.get(&mut store, 0).is_some_and(|element| element.is_null()));
/// assert!(table.get(&mut store, 1).is_some_and(|element| !element.is_null()));
/// assert!(table.get(&mut store, 2).is_none());
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub(super) store: StoreId,
    pub(super) index: StoreTable,
}

impl Table {
    pub(super) fn from_index(store: StoreId, index: StoreTable) -> Table {
        Table { store, index }
    }

    /// A new table of the type's minimum size, with all elements `init`: see [`Table`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = TableType::new(RefType::FUNCREF, 2, Some(4));
    /// let table = Table::new(&mut store, ty, Ref::Func(None))?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The store's limits forbid it; `init` is of another type or belongs to another store.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> anyhow::Result<Table> {
        let core = store.as_context_mut().core;
        let init = to_guest(init, *ty.element(), core)?;
        let index = core.add_table(ty)?;
        core.table_elements(index).fill(init);
        Ok(Table { store: core.id(), index })
    }

    /// The table's type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
    /// assert_eq!(table.ty(&store).minimum(), 2);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The table belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.table_type(self.index).clone()
    }

    /// The number of elements.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
    /// assert_eq!(table.size(&store), 2);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The table belongs to another store.
    pub fn size(&self, store: impl AsContext) -> u64 {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        store.core.table_size(self.index) as u64
    }

    /// An element; `None` beyond the end.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 1, None), Ref::Func(None))?;
    /// assert!(table.get(&mut store, 0).is_some_and(|element| element.is_null()));
    /// assert!(table.get(&mut store, 1).is_none());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The table belongs to another store.
    pub fn get(&self, mut store: impl AsContextMut, index: u64) -> Option<Ref> {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let ty = *core.table_type(self.index).element();
        let element = *core.table_elements(self.index).get(usize::try_from(index).ok()?)?;
        let element = core.to_host(ValType::Ref(ty), Slot([element.0, 0]));
        Some(Ref::from_bits(element.0[0], ty, core))
    }

    /// Sets an element.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::EXTERNREF, 1, None), Ref::Extern(None))?;
    /// let sheep = ExternRef::new(&mut store, "sheep")?;
    /// table.set(&mut store, 0, sheep.into())?;
    /// assert!(table.set(&mut store, 1, sheep.into()).is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The index is beyond the end; the value is of another type; the table or the value belongs to another
    /// store.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, value: Ref) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        let value = self.element(value, core)?;
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        *core.table_elements(self.index).get_mut(index).ok_or(Trap::TableOutOfBounds)? = value;
        Ok(())
    }

    /// Appends `delta` elements and returns the old number of elements.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::EXTERNREF, 2, None), Ref::Extern(None))?;
    /// let sheep = ExternRef::new(&mut store, "sheep")?;
    /// assert_eq!(table.grow(&mut store, 3, sheep.into())?, 2);
    /// assert_eq!(table.size(&store), 5);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The maximum or the store's limits forbid it; the value is of another type; the table or the value belongs
    /// to another store.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> anyhow::Result<u64> {
        let core = store.as_context_mut().core;
        let init = self.element(init, core)?;
        let grown = core.grow_table(self.index, delta, init)?;
        Ok(grown.ok_or(StoreError::LimitExceeded("table size"))?)
    }

    /// Sets `len` elements from `at` on.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::EXTERNREF, 9, None), Ref::Extern(None))?;
    /// let sheep = ExternRef::new(&mut store, "sheep")?;
    /// table.fill(&mut store, 2, sheep.into(), 3)?;
    /// assert!(table.get(&mut store, 4).is_some_and(|element| !element.is_null()));
    /// assert!(table.fill(&mut store, 8, sheep.into(), 2).is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Not all of them are in the table, so none is set; the value is of another type; the table or the
    /// value belongs to another store.
    pub fn fill(&self, mut store: impl AsContextMut, at: u64, value: Ref, len: u64) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        let value = self.element(value, core)?;
        within(core.table_elements(self.index), at, len)?.fill(value);
        Ok(())
    }

    /// Copies `len` elements from one table to another, or within one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::EXTERNREF, 9, None), Ref::Extern(None))?;
    /// let sheep = ExternRef::new(&mut store, "sheep")?;
    /// table.set(&mut store, 0, sheep.into())?;
    /// Table::copy(&mut store, &table, 5, &table, 0, 1)?;
    /// assert!(table.get(&mut store, 5).is_some_and(|element| !element.is_null()));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Not all of them are in the tables, so none is copied; the tables have elements of different types
    /// or belong to another store.
    pub fn copy(
        mut store: impl AsContextMut,
        to_table: &Table,
        to: u64,
        from_table: &Table,
        from: u64,
        len: u64,
    ) -> anyhow::Result<()> {
        let core = store.as_context_mut().core;
        owned_by(core, to_table.store)?;
        owned_by(core, from_table.store)?;
        let element = |table: &Table| *core.table_type(table.index).element();
        let (wanted, found) = (element(to_table), element(from_table));
        if wanted != found {
            return Err(crate::base::error::TypeMismatch::new(wanted, found).into());
        }
        let copied = within(core.table_elements(from_table.index), from, len)?.to_vec();
        within(core.table_elements(to_table.index), to, len)?.copy_from_slice(&copied);
        Ok(())
    }

    /// A value as an element of this table.
    fn element(&self, value: Ref, core: &StoreCore) -> anyhow::Result<VmRef> {
        owned_by(core, self.store)?;
        to_guest(value, *core.table_type(self.index).element(), core)
    }
}

fn to_guest(value: Ref, ty: RefType, core: &StoreCore) -> anyhow::Result<VmRef> {
    value.check(ty)?;
    let bits = value.to_bits(core)?;
    Ok(VmRef(core.to_guest(ValType::Ref(ty), Slot([bits, 0])).0[0]))
}

fn within(elements: &mut [VmRef], at: u64, len: u64) -> Result<&mut [VmRef], Trap> {
    let range = usize::try_from(at).ok().zip(usize::try_from(len).ok());
    let elements = range.and_then(|(at, len)| elements.get_mut(at..)?.get_mut(..len));
    elements.ok_or(Trap::TableOutOfBounds)
}
