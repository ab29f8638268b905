//! Layouts of shared types: how a value lies in memory, field by field.
//!
//! ```text
//!   type   = number | "bool" | "entity" | "entity?" | "text[" N "]" | "[" type ";" N "]" | struct | enum | Name
//!   number = u8 | i8 | u16 | i16 | u32 | i32 | u64 | i64 | f32 | f64
//!   struct = [Name] "{" [ field ":" type { "," field ":" type } [","] ] "}"
//!   enum   = [Name] "enum" number "{" Variant "=" integer { "," Variant "=" integer } [","] "}"
//! ```
//!
//! The rules are C's: a field is aligned to its own alignment, a struct to the largest of its fields'. Shared types have no
//! padding. The name in front of a nested struct or enum is for bindings; layouts are compared without it. A name alone
//! stands for a type that is described elsewhere in the same interface file.

mod compare;
mod parse;
mod size;
mod types;

pub use compare::{Change, Difference, differences};
pub use parse::LayoutError;
pub use types::{Enum, Member, Number, Struct, Type};
