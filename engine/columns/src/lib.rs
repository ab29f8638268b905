//! bevy_ecs's component storage as bytes, by component id, behind a safe interface.
//!
//! Mods see components as columns of plain bytes, which bevy_ecs only hands out through untyped, unsafe calls. This crate
//! makes those calls. It must not know mods, files or WebAssembly. Its place on the way of the data:
//!
//! ```text
//! World --RowQuery--> Runs --copy_column--> the caller's buffer --(a mod works on it)--+
//!   ^                                                                                  |
//!   +------ Journal::apply (changed rows only) <------ Journal::compare <--------------+
//! ```
//!
//! A [`Run`] is a piece of one table, so that one copy moves the bytes of many rows. Runs are positions: they are valid
//! until the world changes. To keep rows longer, pin them ([`pin`], [`Journal::pin`]), which turns positions into
//! entities; [`RowQuery::locate`] finds those again.
//!
//! # Invariants
//!
//! All unsafe code of the crate relies on these invariants, and names them by number.
//!
//! 1. **A [`FlatComponent`] describes its type correctly.** It is only made in `component.rs`, from a type and the world
//!    that registered it, or for bytes of which it alone says how many they are. Where values are the bytes that cross,
//!    `T: Component + NoUninit + CheckedBitPattern`, or its leaves are all of it; size and alignment are those of `T`, every
//!    byte of a value is initialised, nothing is dropped, and a shared reference only allows reads. The values of a mirrored
//!    component are only touched by its own four functions, which were made for its type, and those of one that crosses as
//!    its leaves only by these.
//! 2. **A component is only used with its own world.** Each function that takes both compares their world ids first.
//! 3. **Rows are checked where they are used.** A run is compared with the table's length each time; the pointer to a
//!    column covers the whole column, so it may be offset by any row below that length.
//! 4. **Borrows of bytes are borrows of the world.** A slice of bytes to read has the lifetime of a `&World`, so no other
//!    code can write meanwhile. A slice of bytes to write has the lifetime of a `&mut World`, so no other code can read
//!    meanwhile.
//! 5. **bevy_ecs's accessors of relationships are correct**: the offset of a relationship's target lies within its values,
//!    and the iterator is made for the values of its component. Both come from the type, through bevy_ecs's own derive or
//!    an unsafe call.
//! 6. **A bundle record that a panic has spoilt is not used again.** bevy_ecs keeps a record for each set of components that
//!    are inserted together. It takes the record's list of storages out while it inserts, and an unwinding hook or observer
//!    leaves the list empty; used again, it would leave rows without values. `spawn/panics.rs` notes such sets for good, and
//!    `spawn/values.rs` inserts their components one by one from then on.
//! 7. **Bytes are checked before they become a value.** Not all bytes are an enum or a `bool`. A journal checks them when it
//!    records them and keeps them to itself; `spawn/values.rs` checks them before it makes values. For plain components,
//!    all of whose bytes are values, there is nothing to check.
//! 8. **Leaves lie where they were found.** They are found by bevy_reflect in one value of a type, through accessors of its
//!    fields, each inside the value and of a type that is known; so they lie at the same places in all values. A type whose
//!    reflection is derived has such accessors. Their bytes have no padding among them, since those types have none.

#![expect(unsafe_code, reason = "each block names one of the invariants above")]

// Each file names only files above it.
mod contained;

mod crossing;

mod component;
mod run;

mod read;

mod query;

mod write;

mod stretches;

mod journal;

mod relations;

mod spawn;

#[cfg(feature = "reflect")]
mod reflected;

pub use component::FlatComponent;
pub use contained::{contained, drop_contained};
pub use crossing::{Check, Conversion, ConversionPanicked, FromMirror};
pub use journal::{Applied, Journal, NoValue};
pub use query::{Listing, RowQuery, Terms};
pub use read::{copy_column, copy_resource, copy_value, resource_entity};
#[cfg(feature = "reflect")]
pub use reflected::{NotFlat, Reflected, ReflectedShape};
pub use relations::{Link, linked_sources, linked_targets};
pub use run::{Run, entities, pin};
pub use spawn::{
    HalfMade, InsertError, insert, insert_linked, remove, spawn, spawn_linked, whole_or_half_made,
};
