//! Grass grows by the rain and where the ground is good, sheep eat it, lambs are born and the weak die.
//!
//! The point of this mod: entities are spawned and despawned by commands, which take effect when the
//! system has finished. It grows by the weather, which another mod makes.
#![forbid(unsafe_code)]

use meadow::{Energy, Grass, HEIGHT, Position, Sheep, Velocity, WIDTH, Weather, fertility};
use tinkerbox_sdk::prelude::*;

/// How many seeds fall per second in the whole world: in a drought, and more in a downpour. How many tufts there can be,
/// and how far a tuft sows.
const DROUGHT: f32 = 75.0;
const DOWNPOUR: f32 = 225.0;
const TUFTS_MAX: usize = 1200;
const SOWING: f32 = 3.0;

/// A sheep's energy, in joules: what a tuft gives, what a second costs, and how much it takes to lamb.
const TUFT: f32 = 5.0;
const LIVING: f32 = 1.0;
const LAMBING: f32 = 40.0;
const SHEEP_MAX: usize = 650;

/// Grass sows itself next to grass and down the wind, and one time in five somewhere new; so it grows in patches. Not every
/// seed sprouts.
#[system]
fn grow(mut grass: Query<&Position, With<Grass>>, weather: Res<Weather>, mut commands: Commands) {
    let mut tufts = Vec::new();
    while let Some(chunk) = grass.next() {
        tufts.extend_from_slice(chunk.columns);
    }
    let mut seeds = (DROUGHT + (DOWNPOUR - DROUGHT) * weather.rain) * delta();
    while random() < seeds && tufts.len() < TUFTS_MAX {
        seeds -= 1.0;
        let place = match tufts.get((random() * 1.25 * tufts.len() as f32) as usize) {
            Some(near) => Position::wrapped(
                near.x + random_range(-SOWING..SOWING) + weather.wind,
                near.y + random_range(-SOWING..SOWING),
            ),
            None => anywhere(),
        };
        if random() >= fertility(place.x, place.y) {
            continue;
        }
        tufts.push(place);
        commands.spawn((place, Grass));
    }
}

/// A sheep eats the tuft on the square metre where it stands.
#[system(after = "grow")]
fn graze(
    mut grass: Query<(Entity, &Position), With<Grass>>,
    mut sheep: Query<(&Position, &mut Energy), With<Sheep>>,
    mut commands: Commands,
) {
    let mut tufts = vec![None; (WIDTH * HEIGHT) as usize];
    grass.for_each(|(tuft, position)| tufts[square_metre(position)] = Some(tuft));
    sheep.for_each(|(position, energy)| {
        if let Some(tuft) = tufts[square_metre(position)].take() {
            energy.joules += TUFT;
            commands.despawn(tuft);
        }
    });
}

/// Well-fed sheep lamb, and starved ones die; a stray finds its way to an empty meadow.
#[system(after = "graze")]
fn live(
    flock_size: Query<(), With<Sheep>>,
    mut sheep: Query<(Entity, &Position, &Velocity, &mut Energy), With<Sheep>>,
    mut commands: Commands,
) {
    let mut flock = flock_size.count();
    let living = LIVING * delta();
    if flock == 0 {
        commands.spawn((anywhere(), Velocity::default(), Energy { joules: LAMBING }, Sheep));
    }
    while let Some(chunk) = sheep.next() {
        for (entity, position, velocity, energy) in chunk {
            energy.joules -= living;
            if energy.joules < 0.0 {
                commands.despawn(entity);
            } else if energy.joules > LAMBING && flock < SHEEP_MAX {
                flock += 1;
                energy.joules /= 2.0;
                commands.spawn((*position, *velocity * -1.0, *energy, Sheep));
            }
        }
    }
}

fn anywhere() -> Position {
    Position { x: random_range(0.0..WIDTH), y: random_range(0.0..HEIGHT) }
}

/// The index of the square metre at a position, counted row by row.
fn square_metre(at: &Position) -> usize {
    (at.y as usize * WIDTH as usize + at.x as usize).min((WIDTH * HEIGHT) as usize - 1)
}
