//! The functions a mod may import: one module, these names, nothing else.
//!
//! The types stand beside the names, in WebAssembly's words. An address or a length is an `i32`
//! read as unsigned; one that points past the memory is a fault of the mod, not an error code.

/// The import module. Its last digit is [`API`](crate::API).
pub const MODULE: &str = "tinkerbox1";

/// `(query i32, view i32, buffer i32, buffer_len i32) -> i32`: hands the query's previous chunk
/// back, then fills `buffer` with its next rows and `view` with their places.
/// Returns the rows, 0 at the end, or an error.
pub const VIEW_NEXT: &str = "view_next";

/// `(address i32, len i32) -> i32`: queues the [command records](crate::command) found there,
/// all or none of them. Returns 0 or an error.
pub const COMMAND: &str = "command";

/// `() -> i64`: the simulation's tick.
pub const TICK: &str = "tick";

/// `() -> f32`: how many seconds of simulation this tick covers.
pub const DELTA: &str = "delta";

/// `() -> i64`: 64 random bits, the same in every run with the same world seed and mod.
pub const RANDOM: &str = "random";

/// `() -> i64`: the fuel left in the mod's budget.
pub const FUEL_LEFT: &str = "fuel_left";

/// `(level i32, address i32, len i32)`: a [message](crate::LogLevel) for the author.
pub const LOG: &str = "log";

/// `(address i32, len i32)`: the message of a panic. Faults the mod with it and does not return.
pub const PANIC: &str = "panic";
