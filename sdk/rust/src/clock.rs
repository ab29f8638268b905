//! The simulation's time, and what is left of the mod's budget. Never the wall clock.

use crate::imports;

/// The number of this tick of the simulation.
pub fn tick() -> u64 {
    imports::tick()
}

/// How many seconds of simulation this tick covers.
pub fn delta() -> f32 {
    imports::delta()
}

/// The fuel that is left; one unit is about one WebAssembly instruction.
///
/// A system that uses it up is suspended in the middle and goes on in the next frame, so asking
/// is only useful to stop early.
pub fn fuel_left() -> u64 {
    imports::fuel_left()
}
