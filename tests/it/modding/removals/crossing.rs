//! What counts as a removal, whoever has removed the component: each is told once, in its order.

use bevy_ecs::prelude::*;
use tinkerbox_abi::ModType;

use super::*;
use crate::modding::events::crossing::scramble;
use crate::modding::games::exposed::*;
use crate::modding::games::script::{Cmd, Script};

/// Inserts, removes, replaces and despawns at random. Two mods must be told of what was removed, and of nothing else.
fn sweep<T: Component + Clone>(name: &str, value: &T) {
    let mods = [mourner("aaa", name, TELL_EACH), mourner("zzz", name, TELL_EACH)];
    let mut game = Game::new(&[("a", &mods[0]), ("z", &mods[1])]);
    let mut entities: Vec<_> =
        (0..20).map(|_| game.world().spawn((Velocity::default(), value.clone())).id()).collect();
    // Before the mods are loaded.
    game.world().entity_mut(entities[0]).remove::<T>();
    game.frame();
    let mut removed = Vec::new();
    for frame in 0..60 {
        for (at, id) in entities.iter_mut().enumerate() {
            let mut entity = game.world().entity_mut(*id);
            let had = entity.contains::<T>();
            let is_removed = match scramble(frame * 20 + at) % 7 {
                // In place of another one it is not a removal.
                0 | 1 => {
                    entity.insert(value.clone());
                    false
                }
                2 => {
                    entity.remove::<T>();
                    had
                }
                3 => {
                    entity.remove::<T>();
                    entity.insert(value.clone());
                    had
                }
                4 => {
                    entity.remove::<Velocity>();
                    false
                }
                5 => {
                    entity.despawn();
                    had
                }
                _ => false,
            };
            if is_removed {
                removed.push(*id);
            }
            if game.world().get_entity(*id).is_err() {
                *id = game.world().spawn(value.clone()).id();
            }
        }
        game.frame();
        for mod_id in ["aaa", "zzz"] {
            assert_eq!(game.told(mod_id), ids(&removed), "{name}: {mod_id} in frame {frame}");
        }
    }
}

#[test]
fn every_removal_is_told_once_and_in_its_order() {
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
