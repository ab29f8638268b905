//! The mods that a game has: the table of them, and how each is started, saved, contained and reported.
//!
//! ```text
//! table ── entries, by folder ── the order of their systems
//!            └─ context (an entry in the world) ── lifecycle, reporting
//! ```
//!
//! Which mods run is decided in `reload/`, when they run in `tick/`; this room knows neither.

pub(crate) mod table;

pub(crate) mod entry;
pub(crate) mod run_order;

pub(crate) mod context;
mod lifecycle;
pub(crate) mod reporting;
