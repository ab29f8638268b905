//! What lives in Meadow before the mods begin.

use bevy_ecs::world::World;
use meadow::{Energy, Grass, HEIGHT, Position, Sheep, Velocity, WIDTH, Wolf};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde::Deserialize;

/// How many of each kind, and how well fed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Sheep.
    pub sheep: u32,
    /// Wolves.
    pub wolves: u32,
    /// Tufts of grass.
    pub grass: u32,
    /// The most energy that an animal has.
    pub joules: f32,
}

impl Start {
    /// Scatters everything at random.
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
    /// In 0..1, on a grid that `f32` holds exactly: never 1.
    fn fraction(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    fn position(&mut self) -> Position {
        Position::wrapped(self.fraction() * WIDTH, self.fraction() * HEIGHT)
    }

    fn velocity(&mut self) -> Velocity {
        Velocity { x: self.fraction() * 2.0 - 1.0, y: self.fraction() * 2.0 - 1.0 }
    }

    /// At least half of the most: nobody starves at once.
    fn energy(&mut self, most: f32) -> Energy {
        Energy { joules: most * (0.5 + 0.5 * self.fraction()) }
    }
}
