//! Linking: the definitions from which the imports of modules are taken by name.
//!
//! [`linker`] keeps definitions under pairs of names, [`resolve`] finds what a module imports among them and instantiates it, and
//! [`instance_pre`] is a module with its imports found once for many instances.

pub mod command;
pub mod definition;
pub mod instance_pre;
pub mod linker;
pub mod resolve;
