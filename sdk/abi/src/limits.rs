//! The limits that a mod's author and the SDK have to know, in one place.
//!
//! They are part of the contract: both sides use them, and guests in other languages copy them. Limits that only the
//! host knows are the host's.

/// Columns in one query.
pub const COLUMNS_MAX: usize = 12;

/// [Streams of random numbers](crate::import::RANDOM) of one mod.
pub const RANDOM_STREAMS: u32 = 64;

/// Bytes of one log message; the host cuts a longer one.
pub const LOG_BYTES_MAX: usize = 1024;

/// Log messages of one mod in one tick; the host drops further ones.
pub const LOGS_PER_TICK_MAX: u32 = 64;

/// Bytes of all log messages of one mod in one tick; the host drops a message that would exceed them.
pub const LOG_BYTES_PER_TICK_MAX: usize = 4096;

/// Bytes of the shortest [mod id](crate::names::is_mod_id).
pub const MOD_ID_BYTES_MIN: usize = 2;

/// Bytes of the longest [mod id](crate::names::is_mod_id).
pub const MOD_ID_BYTES_MAX: usize = 32;

/// Bytes of the name of a system, a game or a function, and of the second half of a type's id.
pub const NAME_BYTES_MAX: usize = 64;
