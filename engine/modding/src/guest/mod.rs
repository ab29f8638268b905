//! The code of a mod while it runs: its instance, what the host keeps for it, what it sees, and what it asks for.
//!
//! ```text
//! tick -> instance (store, calls) -> code of the mod -> host functions -> state (the `T` of the store)
//!                                                                            ├─ view, events, random numbers, logs
//!                                                                            └─ effects, until the system has finished
//! ```
//!
//! It knows builds and exposed types. It does not know the functions that mods import, the table of mods or reports: what
//! follows from a run is decided by the caller.

pub(crate) mod instance;
pub(crate) mod state;

pub(crate) mod effects;
pub(crate) mod event_queue;
pub(crate) mod growth;
pub(crate) mod log_buffer;
pub(crate) mod random;
pub(crate) mod view;

mod backtrace;
pub(crate) mod diagnosis;
pub(crate) mod panicked;
