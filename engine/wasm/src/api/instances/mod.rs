//! Instances, and what they import and export: an [`Extern`](externs::Extern) is a function of `api/funcs/`, or a memory, a table
//! or a global.
//!
//! Each of them is a handle to an item that a store core of `vm/` keeps. Here imports are given in the module's order; finding
//! them by name is left to `api/linking/`.

pub mod default_value;
pub mod externs;
pub mod global;
pub mod instance;
pub mod item_types;
pub mod memory;
pub mod table;
