//! Mods read and write the world's columns through views.

use bevy_app::Update;
use bevy_ecs::prelude::*;
use tinkerbox::{ModReportKind, ModStatus, TickMods};

use crate::modding::games::game::*;

#[test]
fn a_mod_moves_entities() {
    let mut game = Game::new(&[("mover", &mover("mover", 2.0))]);
    let entities: Vec<_> = (0..1000).map(|x| game.spawn_at(x as f32)).collect();
    game.frames(3);
    for (x, entity) in entities.into_iter().enumerate() {
        assert_eq!(game.x(entity), x as f32 + 6.0);
    }
    assert_eq!(game.status("mover"), ModStatus::Live);
    assert_eq!(game.stats("mover").ticks, 3);
    assert!(game.report("mover", ModReportKind::Loaded).contains("0.1.0"));
}

/// Adds velocity times delta to position.
fn integrator(buffer: u32) -> ModText {
    let body = "(f32.store (local.get $a) (f32.add (f32.load (local.get $a))
        (f32.mul (f32.load (local.get $b)) (call $delta))))";
    ModText {
        manifest: head("integrator")
            + "[permissions]\nread = [\"game:Velocity\"]\nwrite = [\"game:Position\"]\n"
            + &system("run", &[WRITE_POSITION, READ_VELOCITY]),
        wat: module(&each_row("run", [8, 8], buffer, body)),
    }
}

#[test]
fn chunks_of_any_size_see_every_row_once() {
    // One row takes 24 bytes.
    for buffer in [24, 47, 48, 100, 1000, 60_000] {
        let mut game = Game::new(&[("integrator", &integrator(buffer))]);
        let spawned: Vec<_> = (0..300u32)
            .map(|number| {
                let velocity = Velocity { x: number as f32, y: 0.0 };
                let mut entity = game.world().spawn((Position::default(), velocity));
                match number % 3 {
                    0 => entity.insert(Sheep),
                    1 => entity.insert(Mood(0)),
                    _ => &mut entity,
                };
                entity.id()
            })
            .collect();
        game.frame();
        for (number, entity) in spawned.into_iter().enumerate() {
            assert_eq!(game.x(entity), number as f32 * 0.5, "with a buffer of {buffer}");
        }
    }
}

#[test]
fn a_buffer_in_which_no_row_fits_is_no_room() {
    let log_answer = r#"
        (func (export "sys_run")
            (call $say (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 7)))
            (call $say (call $view_next (i32.const 0) (i32.const 0) (i32.const 60) (i32.const 64)))
            (call $say (call $view_next (i32.const 1) (i32.const 0) (i32.const 64) (i32.const 64)))
            (call $say (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 64)))
            (call $say (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 7))))
        (func $say (param i32)
            (i32.store8 (i32.const 0) (i32.add (i32.const 64) (local.get 0)))
            (call $log (i32.const 2) (i32.const 0) (i32.const 1)))"#;
    let text = ModText {
        manifest: head("asker")
            + "[permissions]\nwrite = [\"game:Position\"]\n"
            + &system("run", &[WRITE_POSITION]),
        wat: module(log_answer),
    };
    let mut game = Game::new(&[("asker", &text)]);
    game.spawn_at(0.0);
    game.frame();
    let said = game.reports("asker", ModReportKind::Log(tinkerbox::LogLevel::Info)).join("");
    // 64 is @: NO_ROOM is -3, BAD_ARGUMENT -4 for an unaligned address and for a missing query, then one row, then
    // the end, for which there is always room.
    assert_eq!(said, "=<<A@");
}

#[test]
fn only_what_a_mod_has_changed_is_marked_as_changed() {
    let body = "(if (f32.gt (f32.load (local.get $a)) (f32.const 5)) (then
        (f32.store (local.get $a) (f32.const 100))))";
    let text = ModText {
        manifest: head("picky")
            + "[permissions]\nwrite = [\"game:Position\"]\n"
            + &system("run", &[WRITE_POSITION]),
        wat: module(&each_row("run", [8, 0], 64, body)),
    };
    let mut game = Game::new(&[("picky", &text)]);
    let entities: Vec<_> = (0..10).map(|x| game.spawn_at(x as f32)).collect();
    #[derive(Resource, Default)]
    struct Noted(Vec<Entity>);
    let note = |changed: Query<Entity, Changed<Position>>, mut noted: ResMut<Noted>| {
        noted.0 = changed.iter().collect()
    };
    game.app.init_resource::<Noted>().add_systems(Update, note.after(TickMods));
    game.frame();
    assert_eq!(game.world().resource::<Noted>().0.len(), 10, "all are new");
    game.frame();
    assert!(game.world().resource::<Noted>().0.is_empty(), "the mod has set them to what they were");
    for &entity in &entities {
        game.world().get_mut::<Position>(entity).unwrap().bypass_change_detection().x -= 90.0;
    }
    game.frame();
    let changed = &game.world().resource::<Noted>().0;
    assert_eq!(*changed, entities[6..], "those that were at 100");
}

#[test]
fn components_in_sparse_sets_and_filters_work_alike() {
    let manifest = head("moody")
        + "[permissions]\nread = [\"game:Sheep\", \"game:Velocity\"]\nwrite = [\"game:Mood\"]\n"
        + &system("run", &[("game:Mood", "write", "{ 0: u32 }")])
        + "with = [\"game:Sheep\"]\nwithout = [\"game:Velocity\"]\n";
    let body = "(i32.store (local.get $a) (i32.add (i32.load (local.get $a)) (i32.const 1)))";
    let text = ModText { manifest, wat: module(&each_row("run", [4, 0], 64, body)) };
    let mut game = Game::new(&[("moody", &text)]);
    let world = game.world();
    let seen = [world.spawn((Mood(1), Sheep)).id(), world.spawn((Mood(2), Sheep, Position::default())).id()];
    let unseen = [world.spawn(Mood(3)).id(), world.spawn((Mood(4), Sheep, Velocity::default())).id()];
    game.frames(2);
    let mood = |entity: &Entity| game.app.world().get::<Mood>(*entity).unwrap().0;
    assert_eq!(seen.each_ref().map(mood), [3, 4]);
    assert_eq!(unseen.each_ref().map(mood), [3, 4]);
}

#[test]
fn what_is_still_lent_when_a_system_ends_counts() {
    let body = r#"(func (export "sys_run")
        (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 4096)))
        (f32.store (i32.load (i32.const 8)) (f32.const 7)))"#;
    let text = ModText {
        manifest: head("early")
            + "[permissions]\nwrite = [\"game:Position\"]\n"
            + &system("run", &[WRITE_POSITION]),
        wat: module(body),
    };
    let mut game = Game::new(&[("early", &text)]);
    let entities = [game.spawn_at(0.0), game.spawn_at(1.0)];
    game.frame();
    assert_eq!(entities.map(|entity| game.x(entity)), [7.0, 1.0]);
}

#[test]
fn a_column_that_is_read_is_not_taken_back() {
    let manifest = head("liar")
        + "[permissions]\nread = [\"game:Position\"]\n"
        + &system("run", &[("game:Position", "read", "{ x: f32, y: f32 }")]);
    let body = "(f32.store (local.get $a) (f32.const 100))";
    let text = ModText { manifest, wat: module(&each_row("run", [8, 0], 4096, body)) };
    let mut game = Game::new(&[("liar", &text)]);
    let entity = game.spawn_at(1.0);
    game.frame();
    assert_eq!(game.x(entity), 1.0);
    assert_eq!(game.status("liar"), ModStatus::Live);
}
