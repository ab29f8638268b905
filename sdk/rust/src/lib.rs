//! What a mod written in Rust imports: systems and queries over plain slices, commands, events, resources, time,
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
//! fn tire(mut sheep: Query<(Entity, &mut Energy), With<Sheep>>, mut commands: Commands) {
//!     let tired = 2.0 * delta();
//!     while let Some(chunk) = sheep.next() {
//!         let (entities, energies) = chunk.columns;
//!         for (entity, energy) in entities.iter().zip(energies) {
//!             energy.joules -= tired;
//!             if energy.joules < 0.0 {
//!                 commands.despawn(*entity);
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! Natively the crate only compiles, for documentation and checks: the host's functions panic.

// The macros name this crate from outside; its own tests use them too.
#[cfg(test)]
extern crate self as tinkerbox_sdk;

// What a system asks for.
mod bundle;
mod columns;
mod commands;
mod cutter;
mod events;
mod filter;
mod query;
mod resource;

// What it can do besides.
mod clock;
mod log;
mod random;
mod state;

// What the macros' output stands on.
mod schema;
mod source;
mod system;
mod tuples;

// The only way to the host.
mod imports;

pub use bundle::{Bundle, Types};
pub use clock::{delta, fuel_left, tick};
pub use columns::{Column, Columns};
pub use commands::{Commands, Remove};
pub use events::EventWriter;
pub use filter::{Changed, Filter, With, Without};
pub use log::log;
pub use query::{Chunk, Query};
pub use random::{Stream, random, random_range, stream};
pub use resource::{Res, ResMut};
pub use tinkerbox_abi as abi;
pub use tinkerbox_abi::{AbiError, LogLevel, ModEntity as Entity, ModType};
pub use tinkerbox_macros::{ModTypeOfSdk as ModType, game_functions, state, system};

/// What most mods use, for `use tinkerbox_sdk::prelude::*`.
pub mod prelude {
    pub use crate::{Changed, Query, With, Without};
    pub use crate::{Commands, EventWriter, Remove as _, Res, ResMut};
    pub use crate::{Entity, ModType};
    pub use crate::{Stream, delta, fuel_left, random, random_range, stream, tick};
    pub use crate::{debug, error, info, trace, warn};
    pub use crate::{state, system};
}

/// What the output of the macros names. Not for authors: it changes with the macros.
#[doc(hidden)]
pub mod expansion {
    pub use crate::events::read_events;
    pub use crate::schema::{EventSchema, ParameterSchema, SystemSchema};
    pub use crate::source::Source;
    pub use crate::state::{SavedFields, State, StateField, alloc, load, save};
    pub use crate::system::{Parameter, place, run};
}

/// The guide's examples, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Guide;
