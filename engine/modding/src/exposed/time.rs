//! The simulation's time, as the game sets it, and how many ticks it has gained.
//!
//! It is read once in a frame and passed down; nothing below knows another clock.

use crate::limits::{GAINED_TICKS_MAX, STILL_FRAMES_MAX};
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;

/// The simulation's time. The game sets it before mods are ticked; mods never see another clock.
///
/// Faults, rests and quarantine are counted in the ticks that it gains from one frame to the next, so it must advance for
/// them to end. It may go back (a new game, an older save), jump ahead or wrap: ticks that were counted stay counted.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct ModTime {
    /// Number of the tick.
    pub tick: u64,
    /// Seconds of simulation that this tick covers.
    pub delta: f32,
}

impl ModTime {
    /// Advances by one tick of `delta` seconds. Tick 0 comes after the last one.
    pub fn advance(&mut self, delta: f32) {
        self.tick = self.tick.wrapping_add(1);
        self.delta = delta;
    }
}

impl ModTime {
    /// The world's time; the default if the game has removed the resource.
    pub(crate) fn of(world: &World) -> ModTime {
        world.get_resource().copied().unwrap_or_default()
    }
}

impl Default for ModTime {
    fn default() -> Self {
        Self { tick: 0, delta: 1.0 / 60.0 }
    }
}

/// The ticks that the simulation's time has gained since mods were loaded, in which rests and faults are counted.
///
/// Unlike the time itself it never goes back, so no moment that is kept in it stays in the future forever.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Age {
    ticks: u64,
    last: Option<u64>,
    /// Frames in which the time has not moved from its first tick; `None` once it has.
    still: Option<u32>,
}

impl Age {
    /// A frame begins at this tick.
    pub fn observe(&mut self, tick: u64) {
        let Some(last) = self.last.replace(tick) else {
            self.still = Some(0);
            return;
        };
        self.ticks += tick.saturating_sub(last).min(GAINED_TICKS_MAX);
        self.still = self.still.filter(|_| tick == last).map(|frames| frames.saturating_add(1));
    }

    /// The ticks gained so far.
    pub fn ticks(&self) -> u64 {
        self.ticks
    }

    /// Whether the game seems to have forgotten to advance its clock. True in one frame only.
    pub fn is_forgotten(&self) -> bool {
        self.still == Some(STILL_FRAMES_MAX)
    }
}

/// Counts frames, and the ticks that the time gains.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    /// Frames since mods were loaded, whatever the game does to the time.
    pub frame: u64,
    pub age: Age,
}

impl Clock {
    /// The present moment.
    pub fn moment(&self, world: &World) -> Moment {
        Moment { time: ModTime::of(world), frame: self.frame, age: self.age.ticks() }
    }
}

/// A moment of the simulation. A system sees the moment at which it began, however long it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moment {
    pub time: ModTime,
    /// Frames since mods were loaded, whatever the game does to the time.
    pub frame: u64,
    /// The ticks that the time has gained since mods were loaded.
    pub age: u64,
}

impl Moment {
    /// The tick at which the time will have gained `age` ticks, if it advances from here.
    pub fn tick_at(&self, age: u64) -> u64 {
        self.time.tick.wrapping_add(age.saturating_sub(self.age))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a clock with these ticks has gained.
    fn gained(ticks: &[u64]) -> u64 {
        let mut age = Age::default();
        ticks.iter().for_each(|&tick| age.observe(tick));
        age.ticks()
    }

    #[test]
    fn only_steps_ahead_count() {
        assert_eq!(gained(&[]), 0);
        assert_eq!(gained(&[1_000]), 0);
        assert_eq!(gained(&[1, 2, 3, 3, 3, 10]), 9);
        assert_eq!(gained(&[1_000, 1_001, 0, 1, 2]), 3);
        assert_eq!(gained(&[u64::MAX - 1, u64::MAX, 0, 1]), 2);
        assert_eq!(gained(&[0, u64::MAX, 0, u64::MAX]), 2 * GAINED_TICKS_MAX);
    }

    #[test]
    fn a_clock_wraps() {
        let mut time = ModTime { tick: u64::MAX, delta: 1.0 };
        time.advance(0.5);
        assert_eq!(time, ModTime { tick: 0, delta: 0.5 });
    }

    #[test]
    fn a_forgotten_clock_is_found_once() {
        let found = |tick: &dyn Fn(u32) -> u64| {
            let mut age = Age::default();
            let frames = (0..10 * STILL_FRAMES_MAX).filter(|&frame| {
                age.observe(tick(frame));
                age.is_forgotten()
            });
            frames.count()
        };
        assert_eq!(found(&|_| 0), 1);
        assert_eq!(found(&|_| 77), 1);
        assert_eq!(found(&|frame| u64::from(frame)), 0);
        assert_eq!(found(&|frame| u64::from(frame / 50)), 0, "a game that pauses has a clock");
        assert_eq!(found(&|frame| u64::from(frame == 30)), 0);
    }
}
