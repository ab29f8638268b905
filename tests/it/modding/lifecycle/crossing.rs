//! What counts as a removal, whoever has removed the component: each is told once, in its order.

use bevy_ecs::prelude::*;
use tinkerbox_abi::ModType;

use super::*;
use crate::modding::events::crossing::scramble;
use crate::modding::games::exposed::*;
use crate::modding::games::script::{Cmd, Script};

/// Inserts, removes, replaces and despawns at random. Mods must be told of what was added, removed and despawned, two of each,
/// and of nothing else.
fn sweep<T: Component + Clone>(name: &str, value: &T) {
    const KINDS: [&str; 3] = ["added", "removed", "despawned"];
    let mods: Vec<(String, ModText)> = KINDS
        .iter()
        .flat_map(|what| ["aaa", "zzz"].map(|id| (format!("{id}_{what}"), *what)))
        .map(|(id, what)| (id.clone(), teller(&id, what, name, TELL_EACH)))
        .collect();
    let all: Vec<(&str, &ModText)> = mods.iter().map(|(id, text)| (id.as_str(), text)).collect();
    let mut game = Game::new(&all);
    let mut entities: Vec<_> =
        (0..20).map(|_| game.world().spawn((Velocity::default(), value.clone())).id()).collect();
    // Before the mods are loaded.
    game.world().entity_mut(entities[0]).remove::<T>();
    game.frame();
    let [mut added, mut removed, mut despawned] = [(); 3].map(|()| Vec::new());
    for frame in 0..60 {
        for (at, id) in entities.iter_mut().enumerate() {
            let mut entity = game.world().entity_mut(*id);
            let had = entity.contains::<T>();
            match scramble(frame * 20 + at) % 7 {
                // In place of another one it is neither an addition nor a removal.
                0 | 1 => {
                    entity.insert(value.clone());
                    added.extend((!had).then_some(*id));
                }
                2 => {
                    entity.remove::<T>();
                    removed.extend(had.then_some(*id));
                }
                3 => {
                    entity.remove::<T>();
                    entity.insert(value.clone());
                    removed.extend(had.then_some(*id));
                    added.push(*id);
                }
                4 => drop(entity.remove::<Velocity>()),
                5 => {
                    entity.despawn();
                    removed.extend(had.then_some(*id));
                    despawned.extend(had.then_some(*id));
                }
                _ => {}
            }
            if game.world().get_entity(*id).is_err() {
                *id = game.world().spawn(value.clone()).id();
                added.push(*id);
            }
        }
        game.frame();
        for (what, expected) in KINDS.iter().zip([&added, &removed, &despawned]) {
            for mod_id in ["aaa", "zzz"].map(|id| format!("{id}_{what}")) {
                assert_eq!(game.told(&mod_id), ids(expected), "{name}: {mod_id} in frame {frame}");
            }
        }
    }
    // Without a handler nothing is watched, but for what the plugin itself watches.
    for (id, _) in &mods {
        game.remove_folder(id);
    }
    let folders: Vec<&str> = mods.iter().map(|(id, _)| id.as_str()).collect();
    game.changed_all(&folders);
    let world = game.world();
    assert_eq!(world.query::<&Observer>().iter(world).count(), 1, "{name}: observers are left");
}

#[test]
fn everything_that_happens_to_components_is_told_once_and_in_its_order() {
    sweep(Position::ID, &Position::default());
    sweep(Mood::ID, &Mood(1));
    sweep(Species::ID, &Species(1));
    sweep(Sheep::ID, &Sheep);
    sweep("game:Door", &Door { open: true, wood: Wood::Oak, marks: vec![7] });
}

#[test]
fn a_handler_is_called_only_where_its_component_was_removed() {
    let code = format!("(call $tell (i32.const -1)) {TELL_EACH}");
    let mut game = Game::new(&[("a", &mourner("aaa", Position::ID, &code))]);
    game.frame();
    let mut expected = Vec::new();
    for frame in 0..20 {
        let both = game.world().spawn((Position::default(), Mood(1))).id();
        match frame % 4 {
            0 => drop(game.world().entity_mut(both).remove::<Mood>()),
            1 => expected.extend([-1, both.to_bits() as i64]),
            _ => {}
        }
        if frame % 4 == 1 {
            game.world().despawn(both);
        }
        game.frame();
        assert_eq!(game.told("aaa"), expected, "frame {frame}");
    }
}

const RIGHTS: &str = "[permissions]\nread = [\"game:Velocity\"]\nwrite = [\"game:Position\", \"game:Mood\"]\n\
    spawn = true\ndespawn = true\n";

/// A mod that removes and despawns in its first tick, and handles removals itself.
fn script(entities: &[Entity]) -> ModText {
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| entities[at].to_bits());
    let commands = [
        Cmd::Despawn(c),
        Cmd::Remove(a, &[Mood::ID, Position::ID]),
        Cmd::Remove(b, &[Mood::ID]),
        // It has none any more.
        Cmd::Remove(a, &[Position::ID]),
        Cmd::Insert(a, &[(Position::ID, &[0; 8])]),
        Cmd::Despawn(a),
        Cmd::Remove(d, &[Position::ID]),
    ];
    let text = Script::new().send(&commands).mod_with(RIGHTS, "");
    let handler = format!("(func (export \"sys_mourn\") {TELL_EACH})");
    let run = "(func (export \"sys_run\")";
    ModText {
        manifest: text.manifest + &plain_system("mourn") + &on_removed(Position::ID),
        wat: text.wat.replacen(run, &format!("{handler} {run}"), 1),
    }
}

#[test]
fn what_mods_remove_and_despawn_is_told_in_the_next_tick_to_them_too() {
    let mut game = Game::new(&[("z", &mourner("zzz", Position::ID, TELL_EACH))]);
    let with_mood = |x| (Position { x, y: 0.0 }, Mood(1), Velocity::default());
    let entities = [1.0, 2.0, 3.0, 4.0].map(|x| game.world().spawn(with_mood(x)).id());
    game.write("s", &script(&entities));
    game.frame();
    assert_eq!((game.told("script"), game.told("zzz")), (vec![0], vec![]));
    let [a, _, c, d] = entities;
    let expected = ids(&[c, a, a, d]);
    for _ in 0..2 {
        game.frame();
        assert_eq!(game.told("script"), [&[0], &expected[..]].concat());
        assert_eq!(game.told("zzz"), expected);
    }
    assert_eq!(game.x(entities[1]), 2.0);
}

#[test]
fn removals_cost_what_events_of_their_size_do() {
    let used = |count: usize| {
        let code = "(drop (call $event_next (i32.const 64) (i32.const 4096)))";
        let mut game = Game::new(&[("a", &mourner("aaa", Mood::ID, code))]);
        game.frame();
        let all: Vec<_> = (0..count).map(|_| game.world().spawn(Mood(1)).id()).collect();
        all.into_iter().for_each(|entity| assert!(game.world().despawn(entity)));
        game.frame();
        game.stats("aaa").fuel_used
    };
    for count in 1..=100 {
        assert_eq!(used(count), used(1) + 5 * (count as u64 - 1), "{count}");
    }
}
