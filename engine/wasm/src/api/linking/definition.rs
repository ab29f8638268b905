//! What a linker has under a pair of names: an item of one store, or a host function for any store.

use std::sync::Arc;

use crate::api::instances::externs::{Extern, item_type};
use crate::api::modules::module::ImportType;
use crate::api::stores::context::owned_by;
use crate::base::types::ExternType;
use crate::vm::store::host::func::HostFunc;
use crate::vm::store::indices::Item;
use crate::vm::store::store_core::StoreCore;

#[derive(Clone)]
pub(in crate::api) enum Definition {
    /// An item of one store, with the type and size that it had when it was defined.
    Extern(Extern, ExternType),
    /// A host function for any store.
    HostFunc(Arc<HostFunc>),
}

impl Definition {
    /// # Errors
    /// The item belongs to another store.
    pub(in crate::api) fn of_store(core: &StoreCore, item: Extern) -> anyhow::Result<Definition> {
        let (store, id) = item.to_item();
        owned_by(core, store)?;
        Ok(Definition::Extern(item, present_type(core, id)))
    }

    /// The item that this is in a store.
    ///
    /// # Errors
    /// The item belongs to another store, or a host function's trampolines cannot be compiled.
    pub(in crate::api) fn item(&self, core: &mut StoreCore) -> anyhow::Result<Item> {
        match self {
            Definition::Extern(item, _) => {
                let (store, item) = item.to_item();
                owned_by(core, store)?;
                Ok(item)
            }
            Definition::HostFunc(func) => Ok(Item::Func(core.link_host_func(func)?)),
        }
    }

    /// The item itself, or the host function as one of a store.
    pub(in crate::api) fn to_extern(&self, core: &mut StoreCore) -> Extern {
        match self {
            Definition::Extern(item, _) => *item,
            Definition::HostFunc(func) => {
                let id = core.link_host_func(func);
                let id = id.expect("the types of host functions are small enough for the compiler");
                Extern::from_item(core.id(), Item::Func(id))
            }
        }
    }

    /// The type that it had when it was defined.
    pub(in crate::api) fn ty(&self) -> ExternType {
        match self {
            Definition::HostFunc(func) => ExternType::Func(func.ty.clone()),
            Definition::Extern(_, ty) => ty.clone(),
        }
    }

    /// Checks that it can be imported as `wanted`. If its store is given, its present size counts.
    ///
    /// # Errors
    /// It cannot: the text says why.
    pub(in crate::api) fn check(
        &self,
        wanted: &ImportType<'_>,
        now: Option<&StoreCore>,
    ) -> Result<(), String> {
        match self {
            Definition::HostFunc(func) => check_type(wanted, &ExternType::Func(func.ty.clone())),
            Definition::Extern(item, then) => {
                let (store, item) = item.to_item();
                match now.filter(|core| core.id() == store) {
                    Some(core) => check_type(wanted, &present_type(core, item)),
                    None => check_type(wanted, then),
                }
            }
        }
    }
}

/// Checks that an item of a store can be imported as `wanted`.
///
/// # Errors
/// It cannot: the text says why.
pub(in crate::api) fn check_import(
    core: &StoreCore,
    wanted: &ImportType<'_>,
    item: Item,
) -> Result<(), String> {
    check_type(wanted, &present_type(core, item))
}

fn check_type(wanted: &ImportType<'_>, found: &ExternType) -> Result<(), String> {
    let ty = wanted.ty();
    if found.matches(&ty) {
        return Ok(());
    }
    let (module, name) = (wanted.module(), wanted.name());
    Err(format!("incompatible import type for `{module}::{name}`: expected {ty}, found {found}"))
}

/// The type of an item, with its present size as the minimum.
fn present_type(core: &StoreCore, item: Item) -> ExternType {
    match item {
        Item::Table(table) => {
            let size = core.table_size(table) as u64;
            ExternType::Table(core.table_type(table).with_minimum(size))
        }
        Item::Memory(memory) => {
            let memory = core.memory(memory);
            ExternType::Memory(memory.ty().with_minimum(memory.size()))
        }
        other => item_type(core, other),
    }
}
