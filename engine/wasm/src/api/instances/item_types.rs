//! The types of a store's items, declared and present, and whether an item can be imported as a module declares it.
//!
//! Items are those of a store core. Knows no handles: they were checked to belong to the store before.

use crate::api::modules::declarations::ImportType;
use crate::base::types::ExternType;
use crate::vm::store::indices::Item;
use crate::vm::store::store_core::StoreCore;

/// The declared type of an item of the store.
pub(super) fn declared_type(core: &StoreCore, item: Item) -> ExternType {
    match item {
        Item::Func(func) => ExternType::Func(core.func_type(func)),
        Item::Global(global) => ExternType::Global(core.global_type(global).clone()),
        Item::Table(table) => ExternType::Table(core.table_type(table).clone()),
        Item::Memory(memory) => ExternType::Memory(core.memory(memory).ty().clone()),
    }
}

/// The type of an item, with its present size as the minimum.
pub(in crate::api) fn present_type(core: &StoreCore, item: Item) -> ExternType {
    match item {
        Item::Table(table) => {
            let size = core.table_size(table) as u64;
            ExternType::Table(core.table_type(table).with_minimum(size))
        }
        Item::Memory(memory) => {
            let memory = core.memory(memory);
            ExternType::Memory(memory.ty().with_minimum(memory.size()))
        }
        other => declared_type(core, other),
    }
}

/// Checks that an item of a store can be imported as `wanted`.
///
/// # Errors
/// It cannot: the text says why.
pub(super) fn check_import(core: &StoreCore, wanted: &ImportType<'_>, item: Item) -> Result<(), String> {
    check_type(wanted, &present_type(core, item))
}

/// Checks that what has the type `found` can be imported as `wanted`.
///
/// # Errors
/// It cannot: the text says why.
pub(in crate::api) fn check_type(wanted: &ImportType<'_>, found: &ExternType) -> Result<(), String> {
    let ty = wanted.ty();
    if found.matches(&ty) {
        return Ok(());
    }
    let (module, name) = (wanted.module(), wanted.name());
    Err(format!("incompatible import type for `{module}::{name}`: expected {ty}, found {found}"))
}
