//! What lives in Meadow before the mods start.

use bevy_ecs::world::World;
use meadow::{Energy, Grass, HEIGHT, Position, Sheep, Velocity, WIDTH, Wolf};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde::Deserialize;

/// How many there are of each species, and how well fed they are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Sheep.
    pub sheep: u32,
    /// Wolves.
    pub wolves: u32,
    /// Tufts of grass.
    pub grass: u32,
    /// The most energy that an animal starts with.
    pub joules: f32,
}

impl Start {
    /// Spawns everything at random positions.
    pub(super) fn spawn(&self, world: &mut World, seed: u64) {
        let mut dice = Dice(Pcg64::seed_from_u64(seed));
        for _ in 0..self.grass {
            world.spawn((dice.position(), Grass));
        }
        for _ in 0..self.sheep {
            world.spawn((dice.position(), dice.velocity(), dice.energy(self.joules), Sheep));
        }
        for _ in 0..self.wolves {
            world.spawn((dice.position(), dice.velocity(), dice.energy(self.joules), Wolf));
        }
    }
}

struct Dice(Pcg64);

impl Dice {
    /// A number from 0 up to 1, without 1, which `f32` represents exactly.
    fn fraction(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    fn position(&mut self) -> Position {
        Position::wrapped(self.fraction() * WIDTH, self.fraction() * HEIGHT)
    }

    fn velocity(&mut self) -> Velocity {
        Velocity { x: self.fraction() * 2.0 - 1.0, y: self.fraction() * 2.0 - 1.0 }
    }

    /// At least half of `most`, so that no animal starves at once.
    fn energy(&mut self, most: f32) -> Energy {
        Energy { joules: most * (0.5 + 0.5 * self.fraction()) }
    }
}
