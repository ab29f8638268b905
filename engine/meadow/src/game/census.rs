//! Counts how many of each species live, are born and die.

use std::ops::{Index, IndexMut};

use bevy_app::App;
use bevy_ecs::component::Component;
use bevy_ecs::lifecycle::{Add, Remove};
use bevy_ecs::observer::On;
use bevy_ecs::query::With;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, ResMut};
use meadow::{Grass, Sheep, Wolf};

use super::Species;

/// The populations of all species at the end of the last frame.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Census([Population; Species::ALL.len()]);

/// The numbers of a species.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// How many there are.
    pub alive: usize,
    /// The fewest at the end of any frame.
    pub least: usize,
    /// The most at the end of any frame.
    pub most: usize,
    /// How many were born since the start.
    pub births: u64,
    /// How many died since the start.
    pub deaths: u64,
}

impl Default for Population {
    fn default() -> Self {
        Self { alive: 0, least: usize::MAX, most: 0, births: 0, deaths: 0 }
    }
}

impl Index<Species> for Census {
    type Output = Population;

    fn index(&self, species: Species) -> &Population {
        &self.0[species as usize]
    }
}

impl IndexMut<Species> for Census {
    fn index_mut(&mut self, species: Species) -> &mut Population {
        &mut self.0[species as usize]
    }
}

/// Counts births and deaths from now on.
pub(super) fn begin(app: &mut App) {
    app.init_resource::<Census>();
    observe::<Grass>(app, Species::Grass);
    observe::<Sheep>(app, Species::Sheep);
    observe::<Wolf>(app, Species::Wolf);
}

/// Observers also count an entity that lives for less than a frame, which comparing frames would miss.
fn observe<T: Component>(app: &mut App, species: Species) {
    app.add_observer(move |_: On<Add<T>>, mut census: ResMut<Census>| census[species].births += 1);
    app.add_observer(move |_: On<Remove<T>>, mut census: ResMut<Census>| census[species].deaths += 1);
}

/// Counts the living at the end of a frame.
pub(super) fn count(
    mut census: ResMut<Census>,
    grass: Query<(), With<Grass>>,
    sheep: Query<(), With<Sheep>>,
    wolves: Query<(), With<Wolf>>,
) {
    census[Species::Grass].record(grass.iter().len());
    census[Species::Sheep].record(sheep.iter().len());
    census[Species::Wolf].record(wolves.iter().len());
}

impl Population {
    fn record(&mut self, alive: usize) {
        self.alive = alive;
        self.least = self.least.min(alive);
        self.most = self.most.max(alive);
    }
}
