//! What a mod written in Rust imports: systems and queries over plain slices, commands, time,
//! chance and log messages.
//!
//! It stands between the author's functions and the contract (`tinkerbox-abi`): it calls the
//! host's functions and lays out what they ask for. It must know nothing of the host's inside,
//! and of no game.
//!
//! ```no_run
//! use meadow::{Energy, Sheep};
//! use tinkerbox_sdk::prelude::*;
//!
//! /// Sheep tire, and the weakest die.
//! #[system]
//! fn tire(mut sheep: Query<&mut Energy, With<Sheep>>) {
//!     while let Some(chunk) = sheep.next() {
//!         for (entity, energy) in chunk.entities.iter().zip(chunk.columns) {
//!             energy.joules -= 2.0 * delta();
//!             if energy.joules < 0.0 {
//!                 commands().despawn(*entity);
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! Natively the crate only compiles, for documentation and checks: the host's functions panic.
#![deny(unsafe_code)]

// The macros name this crate from outside; its own tests use them too.
#[cfg(test)]
extern crate self as tinkerbox_sdk;

// What a system asks for.
mod columns;
mod filter;
mod query;

// What it can do besides.
mod bundle;
mod clock;
mod commands;
mod entity;
mod log;
mod random;
mod state;

// What the macros' output stands on.
mod schema;
mod system;
mod tuples;

// The only way to the host.
mod imports;

pub use bundle::Bundle;
pub use clock::{delta, fuel_left, tick};
pub use columns::{Column, Columns};
pub use commands::{Commands, commands};
pub use entity::Entity;
pub use filter::{Filter, With, Without};
pub use log::log;
pub use query::{Chunk, Query};
pub use random::{random, random_range};
pub use tinkerbox_abi as abi;
pub use tinkerbox_abi::{AbiError, LogLevel, ModComponent};
pub use tinkerbox_macros::{ModComponentOfSdk as ModComponent, state, system};

/// What most mods use, for `use tinkerbox_sdk::prelude::*`.
pub mod prelude {
    pub use crate::{Entity, ModComponent, Query, With, Without};
    pub use crate::{commands, delta, fuel_left, random, random_range, tick};
    pub use crate::{error, info, warn};
    pub use crate::{state, system};
}

/// What the output of the macros names. Not for authors: it changes with the macros.
#[doc(hidden)]
pub mod expansion {
    pub use crate::schema::SystemSchema;
    pub use crate::state::{SavedFields, State, alloc, load, save};
    pub use crate::system::{Parameter, run};
}

/// The guide's examples, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Guide;
