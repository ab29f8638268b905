//! Linkers: imports found by name, host functions defined once for all stores.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use super::caller::Caller;
use super::engine::Engine;
use super::externs::{Extern, item_type};
use super::host_func::{self, IntoFunc};
use super::instance::Instance;
use super::module::{ImportType, Module};
use super::store::{AsContext, AsContextMut, owned_by};
use super::val::Val;
use crate::base::error::LinkError;
use crate::base::types::{ExternType, FuncType};
use crate::vm::instance::Item;
use crate::vm::store::{HostFunc, StoreCore};

/// Definitions under pairs of names, from which the imports of modules are taken.
///
/// Host functions defined here are usable in every store of the engine.
pub struct Linker<T: 'static> {
    engine: Engine,
    definitions: HashMap<(String, String), Definition>,
    allow_shadowing: bool,
    data: PhantomData<fn(T)>,
}

#[derive(Clone)]
enum Definition {
    /// Of one store.
    Extern(Extern),
    /// Of any store.
    HostFunc(Arc<HostFunc>),
}

impl<T: 'static> Clone for Linker<T> {
    fn clone(&self) -> Linker<T> {
        let (engine, definitions) = (self.engine.clone(), self.definitions.clone());
        Linker { engine, definitions, allow_shadowing: self.allow_shadowing, data: PhantomData }
    }
}

impl<T: 'static> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker {
            engine: engine.clone(),
            definitions: HashMap::new(),
            allow_shadowing: false,
            data: PhantomData,
        }
    }

    /// Whether a name may be defined again. It may not by default.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Linker<T> {
        self.allow_shadowing = allow;
        self
    }

    /// Defines something of a store.
    ///
    /// # Errors
    /// The name is defined already, or the item belongs to another store.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> anyhow::Result<&mut Linker<T>> {
        let item = item.into();
        owned_by(store.as_context().core, item.to_item().0)?;
        self.insert(module, name, Definition::Extern(item))
    }

    /// Defines a host function from a closure: see [`Func::wrap`](crate::Func::wrap).
    ///
    /// # Errors
    /// The name is defined already.
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> anyhow::Result<&mut Linker<T>> {
        self.insert(module, name, Definition::HostFunc(Arc::new(func.into_host_func().0)))
    }

    /// Defines a host function whose type is known at run time only.
    ///
    /// # Errors
    /// The name is defined already.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> anyhow::Result<&mut Linker<T>> {
        self.insert(module, name, Definition::HostFunc(Arc::new(host_func::dynamic(ty, func))))
    }

    /// Defines all exports of an instance under a module's name.
    ///
    /// # Errors
    /// One of the names is defined already.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> anyhow::Result<&mut Linker<T>> {
        let mut store = store.as_context_mut();
        for export in instance.exports(&mut store) {
            let name = export.name().to_string();
            self.insert(module, &name, Definition::Extern(export.into_extern()))?;
        }
        Ok(self)
    }

    /// What is defined under a pair of names.
    pub fn get(&self, mut store: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern> {
        let core = store.as_context_mut().core;
        let item = self.definition(module, name)?.item(core).ok()?;
        Some(Extern::from_item(core.id(), item))
    }

    /// Instantiates a module with what is defined, and runs its start function.
    ///
    /// # Errors
    /// Imports are not defined or of the wrong type: a [`LinkError`] names all of them. Otherwise as
    /// for [`Instance::new`].
    pub fn instantiate(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> anyhow::Result<Instance> {
        let mut store = store.as_context_mut();
        let (mut items, mut problems) = (Vec::new(), Vec::new());
        for import in module.imports() {
            match self.definition(import.module(), import.name()) {
                None => problems.push(format!(
                    "unknown import: `{}::{}` ({}) has not been defined",
                    import.module(),
                    import.name(),
                    import.ty()
                )),
                Some(definition) => {
                    let problem = definition.check(store.core, &import).err();
                    if problem.is_none() {
                        items.push(definition.item(store.core)?);
                    }
                    problems.extend(problem);
                }
            }
        }
        if !problems.is_empty() {
            return Err(LinkError::new(problems).into());
        }
        Instance::with_checked_imports(&mut store, module, &items)
    }

    /// The engine of the linker.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn definition(&self, module: &str, name: &str) -> Option<&Definition> {
        self.definitions.get(&(module.to_string(), name.to_string()))
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition) -> anyhow::Result<&mut Linker<T>> {
        let names = (module.to_string(), name.to_string());
        if !self.allow_shadowing && self.definitions.contains_key(&names) {
            let problem = format!("import of `{module}::{name}` defined twice");
            return Err(LinkError::new(vec![problem]).into());
        }
        self.definitions.insert(names, definition);
        Ok(self)
    }
}

impl Definition {
    /// What is defined, in a store.
    fn item(&self, core: &mut StoreCore) -> anyhow::Result<Item> {
        match self {
            Definition::Extern(item) => {
                let (store, item) = item.to_item();
                owned_by(core, store)?;
                Ok(item)
            }
            Definition::HostFunc(func) => Ok(Item::Func(core.add_host_func(func.clone())?)),
        }
    }

    fn check(&self, core: &StoreCore, wanted: &ImportType<'_>) -> Result<(), String> {
        match self {
            Definition::Extern(item) => {
                let (store, item) = item.to_item();
                owned_by(core, store).map_err(|error| error.to_string())?;
                check_import(core, wanted, item)
            }
            Definition::HostFunc(func) => {
                let found = ExternType::Func(func.ty.clone());
                if found == wanted.ty() { Ok(()) } else { Err(incompatible(wanted, &found)) }
            }
        }
    }
}

/// Whether something of a store can be imported as what is wanted.
pub(super) fn check_import(core: &StoreCore, wanted: &ImportType<'_>, item: Item) -> Result<(), String> {
    let found = item_type(core, item);
    let compatible = match (&wanted.ty(), &found, item) {
        (ExternType::Table(wanted), ExternType::Table(found), Item::Table(table)) => {
            wanted.element() == found.element()
                && core.table_size(table) as u64 >= wanted.minimum()
                && within(found.maximum(), wanted.maximum())
        }
        (ExternType::Memory(wanted), ExternType::Memory(found), Item::Memory(memory)) => {
            core.memory(memory).size() >= wanted.minimum() && within(found.maximum(), wanted.maximum())
        }
        (wanted, found, _) => wanted == found,
    };
    if compatible { Ok(()) } else { Err(incompatible(wanted, &found)) }
}

/// Whether whatever respects the one maximum respects the other.
fn within(found: Option<u64>, wanted: Option<u64>) -> bool {
    wanted.is_none_or(|wanted| found.is_some_and(|found| found <= wanted))
}

fn incompatible(wanted: &ImportType<'_>, found: &ExternType) -> String {
    let (module, name) = (wanted.module(), wanted.name());
    format!("incompatible import type for `{module}::{name}`: expected {}, found {found}", wanted.ty())
}
