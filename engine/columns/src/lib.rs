//! bevy_ecs's component storage as bytes, by component id, behind a safe interface.
//!
//! Mods see components as columns of plain bytes; bevy_ecs hands those out only through untyped, unsafe
//! calls. This crate makes those calls, and knows nothing of mods, files or WebAssembly. Its place on the
//! way of the data:
//!
//! ```text
//! World --RowQuery--> Runs --copy_column--> the caller's buffer --(a mod works on it)--+
//!   ^                                                                                  |
//!   +------ Journal::apply (changed rows only) <------ Journal::compare <--------------+
//! ```
//!
//! A [`Run`] is a piece of one table, so that bytes move with one copy for many rows. Runs are positions:
//! they hold until the world changes. Whoever keeps rows longer pins them ([`pin`], [`Journal::pin`]),
//! which turns positions into entities; [`RowQuery::locate`] finds those again.
//!
//! # Invariants
//!
//! All unsafe code of the crate rests on these, and names them by number.
//!
//! 1. **A [`FlatComponent`] tells the truth.** It is made in `component.rs` only, from a type and the world that gave
//!    the id. Of a plain one, `T: Component + Pod`, size and alignment are `T`'s, every byte of a value is
//!    initialised, every pattern of bytes is a value, nothing is dropped, and a shared reference
//!    allows reads only. A mirrored one's values are touched by its own four functions, made for its type.
//! 2. **A component is used with its own world.** Each function that takes both compares their world ids
//!    first.
//! 3. **Rows are checked where they are used.** A run is compared with the table's length each time; the
//!    pointer to a column covers the whole of the column, so that it may be moved by any row below that
//!    length.
//! 4. **Borrows of bytes are borrows of the world.** A slice of bytes read carries the lifetime of a
//!    `&World`; nobody can write meanwhile. A slice of bytes to write carries that of a `&mut World`;
//!    nobody else looks meanwhile.
//! 5. **bevy_ecs's accessors of relationships tell the truth**: the offset of a relationship's target lies within its
//!    values, and the iterator is made for the values of its component. Both come from the type, through
//!    bevy_ecs's own derive or an unsafe call.
//! 6. **A record of several components that a panic has spoilt is not used again.** bevy_ecs takes the record's list of
//!    storages out while it inserts, and an unwinding hook or observer leaves it empty; used again it would leave rows
//!    without values. `spawn.rs` notes such sets for good, and inserts their components one by one from then on.

// What every step rests on; then in the order of the drawing: which components, which rows, out, back.
mod contained;

mod component;

mod matching;

mod read;

mod journal;
mod write;

mod relations;
mod spawn;

pub use component::{ConversionPanicked, FlatComponent};
pub use contained::{contained, drop_contained};
pub use journal::{Applied, Journal, NoValue};
pub use matching::{Listing, RowQuery, Run, Terms, pin};
pub use read::{copy_column, copy_resource, copy_value, entities, resource_entity};
pub use relations::{Link, linked_sources, linked_targets};
pub use spawn::{
    HalfMade, InsertError, insert, insert_linked, remove, spawn, spawn_linked, whole_or_half_made,
};
