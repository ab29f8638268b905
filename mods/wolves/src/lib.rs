//! Wolves hunt sheep, breed and starve.
//!
//! The point of this mod: an expensive search does not run every tick. Each wolf looks for the
//! nearest sheep only every fourth tick, and a sated wolf does not look at all. When one has caught a
//! sheep, the mod sends an event, for any mod that cares.
#![forbid(unsafe_code)]

use meadow::{Caught, Energy, HEIGHT, Position, Sheep, Velocity, Wolf, height_at};
use tinkerbox_sdk::prelude::*;

const SPEED: f32 = 4.5;
const STROLL: f32 = 0.8;
/// How far a wolf sees in the plain and by how much farther for each unit of height, and how near it must be to bite.
const SIGHT: f32 = 14.0;
const OVERVIEW: f32 = 0.8;
const BITE: f32 = 0.8;

/// A wolf's energy, in joules: what a sheep gives, what a second costs, how much sates the wolf, and
/// how much it takes to breed.
const SHEEP: f32 = 14.0;
const LIVING: f32 = 1.5;
const SATED: f32 = 30.0;
const BREEDING: f32 = 40.0;
/// How many seconds a wolf lives on average, and how many sheep there must be for each wolf that breeds.
const LIFETIME: f32 = 90.0;
const SHEEP_EACH: usize = 12;
const WOLVES_MAX: usize = 60;

/// A hungry wolf runs to the nearest sheep and eats it, a sated one strolls.
#[system(after = "grass:live")]
fn hunt(
    mut sheep: Query<(Entity, &Position), With<Sheep>>,
    mut pack: Query<(Entity, &Position, &mut Velocity, &mut Energy), With<Wolf>>,
    mut caught: EventWriter<Caught>,
    mut commands: Commands,
) {
    let mut prey = Vec::new();
    sheep.for_each(|(entity, position)| prey.push((entity, *position)));
    let turn = tick() % 4;
    while let Some(chunk) = pack.next() {
        for (entity, position, velocity, energy) in chunk {
            if entity.to_bits() % 4 != turn {
                continue;
            }
            let is_hungry = energy.joules < SATED;
            match is_hungry.then(|| nearest(&prey, *position)).flatten() {
                Some((at, way)) if way.speed() < BITE => {
                    energy.joules += SHEEP;
                    let (sheep, place) = prey.swap_remove(at);
                    caught.send(Caught { sheep, wolf: entity, x: place.x, y: place.y });
                    commands.despawn(sheep);
                }
                Some((_, way)) => *velocity = way * (SPEED / way.speed()),
                None => *velocity = *velocity * 0.8 + whim(),
            }
        }
    }
}

/// Well-fed wolves breed, and starved and old ones die; a stray joins when there are fewer than two.
#[system(after = "hunt")]
fn live(
    flock_size: Query<(), With<Sheep>>,
    pack_size: Query<(), With<Wolf>>,
    mut pack: Query<(Entity, &Position, &mut Energy), With<Wolf>>,
    mut commands: Commands,
) {
    let mut wolves = pack_size.count();
    let wolves_fed = WOLVES_MAX.min(flock_size.count() / SHEEP_EACH);
    let seconds = delta();
    if wolves < 2 {
        let border = Position { x: 0.0, y: random_range(0.0..HEIGHT) };
        commands.spawn((border, whim(), Energy { joules: SATED }, Wolf));
    }
    while let Some(chunk) = pack.next() {
        let (entity, position, energy) = chunk.columns;
        for (i, energy) in energy.iter_mut().enumerate() {
            energy.joules -= LIVING * seconds;
            if energy.joules < 0.0 || random() * LIFETIME < seconds {
                commands.despawn(entity[i]);
            } else if energy.joules > BREEDING && wolves < wolves_fed {
                wolves += 1;
                energy.joules /= 2.0;
                commands.spawn((position[i], whim(), *energy, Wolf));
            }
        }
    }
}

/// The index of the nearest prey in sight, and the way to it. A wolf on a hill sees farther.
fn nearest(prey: &[(Entity, Position)], from: Position) -> Option<(usize, Velocity)> {
    let sight = SIGHT + OVERVIEW * height_at(from.x, from.y);
    let ways = prey.iter().map(|(_, position)| from.way_to(*position)).enumerate();
    let mut best = None;
    let mut best_square = sight * sight;
    for (at, way) in ways {
        let square = way.x * way.x + way.y * way.y;
        if square < best_square {
            (best, best_square) = (Some((at, way)), square);
        }
    }
    best
}

fn whim() -> Velocity {
    Velocity { x: random_range(-STROLL..STROLL), y: random_range(-STROLL..STROLL) }
}
