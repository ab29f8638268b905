//! The pilot brings ships to a berth that is deep enough for them, and out to sea again once they are unloaded.
//!
//! It takes the game's types from its interface file, as a mod of a stranger does.

#![forbid(unsafe_code)]

use tinkerbox_sdk::prelude::*;

/// What the harbour exposes.
mod harbor {
    tinkerbox_sdk::game!("../../harbor.interface.toml");
}
use harbor::bevy_Transform as Transform;
use harbor::{Berth, Fined, Flagged, Heading, Hold, HoldKind, Hull, MooredAt, Whistle, depth_at};

/// How fast ships sail, in metres per second.
const SPEED: f32 = 8.0;
/// How near a berth is near enough to moor, in metres.
const NEAR: f32 = 0.5;

/// What the pilot remembers.
#[state]
#[derive(Default)]
struct Career {
    ships: u32,
    fined: u32,
}

/// Laden ships sail to a free berth, and wait at sea while there is none that is deep enough.
#[system]
fn bring_in(
    mut ships: Query<(Entity, &Transform, &Hold, &Hull, &mut Heading), Without<MooredAt>>,
    mut berths: Query<(Entity, &Transform), With<Berth>>,
    mut moored: Query<&MooredAt>,
    mut commands: Commands,
    mut whistles: EventWriter<Whistle>,
    career: &mut Career,
) {
    let mut taken = Vec::new();
    moored.for_each(|at| taken.push(at.target));
    let mut free = Vec::new();
    berths.for_each(|(berth, place)| {
        if !taken.contains(&berth) {
            free.push((berth, place.translation.x, place.translation.y));
        }
    });
    ships.for_each(|(ship, place, hold, hull, heading)| {
        if hold.kind == HoldKind::Empty {
            return;
        }
        let fits = free.iter().position(|(_, x, y)| depth_at(*x, *y) >= hull.draught);
        *heading = Heading { x: 0.0, y: 0.0 };
        let Some((berth, x, y)) = fits.map(|index| free.remove(index)) else { return };
        let (east, north) = (x - place.translation.x, y - place.translation.y);
        let metres = (east * east + north * north).sqrt();
        if metres > NEAR {
            *heading = Heading { x: east / metres * SPEED, y: north / metres * SPEED };
            return;
        }
        commands.insert(ship, MooredAt { target: berth });
        career.ships += 1;
        whistles.send(Whistle { ship, ships: career.ships, speed: SPEED });
    });
}

/// Ships that are unloaded cast off, unless customs hold them.
#[system]
fn cast_off(
    mut ships: Query<(Entity, &Hold, &mut Heading), (With<MooredAt>, Without<Flagged>)>,
    mut commands: Commands,
) {
    ships.for_each(|(ship, hold, heading)| {
        if hold.kind == HoldKind::Empty {
            commands.remove::<MooredAt>(ship);
            *heading = Heading { x: SPEED, y: 0.0 };
        }
    });
}

/// A fine is bad for the pilot's reputation.
#[system]
fn grumble(fined: &[Fined], career: &mut Career) {
    career.fined += fined.len() as u32;
    info!("{} of {} ships were fined", career.fined, career.ships);
}
