//! Rows of a query in Rust: the only one, all, and those of some entities, with columns that an entity may lack.

use bevy_ecs::prelude::*;
use tinkerbox::{LogLevel, ModReportKind};

use super::built::built;
use crate::modding::games::game::*;

/// The first run of a system costs more than others: the buffers of its queries are filled with zeros.
const RIGHTS: &str =
    "[budget]\nfuel = 1_000_000\n[permissions]\nread = [\"game:Mood\"]\nwrite = [\"game:Position\"]\n";

/// What the mod has to say of these things: their ids, and their moods.
fn expected(things: &[(Entity, Option<u32>)], x: i32) -> Vec<String> {
    let number = |mood: Option<u32>| mood.map_or(-1, i64::from);
    let mut lines = vec![match things {
        [(entity, mood)] => format!("only {} at {x} with {}", entity.to_bits(), number(*mood)),
        _ => "none or several".to_owned(),
    }];
    lines.extend(things.iter().map(|(entity, mood)| format!("{} has {}", entity.to_bits(), number(*mood))));
    lines.push(format!("{} in all", things.iter().filter_map(|(_, mood)| *mood).sum::<u32>()));
    lines
}

#[test]
fn rows_are_the_same_in_every_way_of_looking_at_them() {
    // A mood is in a sparse set. With a velocity the things are in two tables, and without in one.
    for kinds in 0..64_u32 {
        let kind_of = |thing: u32| kinds >> (2 * thing) & 3;
        for count in 0..=3 {
            let mut game = Game::new(&[]);
            game.write_file("rows", "mod.toml", (head("rows") + RIGHTS).as_bytes());
            game.write_file("rows", "rows.wasm", built("rows"));
            let mut things = Vec::new();
            for thing in 0..count {
                let entity = game.spawn_at(5.0);
                let mut entity = game.world().entity_mut(entity);
                let mood = (kind_of(thing) & 1 == 1).then_some(10 + thing);
                if let Some(mood) = mood {
                    entity.insert(Mood(mood));
                }
                if kind_of(thing) & 2 == 2 {
                    entity.insert(Velocity::default());
                }
                things.push((entity.id(), mood));
            }
            game.frames(2);
            let mut said = game.reports("rows", ModReportKind::Log(LogLevel::Info));
            let mut wanted = [expected(&things, 5), expected(&things, 6)].concat();
            // Which table comes first is not the mod's concern.
            said.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(said, wanted, "{count} things of kinds {kinds:b}");
            let x = if count == 1 { 7.0 } else { 5.0 };
            assert!(things.iter().all(|(entity, _)| game.x(*entity) == x));
        }
    }
}
