//! THE SANDBOX RESTS ON THIS FOLDER: machine code that can run, and what an address in it means.
//!
//! ```text
//! compile::join::Code ─> code_memory (where it lies) ─> published ─> registry: address ─> function, trap, offset
//!                                                           └─ signatures: a pair of trampolines for each signature
//! module's debug sections ─> dwarf ─> demangle ─> what a person reads of an address
//! ```
//!
//! Knows no module, no store and no guest that runs: a piece of code has an owner whose type only the room above knows.
//! Invariants: published code is executable and never writable, stays as long as what holds it (4), and can be looked up
//! from a signal handler, which takes no lock and allocates nothing.

pub mod code_memory;
pub mod demangle;
pub mod dwarf;
pub mod published;
pub mod registry;
pub mod signatures;
