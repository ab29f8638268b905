//! Items that can be imported and exported.

use super::global::Global;
use super::item_types::declared_type;
use super::memory::Memory;
use super::table::Table;
use crate::api::funcs::func::Func;
use crate::api::stores::context::{AsContext, assert_owned};
use crate::base::types::ExternType;
use crate::vm::store::indices::{Item, StoreId};

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

/// An export of an instance: a name and an item.
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
    pub(in crate::api) fn from_item(store: StoreId, item: Item) -> Extern {
        match item {
            Item::Func(id) => Extern::Func(Func::from_id(store, id)),
            Item::Global(index) => Extern::Global(Global::from_index(store, index)),
            Item::Table(index) => Extern::Table(Table::from_index(store, index)),
            Item::Memory(index) => Extern::Memory(Memory::from_index(store, index)),
        }
    }

    pub(in crate::api) fn to_item(self) -> (StoreId, Item) {
        match self {
            Extern::Func(func) => (func.store, Item::Func(func.id)),
            Extern::Global(global) => (global.store, Item::Global(global.index)),
            Extern::Table(table) => (table.store, Item::Table(table.index)),
            Extern::Memory(memory) => (memory.store, Item::Memory(memory.index)),
        }
    }

    /// The function, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let item = Extern::from(Func::wrap(&mut store, |x: i32| x * 2));
    /// let double = item.into_func().ok_or_else(|| format_err!("a function is wanted"))?;
    /// assert_eq!(double.typed::<i32, i32>(&store)?.call(&mut store, 21)?, 42);
    /// # anyhow::Ok(())
    /// ```
    pub fn into_func(self) -> Option<Func> {
        match self {
            Extern::Func(func) => Some(func),
            _ => None,
        }
    }

    /// The global, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (global (export "lives") i32 (i32.const 9)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let lives = instance.get_export(&mut store, "lives").and_then(Extern::into_global);
    /// assert_eq!(lives.and_then(|lives| lives.get(&mut store).i32()), Some(9));
    /// # anyhow::Ok(())
    /// ```
    pub fn into_global(self) -> Option<Global> {
        match self {
            Extern::Global(global) => Some(global),
            _ => None,
        }
    }

    /// The table, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
    /// let item = Extern::from(table);
    /// assert_eq!(item.into_table().map(|table| table.size(&store)), Some(2));
    /// assert!(item.into_memory().is_none());
    /// # anyhow::Ok(())
    /// ```
    pub fn into_table(self) -> Option<Table> {
        match self {
            Extern::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The memory, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (memory (export "a") 1) (func (export "b")))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let mut is_memory = |name| instance.get_export(&mut store, name).and_then(Extern::into_memory).is_some();
    /// assert!(is_memory("a") && !is_memory("b") && !is_memory("c"));
    /// # anyhow::Ok(())
    /// ```
    pub fn into_memory(self) -> Option<Memory> {
        match self {
            Extern::Memory(memory) => Some(memory),
            _ => None,
        }
    }

    /// The type of the item as it was declared, without the size to which a memory or table has grown.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, Some(8)))?;
    /// memory.grow(&mut store, 1)?;
    /// assert_eq!(Extern::from(memory).ty(&store), MemoryType::new(1, Some(8)).into());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The item belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        let store = store.as_context();
        assert_owned(store.core, self.to_item().0);
        declared_type(store.core, self.to_item().1)
    }
}

impl<'instance> Export<'instance> {
    pub(super) fn new(name: &'instance str, value: Extern) -> Export<'instance> {
        Export { name, value }
    }

    /// The name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (func (export "on_tick")) (func (export "on_load")) (func (export "run")))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let names = instance.exports(&mut store).map(|export| export.name());
    /// let events: Vec<_> = names.filter_map(|name| name.strip_prefix("on_")).collect();
    /// assert_eq!(events, ["tick", "load"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// The item.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // The export of one module can be imported by another.
    /// let mut linker = Linker::default();
    /// let mut store = Store::new(linker.engine(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (func (export "run")) (memory (export "memory") 1))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// for export in instance.exports(&store) {
    ///     linker.define(&store, "library", export.name(), export.into_extern())?;
    /// }
    /// assert_eq!(linker.iter(&mut store).count(), 2);
    /// # anyhow::Ok(())
    /// ```
    pub fn into_extern(self) -> Extern {
        self.value
    }

    /// The type of the item: see [`Extern::ty`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (func (export "b") (param i32)) (global (export "a") i64 (i64.const 1)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let types = instance.exports(&store).map(|export| export.ty(&store).to_string());
    /// assert_eq!(types.collect::<Vec<_>>(), ["function (i32) -> ()", "global i64"]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The item belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.value.ty(store)
    }

    /// The function, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (memory (export "memory") 1) (func (export "tick")) (func (export "run")))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// assert_eq!(instance.exports(&mut store).filter_map(Export::into_func).count(), 2);
    /// # anyhow::Ok(())
    /// ```
    pub fn into_func(self) -> Option<Func> {
        self.value.into_func()
    }

    /// The global, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (func (export "run")) (global (export "version") i32 (i32.const 3)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let version = instance.exports(&mut store).find_map(Export::into_global);
    /// assert_eq!(version.and_then(|version| version.get(&mut store).i32()), Some(3));
    /// # anyhow::Ok(())
    /// ```
    pub fn into_global(self) -> Option<Global> {
        self.value.into_global()
    }

    /// The table, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (table (export "handlers") 16 funcref))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let table = instance.exports(&mut store).find_map(Export::into_table);
    /// assert_eq!(table.map(|table| table.size(&store)), Some(16));
    /// # anyhow::Ok(())
    /// ```
    pub fn into_table(self) -> Option<Table> {
        self.value.into_table()
    }

    /// The memory, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // The memory of a module, regardless of the name under which it is exported.
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (func (export "run")) (memory (export "mem") 2))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let memory = instance.exports(&mut store).find_map(Export::into_memory);
    /// assert_eq!(memory.map(|memory| memory.size(&store)), Some(2));
    /// # anyhow::Ok(())
    /// ```
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
