//! A system that needs more than its budget resumes in the next frame, with the same result as without the pause.

use bevy_ecs::prelude::*;
use tinkerbox::{FuelBudget, ModReportKind, ModStatus};

use crate::modding::games::game::*;

/// Adds velocity to position after a lot of work; one row takes some 300 units.
fn slow(fuel: u64) -> ModText {
    let body = r#"
        (local.set $left (i32.const 30))
        (loop $ado
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $ado (local.get $left)))
        (f32.store (local.get $a) (f32.add (f32.load (local.get $a)) (f32.load (local.get $b))))"#;
    let system_text =
        each_row("run", [8, 8], 256, body).replace("(local $b i32)", "(local $b i32) (local $left i32)");
    ModText {
        manifest: head("slow")
            + &format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n")
            + "[permissions]\nread = [\"game:Velocity\"]\nwrite = [\"game:Position\"]\n"
            + &system("run", &[WRITE_POSITION, READ_VELOCITY]),
        wat: module(&system_text),
    }
}

fn populate(game: &mut Game, count: usize) -> Vec<Entity> {
    let spawn = |number: usize| (Position::default(), Velocity { x: number as f32, y: 1.0 });
    (0..count).map(|number| game.world().spawn(spawn(number)).id()).collect()
}

/// The number of frames until the mod has finished its system.
fn finish(game: &mut Game) -> usize {
    for frames in 1..=60 {
        game.frame();
        if game.status("slow") == ModStatus::Live {
            return frames;
        }
    }
    panic!("it should have finished by now: {:?}", game.stats("slow"));
}

#[test]
fn many_small_budgets_do_what_one_big_does() {
    let world = |fuel: u64| {
        let mut game = Game::new(&[("slow", &slow(fuel))]);
        let entities = populate(&mut game, 100);
        let frames = finish(&mut game);
        let values: Vec<_> = entities.iter().map(|&entity| game.x(entity)).collect();
        (frames, values)
    };
    let (frames, expected) = world(10_000_000);
    assert_eq!(frames, 1);
    assert_eq!(expected[99], 99.0);
    for fuel in [700, 1_001, 2_345, 5_000, 20_000] {
        let (frames, values) = world(fuel);
        assert!(frames > 1, "{fuel} is less than it needs");
        assert_eq!(values, expected, "with {fuel} units a frame");
    }
}

#[test]
fn nothing_lands_before_the_system_has_finished() {
    let mut game = Game::new(&[("slow", &slow(5_000))]);
    let entities = populate(&mut game, 100);
    game.frame();
    assert_eq!(game.status("slow"), ModStatus::Suspended { frames: 1 });
    assert!(entities.iter().all(|&entity| game.x(entity) == 0.0));
    finish(&mut game);
    assert!(entities[1..].iter().all(|&entity| game.x(entity) > 0.0));
    assert!(game.stats("slow").suspensions >= 2);
    assert_eq!(game.reports("slow", ModReportKind::Suspended).len(), 1);
}

#[test]
fn a_mod_that_always_waits_is_reported_once_in_600_frames_and_anew_after_a_reload() {
    let mut game = Game::new(&[("slow", &slow(5_000))]);
    populate(&mut game, 100);
    let waits = |game: &Game| game.reports("slow", ModReportKind::Suspended);
    game.frame();
    let mut began = 1;
    for frame in 2..=1_300 {
        let was_waiting = matches!(game.status("slow"), ModStatus::Suspended { .. });
        game.frame();
        began += u64::from(!was_waiting && game.status("slow") == ModStatus::Suspended { frames: 1 });
        assert!(waits(&game).len() <= 1 + frame / 600, "in frame {frame}");
    }
    let [first, second, third] = &waits(&game)[..] else { panic!("{:?}", waits(&game)) };
    assert!(!first.contains("times"), "{first}");
    let times = [second, third].map(|text| {
        let number = text.split_once("next frame; it did so ").and_then(|(_, rest)| rest.split(' ').next());
        number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{text}"))
    });
    assert!(
        times.iter().sum::<u64>() + 3 <= began && times.iter().all(|times| *times > 50),
        "{times:?} of {began}"
    );
    game.write("slow", &slow(4_000));
    game.changed("slow");
    game.frames(60);
    assert_eq!((waits(&game).len(), game.stats("slow").generation), (4, 2));
}

#[test]
fn the_world_may_change_meanwhile() {
    let mut game = Game::new(&[("slow", &slow(5_000))]);
    let entities = populate(&mut game, 100);
    game.frame();
    assert_eq!(game.status("slow"), ModStatus::Suspended { frames: 1 });
    // Some rows were already lent, some not yet; some are despawned, some move to another table, some are spawned.
    let world = game.world();
    for &entity in [0, 2, 50, 98].map(|at| &entities[at]) {
        world.despawn(entity);
    }
    for at in [1, 51, 99] {
        world.entity_mut(entities[at]).insert(Sheep);
    }
    world.entity_mut(entities[60]).remove::<Position>();
    let late = world.spawn((Position::default(), Velocity { x: 7.0, y: 0.0 })).id();
    finish(&mut game);
    for at in (0..100).filter(|at| ![0, 2, 50, 60, 98].contains(at)) {
        assert_eq!(game.x(entities[at]), at as f32, "entity {at}");
    }
    assert_eq!(game.x(late), 0.0, "the rows were fixed when the system started");
    let skipped = game.stats("slow").writes_skipped;
    assert!((1..=2).contains(&skipped), "of entities 0 and 2 at most, not {skipped}: 0 was not changed");
}

#[test]
fn a_value_that_the_mod_leaves_alone_is_not_put_back() {
    let mut game = Game::new(&[("slow", &slow(5_000))]);
    let entities = populate(&mut game, 100);
    game.frame();
    // Entity 0 has no velocity to the east: the mod hands it back unchanged.
    game.world().get_mut::<Position>(entities[0]).unwrap().x = 42.0;
    finish(&mut game);
    assert_eq!(game.x(entities[0]), 42.0);
}

#[test]
fn others_do_not_wait() {
    let after_slow = mover("other", 1.0);
    let after_slow = ModText {
        manifest: after_slow.manifest.replace("name = \"move\"", "name = \"move\"\nafter = [\"slow:run\"]"),
        ..after_slow
    };
    let mut game = Game::new(&[("slow", &slow(5_000)), ("other", &after_slow)]);
    populate(&mut game, 100);
    let entity = game.spawn_at(0.0);
    game.frames(3);
    assert!(matches!(game.status("slow"), ModStatus::Suspended { frames: 3 }));
    assert_eq!(game.x(entity), 3.0);
}

#[test]
fn the_game_can_give_more() {
    let mut game = Game::new(&[("slow", &slow(5_000))]);
    populate(&mut game, 100);
    game.frame();
    let entity = game.entity("slow");
    game.world().entity_mut(entity).insert(FuelBudget { grant: 1_000_000, burst: 1_000_000 });
    game.frame();
    assert_eq!(game.status("slow"), ModStatus::Live);
}

#[test]
fn unused_fuel_is_saved_up_to_the_burst() {
    let mut text = plain("thrifty", "(call $say (call $fuel_left))");
    text.wat = module(
        r#"(func (export "sys_run")
            (i64.store (i32.const 0) (call $fuel_left))
            (call $log (i32.const 2) (i32.const 0) (i32.const 1)))"#,
    );
    text.manifest = text.manifest.replace("[[system]]", "[budget]\nfuel = 1000\nburst = 2500\n[[system]]");
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    let first = game.stats("thrifty").fuel_used;
    game.frames(5);
    assert_eq!(game.stats("thrifty").fuel_used, first, "it needs the same each frame");
    assert_eq!(game.stats("thrifty").fuel_total, 6 * first);
    assert_eq!(game.status("thrifty"), ModStatus::Live);
}
