//! Which mod has spawned an entity, and what becomes of it when the mod is gone.

use bevy_ecs::prelude::*;
use tinkerbox::{ModReloads, ModStatus, Mods, SpawnedBy, WhenGone};
use tinkerbox_abi::{ModType, command, component_key};

use crate::modding::games::game::*;

/// A mod that spawns an entity with this mood in each of its first three ticks, and then tells the host's answer to one more.
fn spawner(id: &str, mood: u8) -> ModText {
    let mut words = Vec::new();
    command::push_spawn(&mut words, 0, 1);
    command::push_component(&mut words, component_key(Mood::ID), &[mood, 0, 0, 0]);
    let (bytes, len) = (escaped(words.iter().flat_map(|word| word.to_le_bytes())), words.len() * 8);
    ModText {
        manifest: head(id)
            + "[permissions]\nwrite = [\"game:Mood\"]\nspawn = true\n"
            + &plain_system("run")
            + "commands = true\n",
        wat: module(&format!(
            "(data (i32.const 1024) \"{bytes}\") (global $ticks (mut i32) (i32.const 0))
             (func (export \"sys_run\")
                (if (i32.lt_u (global.get $ticks) (i32.const 3)) (then
                    (drop (call $command (i32.const 1024) (i32.const {len})))))
                (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))"
        )),
    }
}

/// The owner and the mood of each entity that a mod has spawned.
fn owned(game: &mut Game) -> Vec<(Entity, u32)> {
    let world = game.world();
    let mut all: Vec<_> = world
        .query::<(&SpawnedBy, &Mood)>()
        .iter(world)
        .map(|(by, mood)| (by.mod_entity(), mood.0))
        .collect();
    all.sort_unstable();
    all
}

fn counts(game: &mut Game, ids: &[&str]) -> Vec<u64> {
    ids.iter().map(|id| game.stats(id).spawned).collect()
}

fn two_spawners(when_gone: WhenGone) -> Game {
    let mods = [("a", &spawner("aaa", 1)), ("b", &spawner("bbb", 2))];
    let mut game = Game::with(&mods, |plugin| plugin.when_gone(when_gone));
    game.frames(5);
    game
}

#[test]
fn each_entity_names_the_mod_that_has_spawned_it_and_mods_are_counted() {
    let mut game = two_spawners(WhenGone::Keep);
    let (a, b) = (game.entity("aaa"), game.entity("bbb"));
    let mut expected = vec![(a, 1), (a, 1), (a, 1), (b, 2), (b, 2), (b, 2)];
    expected.sort_unstable();
    assert_eq!(owned(&mut game), expected);
    assert_eq!(counts(&mut game, &["aaa", "bbb"]), [3, 3]);
    // The game spawns and despawns as it likes.
    let world = game.world();
    let first = world.query_filtered::<Entity, With<SpawnedBy>>().iter(world).next().unwrap();
    let owner = world.get::<SpawnedBy>(first).unwrap().mod_entity();
    world.despawn(first);
    world.spawn(Mood(9));
    let gift = world.spawn((Mood(9), SpawnedBy::new(owner))).id();
    let other = if owner == a { b } else { a };
    world.entity_mut(gift).insert(SpawnedBy::new(other));
    game.frame();
    let mut seen = counts(&mut game, &["aaa", "bbb"]);
    seen.sort_unstable();
    assert_eq!(seen, [2, 4]);
}

#[test]
fn what_a_removed_mod_has_spawned_stays_and_is_its_own_again_or_goes() {
    type Way = fn(&mut Game);
    let ways: [Way; 3] = [
        |game| {
            game.take_out("a");
        },
        |game| {
            game.unload("aaa");
        },
        |game| {
            let entity = game.entity("aaa");
            game.world().despawn(entity);
            game.frame();
        },
    ];
    for (number, way) in ways.into_iter().enumerate() {
        for (when_gone, left) in [(WhenGone::Keep, 3), (WhenGone::Despawn, 0)] {
            let mut game = two_spawners(when_gone);
            let (old, b) = (game.entity("aaa"), game.entity("bbb"));
            way(&mut game);
            let of = |all: &[(Entity, u32)], owner| all.iter().filter(|(by, _)| *by == owner).count();
            let seen = owned(&mut game);
            assert_eq!((of(&seen, old), of(&seen, b)), (left, 3), "{when_gone:?}, way {number}");
            // It comes back, and goes on spawning.
            game.write("a", &spawner("aaa", 1));
            let folder = game.folder("a");
            game.world().resource_mut::<Mods>().load(folder);
            game.frame();
            game.world().resource_mut::<ModReloads>().finish_builds();
            game.frame();
            assert_eq!(game.status("aaa"), ModStatus::Live);
            game.frames(5);
            let new = game.entity("aaa");
            let seen = owned(&mut game);
            assert_eq!((of(&seen, old), of(&seen, new)), (0, left + 3), "{when_gone:?}, way {number}");
            assert_eq!(counts(&mut game, &["aaa", "bbb"]), [left as u64 + 3, 3]);
        }
    }
}

#[test]
fn a_reload_and_a_reset_change_no_owner() {
    let mut game = two_spawners(WhenGone::Despawn);
    let before = owned(&mut game);
    let mut newer = spawner("aaa", 1);
    newer.manifest = newer.manifest.replace("0.1.0", "0.2.0").replace("commands = true\n", "");
    game.rewrite("a", &newer);
    game.frames(3);
    let entity = game.entity("bbb");
    game.world().resource_mut::<Mods>().disable(entity);
    game.frames(3);
    assert_eq!(owned(&mut game), before);
}
