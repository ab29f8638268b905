//! Crates: where each begins, which files it is made of, and what its files name of each other.

mod packages;
mod tree;

pub use packages::targets;
pub use tree::{Arrow, Tree};
