//! Machine code.

pub mod code_memory;
pub mod demangle;
pub mod dwarf;
pub mod published;
pub mod registry;
pub mod signatures;
