//! Components inserted and removed, entities spawned under a reserved id, and batches of commands applied as a whole.

use bevy_ecs::prelude::*;
use tinkerbox::{ModReportKind, ModStatus};
use tinkerbox_abi::ModType;

use crate::modding::games::exposed::*;
use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script, records, reserved};

const RIGHTS: &str = "[permissions]\nread = [\"game:Velocity\"]\n\
    write = [\"game:Position\", \"game:Mood\", \"game:Species\", \"game:Sheep\", \"game:Follows\"]\n\
    spawn = true\ndespawn = true\n";

const MOOD: (&str, &[u8]) = (Mood::ID, &[7, 0, 0, 0]);
const SHEEP: (&str, &[u8]) = (Sheep::ID, &[]);
const SPECIES: (&str, &[u8]) = (Species::ID, &[9, 0, 0, 0]);

/// A budget that a script of some commands uses up, and that is full again one frame later.
const SMALL: &str = "[budget]\nfuel = 20_000\nburst = 20_000\n";

/// Enough work to use up the budget above once.
const WAIT: &str = "(local.set $i (i32.const 4000))
    (loop $ado (local.set $i (i32.sub (local.get $i) (i32.const 1))) (br_if $ado (local.get $i)))";

fn follow(leader: u64) -> [u8; 8] {
    leader.to_le_bytes()
}

/// Runs a script's first tick; returns the host's answers.
fn run(game: &mut Game, script: Script) -> Vec<i64> {
    game.write("script", &script.mod_with(RIGHTS, ""));
    game.frame();
    game.told("script")
}

#[test]
fn what_is_inserted_is_added_or_replaces_what_is_there() {
    let mut game = Game::new(&[]);
    let entities = [
        game.spawn_at(1.0),
        game.world().spawn((Position { x: 2.0, y: 0.0 }, Mood(1), Species(1))).id(),
        game.world().spawn((Mood(3), Secret)).id(),
    ];
    let position = bytemuck::bytes_of(&Position { x: 5.0, y: 6.0 }).to_vec();
    let parts: [(&str, &[u8]); 4] = [SPECIES, MOOD, (Position::ID, &position), SHEEP];
    let commands = entities.map(|entity| Cmd::Insert(entity.to_bits(), &parts));
    assert_eq!(run(&mut game, Script::new().send(&commands)), [0]);
    for entity in entities {
        let entity = game.app.world().entity(entity);
        assert_eq!(entity.get::<Position>(), Some(&Position { x: 5.0, y: 6.0 }));
        assert_eq!(entity.get::<Mood>(), Some(&Mood(7)));
        assert_eq!(entity.get::<Species>(), Some(&Species(9)), "immutable is what is replaced, not written");
        assert!(entity.contains::<Sheep>());
    }
    assert!(game.app.world().entity(entities[2]).contains::<Secret>());
    assert_eq!(game.stats("script").writes_skipped, 0);
}

#[test]
fn what_is_removed_is_gone_and_the_rest_stays() {
    let mut game = Game::new(&[]);
    let all = || (Position::default(), Velocity::default(), Mood(1), Species(2), Sheep, Secret);
    let entities = [0; 3].map(|_| game.world().spawn(all()).id());
    let commands = [
        Cmd::Remove(entities[0].to_bits(), &[Mood::ID]),
        Cmd::Remove(entities[1].to_bits(), &[Sheep::ID, Follows::ID, Species::ID, Position::ID]),
        Cmd::Remove(entities[2].to_bits(), &[]),
    ];
    assert_eq!(run(&mut game, Script::new().send(&commands)), [0]);
    let has = |entity: Entity| {
        let it = game.app.world().entity(entity);
        [it.contains::<Position>(), it.contains::<Mood>(), it.contains::<Species>(), it.contains::<Sheep>()]
    };
    assert_eq!(entities.map(has), [[true, false, true, true], [false, true, false, false], [true; 4]]);
    for entity in entities {
        let entity = game.app.world().entity(entity);
        assert!(entity.contains::<Velocity>() && entity.contains::<Secret>());
    }
}

#[test]
fn commands_do_what_is_permitted_to_whom_the_mod_could_see() {
    let mut game = Game::new(&[]);
    let seen = game.spawn_at(0.0).to_bits();
    let secret = game.world().spawn(Secret).id().to_bits();
    let gone = game.world().spawn(Sheep).id();
    game.world().despawn(gone);
    let gone = gone.to_bits();
    let velocity: (&str, &[u8]) = (Velocity::ID, &[0; 8]);
    // -1 is DENIED, -4 BAD_ARGUMENT. An entity that is gone or hidden is not an error.
    let cases = [
        (Cmd::Insert(seen, &[MOOD]), 0),
        (Cmd::Insert(gone, &[MOOD]), 0),
        (Cmd::Insert(0, &[MOOD]), 0),
        (Cmd::Insert(u64::MAX, &[MOOD]), 0),
        (Cmd::Insert(secret, &[MOOD]), 0),
        (Cmd::Insert(seen, &[velocity]), -1),
        (Cmd::Insert(seen, &[("game:Nothing", &[])]), -1),
        (Cmd::Insert(seen, &[]), -4),
        (Cmd::Insert(seen, &[MOOD, MOOD]), -4),
        (Cmd::Insert(seen, &[(Mood::ID, &[1, 2, 3])]), -4),
        (Cmd::Insert(seen, &[SHEEP; 6]), -1),
        (Cmd::Remove(seen, &[Mood::ID]), 0),
        (Cmd::Remove(gone, &[Mood::ID]), 0),
        (Cmd::Remove(secret, &[Mood::ID]), 0),
        (Cmd::Remove(seen, &[Velocity::ID]), -1),
        (Cmd::Remove(seen, &[Mood::ID; 6]), -1),
        (Cmd::Despawn(secret), 0),
        (Cmd::Nonsense, -4),
    ];
    let script = cases.iter().fold(Script::new(), |script, (command, _)| script.send(&[*command]));
    let told = run(&mut game, script);
    for ((command, expected), told) in cases.iter().zip(told) {
        assert_eq!(told, *expected, "{command:?}");
    }
    assert_eq!(
        game.stats("script").writes_skipped,
        7,
        "two inserts and a remove found nobody, nor did one for 0, which is no id at all, nor three what is hidden"
    );
}

#[test]
fn without_the_word_commands_a_system_has_none() {
    let mut text = Script::new().reserve(0, 1).send(&[Cmd::Spawn(0, &[SHEEP])]).mod_with(RIGHTS, "");
    text.manifest = text.manifest.replace("commands = true\n", "");
    let mut game = Game::new(&[("script", &text)]);
    game.frame();
    assert_eq!(game.told("script"), [-1, -1]);
}

#[test]
fn a_reserved_id_can_be_kept_anywhere_before_there_is_an_entity() {
    let mut game = Game::new(&[]);
    let [old, written] = [0; 2].map(|_| game.world().spawn(Follows::NOBODY).id());
    let (leader, other) = (follow(reserved(0)), follow(reserved(1)));
    let script = Script::new()
        .reserve(0, 3)
        // The first row is written with the id of the third.
        .wat("(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 64)))")
        .wat("(i64.store offset=8 (i32.load (i32.const 8)) (i64.load (i32.const 528)))")
        .send(&[
            Cmd::Spawn(0, &[(Follows::ID, &leader)]),
            Cmd::Insert(old.to_bits(), &[(Follows::ID, &other)]),
        ])
        .send(&[Cmd::Spawn(reserved(2), &[MOOD]), Cmd::Spawn(reserved(1), &[MOOD])])
        .send(&[Cmd::Spawn(reserved(0), &[MOOD, (Follows::ID, &leader)])])
        .tell_id(0);
    game.write("script", &script.mod_with(RIGHTS, &query("write game:Follows", "")));
    game.frame();
    assert_eq!(game.told("script")[..4], [0; 4]);
    let leader = Entity::from_bits(game.told("script")[4] as u64);
    assert_eq!(game.app.world().get::<Mood>(leader), Some(&Mood(7)));
    let mut all = game.world().query::<(Entity, &Follows)>();
    let rows: Vec<_> = all.iter(game.app.world()).collect();
    assert_eq!(rows.len(), 4);
    let led: Vec<_> = rows.iter().filter(|(_, follows)| follows.leader() == Some(leader)).collect();
    assert_eq!(led.len(), 2, "one is led by the first, and itself: {rows:?}");
    for (_, follows) in rows {
        assert_eq!(game.app.world().get::<Mood>(follows.leader().unwrap()), Some(&Mood(7)));
    }
    assert_ne!(game.app.world().get::<Follows>(written), Some(&Follows::NOBODY));
}

#[test]
fn only_a_reserved_id_can_be_given_to_a_new_entity_and_only_once() {
    let mut game = Game::new(&[]);
    let old = game.spawn_at(0.0).to_bits();
    let spawn = |id: u64| [Cmd::Spawn(id, &[MOOD])];
    let script = Script::new()
        .reserve(0, 2)
        .send(&spawn(old))
        .send(&spawn(u64::MAX))
        .send(&spawn(reserved(0)))
        .send(&spawn(reserved(0)))
        .send(&[spawn(reserved(1)), spawn(reserved(1))].concat())
        // An id that was reserved in another tick is not valid.
        .in_tick(2)
        .send(&spawn(reserved(1)))
        .send(&spawn(reserved(0)));
    assert_eq!(run(&mut game, script), [0, -4, -4, 0, -4, -4]);
    game.frame();
    assert_eq!(game.told("script")[6..], [-4, -4]);
    let mut moods = game.world().query::<&Mood>();
    assert_eq!(moods.iter(game.app.world()).count(), 1);
}

/// All orders of these items.
fn permutations<T: Copy>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |first: usize| {
        let rest: Vec<T> = [&items[..first], &items[first + 1..]].concat();
        permutations(&rest).into_iter().map(move |tail| [&[items[first]][..], &tail].concat())
    };
    (0..items.len()).flat_map(with_first).collect()
}

#[test]
fn commands_about_ones_own_new_entity_are_done_in_their_order() {
    let id = reserved(0);
    let all =
        [Cmd::Spawn(id, &[SHEEP]), Cmd::Insert(id, &[MOOD]), Cmd::Remove(id, &[Mood::ID]), Cmd::Despawn(id)];
    for order in permutations(&all) {
        let (mut skipped, mut is_there, mut has_mood) = (0, false, false);
        for command in &order {
            match command {
                Cmd::Spawn(..) => is_there = true,
                _ if !is_there => skipped += 1,
                Cmd::Insert(..) => has_mood = true,
                Cmd::Remove(..) => has_mood = false,
                _ => is_there = false,
            }
        }
        let mut game = Game::new(&[]);
        let script = Script::new().reserve(0, 1).send(&order).tell_id(0);
        let told = run(&mut game, script);
        assert_eq!(told[..2], [0, 0], "{order:?}");
        let entity = game.app.world().get_entity(Entity::from_bits(told[2] as u64));
        assert_eq!(entity.is_ok(), is_there, "{order:?}");
        assert_eq!(entity.is_ok_and(|entity| entity.contains::<Mood>()), is_there && has_mood, "{order:?}");
        assert_eq!(game.stats("script").writes_skipped, skipped, "{order:?}");
    }
}

#[test]
fn a_batch_is_queued_as_a_whole_or_not_at_all() {
    let bad: [Cmd<'_>; 4] = [
        Cmd::Nonsense,
        Cmd::Spawn(0, &[]),
        Cmd::Spawn(reserved(0), &[(Mood::ID, &[1])]),
        Cmd::Spawn(u64::MAX, &[MOOD]),
    ];
    for bad in bad {
        for place in 0..=5 {
            let mut game = Game::new(&[]);
            let old = game.world().spawn((Sheep, Mood(1))).id();
            let good = [
                Cmd::Spawn(reserved(0), &[SHEEP, SPECIES]),
                Cmd::Spawn(0, &[SHEEP]),
                Cmd::Insert(old.to_bits(), &[MOOD]),
                Cmd::Remove(old.to_bits(), &[Sheep::ID]),
                Cmd::Insert(reserved(0), &[MOOD]),
            ];
            let mut spoilt = good.to_vec();
            spoilt.insert(place, bad);
            let script =
                Script::new().reserve(0, 1).send(&spoilt).in_tick(2).reserve(0, 1).send(&spoilt).send(&good);
            assert_eq!(run(&mut game, script)[1], -4, "{bad:?} at {place}");
            let mut sheep = game.world().query_filtered::<&Mood, With<Sheep>>();
            assert_eq!(sheep.iter(game.app.world()).collect::<Vec<_>>(), [&Mood(1)], "{bad:?} at {place}");
            game.frame();
            // The same id can be used as if nothing had happened.
            assert_eq!(game.told("script")[2..], [0, -4, 0], "{bad:?} at {place}");
            let mut sheep = game.world().query_filtered::<Entity, With<Sheep>>();
            assert_eq!(sheep.iter(game.app.world()).count(), 2);
            assert_eq!(game.app.world().get::<Mood>(old), Some(&Mood(7)));
            assert_eq!(game.stats("script").writes_skipped, 0);
        }
    }
}

#[test]
fn records_cut_anywhere_are_refused_as_a_whole() {
    let mut game = Game::new(&[]);
    let old = game.spawn_at(0.0).to_bits();
    let words = records(&[
        Cmd::Spawn(0, &[MOOD, SHEEP]),
        Cmd::Remove(old, &[Position::ID, Mood::ID]),
        Cmd::Insert(old, &[SPECIES]),
        Cmd::Despawn(old),
    ]);
    // The memory ends there.
    let whole = [0, 7, 11, 16, 18];
    let script = (0..=words.len()).fold(Script::new(), |script, len| script.send_records(&words[..len]));
    let told = run(&mut game, script);
    for (len, told) in told.into_iter().enumerate() {
        assert_eq!(told, if whole.contains(&len) { 0 } else { -4 }, "{len} of {} words", words.len());
    }
}

#[test]
fn commands_of_a_system_that_waits_skip_what_has_gone() {
    let mut game = Game::new(&[]);
    let entities: Vec<u64> = (0..8).map(|x| game.spawn_at(x as f32).to_bits()).collect();
    let script = Script::new()
        .reserve(0, 2)
        .send(&[
            Cmd::Insert(entities[0], &[MOOD]),
            Cmd::Insert(entities[1], &[MOOD]),
            Cmd::Remove(entities[2], &[Position::ID]),
            Cmd::Remove(entities[3], &[Position::ID]),
            Cmd::Despawn(entities[4]),
            Cmd::Despawn(entities[5]),
            Cmd::Insert(entities[6], &[MOOD]),
            Cmd::Spawn(reserved(0), &[SHEEP]),
            Cmd::Spawn(0, &[SHEEP]),
        ])
        .wat(WAIT);
    game.write("script", &script.mod_with(&(SMALL.to_owned() + RIGHTS), ""));
    game.frame();
    assert_eq!(game.status("script"), ModStatus::Suspended { frames: 1 });
    let entity = |at: usize| Entity::from_bits(entities[at]);
    for at in [1, 3, 5] {
        game.world().despawn(entity(at));
    }
    // Entities that exist but are no longer visible are left alone.
    game.world().entity_mut(entity(6)).remove::<Position>().insert(Secret);
    game.frame();
    assert_eq!(game.status("script"), ModStatus::Live);
    let world = game.app.world();
    assert_eq!(world.get::<Mood>(entity(0)), Some(&Mood(7)));
    assert!(!world.entity(entity(2)).contains::<Position>());
    assert!(world.get_entity(entity(4)).is_err() && world.get_entity(entity(7)).is_ok());
    assert!(!world.entity(entity(6)).contains::<Mood>());
    assert_eq!(game.stats("script").writes_skipped, 4);
    let mut sheep = game.world().query::<&Sheep>();
    assert_eq!(sheep.iter(game.app.world()).count(), 2);
}

#[test]
fn there_is_an_end_to_ids_that_are_reserved() {
    // 4,096 ids take 32 KiB of the memory.
    let script = Script::new()
        .reserve(0, 4_097)
        .reserve(0, 4_000)
        .reserve(0, 97)
        .reserve(0, 96)
        .reserve(0, 1)
        .reserve(0, 0);
    let mut game = Game::new(&[]);
    assert_eq!(run(&mut game, script), [-3, 0, -3, 0, -3, 0]);
    let mut game = Game::new(&[]);
    run(&mut game, Script::new().reserve(16_319, 1).reserve(16_319, 2));
    assert_eq!(game.told("script"), [0]);
    let fault = game.report("script", ModReportKind::Faulted);
    assert!(fault.contains("it passed 16 bytes at address"), "{fault}");
}
