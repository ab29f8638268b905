//! What the player sees: the menu, the harbour, or the pause. Only while sailing does the simulation go on, with its mods.

use bevy::prelude::*;
use tinkerbox::prelude::*;

/// Where the player is.
#[derive(States, ModMirror, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[mod_mirror("harbor:Screen")]
pub enum Screen {
    /// Before the first ship.
    #[default]
    Menu,
    /// The harbour is at work.
    Sailing,
    /// Nothing moves; mods can be managed.
    Paused,
}

/// The systems of the simulation, in `FixedUpdate`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Simulation;

/// Adds the screens. The simulation and its mods stand still on all but one of them.
pub fn plugin(app: &mut App) {
    app.init_state::<Screen>()
        .configure_sets(FixedUpdate, (Simulation, TickMods).chain().run_if(in_state(Screen::Sailing)));
}
