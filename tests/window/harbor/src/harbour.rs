//! The harbour: berths along a quay, the ships that come to it, the tide and the books.

use bevy::prelude::*;
use harbor_types::{Berth, Heading, Hold, Hull, Papers, Tariff, Tide, Treasury, Whistle};
use tinkerbox::ModEntity;

use crate::screen::{Screen, Simulation};

/// Where the open sea begins, in metres from the quay.
pub const SEA: f32 = 40.0;
/// How deep the water is at the quay at mean tide, in metres.
pub const QUAY_DEPTH: f32 = 6.0;
/// How far the tide rises above its mean and falls below it, in metres.
pub const TIDE: f32 = 1.0;
/// How long it takes from one high tide to the next, in seconds.
pub const TIDE_SECONDS: f32 = 8.0;

/// The berth at which a ship is moored.
#[derive(Component, Debug, PartialEq)]
#[relationship(relationship_target = Moored)]
pub struct MooredAt(pub Entity);

/// The ships that are moored at a berth.
#[derive(Component, Debug, Default)]
#[relationship_target(relationship = MooredAt)]
pub struct Moored(Vec<Entity>);

impl Moored {
    /// The ships.
    pub fn ships(&self) -> &[Entity] {
        &self.0
    }
}

/// What was heard in the harbour.
#[derive(Resource, Debug, Default, PartialEq)]
pub struct Logbook {
    /// The whistles of pilots.
    pub whistles: Vec<Whistle>,
    /// How often the bell was rung.
    pub bells: u32,
}

/// Adds the harbour, which is built when the player leaves the menu for the first time.
pub fn plugin(app: &mut App) {
    app.init_resource::<Tide>()
        .init_resource::<Treasury>()
        .init_resource::<Logbook>()
        .insert_resource(Tariff { coins_per_crate: 3 })
        .add_systems(OnExit(Screen::Menu), build.run_if(not(any_with_component::<Berth>)))
        .add_systems(FixedUpdate, (turn_tide, write_whistles).in_set(Simulation));
}

/// Three ships and two berths: one of them waits. The third needs more water than there is at low tide.
fn build(mut commands: Commands) {
    for y in [0.0, 20.0] {
        commands.spawn((Berth, Transform::from_xyz(0.0, y, 0.0)));
    }
    for (number, draught) in [4.0, 4.5, 6.5].into_iter().enumerate() {
        let ship = commands.spawn((Hull { draught }, Heading::default())).id();
        commands.entity(ship).insert((
            Transform::from_xyz(SEA, 10.0 * number as f32, 0.0),
            crates(ship),
            Papers { in_order: number != 1, stamped_at: None, stamps: Some(0) },
        ));
    }
}

/// What a ship brings from abroad.
pub fn crates(ship: Entity) -> Hold {
    Hold::Crates { count: 10, from: ModEntity::from_bits(ship.to_bits()) }
}

/// How deep the water is at a place, in metres: it is shallow along the quay, and deep at sea.
pub fn depth(x: f32, tide: Tide) -> f32 {
    QUAY_DEPTH + x.clamp(0.0, SEA) * 0.25 + tide.height
}

fn turn_tide(mut tide: ResMut<Tide>, time: Res<Time>) {
    tide.height = TIDE * (time.elapsed_secs() * std::f32::consts::TAU / TIDE_SECONDS).sin();
}

fn write_whistles(mut whistles: MessageReader<Whistle>, mut logbook: ResMut<Logbook>) {
    logbook.whistles.extend(whistles.read().copied());
}
