//! What a linker has under a pair of names: something of one store, or a host function for any store.

use std::sync::Arc;

use super::context::owned_by;
use super::externs::{Extern, item_type};
use super::module::ImportType;
use crate::base::types::ExternType;
use crate::vm::store::host::func::HostFunc;
use crate::vm::store::indices::Item;
use crate::vm::store::store_core::StoreCore;

#[derive(Clone)]
pub(super) enum Definition {
    /// Of one store, with the type and size that it had when it was defined.
    Extern(Extern, ExternType),
    /// Of any store.
    HostFunc(Arc<HostFunc>),
}

impl Definition {
    /// # Errors
    /// It belongs to another store.
    pub(super) fn of_store(core: &StoreCore, item: Extern) -> anyhow::Result<Definition> {
        let (store, id) = item.to_item();
        owned_by(core, store)?;
        Ok(Definition::Extern(item, present_type(core, id)))
    }

    /// What it is in a store.
    ///
    /// # Errors
    /// It belongs to another store, or a host function's doors cannot be compiled.
    pub(super) fn item(&self, core: &mut StoreCore) -> anyhow::Result<Item> {
        match self {
            Definition::Extern(item, _) => {
                let (store, item) = item.to_item();
                owned_by(core, store)?;
                Ok(item)
            }
            Definition::HostFunc(func) => Ok(Item::Func(core.link_host_func(func)?)),
        }
    }

    /// Itself, or as a function of a store.
    pub(super) fn to_extern(&self, core: &mut StoreCore) -> Extern {
        match self {
            Definition::Extern(item, _) => *item,
            Definition::HostFunc(func) => {
                let id = core.link_host_func(func);
                let id = id.expect("the types of host functions are small enough for the compiler");
                Extern::from_item(core.id(), Item::Func(id))
            }
        }
    }

    /// Its type, as it was when it was defined.
    pub(super) fn ty(&self) -> ExternType {
        match self {
            Definition::HostFunc(func) => ExternType::Func(func.ty.clone()),
            Definition::Extern(_, ty) => ty.clone(),
        }
    }

    /// Whether it can be imported as what is wanted; says why not. Its size is that of now where its
    /// store is given.
    pub(super) fn check(&self, wanted: &ImportType<'_>, now: Option<&StoreCore>) -> Result<(), String> {
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

/// Whether something of a store can be imported as what is wanted; says why not.
pub(super) fn check_import(core: &StoreCore, wanted: &ImportType<'_>, item: Item) -> Result<(), String> {
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

/// The type of something, with its present size as the least one.
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
