//! Types of values, functions, globals, tables and memories, as the specification and wasmtime name them.
//!
//! They are plain data. They must not know any value, function or memory of such a type.

mod values;

mod func;
mod range;

mod memory;

mod externs;

pub use externs::{ExternType, GlobalType, Mutability, TableType};
pub use func::FuncType;
pub use memory::{MAX_PAGES, MemoryType, MemoryTypeBuilder, PAGE_SIZE};
pub use values::{HeapType, RefType, ValType};
