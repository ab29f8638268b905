//! Customs inspect what comes in: they take the duty, stamp papers, unload ships, and hold those whose papers are wrong.
//!
//! They share the crate of types with the game, as a mod of the game's own developers does.

#![forbid(unsafe_code)]

use harbor_types::{Docked, Fined, Flagged, Hold, Hull, Papers, Tariff, Tide, Treasury, ring_bell, toll};
use tinkerbox_sdk::prelude::*;

/// How long a ship is held whose papers are wrong, in ticks.
const HELD_TICKS: u32 = 40;

/// How many heaps of goods are enough to sell them.
const HEAPS: usize = 3;

/// Goods that are in no ship.
type Heap = (With<Flat<Hold>>, Without<Hull>);

/// What customs remember.
#[state]
#[derive(Default)]
struct Ledger {
    inspected: u32,
    released: u32,
}

/// Inspects each ship that has moored. Fish is free of duty.
#[system]
fn inspect(
    docked: &[Docked],
    mut ships: Query<(&mut Flat<Hold>, &mut Flat<Papers>), With<Hull>>,
    mut treasury: ResMut<Treasury>,
    tariff: Res<Tariff>,
    mut fines: EventWriter<Fined>,
    mut commands: Commands,
    ledger: &mut Ledger,
) {
    for &Docked { ship, berth } in docked {
        let Some(hold) = ships.get::<Flat<Hold>>(ship) else { continue };
        let Some(papers) = ships.get::<Flat<Papers>>(ship) else { continue };
        let papers = papers.get();
        if let Hold::Crates { count, .. } = hold.get() {
            let due = toll(count, tariff.coins_per_crate);
            treasury.coins += due;
            if !papers.in_order {
                treasury.coins += due;
                fines.send(Fined { ship, crates: count, coins: 2 * due });
                commands.insert(ship, Flagged { ticks: HELD_TICKS });
                // What was not declared is taken ashore.
                commands.spawn(hold);
            }
        }
        ledger.inspected += 1;
        let stamps = papers.stamps.map(|stamps| stamps + 1);
        ships.set(ship, Flat::of(&Papers { in_order: true, stamped_at: Some(berth), stamps }));
        ships.set(ship, Flat::of(&Hold::Empty));
    }
}

/// The bell rings for each ship that is released.
#[system]
fn release(released: &[Removed<Flagged>], ledger: &mut Ledger, tide: Res<Tide>) {
    ring_bell(released.len() as u32);
    ledger.released += released.len() as u32;
    debug!(
        "released {} of {}, the tide is {} cm",
        ledger.released,
        ledger.inspected,
        (tide.height * 100.0) as i32
    );
}

/// What was taken ashore is sold when there is enough of it.
#[system]
fn sell(all: Query<(), Heap>, mut heaps: Query<Entity, Heap>, mut commands: Commands) {
    if all.count() >= HEAPS {
        heaps.for_each(|heap| {
            commands.despawn(heap);
        });
    }
}
