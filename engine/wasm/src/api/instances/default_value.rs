//! Default values of types: zeros, nulls, functions that do nothing, memories of the minimum size.

use anyhow::bail;

use super::externs::Extern;
use super::global::Global;
use super::memory::Memory;
use super::table::Table;
use crate::api::funcs::func::Func;
use crate::api::stores::context::AsContextMut;
use crate::api::values::reference::Ref;
use crate::api::values::val::Val;
use crate::base::types::{ExternType, FuncType, GlobalType, MemoryType, TableType, ValType};

impl ValType {
    /// Zero or null; `None` for references that cannot be null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(ValType::I32.default_value().and_then(|zero| zero.i32()), Some(0));
    /// assert!(ValType::Ref(RefType::new(false, HeapType::Func)).default_value().is_none());
    /// ```
    pub fn default_value(&self) -> Option<Val> {
        Val::default_for_ty(self)
    }
}

impl FuncType {
    /// A function that returns zeros and nulls.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::<()>::default();
    /// let ty = FuncType::new(store.engine(), [ValType::I32], [ValType::I64]);
    /// let zero = ty.default_value(&mut store)?.typed::<i32, i64>(&store)?;
    /// assert_eq!(zero.call(&mut store, 7)?, 0);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A result is a reference that cannot be null, or as for [`Func::try_new`].
    pub fn default_value(&self, store: impl AsContextMut) -> anyhow::Result<Func> {
        let mut values = Vec::new();
        for result in self.results() {
            match result.default_value() {
                Some(value) => values.push(value),
                None => bail!("{result}, a result of {self}, has no default value"),
            }
        }
        Func::try_new(store, self.clone(), move |_, _, results| {
            results.clone_from_slice(&values);
            Ok(())
        })
    }
}

impl GlobalType {
    /// A global that is zero or null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::<()>::default();
    /// let global = GlobalType::new(ValType::I32, Mutability::Var).default_value(&mut store)?;
    /// assert_eq!(global.get(&mut store).i32(), Some(0));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Its content is a reference that cannot be null.
    pub fn default_value(&self, store: impl AsContextMut) -> anyhow::Result<Global> {
        match self.content().default_value() {
            Some(value) => Global::new(store, self.clone(), value),
            None => bail!("{}, the content of a global, has no default value", self.content()),
        }
    }
}

impl TableType {
    /// A table of the minimum size, all null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::<()>::default();
    /// let table = TableType::new(RefType::FUNCREF, 3, None).default_value(&mut store)?;
    /// assert_eq!(table.size(&store), 3);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Its elements are references that cannot be null, or the store's limits forbid it.
    pub fn default_value(&self, store: impl AsContextMut) -> anyhow::Result<Table> {
        if !self.element().is_nullable() {
            bail!("{}, the element of a table, has no default value", self.element());
        }
        Table::new(store, self.clone(), Ref::null(self.element().heap_type()))
    }
}

impl MemoryType {
    /// A memory of the minimum size.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::<()>::default();
    /// assert_eq!(MemoryType::new(2, None).default_value(&mut store)?.size(&store), 2);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The store's limits or the operating system forbid it.
    pub fn default_value(&self, store: impl AsContextMut) -> anyhow::Result<Memory> {
        Memory::new(store, self.clone())
    }
}

impl ExternType {
    /// The default value of this type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::<()>::default();
    /// let ty = ExternType::from(MemoryType::new(1, None));
    /// assert!(ty.default_value(&mut store)?.into_memory().is_some());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// There is none, because a value would be a reference that cannot be null; or the store's limits or the operating
    /// system forbid it.
    pub fn default_value(&self, store: impl AsContextMut) -> anyhow::Result<Extern> {
        Ok(match self {
            ExternType::Func(ty) => ty.default_value(store)?.into(),
            ExternType::Global(ty) => ty.default_value(store)?.into(),
            ExternType::Table(ty) => ty.default_value(store)?.into(),
            ExternType::Memory(ty) => ty.default_value(store)?.into(),
        })
    }
}
