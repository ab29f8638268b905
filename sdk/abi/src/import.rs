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

/// `(query i32, column i32, entity i64, address i32) -> i32`: writes the value of one entity's column to `address`;
/// the system's own [`SET`] is seen. Returns the value's bytes, 0 where the column is optional and the entity lacks
/// it, or an error: `GONE` where the entity is not one of the query's.
pub const GET: &str = "get";

/// `(query i32, column i32, entity i64, address i32) -> i32`: takes the value at `address` for one entity's column,
/// which the query must write. It is in the world when the system has finished. Returns 0 or an error.
pub const SET: &str = "set";

/// `(address i32, len i32) -> i32`: queues the [command records](crate::command) found there,
/// all or none of them. Returns 0 or an error.
pub const COMMAND: &str = "command";

/// `(address i32, count i32) -> i32`: writes `count` ids of 8 bytes each to `address`, of entities that can be named at
/// once and live when a spawn record with their id is done. Those that are not used are given back. Returns 0 or an
/// error.
pub const ENTITY_RESERVE: &str = "entity_reserve";

/// `(address i32, len i32) -> i32`: writes as many of the events for which the system is called as fit, one after the
/// other, as their type lies in memory. Returns how many, 0 at the end, or an error.
pub const EVENT_NEXT: &str = "event_next";

/// `(event i32, address i32, len i32) -> i32`: sends the events that lie there one after the other; `event` is a place
/// in the system's list of events that it sends. Returns 0 or an error.
pub const EVENT_SEND: &str = "event_send";

/// `(resource i32, address i32) -> i32`: writes the value of a resource to `address`; `resource` is a place in the
/// system's list. Returns the value's bytes, or an error: `GONE` where the game has none at the moment.
pub const RESOURCE_GET: &str = "resource_get";

/// `(resource i32, address i32) -> i32`: takes the value at `address` for a resource, which the system must write. It
/// is in the world when the system has finished. Returns 0 or an error.
pub const RESOURCE_SET: &str = "resource_set";

/// `() -> i64`: the simulation's tick.
pub const TICK: &str = "tick";

/// `() -> f32`: how many seconds of simulation this tick covers.
pub const DELTA: &str = "delta";

/// `(stream i32) -> i64`: 64 random bits, the same in every run with the same world seed, mod and stream; a stream is
/// a number below [`RANDOM_STREAMS`](crate::RANDOM_STREAMS).
pub const RANDOM: &str = "random";

/// `() -> i64`: the fuel left in the mod's budget.
pub const FUEL_LEFT: &str = "fuel_left";

/// `(level i32, address i32, len i32)`: a [message](crate::LogLevel) for the author.
pub const LOG: &str = "log";

/// `(address i32, len i32)`: the message of a panic. Faults the mod with it and does not return.
pub const PANIC: &str = "panic";
