//! What a game exposes to its mods, as data: the interface file.
//!
//! ```text
//! the game ──> Interface ──> meadow.interface.toml ──> Interface ──> bindings, the authors' page, checks, tests
//! ```
//!
//! It has names, layouts and prices, and must not know how either side uses them. Texts come from strangers: reading is
//! bounded, and each error says where and what.
//!
//! A module names itself and those before it only.

#![forbid(unsafe_code)]

// Layouts of shared types.
mod layout;

// The interface, and its file.
mod interface;

mod check;
mod toml_problem;

mod file;

pub use file::InterfaceError;
pub use interface::{
    Constant, EntityKind, Field, Function, Interface, NamedType, Only, Parameter, SharedType, Variant,
};
pub use layout::{Change, Difference, Enum, LayoutError, Member, Number, Struct, Type, differences};
pub use toml_problem::toml_problem;

#[cfg(test)]
mod tests;
