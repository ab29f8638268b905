//! The simulation's time, and the rest of the mod's budget. There is no wall clock.

use crate::imports;

/// The number of the simulation's current tick.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// let is_storm = tick() % 400 < 60;
/// ```
pub fn tick() -> u64 {
    imports::tick()
}

/// The seconds of simulation that this tick covers. Each call asks the host, so call it once before a loop over rows.
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

/// The fuel left in the mod's budget; one unit is about one WebAssembly instruction.
///
/// A system that has used it up is suspended and resumes in the next frame, so this is useful only to stop early.
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
