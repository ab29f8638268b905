//! Values that cross between host and guest, and references that the host keeps.
//!
//! [`val`] has values whose type is known at run time only, [`wasm_ty`] the Rust types that correspond to WebAssembly types. Both
//! are translated to the slots in which the doors of `vm/` pass them.

pub mod externref;
pub mod reference;
pub mod rooted;
pub mod v128;
pub mod val;
pub mod wasm_ty;
