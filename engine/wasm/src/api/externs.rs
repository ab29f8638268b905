//! What can be imported and exported.

use super::func::Func;
use super::global::Global;
use super::memory::Memory;
use super::store::AsContext;
use super::table::Table;
use crate::base::types::ExternType;
use crate::vm::instance::Item;
use crate::vm::store::{StoreCore, StoreId};

/// A function, global, table or memory of a store.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let item: Extern = Memory::new(&mut store, MemoryType::new(1, None))?.into();
/// assert!(item.into_memory().is_some());
/// assert!(item.into_func().is_none() && item.into_global().is_none() && item.into_table().is_none());
/// assert_eq!(item.ty(&store).unwrap_memory().minimum(), 1);
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A global.
    Global(Global),
    /// A table.
    Table(Table),
    /// A linear memory.
    Memory(Memory),
}

/// An export of an instance: its name and what it is.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module (func (export "run")))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let export = instance.exports(&mut store).next().expect("there is one");
/// assert_eq!(export.name(), "run");
/// assert!(export.clone().into_memory().is_none() && export.into_func().is_some());
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct Export<'instance> {
    name: &'instance str,
    value: Extern,
}

impl Extern {
    pub(super) fn from_item(store: StoreId, item: Item) -> Extern {
        match item {
            Item::Func(id) => Extern::Func(Func::from_id(store, id)),
            Item::Global(index) => Extern::Global(Global::from_index(store, index)),
            Item::Table(index) => Extern::Table(Table::from_index(store, index)),
            Item::Memory(index) => Extern::Memory(Memory::from_index(store, index)),
        }
    }

    pub(super) fn to_item(self) -> (StoreId, Item) {
        match self {
            Extern::Func(func) => (func.store, Item::Func(func.id)),
            Extern::Global(global) => (global.store, Item::Global(global.index)),
            Extern::Table(table) => (table.store, Item::Table(table.index)),
            Extern::Memory(memory) => (memory.store, Item::Memory(memory.index)),
        }
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        match self {
            Extern::Func(func) => Some(func),
            _ => None,
        }
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        match self {
            Extern::Global(global) => Some(global),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        match self {
            Extern::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The memory, if it is one.
    pub fn into_memory(self) -> Option<Memory> {
        match self {
            Extern::Memory(memory) => Some(memory),
            _ => None,
        }
    }

    /// What it is.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        let store = store.as_context();
        super::store::assert_owned(store.core, self.to_item().0);
        item_type(store.core, self.to_item().1)
    }
}

/// The declared type of something of the store.
pub(super) fn item_type(core: &StoreCore, item: Item) -> ExternType {
    match item {
        Item::Func(func) => ExternType::Func(core.func_type(func)),
        Item::Global(global) => ExternType::Global(core.global_type(global).clone()),
        Item::Table(table) => ExternType::Table(core.table_type(table).clone()),
        Item::Memory(memory) => ExternType::Memory(core.memory(memory).ty().clone()),
    }
}

impl<'instance> Export<'instance> {
    pub(super) fn new(name: &'instance str, value: Extern) -> Export<'instance> {
        Export { name, value }
    }

    /// Its name.
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// What it is.
    pub fn into_extern(self) -> Extern {
        self.value
    }

    /// Its type.
    ///
    /// # Panics
    /// It belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.value.ty(store)
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        self.value.into_func()
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        self.value.into_global()
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        self.value.into_table()
    }

    /// The memory, if it is one.
    pub fn into_memory(self) -> Option<Memory> {
        self.value.into_memory()
    }
}

macro_rules! from_handle {
    ($($handle:ident)*) => {$(
        impl From<$handle> for Extern {
            fn from(handle: $handle) -> Extern {
                Extern::$handle(handle)
            }
        }
    )*};
}

from_handle!(Func Global Table Memory);
