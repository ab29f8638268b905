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

/// Whether as many seconds of simulation have passed since this was last true; also true in tick 0.
///
/// It counts in ticks, so it needs no state, and is as exact as the ticks are equally long.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # fn sow() {}
/// if every(20.0) {
///     sow();
/// }
/// ```
pub fn every(seconds: f32) -> bool {
    tick().is_multiple_of(ticks_in(seconds, delta()))
}

/// The number of ticks of this length in these seconds, at least one.
fn ticks_in(seconds: f32, delta: f32) -> u64 {
    // The cast turns a quotient that is no number into 0.
    ((seconds / delta).round() as u64).max(1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_one_tick_at_least() {
        assert_eq!(ticks_in(20.0, 0.5), 40);
        assert_eq!(ticks_in(1.0, 1.0 / 60.0), 60);
        for seconds in [0.0, -1.0, 0.01, f32::NAN] {
            assert_eq!(ticks_in(seconds, 0.5), 1);
        }
        assert_eq!((ticks_in(0.0, 0.0), ticks_in(1.0, 0.0)), (1, u64::MAX));
    }
}
