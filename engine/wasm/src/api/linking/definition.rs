//! What a linker has under a pair of names: an item of one store, or a host function for any store.

use std::sync::Arc;

use crate::api::instances::externs::Extern;
use crate::api::instances::item_types::{check_type, present_type};
use crate::api::modules::declarations::ImportType;
use crate::api::stores::context::owned_by;
use crate::base::types::ExternType;
use crate::vm::store::host::func::HostFunc;
use crate::vm::store::indices::Item;
use crate::vm::store::store_core::StoreCore;

#[derive(Clone)]
pub(super) enum Definition {
    /// An item of one store, with the type and size that it had when it was defined.
    Extern(Extern, ExternType),
    /// A host function for any store.
    HostFunc(Arc<HostFunc>),
}

impl Definition {
    /// # Errors
    /// The item belongs to another store.
    pub(super) fn of_store(core: &StoreCore, item: Extern) -> anyhow::Result<Definition> {
        let (store, id) = item.to_item();
        owned_by(core, store)?;
        Ok(Definition::Extern(item, present_type(core, id)))
    }

    /// The item that this is in a store.
    ///
    /// # Errors
    /// The item belongs to another store, or a host function's trampolines cannot be compiled.
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

    /// The item itself, or the host function as one of a store.
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

    /// The type that it had when it was defined.
    pub(super) fn ty(&self) -> ExternType {
        match self {
            Definition::HostFunc(func) => ExternType::Func(func.ty.clone()),
            Definition::Extern(_, ty) => ty.clone(),
        }
    }

    /// Checks that it can be imported as `wanted`. If its store is given, its present size counts.
    ///
    /// # Errors
    /// It cannot: the text says why.
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
