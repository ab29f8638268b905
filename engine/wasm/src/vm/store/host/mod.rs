//! What the host puts into a store: its own data, its functions, and values that it lends for a while.

pub mod added;
pub mod data;
pub mod func;
pub mod lend;
