//! The filter `added`: rows to which a component was added since the system last ran.
//!
//! `changed.rs` tests the filter `changed`, with which it shares its prices.

use std::collections::BTreeMap;

use bevy_ecs::prelude::*;

use crate::modding::games::game::*;

/// A mod whose system tells the id of every row to which this component was added, beside those of other filters.
fn watcher(added: &str, others: &str) -> ModText {
    let each = each_row_of("run", &[8], 4096, "(call $tell_i64 (i64.load (local.get $c0)))");
    let filters = format!("added = [\"{added}\"]\n{others}");
    ModText {
        manifest: head("watcher")
            + "[permissions]\nread = [\"game:Position\", \"game:Mood\", \"game:Sheep\"]\n"
            + &plain_system("run")
            + &query("entity", &filters),
        wat: module(&format!("{TELL} {each}")),
    }
}

/// Pseudo-random numbers, the same each time.
fn scramble(number: usize) -> usize {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) ^ number
}

/// Adds, removes, replaces and changes components at random; the mod must name those entities to which one was added, once.
fn sweep<T: Component<Mutability = bevy_ecs::component::Mutable> + Clone>(id: &str, value: &T) {
    let mut game = Game::new(&[("a", &watcher(id, ""))]);
    let entities: Vec<_> = (0..20).map(|_| game.world().spawn(Velocity::default()).id()).collect();
    game.frame();
    let mut told = 0;
    for frame in 0..60 {
        let mut added = BTreeMap::new();
        for (at, &entity) in entities.iter().enumerate() {
            let mut entity = game.world().entity_mut(entity);
            let had = entity.contains::<T>();
            match scramble(frame * 20 + at) % 6 {
                // In place of another one, it is a change.
                0 | 1 => {
                    entity.insert(value.clone());
                    added.insert(entity.id().to_bits(), !had);
                }
                2 => {
                    entity.remove::<T>();
                }
                // Removed and added in one frame.
                3 if had => {
                    entity.remove::<T>();
                    entity.insert(value.clone());
                    added.insert(entity.id().to_bits(), true);
                }
                4 if had => entity.get_mut::<T>().unwrap().set_changed(),
                _ => {}
            }
        }
        game.frame();
        let all = game.told("watcher");
        let mut now: Vec<_> = all[told..].iter().map(|bits| *bits as u64).collect();
        told = all.len();
        now.sort_unstable();
        let expected: Vec<_> = added.iter().filter(|(_, is_new)| **is_new).map(|(bits, _)| *bits).collect();
        assert_eq!(now, expected, "{id} in frame {frame}");
    }
}

#[test]
fn what_was_added_is_seen_once_and_what_was_changed_is_not() {
    sweep("game:Position", &Position::default());
    sweep("game:Mood", &Mood(1));
}

#[test]
fn the_first_run_sees_everything() {
    let text = watcher("game:Position", "with = [\"game:Sheep\"]");
    let mut game = Game::new(&[]);
    let sheep = game.world().spawn((Position::default(), Sheep)).id();
    game.world().spawn(Position::default());
    game.frames(3);
    game.write("a", &text);
    game.changed("a");
    game.frames(3);
    assert_eq!(game.told("watcher"), [sheep.to_bits() as i64]);
}

#[test]
fn it_needs_the_permission_to_read() {
    let mut text = watcher("game:Position", "");
    text.manifest = text.manifest.replace("\"game:Position\", \"game:Mood\"", "\"game:Mood\"");
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    let refusals: Vec<_> = game.all_reports().iter().map(|report| format!("{report:?}")).collect();
    assert!(refusals.iter().any(|text| text.contains("read game:Position")), "{refusals:?}");
}
