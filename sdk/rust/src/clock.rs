//! The simulation's time, and what is left of the mod's budget. Never the wall clock.

use crate::imports;

/// The number of this tick of the simulation.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// let is_storm = tick() % 400 < 60;
/// ```
pub fn tick() -> u64 {
    imports::tick()
}

/// How many seconds of simulation this tick covers. Each call asks the host: read it once, before a loop over rows.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # fn fall(mut things: Query<&mut meadow::Velocity>) {
/// let pull = 9.81 * delta();
/// while let Some(chunk) = things.next() {
///     chunk.columns.iter_mut().for_each(|velocity| velocity.y += pull);
/// }
/// # }
/// ```
pub fn delta() -> f32 {
    imports::delta()
}

/// The fuel that is left; one unit is about one WebAssembly instruction.
///
/// A system that uses it up is suspended in the middle and goes on in the next frame, so asking
/// is only useful to stop early.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # fn search(plans: &[u32]) {
/// let best = plans.iter().take_while(|_| fuel_left() > 10_000).max();
/// # }
/// ```
pub fn fuel_left() -> u64 {
    imports::fuel_left()
}
