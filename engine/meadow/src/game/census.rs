//! How many live, are born and die, by kind.

use std::ops::{Index, IndexMut};

use bevy_app::App;
use bevy_ecs::component::Component;
use bevy_ecs::lifecycle::{Add, Remove};
use bevy_ecs::observer::On;
use bevy_ecs::query::With;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, ResMut};
use meadow::{Grass, Sheep, Wolf};

use super::Kind;

/// The populations of all kinds, as of the last frame.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Census([Population; Kind::ALL.len()]);

/// One kind's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// How many there are.
    pub alive: usize,
    /// The fewest that there have been at the end of a frame.
    pub least: usize,
    /// The most that there have been at the end of a frame.
    pub most: usize,
    /// How many have come into the world since the start.
    pub births: u64,
    /// How many have left it.
    pub deaths: u64,
}

impl Default for Population {
    fn default() -> Self {
        Self { alive: 0, least: usize::MAX, most: 0, births: 0, deaths: 0 }
    }
}

impl Index<Kind> for Census {
    type Output = Population;

    fn index(&self, kind: Kind) -> &Population {
        &self.0[kind as usize]
    }
}

impl IndexMut<Kind> for Census {
    fn index_mut(&mut self, kind: Kind) -> &mut Population {
        &mut self.0[kind as usize]
    }
}

/// Counts births and deaths from now on.
pub(super) fn begin(app: &mut App) {
    app.init_resource::<Census>();
    observe::<Grass>(app, Kind::Grass);
    observe::<Sheep>(app, Kind::Sheep);
    observe::<Wolf>(app, Kind::Wolf);
}

/// Observers miss nobody, as short as a life may be; comparing frames would.
fn observe<T: Component>(app: &mut App, kind: Kind) {
    app.add_observer(move |_: On<Add<T>>, mut census: ResMut<Census>| census[kind].births += 1);
    app.add_observer(move |_: On<Remove<T>>, mut census: ResMut<Census>| census[kind].deaths += 1);
}

/// Counts who is there at the end of a frame.
pub(super) fn count(
    mut census: ResMut<Census>,
    grass: Query<(), With<Grass>>,
    sheep: Query<(), With<Sheep>>,
    wolves: Query<(), With<Wolf>>,
) {
    census[Kind::Grass].note(grass.iter().len());
    census[Kind::Sheep].note(sheep.iter().len());
    census[Kind::Wolf].note(wolves.iter().len());
}

impl Population {
    fn note(&mut self, alive: usize) {
        self.alive = alive;
        self.least = self.least.min(alive);
        self.most = self.most.max(alive);
    }
}
