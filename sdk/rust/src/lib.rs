//! What a mod written in Rust imports: systems and queries over plain slices, commands, events, resources, time,
//! random numbers and log messages.
//!
//! It stands between the author's functions and the contract (`tinkerbox-abi`): it calls the
//! host's functions, and lays out what they read and write. It must know nothing of the host's
//! internals, and of no game.
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
//! On other targets than wasm32 there is no game: what needs one panics, so that the tests of a mod can call everything else.
//!
//! The modules below stand in the order in which they depend on each other: a file names its own module and earlier
//! ones only.

// The macros name this crate from outside; its own tests use them too.
#[cfg(test)]
extern crate self as tinkerbox_sdk;

// Ground: the list of tuples, memory, and the only way to the host.
mod tuples;

#[cfg(all(feature = "allocator", target_arch = "wasm32"))]
mod allocator;

mod imports;

// Calls that need no parameter of a system.
mod clock;
mod log;
mod panics;
mod random;

// What a system declares, and what happens around its function.
mod schema;

mod parameter;
mod run;

// The parameters.
mod commands;
mod events;
mod query;
mod resource;

// What a mod remembers.
mod state;

pub use clock::{delta, every, fuel_left, tick};
pub use commands::{Bundle, Commands, Remove, Types};
pub use events::{Added, Despawned, EventWriter, Removed};
pub use log::log;
pub use query::{Changed, Chunk, Column, Columns, Filter, Query, Rows, With, Without};
pub use random::{Stream, random, random_range, stream};
pub use resource::{Res, ResMut};
pub use state::Older;
pub use tinkerbox_abi as abi;
pub use tinkerbox_abi::{AbiError, Flat, LogLevel, ModEntity as Entity, ModMirror, ModType, Text};
pub use tinkerbox_macros::{ModMirror, game, game_functions, mod_type, state, system};

/// What most mods use, for `use tinkerbox_sdk::prelude::*`.
pub mod prelude {
    pub use crate::{Added, Changed, Despawned, Query, Removed, With, Without};
    pub use crate::{Commands, EventWriter, Remove as _, Res, ResMut};
    pub use crate::{Entity, Flat, ModMirror, ModType, Older, Text, mod_type};
    pub use crate::{Stream, delta, every, fuel_left, random, random_range, stream, tick};
    pub use crate::{debug, error, info, trace, warn};
    pub use crate::{state, system};
}

/// What the macros' output names. Not for authors: it changes with the macros.
#[doc(hidden)]
pub mod expansion {
    pub use crate::events::Handled;
    pub use crate::parameter::{Parameter, parameter_index};
    pub use crate::run::run;
    pub use crate::schema::{HandledSchema, ParameterSchema, SourceLocation, SystemSchema};
    pub use crate::state::{SavedFields, State, StateField, alloc, load, save};
}

/// The guide's examples, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Guide;
