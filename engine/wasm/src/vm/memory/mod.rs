//! THE SANDBOX RESTS ON THIS FOLDER: linear memories and tables, each with the definition that machine code reads.
//!
//! ```text
//! image (what a module's data segments say) ┐
//!                                           ├─> pool: reservation ─> linear memory ─> reset ─> pool
//! machine: mappings, written pages ─────────┘
//! ```
//!
//! Knows no store and no instance: whether a memory or table may be made or may grow was decided before. Invariants: a
//! definition stays at its address as long as its memory or table (2), and says exactly what machine code may access
//! without a check (3, 7); no byte of a memory is seen by the next one in its reservation (7).

pub mod image;
pub mod linear;
pub mod pool;
pub mod table;
