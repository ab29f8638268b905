//! What a ship does by itself: it follows its heading, says when it has moored, and comes back from abroad with goods.

use bevy::prelude::*;
use harbor_types::{Docked, Flagged, Heading, Hold, Hull, Papers};
use tinkerbox::ModEntity;

use crate::harbour::{MooredAt, SEA, crates};
use crate::screen::Simulation;

/// What a ship catches, in kilograms.
pub const CATCH: u32 = 200;

/// Adds the voyages of ships.
pub fn plugin(app: &mut App) {
    app.add_observer(dock).add_systems(FixedUpdate, (sail, release, come_back).chain().in_set(Simulation));
}

/// Ships that are neither moored nor held by customs.
type Free = (Without<MooredAt>, Without<Flagged>);

fn sail(mut ships: Query<(&mut Transform, &Heading), Free>, time: Res<Time>) {
    for (mut place, heading) in &mut ships {
        place.translation += Vec3::new(heading.x, heading.y, 0.0) * time.delta_secs();
    }
}

/// Counts down how long customs hold a ship.
fn release(mut held: Query<(Entity, &mut Flagged)>, mut commands: Commands) {
    for (ship, mut flag) in &mut held {
        flag.ticks = flag.ticks.saturating_sub(1);
        if flag.ticks == 0 {
            commands.entity(ship).remove::<Flagged>();
        }
    }
}

/// A ship that was unloaded and is out at sea goes fishing, and fetches goods the next time.
fn come_back(mut ships: Query<(Entity, &Transform, &Papers, &mut Hold), With<Hull>>) {
    for (ship, place, papers, mut hold) in &mut ships {
        if *hold == Hold::Empty && place.translation.x >= SEA {
            let has_fetched = papers.stamps.unwrap_or_default() % 2 == 1;
            *hold = if has_fetched { Hold::Fish(CATCH) } else { crates(ship) };
        }
    }
}

/// A ship was moored, whoever did it.
fn dock(moored: On<Insert<MooredAt>>, berths: Query<&MooredAt>, mut docked: MessageWriter<Docked>) -> Result {
    let MooredAt(berth) = berths.get(moored.entity)?;
    docked.write(Docked {
        ship: ModEntity::from_bits(moored.entity.to_bits()),
        berth: ModEntity::from_bits(berth.to_bits()),
    });
    Ok(())
}
