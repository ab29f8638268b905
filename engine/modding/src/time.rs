//! Simulation time, as the game sets it.
//!
//! The tick reads it once a frame and hands it down; nothing below knows another clock.

use bevy_ecs::resource::Resource;

/// The simulation's time. The game sets it before mods are ticked; mods never see another clock.
///
/// Faults, rests and quarantine are counted in its ticks, so that it must go on for them to end.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct ModTime {
    /// Number of the tick.
    pub tick: u64,
    /// Seconds of simulation that this tick covers.
    pub delta: f32,
}

impl ModTime {
    /// Goes on by one tick of `delta` seconds.
    pub fn advance(&mut self, delta: f32) {
        self.tick += 1;
        self.delta = delta;
    }
}

impl Default for ModTime {
    fn default() -> Self {
        Self { tick: 0, delta: 1.0 / 60.0 }
    }
}
