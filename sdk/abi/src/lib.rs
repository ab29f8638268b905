//! The contract between the host and its mods: every number, name and record that passes between them.
//!
//! Both sides depend on this crate, so neither can drift: the host (`tinkerbox`) decodes with it
//! what a mod sends, the guest (`tinkerbox-sdk`) encodes with it. It contains no behaviour of either
//! side, needs no `std`, and must know nothing of Bevy, of the runtime or of a particular game.
//!
//! ```text
//!   guest (SDK)                      this crate                         host
//!   sys_flock()  <---------------  export::SYSTEM_PREFIX  ------------  calls once a tick
//!   view_next()  -- query index -> View { rows, columns } <-----------  copies columns in and out
//!   command()    -- u64 words ---> command::decode -------------------> checks, queues, applies
//!   any import   <- negative i32 - AbiError --------------------------  says why not
//! ```
//!
//! A module names itself and those before it only.
#![no_std]

extern crate alloc;

// Ground: limits, and the grammar of names.
mod limits;
pub mod names;

// Functions by name, and the numbers that they take and return.
pub mod export;
pub mod import;

mod error;
mod level;

// Records, and what they name.
mod const_text;
mod entity;
mod view;

mod shared;

pub mod command;

#[doc(hidden)]
pub use const_text::ConstText;
pub use entity::ModEntity;
pub use error::{AbiError, UnknownCode};
pub use export::SCHEMA_SECTION;
pub use import::API;
pub use level::LogLevel;
pub use limits::{
    COLUMNS_MAX, LOG_BYTES_MAX, LOG_BYTES_PER_TICK_MAX, LOGS_PER_TICK_MAX, MOD_ID_BYTES_MAX,
    MOD_ID_BYTES_MIN, NAME_BYTES_MAX, RANDOM_STREAMS,
};
pub use shared::docs::Docs;
#[doc(hidden)]
pub use shared::expansion;
pub use shared::field::ModField;
pub use shared::flat::Flat;
pub use shared::mirror::{MirrorField, ModMirror};
pub use shared::mod_type::{ModType, component_key};
pub use shared::shape::Shape;
pub use shared::text::Text;
pub use view::{ENTITY, View};

/// Every column and every command record starts at a multiple of this many bytes.
pub const ALIGNMENT: usize = 8;
