//! What the host puts into a store.

pub mod added;
pub mod data;
pub mod func;
pub mod lend;
