//! Queries beyond chunks of plain columns: single entities, optional columns, ids, and rows without any column. The
//! filter for changes is in `changed.rs`.

use bevy_ecs::prelude::*;
use tinkerbox::{ModReportKind, ModStatus};

use crate::modding::games::exposed::*;
use crate::modding::games::game::*;

const RIGHTS: &str = "[permissions]\nread = [\"game:Velocity\", \"game:Sheep\"]\n\
    write = [\"game:Position\", \"game:Mood\", \"game:Follows\"]\n";

/// A mod with one system and these queries.
fn asker(queries: &[String], body: &str) -> ModText {
    ModText {
        manifest: head("asker") + RIGHTS + &plain_system("run") + &queries.concat(),
        wat: module(&format!("{TELL} {body}")),
    }
}

/// A call of `get` or `set` with the value's address at 64.
fn call(name: &str, query: u32, column: u32, entity: u64) -> String {
    format!(
        "(call $tell (call ${name} (i32.const {query}) (i32.const {column}) (i64.const {}) (i32.const 64)))\n",
        entity as i64
    )
}

/// The entities asked about: three that match the query, and every kind that does not.
struct Cast {
    all: Entity,
    moody: Entity,
    bare: Entity,
    strangers: Vec<u64>,
}

fn cast(game: &mut Game) -> Cast {
    let world = game.world();
    let at = |x| Position { x, y: 0.0 };
    let gone = world.spawn((at(9.0), Sheep)).id();
    let cast = Cast {
        all: world.spawn((at(1.0), Velocity { x: 10.0, y: 0.0 }, Mood(5), Sheep)).id(),
        moody: world.spawn((at(2.0), Mood(6), Sheep)).id(),
        bare: world.spawn((at(3.0), Sheep)).id(),
        strangers: vec![
            gone.to_bits(),
            world.spawn(Sheep).id().to_bits(),
            world.spawn(at(4.0)).id().to_bits(),
            world.spawn(Secret).id().to_bits(),
            0,
            u64::MAX,
            0xffff_ffff,
            77_777,
        ],
    };
    world.despawn(gone);
    cast
}

const OF_SHEEP: &str = "entity, write game:Position, read? game:Velocity, write? game:Mood";

#[test]
fn single_values_are_those_of_the_querys_entities_and_columns() {
    let mut game = Game::new(&[]);
    let Cast { all, moody, bare, strangers } = cast(&mut game);
    let queries = [query(OF_SHEEP, "with = [\"game:Sheep\"]"), query("read game:Position", "")];
    let (all, moody, bare) = (all.to_bits(), moody.to_bits(), bare.to_bits());
    // -1 is DENIED, -2 GONE, -4 BAD_ARGUMENT.
    let mut cases: Vec<(&str, u32, u32, u64, i64)> = vec![
        ("get", 0, 0, all, -4),
        ("get", 0, 1, all, 8),
        ("get", 0, 2, all, 8),
        ("get", 0, 3, all, 4),
        ("get", 0, 4, all, -4),
        ("get", 0, u32::MAX, all, -4),
        ("get", 2, 0, all, -4),
        ("get", 0, 2, moody, 0),
        ("get", 0, 3, moody, 4),
        ("get", 0, 2, bare, 0),
        ("get", 0, 3, bare, 0),
        ("set", 0, 0, all, -4),
        ("set", 0, 1, all, 0),
        ("set", 0, 2, all, -1),
        ("set", 0, 3, all, 0),
        ("set", 0, 3, bare, -2),
        ("set", 0, 4, all, -4),
        ("set", 1, 0, all, -1),
        ("set", 2, 0, all, -4),
    ];
    for entity in strangers {
        cases.extend([("get", 0, 1, entity, -2), ("get", 0, 2, entity, -2), ("set", 0, 1, entity, -2)]);
    }
    let calls: String =
        cases.iter().map(|(name, query, column, entity, _)| call(name, *query, *column, *entity)).collect();
    game.write("a", &asker(&queries, &format!("(func (export \"sys_run\") {calls})")));
    game.frame();
    assert_eq!(game.reports("asker", ModReportKind::Faulted), [""; 0]);
    for (case, told) in cases.iter().zip(game.told("asker")) {
        assert_eq!(case.4, told, "{case:?}");
    }
}

#[test]
fn what_is_optional_and_absent_leaves_the_memory_alone() {
    let mut game = Game::new(&[]);
    let Cast { all, bare, .. } = cast(&mut game);
    let ask =
        |entity: Entity| call("get", 0, 3, entity.to_bits()) + "(call $tell (i32.load (i32.const 64)))\n";
    let body = format!("(func (export \"sys_run\") {} {})", ask(all), ask(bare));
    game.write("a", &asker(&[query(OF_SHEEP, "with = [\"game:Sheep\"]")], &body));
    game.frame();
    assert_eq!(game.told("asker"), [4, 5, 0, 5]);
}

#[test]
fn a_value_must_lie_in_memory() {
    // The memory has 131,072 bytes, a position 8.
    for (address, fits) in [(131_064, true), (131_065, false), (131_072, false), (-1, false)] {
        for name in ["get", "set"] {
            let mut game = Game::new(&[]);
            let entity = cast(&mut game).all;
            let call = call(name, 0, 1, entity.to_bits()).replace("64)", &format!("{address})"));
            let body = format!("(func (export \"sys_run\") {call})");
            game.write("a", &asker(&[query(OF_SHEEP, "with = [\"game:Sheep\"]")], &body));
            game.frame();
            assert_eq!(game.status("asker") == ModStatus::Live, fits, "{name} at {address}");
            if !fits {
                let fault = game.report("asker", ModReportKind::Faulted);
                assert!(
                    fault.contains("it passed 8 bytes at address") && fault.contains("131072"),
                    "{fault}"
                );
            }
        }
    }
}

/// Runs a system for one entity at (1, 0), with `$get_x` and `$set_x`; returns its answers and the entity's final
/// position.
fn one_entity(body: &str) -> (Vec<i64>, f32) {
    let mut game = Game::new(&[]);
    let entity = game.spawn_at(1.0);
    let text = format!(
        r#"(func $get_x
            (drop (call $get (i32.const 0) (i32.const 0) (i64.const ENTITY) (i32.const 64)))
            (call $tell (i32.trunc_f32_s (f32.load (i32.const 64)))))
        (func $set_x (param f32)
            (f32.store (i32.const 64) (local.get 0))
            (call $tell (call $set (i32.const 0) (i32.const 0) (i64.const ENTITY) (i32.const 64))))
        (func $next
            (call $tell (call $view_next (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 64))))
        (func $chunk_x (param f32) (f32.store (i32.const 1024) (local.get 0)))
        (func (export "sys_run") {body})"#
    );
    game.write(
        "a",
        &asker(&[query("write game:Position", "")], &text.replace("ENTITY", &entity.to_bits().to_string())),
    );
    game.frame();
    assert_eq!(game.status("asker"), ModStatus::Live);
    (game.told("asker"), game.x(entity))
}

#[test]
fn get_sees_what_was_set_and_not_what_stands_in_a_chunk() {
    let set = "(call $set_x (f32.const 7))";
    assert_eq!(one_entity("(call $get_x)"), (vec![1], 1.0));
    assert_eq!(one_entity(&format!("{set} (call $get_x)")), (vec![0, 7], 7.0));
    assert_eq!(one_entity(&format!("{set} (call $set_x (f32.const 8)) (call $get_x)")), (vec![0, 0, 8], 8.0));
    assert_eq!(
        one_entity("(call $next) (call $chunk_x (f32.const 5)) (call $get_x) (call $next) (call $get_x)"),
        (vec![1, 1, 0, 1], 5.0)
    );
    // A chunk shows the world as it was, regardless of `set`.
    assert_eq!(
        one_entity(&format!("{set} (call $next) (call $tell (i32.trunc_f32_s (f32.load (i32.const 1024))))")),
        (vec![0, 1, 1], 7.0)
    );
}

/// A chunk is applied when it is taken back: by the next call, or at the end. The later write wins.
#[test]
fn of_a_chunk_and_a_set_value_the_later_one_wins() {
    let (next, chunk, set) = ("(call $next)", "(call $chunk_x (f32.const 5))", "(call $set_x (f32.const 7))");
    for (steps, expected) in [
        ([set, next, chunk, next], 5.0),
        ([next, set, chunk, next], 5.0),
        ([next, chunk, set, next], 5.0),
        ([next, chunk, next, set], 7.0),
        // A row that is unchanged since it was lent is not recorded.
        ([next, set, next, ""], 7.0),
        ([set, next, next, ""], 7.0),
        ([next, chunk, set, ""], 5.0),
    ] {
        assert_eq!(one_entity(&steps.concat()).1, expected, "{steps:?}");
    }
}

#[test]
fn what_was_set_lands_with_the_end_of_the_system() {
    // Between its two systems another mod doubles the values; the first system uses more fuel than it has in a frame.
    let mut game = Game::new(&[("b", &{
        let mut text = mover("bbb", 0.0);
        text.wat = module(&each_row(
            "move",
            [8, 0],
            4096,
            "(f32.store (local.get $a) (f32.mul (f32.load (local.get $a)) (f32.const 2)))",
        ));
        text
    })]);
    let entity = game.spawn_at(1.0);
    let body = format!(
        r#"(func (export "sys_run") (local $i i32)
            (drop (call $get (i32.const 0) (i32.const 0) (i64.const {entity}) (i32.const 64)))
            (f32.store (i32.const 64) (f32.add (f32.load (i32.const 64)) (f32.const 100)))
            (drop (call $set (i32.const 0) (i32.const 0) (i64.const {entity}) (i32.const 64)))
            {})"#,
        ado(500),
        entity = entity.to_bits()
    );
    let mut text = asker(&[query("write game:Position", "")], &body);
    text.manifest = text.manifest.replace("[perm", "[budget]\nfuel = 2_000\nburst = 2_000\n[perm");
    game.write("a", &text);
    game.frame();
    assert_eq!(game.status("asker"), ModStatus::Suspended { frames: 1 });
    assert_eq!(game.x(entity), 2.0);
    game.frame();
    // 101 in place of 2, then doubled.
    assert_eq!((game.status("asker"), game.x(entity)), (ModStatus::Live, 202.0));
}

#[test]
fn a_value_set_for_what_has_gone_meanwhile_is_skipped_and_counted() {
    let mut game = Game::new(&[]);
    let entities: Vec<_> = (0..5).map(|x| game.spawn_at(x as f32)).collect();
    let set = |entity: &Entity| call("set", 0, 0, entity.to_bits());
    let body = format!(
        "(func (export \"sys_run\") (local $i i32) {} {})",
        entities.iter().map(set).collect::<String>(),
        ado(2_000)
    );
    let mut text = asker(&[query("write game:Position", "")], &body);
    text.manifest = text.manifest.replace("[perm", "[budget]\nfuel = 10_000\nburst = 10_000\n[perm");
    game.write("a", &text);
    game.frame();
    assert_eq!(game.status("asker"), ModStatus::Suspended { frames: 1 });
    game.world().despawn(entities[1]);
    game.world().entity_mut(entities[2]).remove::<Position>();
    game.world().entity_mut(entities[3]).insert(Sheep);
    game.frame();
    assert_eq!(game.status("asker"), ModStatus::Live);
    assert_eq!([0, 3, 4].map(|at| game.x(entities[at])), [0.0; 3]);
    assert_eq!(game.stats("asker").writes_skipped, 2);
}

/// Positions with every combination of a velocity (in tables) and a mood (in a sparse set), spawned in turns.
fn mixture(game: &mut Game, count: u32) -> Vec<Entity> {
    (0..count)
        .map(|number| {
            let mut entity = game.world().spawn(Position { x: 0.0, y: 0.0 });
            let kind = number * 7 % 12;
            if kind & 1 == 1 {
                entity.insert(Velocity { x: number as f32 + 1.0, y: 0.0 });
            }
            if kind & 2 == 2 {
                entity.insert(Mood(number));
            }
            if kind >= 8 {
                entity.insert(Sheep);
            }
            entity.id()
        })
        .collect()
}

/// Counts each row in x, and adds its velocity to y and one to its mood, if it has them.
fn mixer(rounds: u32) -> ModText {
    let body = format!(
        "{}
        (f32.store (local.get $c0) (f32.add (f32.load (local.get $c0)) (f32.const 1)))
        (if (local.get $c1) (then
            (f32.store offset=4 (local.get $c0)
                (f32.add (f32.load offset=4 (local.get $c0)) (f32.load (local.get $c1))))))
        (if (local.get $c2) (then
            (i32.store (local.get $c2) (i32.add (i32.load (local.get $c2)) (i32.const 1)))))",
        ado(rounds)
    );
    asker(
        &[query("write game:Position, read? game:Velocity, write? game:Mood", "")],
        &each_row_of("run", &[8, 8, 4], 9999, &body),
    )
}

/// The entity after the mod above has seen it n times.
fn check_mixed(game: &Game, entity: Entity, number: u32, times: u32, context: &str) {
    let world = game.app.world();
    let entity = world.entity(entity);
    let position = entity.get::<Position>().unwrap();
    let velocity = entity.get::<Velocity>().map_or(0.0, |velocity| velocity.x);
    let expected = Position { x: times as f32, y: times as f32 * velocity };
    assert_eq!(*position, expected, "{number} {context}");
    if let Some(mood) = entity.get::<Mood>() {
        assert_eq!(mood.0, number + times, "{number} {context}");
    }
}

#[test]
fn optional_columns_are_there_for_all_rows_of_a_chunk_or_for_none() {
    // A row takes up to 8 + 8 + 4 bytes, each column rounded up to 8.
    for buffer in (24..=56).chain([64, 65, 100, 128, 160, 999, 4_096, 60_000]) {
        let mut text = mixer(1);
        text.wat = text.wat.replace("9999", &buffer.to_string());
        let mut game = Game::new(&[("a", &text)]);
        let entities = mixture(&mut game, 60);
        game.frames(2);
        assert_eq!(game.status("asker"), ModStatus::Live);
        for (number, entity) in entities.into_iter().enumerate() {
            check_mixed(&game, entity, number as u32, 2, &format!("with a buffer of {buffer}"));
        }
    }
}

#[test]
fn optional_columns_are_the_same_for_a_system_that_waits() {
    for (fuel, buffer) in [(700, 24), (900, 64), (1_100, 200), (1_500, 4_096), (2_500, 64), (4_000, 4_096)] {
        let context = format!("with {fuel} units and a buffer of {buffer}");
        let mut text = mixer(30);
        text.wat = text.wat.replace("9999", &buffer.to_string());
        text.manifest =
            text.manifest.replace("[perm", &format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[perm"));
        let mut game = Game::new(&[("a", &text)]);
        let entities = mixture(&mut game, 60);
        game.frame();
        let mut frames = 1;
        while game.status("asker") != ModStatus::Live {
            game.frame();
            frames += 1;
        }
        assert!((2..=60).contains(&frames), "{frames} frames {context}");
        for (number, entity) in entities.into_iter().enumerate() {
            check_mixed(&game, entity, number as u32, 1, &context);
        }
    }
}

/// Rows that are lent and rows not yet lent may gain and lose optional components while the system waits.
#[test]
fn optional_components_may_come_and_go_while_a_system_waits() {
    for waits in 1..12 {
        let mut text = mixer(30);
        text.wat = text.wat.replace("9999", "64");
        text.manifest = text.manifest.replace("[perm", "[budget]\nfuel = 1_000\nburst = 1_000\n[perm");
        let mut game = Game::new(&[("a", &text)]);
        let entities = mixture(&mut game, 60);
        game.frames(waits);
        assert!(matches!(game.status("asker"), ModStatus::Suspended { .. }));
        for (number, &entity) in entities.iter().enumerate().filter(|(number, _)| number % 3 == 0) {
            let mut entity = game.world().entity_mut(entity);
            match entity.contains::<Velocity>() {
                true => entity.remove::<Velocity>(),
                false => entity.insert(Velocity { x: 1_000.0, y: 0.0 }),
            };
            match entity.contains::<Mood>() {
                true => entity.remove::<Mood>(),
                false => entity.insert(Mood(number as u32)),
            };
        }
        while game.status("asker") != ModStatus::Live {
            game.frame();
        }
        for (number, entity) in entities.into_iter().enumerate() {
            let context = format!("after {waits} frames");
            if number % 3 != 0 {
                check_mixed(&game, entity, number as u32, 1, &context);
            } else {
                // Seen before the change or after it, and exactly once.
                assert_eq!(game.x(entity), 1.0, "{number} {context}");
            }
        }
    }
}

#[test]
fn a_column_of_ids_names_the_rows_in_their_order() {
    // Each row gets its own id, and a number in the order in which the mod saw it.
    let body = "(i64.store (local.get $c1) (i64.load (local.get $c0)))
        (i32.store (local.get $c2) (global.get $seen))
        (global.set $seen (i32.add (global.get $seen) (i32.const 1)))";
    for buffer in [24, 50, 100, 1_000, 60_000] {
        let run = "(global $seen (mut i32) (i32.const 0))".to_owned()
            + &each_row_of("run", &[8, 8, 4], buffer, body);
        let text = asker(&[query("entity, write game:Follows, write game:Mood", "")], &run);
        let mut game = Game::new(&[("a", &text)]);
        let mut entities: Vec<_> = (0..100)
            .map(|number| {
                let mut entity = game.world().spawn((Follows::NOBODY, Mood(0)));
                if number % 3 == 0 {
                    entity.insert(Sheep);
                }
                entity.id()
            })
            .collect();
        // When one in the middle is removed, the last one moves to its place.
        game.world().despawn(entities.remove(10));
        game.frame();
        let world = game.app.world();
        let seen = |entity: &Entity| {
            assert_eq!(world.get::<Follows>(*entity).unwrap().leader(), Some(*entity));
            world.get::<Mood>(*entity).unwrap().0
        };
        // By table in order of creation, those without the marker first, then by row.
        let is_marked = |entity: &&Entity| world.entity(**entity).contains::<Sheep>();
        let (marked, mut plain): (Vec<_>, Vec<_>) = entities.iter().partition(is_marked);
        let last = plain.pop().unwrap();
        plain.insert(6, last);
        let order: Vec<_> = plain.into_iter().chain(marked).map(seen).collect();
        assert_eq!(order, (0..99).collect::<Vec<_>>(), "with a buffer of {buffer}");
    }
}

#[test]
fn a_query_without_columns_counts_its_rows() {
    let count = "(call $tell (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 0)))
        (call $tell (i32.load (i32.const 4)))";
    let body = format!("(func (export \"sys_run\") {count} {count})");
    let text = asker(&[query("", "with = [\"game:Position\"]\nwithout = [\"game:Sheep\"]")], &body);
    for rows in [0, 1, 300] {
        let mut game = Game::new(&[("a", &text)]);
        for number in 0..rows {
            let entity = game.spawn_at(0.0);
            if number % 2 == 0 {
                game.world().entity_mut(entity).insert(Mood(1));
            }
            game.world().spawn((Position::default(), Sheep));
        }
        game.frame();
        assert_eq!(game.told("asker"), [rows, 0, 0, 0]);
    }
}

#[test]
fn a_buffer_may_lie_anywhere_or_is_refused() {
    for address in [0, 4, 8, 64, 131_056] {
        let body = format!(
            r#"(func (export "sys_run") (local $rows i32)
                (local.set $rows (call $view_next (i32.const 0) (i32.const 1024) (i32.const {address}) (i32.const 16)))
                (call $tell (local.get $rows))
                (if (i32.eq (local.get $rows) (i32.const 2)) (then
                    (f32.store (i32.const {address}) (f32.const 7)))))"#
        );
        let mut game = Game::new(&[("a", &asker(&[query("write game:Position", "")], &body))]);
        let entities = [game.spawn_at(1.0), game.spawn_at(2.0)];
        game.frame();
        match game.told("asker")[..] {
            [2] => assert_eq!(entities.map(|entity| game.x(entity)), [7.0, 2.0], "at {address}"),
            [-4] => assert!(address % 8 != 0 || address == 0, "at {address}"),
            ref other => panic!("{other:?} at {address}"),
        }
    }
}
