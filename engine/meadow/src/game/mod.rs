//! Meadow as a Bevy game, without its rules: those are mods.
//!
//! ```text
//! build:  expose types and functions -> spawn what lives there at first -> count births and deaths from then on
//! frame:  advance time -> tick mods -> move animals -> census
//! ```
//!
//! It is deterministic: random numbers come from a seed, no clock is read, and its systems run one after the other. It
//! knows no mod.

mod census;
mod expose;
mod land;
mod species;
mod start;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::resource::Resource;
use bevy_ecs::schedule::{IntoScheduleConfigs, SystemSet};
use bevy_ecs::system::{Query, Res, ResMut};
use meadow::{Position, Velocity, Weather};
use tinkerbox::{ModTime, TickMods};

pub use census::{Census, Population};
pub use expose::expose;
pub use land::height_at;
pub use species::Species;
pub use start::Start;

/// Meadow without its rules, which are mods that [`ModdingPlugin`](tinkerbox::ModdingPlugin) adds.
#[derive(Clone, Copy, Debug)]
pub struct MeadowPlugin {
    /// What lives there at first.
    pub start: Start,
    /// Seconds of simulation per frame.
    pub tick_seconds: f32,
    /// The seed of the random numbers that decide where everything is at first.
    pub seed: u64,
}

/// When a frame of the game runs, mods included. A shell that has a loop of its own says with run conditions how often.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Simulate;

#[derive(Resource)]
struct TickSeconds(f32);

impl Plugin for MeadowPlugin {
    fn build(&self, app: &mut App) {
        expose::expose(app);
        self.start.spawn(app.world_mut(), self.seed);
        // After the start, so that what lives there at first does not count as born.
        census::begin(app);
        app.init_resource::<ModTime>()
            .init_resource::<Weather>()
            .insert_resource(TickSeconds(self.tick_seconds))
            .configure_sets(Update, TickMods.in_set(Simulate))
            .add_systems(Update, advance_time.in_set(Simulate).before(TickMods))
            .add_systems(Update, (move_animals, census::count).chain().in_set(Simulate).after(TickMods));
    }
}

fn advance_time(mut time: ResMut<ModTime>, seconds: Res<TickSeconds>) {
    time.advance(seconds.0);
}

fn move_animals(time: Res<ModTime>, mut animals: Query<(&mut Position, &Velocity)>) {
    for (mut position, velocity) in &mut animals {
        *position = position.advanced(*velocity, time.delta);
    }
}

#[cfg(test)]
mod tests {
    use bevy_ecs::query::With;
    use meadow::{Sheep, Wolf};

    use super::*;

    fn app(seed: u64) -> App {
        let start = Start { sheep: 20, wolves: 3, grass: 5, joules: 10.0 };
        let mut app = App::new();
        app.add_plugins(MeadowPlugin { start, tick_seconds: 0.5, seed });
        app
    }

    fn positions(app: &mut App) -> Vec<Position> {
        app.world_mut().query::<&Position>().iter(app.world()).copied().collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_world() {
        let (mut one, mut same, mut other) = (app(1), app(1), app(2));
        assert_eq!(positions(&mut one), positions(&mut same));
        assert_ne!(positions(&mut one), positions(&mut other));
    }

    #[test]
    fn animals_move_and_stay_in_the_world() {
        let mut app = app(1);
        let before = positions(&mut app);
        app.world_mut().query::<&mut Velocity>().iter_mut(app.world_mut()).for_each(|mut it| it.x = 3.0);
        (0..200).for_each(|_| app.update());
        let after = positions(&mut app);
        assert_ne!(before, after);
        assert!(after.iter().all(|at| at.x < meadow::WIDTH && at.y < meadow::HEIGHT));
    }

    #[test]
    fn births_and_deaths_are_counted() {
        let mut app = app(1);
        let sheep = app.world_mut().query_filtered::<bevy_ecs::entity::Entity, With<Sheep>>();
        let dying: Vec<_> = sheep.iter_manual(app.world()).take(2).collect();
        dying.into_iter().for_each(|it| assert!(app.world_mut().despawn(it)));
        app.update();
        app.world_mut().spawn_batch(vec![Sheep; 7]);
        // An entity that lives for less than a frame counts as born and as dead.
        let short_lived = app.world_mut().spawn(Wolf).id();
        app.world_mut().despawn(short_lived);
        app.update();

        let census = app.world().resource::<Census>();
        assert_eq!(
            census[Species::Sheep],
            Population { alive: 25, least: 18, most: 25, births: 7, deaths: 2 }
        );
        assert_eq!(census[Species::Wolf], Population { alive: 3, least: 3, most: 3, births: 1, deaths: 1 });
    }
}
