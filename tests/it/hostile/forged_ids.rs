//! Entity ids that a mod was not given: it learns no more and changes no more than with those it was given.

use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::prelude::*;
use tinkerbox_abi::ModType;

use super::*;

/// An entity that the mod sees, and those that it must not reach.
struct Cast {
    seen: Entity,
    /// None of these matches a query of positions and moods.
    unseen: Vec<(&'static str, u64)>,
}

fn cast(trial: &mut Trial) -> Cast {
    let world = trial.game.world();
    let seen = world.spawn((Position { x: 5.0, y: 5.0 }, Mood(1))).id();
    let gone = world.spawn((Position::default(), Mood(2))).id();
    world.despawn(gone);
    let lacking = world.spawn(Position { x: 6.0, y: 6.0 }).id();
    let disabled = world.spawn((Position { x: 7.0, y: 7.0 }, Mood(3), Disabled)).id();
    let secret = world.spawn(Secret).id();
    let weather = world.resource_entities().get(world.component_id::<Weather>().unwrap()).unwrap();
    let seen_bits = seen.to_bits();
    let unseen = vec![
        ("one that lacks a component", lacking.to_bits()),
        ("a disabled one", disabled.to_bits()),
        ("one without anything to see", secret.to_bits()),
        ("one that is gone", gone.to_bits()),
        ("the next generation of one", seen_bits + (1 << 32)),
        ("the last generation of one", seen_bits | 0xffff_ffff << 32),
        ("a resource's", weather.to_bits()),
        ("none", 0),
        ("the largest number", u64::MAX),
        ("no index", 0xffff_ffff << 32),
        ("one that never was", Entity::from_raw_u32(1_000_000).unwrap().to_bits()),
    ];
    Cast { seen, unseen }
}

const BOTH: [(&str, &str, &str); 2] = [WRITE_POSITION, ("game:Mood", "write", "{ 0: u32 }")];

#[test]
fn get_and_set_know_only_the_query_s_entities() {
    let mut trial = Trial::new();
    let cast = cast(&mut trial);
    let mut body = String::from("(i64.store (i32.const 80) (i64.const 0x4480000044800000))");
    for bits in cast.unseen.iter().map(|(_, bits)| *bits).chain([cast.seen.to_bits()]) {
        for column in [0, 1] {
            let (entity, from) = (bits as i64, 80 + column);
            body += &format!(
                "(call $note (call $get (i32.const 0) (i32.const {column}) (i64.const {entity}) (i32.const 64)))
                 (call $note (call $set (i32.const 0) (i32.const {column}) (i64.const {entity}) (i32.const {from})))"
            );
        }
    }
    trial.load(&hostile(ALL_RIGHTS, &system("run", &BOTH), &body));
    let answers = trial.answers();
    for ((what, bits), answers) in cast.unseen.iter().zip(answers.chunks(4)) {
        assert_eq!(answers, [GONE; 4], "{what}: {bits:x}");
    }
    assert_eq!(answers[4 * cast.unseen.len()..], [8, 0, 4, 0]);
    let world = trial.game.world();
    // The good mod adds 1.
    assert_eq!(world.get::<Position>(cast.seen), Some(&Position { x: 1025.0, y: 1024.0 }));
    for (what, bits) in cast.unseen {
        let Some(entity) = Entity::try_from_bits(bits) else { continue };
        let Some(position) = world.get::<Position>(entity) else { continue };
        assert!(position.y < 10.0, "{what}: {position:?}");
    }
}

#[test]
fn commands_for_what_a_mod_can_not_see_do_nothing_and_say_nothing() {
    let mut trial = Trial::new();
    let cast = cast(&mut trial);
    let by_name = |name: &str| cast.unseen.iter().find(|(what, _)| *what == name).unwrap().1;
    let moods: [&str; 3] = ["one without anything to see", "a resource's", "a disabled one"];
    let mut records = Records::default();
    for bits in moods.map(by_name) {
        records
            .queue(&insert(bits, &[(Sheep::ID, &[])]))
            .queue(&remove(bits, &[Mood::ID]))
            .queue(&despawn(bits));
    }
    trial.load(&records.text(ALL_RIGHTS));
    let answers = trial.answers();
    for (what, answers) in moods.iter().zip(answers.chunks(3)) {
        // The same answer as for a despawned entity: otherwise hidden ones could be counted.
        assert_eq!(answers, [0; 3], "{what}");
    }
    assert_eq!(trial.count::<Sheep>(), 0);
    for bits in moods.map(by_name) {
        assert!(trial.game.world().get_entity(Entity::from_bits(bits)).is_ok());
    }
}

#[test]
fn commands_for_what_is_not_there_do_nothing() {
    let mut trial = Trial::new();
    let cast = cast(&mut trial);
    let mut records = Records::default();
    let not_there: Vec<_> = cast
        .unseen
        .iter()
        .filter(|(_, bits)| {
            let world = trial.game.app.world();
            Entity::try_from_bits(*bits).is_none_or(|entity| world.get_entity(entity).is_err())
        })
        .collect();
    assert!(not_there.len() >= 6);
    for (_, bits) in &not_there {
        records
            .queue(&insert(*bits, &[(Sheep::ID, &[])]))
            .queue(&remove(*bits, &[Mood::ID]))
            .queue(&despawn(*bits));
    }
    trial.load(&records.text(ALL_RIGHTS));
    trial.frames(1);
    let entities = trial.game.world().entities().count_spawned();
    trial.frames(1);
    // Some were despawned while the mod was not looking, which is not a mistake; a number tells the mod.
    assert!(trial.told().iter().all(|answer| *answer == 0), "{:?}", trial.told());
    assert_eq!(trial.game.stats("hostile").writes_skipped as usize, 2 * 3 * not_there.len());
    assert_eq!(trial.game.world().entities().count_spawned(), entities);
    assert_eq!(trial.count::<Sheep>(), 0);
    assert!(trial.game.world().get_entity(cast.seen).is_ok());
}

/// Runs `body` with `$entity` set to every id of a small index and a small generation, in every encoding of indices.
fn for_each_id(body: &str) -> String {
    format!(
        r#"(func (export "sys_run") (local $i i32) (local $generation i32) (local $entity i64)
            (loop $generations
                (local.set $i (i32.const -400))
                (loop $indices
                    (local.set $entity (i64.or
                        (i64.shl (i64.extend_i32_u (local.get $generation)) (i64.const 32))
                        (i64.extend_i32_u (local.get $i))))
                    {body}
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $indices (i32.lt_s (local.get $i) (i32.const 400))))
                (local.set $generation (i32.add (local.get $generation) (i32.const 1)))
                (br_if $generations (i32.lt_u (local.get $generation) (i32.const 5))))
            (call $tell))"#
    )
}

#[test]
fn guessing_finds_what_a_query_has_and_nothing_else() {
    let mut trial = Trial::new();
    let cast = cast(&mut trial);
    for number in 0..20 {
        let again = trial.game.world().spawn(Mood(number)).id();
        trial.game.world().despawn(again);
        trial.game.world().spawn((Velocity::default(), Sheep));
    }
    let body = "(if (i32.ne (i32.const GONE) (call $get (i32.const 0) (i32.const 1) (local.get $entity) (i32.const 64)))
            (then (call $note (i32.load (i32.const 64)))))
        (i32.store (i32.const 64) (i32.const 9))
        (if (i32.ne (i32.const GONE) (call $set (i32.const 0) (i32.const 1) (local.get $entity) (i32.const 64)))
            (then (call $note (i32.const 2))))"
        .replace("GONE", &GONE.to_string());
    trial.load(&with_code(&(RICH.to_owned() + ALL_RIGHTS), &system("run", &BOTH), &for_each_id(&body)));
    assert_eq!(trial.answers(), [1, 2], "the mood of the one that it sees, which it sets");
    let mut moods = trial.game.world().query::<(Entity, &Mood)>();
    assert_eq!(moods.iter(trial.game.app.world()).collect::<Vec<_>>(), [(cast.seen, &Mood(9))]);
}

#[test]
fn guessing_despawns_nothing_that_can_not_be_seen() {
    let mut trial = Trial::new();
    let cast = cast(&mut trial);
    trial.game.frame();
    trial.frames += 1;
    let mut all = trial.game.world().query::<EntityRef>();
    let before: Vec<_> = all.iter(trial.game.app.world()).map(|entity| entity.id()).collect();
    // It sees only moods; the good mod's witness has none.
    let rights = String::from(RICH) + "[permissions]\nread = [\"game:Mood\"]\ndespawn = true\n";
    let body = "(i64.store (i32.const 72) (local.get $entity))
        (i64.store (i32.const 64) (i64.const 2))
        (drop (call $command (i32.const 64) (i32.const 16)))";
    trial.load(&with_code(&rights, &commander(), &for_each_id(body)));
    trial.game.changed("hostile");
    trial.frames += 1;
    trial.frames(1);
    let hostile = trial.game.entity("hostile");
    let after: Vec<_> = all.iter(trial.game.app.world()).map(|entity| entity.id()).collect();
    let missing: Vec<_> = before.iter().filter(|entity| !after.contains(entity)).collect();
    assert_eq!(missing, [&cast.seen]);
    assert_eq!(after.iter().filter(|entity| !before.contains(entity)).collect::<Vec<_>>(), [&hostile]);
    let disabled = cast.unseen.iter().find(|(what, _)| *what == "a disabled one").unwrap().1;
    assert!(trial.game.world().get_entity(Entity::from_bits(disabled)).is_ok(), "it could not be seen");
}

/// Every function that takes an entity, called with one that is hidden, one that was despawned and one that never
/// existed: the same answer for the same fuel, or hidden entities could be counted.
#[test]
fn nobody_can_tell_what_is_hidden_from_what_is_not_there() {
    let mut trial = Trial::new();
    let cast = cast(&mut trial);
    let unseen: Vec<_> =
        cast.unseen.iter().filter(|(what, _)| *what != "one that lacks a component").collect();
    let records = [
        spawn(0, &[(Mood::ID, &[0; 4])]),
        insert(0, &[(Sheep::ID, &[])]),
        remove(0, &[Mood::ID]),
        despawn(0),
    ];
    let (mut code, mut at) = (TELL.to_owned(), 4_096);
    let mut calls = Vec::new();
    for record in &records {
        let bytes = bytes_of(record);
        code += &data(at, &bytes);
        calls.push(format!(
            "(i64.store (i32.const {}) $entity) (local.set $answer (call $command (i32.const {at}) (i32.const {})))",
            at + 8,
            bytes.len()
        ));
        at += 128;
    }
    for function in ["get", "set"] {
        calls.push(format!(
            "(local.set $answer (call ${function} (i32.const 0) (i32.const 0) $entity (i32.const 64)))"
        ));
    }
    let asked = |bits: &u64, call: &String| {
        format!(
            "(local.set $before (call $fuel_left)) {}
            (call $tell_i64 (i64.add
                (i64.mul (i64.extend_i32_s (local.get $answer)) (i64.const 1000000))
                (i64.sub (local.get $before) (call $fuel_left))))",
            call.replace("$entity", &format!("(i64.const {})", *bits as i64))
        )
    };
    for call in &calls {
        // Id 0 can only be used for a new entity.
        let unseen: Vec<_> =
            unseen.iter().filter(|(what, _)| *what != "none" || !call.contains("(i32.const 4096)")).collect();
        let body: String = unseen.iter().map(|(_, bits)| asked(bits, call)).collect();
        let run = format!("(func (export \"sys_run\") (local $before i64) (local $answer i32) {body})");
        let system = system("run", &BOTH).replace("[[system.query]]", "commands = true\n[[system.query]]");
        let manifest = head("hostile") + RICH + ALL_RIGHTS + &system;
        let mut trial = Trial::new();
        // The same world as the one that the ids come from.
        self::cast(&mut trial);
        trial.load(&ModText { manifest, wat: module(&(code.clone() + &run)) });
        trial.frames(1);
        let told = trial.game.told("hostile");
        assert_eq!(told.len(), unseen.len());
        for ((what, _), told) in unseen.iter().zip(&told[..]) {
            assert_eq!(*told, trial.game.told("hostile")[0], "{what}: {call}");
        }
    }
}
