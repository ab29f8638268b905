//! The entity of a mod, which the game may change in any way, whenever its code runs.

use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::lifecycle::{Add, Despawn, Insert, Remove};
use bevy_ecs::prelude::*;
use tinkerbox::{FuelBudget, ModInfo, ModReportKind, ModStats, ModStatus, Mods};

use crate::modding::games::game::*;

/// What a game does with mods' entities in the course of a mod's life; the good mod runs in each step.
fn live(game: &mut Game, witness: Entity) {
    let mut frames = game.x(witness);
    let mut step = |game: &mut Game, what: &str| {
        frames += 1.0;
        assert_eq!(game.x(witness), frames, "{what}");
    };
    game.frame();
    step(game, "after loading");
    game.rewrite("bad", &plain("bad", "nop"));
    step(game, "after a reload");
    game.rewrite("bad", &plain("bad", "unreachable"));
    step(game, "after a fault");
    for _ in 0..40 {
        game.frame();
        step(game, "on the way to quarantine");
    }
    for request in [Mods::reset, Mods::disable, Mods::enable, Mods::unload] {
        let entity = game.world().resource::<Mods>().entity("bad");
        if let Some(entity) = entity {
            request(&mut game.world().resource_mut::<Mods>(), entity);
        }
        game.frame();
        step(game, "after a request");
    }
    game.rewrite("bad", &plain("bad", ""));
    step(game, "after it has come back");
    game.take_out("bad");
    step(game, "after its folder has gone");
    game.frame();
    step(game, "at the end");
}

fn is_bad(world: &World, entity: Entity) -> bool {
    world.get::<ModInfo>(entity).is_some_and(|info| info.id == "bad")
}

macro_rules! observers {
    ($game:ident, $number:ident, $react:expr; $($event:ident $component:ident),*) => {{
        let mut at = 0;
        $(
            if at == $number {
                $game.world().add_observer(|on: On<$event<$component>>, mut commands: Commands| {
                    let entity = on.entity;
                    commands.queue(move |world: &mut World| {
                        if is_bad(world, entity) {
                            $react(world, entity);
                        }
                    });
                });
            }
            at += 1;
        )*
        $number < at
    }};
}

/// Runs a mod's life with this reaction to every event of a mod's entity.
fn sweep(react: fn(&mut World, Entity)) {
    for number in 0.. {
        let mut game = Game::new(&[("mover", &mover("mover", 1.0)), ("bad", &plain("bad", ""))]);
        let witness = game.spawn_at(0.0);
        game.world().insert_resource(React(react));
        let is_one = observers!(game, number, run;
            Add ModInfo, Add ModStatus, Add FuelBudget, Add ModStats,
            Insert ModInfo, Insert ModStatus, Insert FuelBudget, Insert ModStats,
            Remove ModInfo, Despawn ModStatus, Remove ModStats);
        if !is_one {
            assert_eq!(number, 11);
            return;
        }
        live(&mut game, witness);
        assert_eq!(game.stats("mover").faults, 0);
    }
}

#[derive(Resource, Clone, Copy)]
struct React(fn(&mut World, Entity));

fn run(world: &mut World, entity: Entity) {
    let React(react) = *world.resource::<React>();
    react(world, entity);
}

#[test]
fn it_is_despawned_in_the_middle_of_anything() {
    sweep(|world, entity| {
        let _ = world.try_despawn(entity);
    });
}

#[test]
fn it_is_emptied_in_the_middle_of_anything() {
    sweep(|world, entity| {
        if let Ok(mut entity) = world.get_entity_mut(entity) {
            entity.clear();
        }
    });
}

#[test]
fn code_of_the_game_panics_in_the_middle_of_anything() {
    sweep(|_, _| panic!("the game stumbles"));
}

#[test]
fn it_is_hidden_in_the_middle_of_anything() {
    sweep(|world, entity| {
        if let Ok(mut entity) = world.get_entity_mut(entity) {
            entity.insert(Disabled);
        }
    });
}

#[test]
fn one_that_is_despawned_as_it_is_made_is_reported_as_gone() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0)), ("bad", &plain("bad", ""))]);
    game.world().add_observer(|on: On<Add<ModInfo>>, infos: Query<&ModInfo>, mut commands: Commands| {
        if infos.get(on.entity).is_ok_and(|info| info.id == "bad") {
            commands.entity(on.entity).despawn();
        }
    });
    game.frames(2);
    assert!(game.report("bad", ModReportKind::Removed).contains("the game has removed its entity"));
    assert_eq!(game.world().resource::<Mods>().entity("bad"), None);
    assert_eq!(game.stats("mover").ticks, 2);
}

#[test]
fn a_clone_of_it_is_not_a_mod() {
    for despawns_original in [true, false] {
        let mut game = Game::new(&[("mover", &mover("mover", 1.0)), ("other", &mover("other", 100.0))]);
        let witness = game.spawn_at(0.0);
        game.frame();
        let original = game.entity("other");
        let clone = game.world().entity_mut(original).clone_and_spawn();
        game.world().entity_mut(clone).insert(FuelBudget { grant: 1, burst: 1 });
        if despawns_original {
            game.world().despawn(original);
        }
        game.frame();
        game.rewrite("other", &mover("other", 1_000.0));
        game.frame();
        let removed = game.reports("other", ModReportKind::Removed).len();
        match despawns_original {
            // It is loaded again with its new files.
            true => assert_eq!((removed, game.x(witness)), (1, 101.0 + 1.0 + 1_001.0 + 1_001.0)),
            false => assert_eq!((removed, game.x(witness)), (0, 101.0 + 101.0 + 1_001.0 + 1_001.0)),
        }
        assert_eq!(game.world().get::<FuelBudget>(clone), Some(&FuelBudget { grant: 1, burst: 1 }));
        let ticks = game.world().get::<ModStats>(clone).unwrap().ticks;
        game.frame();
        assert_eq!(game.world().get::<ModStats>(clone).unwrap().ticks, ticks, "nothing is shown on it");
        assert_eq!(game.status("mover"), ModStatus::Live);
    }
}

#[test]
fn what_it_carries_may_be_taken_in_any_combination() {
    for taken in 0..16 {
        let mut game = Game::new(&[("mover", &mover("mover", 1.0)), ("bad", &plain("bad", ""))]);
        let witness = game.spawn_at(0.0);
        game.frame();
        let bad = game.entity("bad");
        let mut it = game.world().entity_mut(bad);
        if taken & 1 > 0 {
            it.remove::<ModInfo>();
        }
        if taken & 2 > 0 {
            it.remove::<ModStatus>();
        }
        if taken & 4 > 0 {
            it.remove::<FuelBudget>();
        }
        if taken & 8 > 0 {
            it.remove::<ModStats>();
        }
        live(&mut game, witness);
    }
}
