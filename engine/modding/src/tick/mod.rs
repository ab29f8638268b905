//! One frame of the mods that run: grants, events, systems, and what the game sees of it all.
//!
//! ```text
//! grant -> events -> run (systems in order, batch by batch, on &World) -> settle (on &mut World) -> show
//! ```
//!
//! Every run of a system ends here: as a change of the world, as a suspension, or as a fault. The order of these steps is in
//! `frame.rs`; what new code does with the mods before them is in `reload/`.

pub(crate) mod events;
pub(crate) mod grant;
pub(crate) mod lifecycle;
pub(crate) mod run;
mod settle;
pub(crate) mod show;

use bevy_tasks::TaskPool;

use events::Channels;
use lifecycle::Lifecycles;
use show::ShownMods;

/// What the tick keeps between frames, beside the mods themselves.
pub(crate) struct TickState {
    /// The most fuel that all mods together are granted in a frame.
    pub frame_fuel: u64,
    /// Threads for mods alone, if the game wants that.
    pub pool: Option<TaskPool>,
    pub channels: Channels,
    pub lifecycles: Lifecycles,
    pub shown: ShownMods,
}
