//! Instances of modules.

use anyhow::Context as _;

use super::definition::check_import;
use super::engine::Engine;
use super::externs::{Export, Extern};
use super::func::Func;
use super::global::Global;
use super::memory::Memory;
use super::module::{Module, ModuleExport};
use super::store::{AsContext, AsContextMut, StoreContextMut, assert_owned, owned_by};
use super::table::Table;
use super::typed::TypedFunc;
use super::wasm_ty::{WasmParams, WasmResults};
use crate::base::error::LinkError;
use crate::vm::instance::Item;
use crate::vm::store::{InstanceId, StoreId};

/// An instance of a module in a store.
///
/// Its functions panic when it belongs to another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    store: StoreId,
    id: InstanceId,
}

impl Instance {
    /// Instantiates a module with imports in the order of [`Module::imports`], and runs its start
    /// function. [`Linker::instantiate`](crate::Linker::instantiate) finds imports by name.
    ///
    /// # Errors
    /// An import is missing or of the wrong type, a segment is out of bounds, the start function
    /// fails, or the store's limits forbid it.
    pub fn new(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> anyhow::Result<Instance> {
        let mut store = store.as_context_mut();
        if imports.len() != module.imports().len() {
            let problem =
                format!("the module has {} imports, {} are given", module.imports().len(), imports.len());
            return Err(LinkError::new(vec![problem]).into());
        }
        let mut problems = Vec::new();
        let mut items = Vec::new();
        for (wanted, import) in module.imports().zip(imports) {
            let (owner, item) = import.to_item();
            owned_by(store.core, owner)?;
            problems.extend(check_import(store.core, &wanted, item).err());
            items.push(item);
        }
        if !problems.is_empty() {
            return Err(LinkError::new(problems).into());
        }
        Instance::with_checked_imports(&mut store, module, &items)
    }

    /// Instantiates with imports of this store that are known to be of the right types.
    pub(super) fn with_checked_imports<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        module: &Module,
        imports: &[Item],
    ) -> anyhow::Result<Instance> {
        let core = &mut *store.core;
        anyhow::ensure!(
            Engine::same(module.engine(), &Engine { core: core.engine.clone() }),
            "the module was compiled with another engine than the store's"
        );
        let id = core.instantiate(&module.core, imports)?;
        if let Some(start) = core.start_func(id) {
            core.call(start, &mut [])?;
        }
        Ok(Instance { store: core.id(), id })
    }

    /// The instance's module.
    pub fn module(&self, store: impl AsContext) -> Module {
        let store = store.as_context();
        assert_owned(store.core, self.store);
        Module { core: store.core.module_of(self.id).clone() }
    }

    /// All exports, in the module's order.
    pub fn exports<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> {
        let store: &'a _ = store.into().core;
        assert_owned(store, self.store);
        let id = self.id;
        let exports = &store.module_of(id).info.exports;
        exports.iter().map(move |export| {
            Export::new(&export.name, Extern::from_item(store.id(), store.item(id, export.entity)))
        })
    }

    /// What is exported under a name.
    pub fn get_export(&self, mut store: impl AsContextMut, name: &str) -> Option<Extern> {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let module = core.module_of(self.id);
        let entity = module.export(module.export_index(name)?);
        Some(Extern::from_item(core.id(), core.item(self.id, entity)))
    }

    /// What is exported, found before by [`Module::get_export_index`]. `None` if the instance is of
    /// another module.
    pub fn get_module_export(&self, mut store: impl AsContextMut, export: &ModuleExport) -> Option<Extern> {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let module = core.module_of(self.id);
        if !std::sync::Arc::ptr_eq(module, &export.module) {
            return None;
        }
        Some(Extern::from_item(core.id(), core.item(self.id, module.export(export.index))))
    }

    /// The function exported under a name.
    pub fn get_func(&self, store: impl AsContextMut, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The function exported under a name, with its type checked.
    ///
    /// # Errors
    /// There is none, or its type is another one.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        mut store: impl AsContextMut,
        name: &str,
    ) -> anyhow::Result<TypedFunc<Params, Results>> {
        let func = self.get_func(&mut store, name);
        let func = func.with_context(|| format!("failed to find function export `{name}`"))?;
        func.typed(&store).with_context(|| format!("failed to convert function `{name}` to given type"))
    }

    /// The memory exported under a name.
    pub fn get_memory(&self, store: impl AsContextMut, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The table exported under a name.
    pub fn get_table(&self, store: impl AsContextMut, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The global exported under a name.
    pub fn get_global(&self, store: impl AsContextMut, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }
}
