//! A Rust file as `syn` reads it, once for all rules.
//!
//! It knows one file; which file a path leads to is decided in `crates/`.

mod declared;
mod reader;

pub use declared::{Comment, Constant, Import, Path, ScopeId, Syntax};
pub use reader::read;
