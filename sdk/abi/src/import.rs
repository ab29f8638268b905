//! The functions that a mod may import: one module, these names, nothing else.
//!
//! Their types stand beside the names, in WebAssembly's terms. An address or a length is an `i32`
//! read as unsigned; one that points past the memory is a fault of the mod, not an error code.
//! A query, a column, an event or a resource is an index into the lists of the running system's schema.

use crate::names::is_reserved;

/// The contract's major version: a mod states it as `api` in its `mod.toml`.
pub const API: u32 = 1;

/// The import module. Its last digit is [`API`].
pub const MODULE: &str = "tinkerbox1";

const _: () = assert!(is_reserved(MODULE), "no game has the name of the contract's module");

/// `(query i32, view i32, buffer i32, buffer_len i32) -> i32`: takes back the query's previous chunk,
/// then fills `buffer` with its next rows and `view` with the addresses of their columns.
/// Returns the number of rows, 0 at the end, or an error.
pub const VIEW_NEXT: &str = "view_next";

/// `(query i32, column i32, entity i64, address i32) -> i32`: writes the value of one entity's column to `address`,
/// with the changes that the system has made through [`SET`]. Returns the value's bytes, 0 if the column is optional and
/// the entity lacks it, or an error: `GONE` if the query does not match the entity.
pub const GET: &str = "get";

/// `(query i32, column i32, entity i64, address i32) -> i32`: sets one entity's column, which the query must write, to
/// the value at `address`. The world is changed when the system has finished. Returns 0 or an error.
pub const SET: &str = "set";

/// `(address i32, len i32) -> i32`: queues the [command records](crate::command) at `address`,
/// all or none of them. Returns 0 or an error.
pub const COMMAND: &str = "command";

/// `(address i32, count i32) -> i32`: reserves `count` entities and writes their ids, 8 bytes each, to `address`. The
/// ids can be used at once; an entity lives from when a spawn record with its id is applied. Ids that are not used are
/// given back. Returns 0 or an error.
pub const ENTITY_RESERVE: &str = "entity_reserve";

/// `(address i32, len i32) -> i32`: writes as many of the events for which the system is called as fit, one after the
/// other, as their type lies in memory; of removals of a component, the ids of the entities that had it, 8 bytes each.
/// Returns their number, 0 at the end, or an error.
pub const EVENT_NEXT: &str = "event_next";

/// `(event i32, address i32, len i32) -> i32`: sends the events that lie at `address`, one after the other; `event` is an
/// index into the system's list of the events that it sends. Returns 0 or an error.
pub const EVENT_SEND: &str = "event_send";

/// `(resource i32, address i32) -> i32`: writes the value of a resource to `address`; `resource` is an index into the
/// system's list of resources. Returns the value's bytes, or an error: `GONE` if the game does not have the resource at
/// the moment.
pub const RESOURCE_GET: &str = "resource_get";

/// `(resource i32, address i32) -> i32`: sets a resource, which the system must write, to the value at `address`. The
/// world is changed when the system has finished. Returns 0 or an error.
pub const RESOURCE_SET: &str = "resource_set";

/// `() -> i64`: the number of the simulation's tick.
pub const TICK: &str = "tick";

/// `() -> f32`: the seconds of simulation that this tick covers.
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
