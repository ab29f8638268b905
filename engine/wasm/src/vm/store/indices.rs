//! Names of stores, and of what is in one: newtypes, so that neither two of them nor one of these and an index of a module
//! (`base::indices`) can be mixed up.
//!
//! Nothing is ever removed from a store's lists, so that an index stays good as long as the store. With the store's id in
//! front, it is a handle of `api/`.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

use super::funcref::StoreFunc;
use crate::base::indices::index_types;

/// Tells the handles of one store from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreId(NonZeroU64);

impl StoreId {
    /// The id of a new store, which no other has had in this process.
    pub(super) fn next() -> StoreId {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        StoreId(NonZeroU64::new(id).expect("the count starts at one"))
    }
}

index_types! {
    /// An instance of a store.
    StoreInstance;
    /// A table of a store.
    StoreTable;
    /// A memory of a store.
    StoreMemory;
    /// A global of a store.
    StoreGlobal;
}

/// Something of a store: what imports are satisfied with and exports resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Func(StoreFunc),
    Table(StoreTable),
    Memory(StoreMemory),
    Global(StoreGlobal),
}
