//! The contract between the host and its mods: every number, name and record that crosses the line.
//!
//! Both sides depend on this crate, so neither can drift: the host (`tinkerbox`) decodes with it
//! what a mod sends, the guest (`tinkerbox-sdk`) encodes with it. It holds no behaviour of either
//! side, does without `std`, and must know nothing of Bevy, of the runtime or
//! of a particular game.
//!
//! ```text
//!   guest (SDK)                      this crate                         host
//!   sys_flock()  <---------------  export::SYSTEM_PREFIX  ------------  calls once a tick
//!   view_next()  -- query index -> View { rows, columns } <-----------  copies columns in and out
//!   command()    -- u64 words ---> command::decode -------------------> checks, queues, applies
//!   any import   <- negative i32 - AbiError --------------------------  says why not
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod command;
pub mod export;
pub mod import;

mod entity;
mod error;
mod level;
mod mod_type;
mod view;

pub use entity::ModEntity;
pub use error::{AbiError, UnknownCode};
pub use level::{LOG_BYTES_MAX, LOG_BYTES_PER_TICK_MAX, LOGS_PER_TICK_MAX, LogLevel};
pub use mod_type::{ModType, component_key};
pub use view::{COLUMNS_MAX, ENTITY, View};

/// The contract's major number: a mod names it as `api` in its `mod.toml`.
pub const API: u32 = 1;

/// The custom section that carries a mod's schema: TOML text, fragments in any number. A linker may lay them in any order:
/// systems with a `source` (crate, file, position) run in the order of their sources, others as they lie.
pub const SCHEMA_SECTION: &str = "tinkerbox.schema";

/// Every column and every command record starts at a multiple of this many bytes.
pub const ALIGNMENT: usize = 8;

/// So many [streams of random numbers](import::RANDOM) has a mod.
pub const RANDOM_STREAMS: u32 = 64;
