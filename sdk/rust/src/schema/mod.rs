//! What a system declares: its name, its place in the source and its order, and what it reads, writes, sends and handles.
//!
//! ```text
//!   parameters' types -> constants of these types -> text -> section `tinkerbox.schema` of the mod -> host
//! ```
//!
//! All of it is `const`: the compiler evaluates it while it compiles the author's crate, since only types know what a
//! parameter declares. Nothing of it remains in the mod's code or memory.

mod access;
mod query;
mod source;
mod system;
mod text;

pub use access::{AccessMode, EventSchema, HandledSchema, Lifecycle, ResourceSchema};
pub use query::{ColumnSchema, FilterKind, FilterSchema, QuerySchema};
pub use source::SourceLocation;
pub use system::{ParameterSchema, SystemSchema};
