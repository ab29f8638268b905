//! What every layer shares: words, types, numbers and errors. Knows no compiler, no machine, no store.

#![forbid(unsafe_code)]

pub mod config;
pub mod error;
mod extern_types;
pub mod frames;
pub mod indices;
pub mod layout;
pub mod limits;
mod memory_type;
pub mod module;
mod settings;
pub mod trap;
pub mod types;
