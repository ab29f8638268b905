//! As much as possible of everything that the world or the host keeps: each kind has a limit.

use bevy_ecs::prelude::*;
use bytemuck::Zeroable;
use tinkerbox::{Expose, ModState};
use tinkerbox_abi::{LOG_BYTES_MAX, LOG_BYTES_PER_TICK_MAX, LOGS_PER_TICK_MAX, ModType};
use tinkerbox_wasm::Caller;

use crate::hostile::*;
use crate::modding::games::snapshot::next_ids;

/// Runs `body` n times.
fn times(count: u32, body: &str) -> String {
    format!(
        "(local.set $i (i32.const 0))
         (loop $again {body}
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const {count}))))"
    )
}

/// A mod that does this with the maximum of fuel and all permissions.
fn rich(systems: &str, code: &str) -> ModText {
    with_code(&(RICH.to_owned() + ALL_RIGHTS), systems, code)
}

/// 64 spawns of sheep at 1024, which take 2048 bytes, and the rest of the mod's code.
fn shepherd(body: &str) -> ModText {
    let sheep = spawn(0, &[(Sheep::ID, &[])]).repeat(64);
    rich(&commander(), &(data(1024, &bytes_of(&sheep)) + &run(body)))
}

const SIXTY_FOUR: &str = "(call $note (call $command (i32.const 1024) (i32.const 2048)))";
const ONE: &str = "(call $note (call $command (i32.const 1024) (i32.const 32)))";

#[test]
fn more_commands_than_there_may_be_in_a_tick() {
    // 63 times 64, then 63, then 2 (only one would fit), then one, then another one.
    let but_one = "(call $note (call $command (i32.const 1024) (i32.const 2016)))";
    let two = "(call $note (call $command (i32.const 1024) (i32.const 64)))";
    let body = [&times(63, SIXTY_FOUR), but_one, two, ONE, ONE, two].concat();
    let mut trial = Trial::of(&shepherd(&body));
    let answers = trial.answers();
    assert_eq!(answers[..64], [0; 64]);
    assert_eq!(answers[64..], [NO_ROOM, 0, NO_ROOM, NO_ROOM]);
    assert_eq!(trial.count::<Sheep>(), 4096);
}

#[test]
fn commands_for_numbers_that_are_no_ids_count_as_well() {
    // Otherwise the host would record an unbounded number of them.
    let mut trial = Trial::new();
    let mut records = Records::default();
    for record in [insert(0, &[(Sheep::ID, &[])]), remove(0, &[Sheep::ID]), despawn(0)] {
        records = Records { end: 1024, ..Records::default() };
        records.queue(&record.repeat(64));
        let code = records.data.clone() + &run(&times(65, &records.calls));
        trial = Trial::of(&rich(&commander(), &code));
        let answers = trial.answers();
        assert_eq!(answers[..64], [0; 64]);
        assert_eq!(answers[64..], [NO_ROOM]);
    }
    drop((trial, records));
}

#[test]
fn a_million_entities() {
    let mut trial = Trial::of(&shepherd(&times(64, SIXTY_FOUR)));
    trial.frames(30);
    assert_eq!(trial.count::<Sheep>(), 65_536);
    assert_eq!(trial.told()[16 * 64..], [NO_ROOM; 14 * 64]);
    // Despawned ones make room for new ones.
    let mut sheep = trial.game.world().query_filtered::<Entity, With<Sheep>>();
    let some: Vec<_> = sheep.iter(trial.game.app.world()).step_by(64).collect();
    for &entity in &some {
        trial.game.world().despawn(entity);
    }
    assert_eq!(trial.count::<Sheep>(), 65_536 - 1024);
    trial.frames(3);
    assert_eq!(trial.count::<Sheep>(), 65_536);
    // A fault does not reset the count of the mod's entities.
    trial.game.rewrite(
        "hostile",
        &shepherd(&(times(64, SIXTY_FOUR) + "(if (i64.eq (call $tick) (i64.const 36)) (then unreachable))")),
    );
    trial.frames += 1;
    trial.frames(6);
    assert_eq!(trial.faults(), 1);
    assert_eq!(trial.count::<Sheep>(), 65_536);
}

/// Keys of the markers at 0, and `(call $queue op entity mask)`, which queues a record about the markers in a mask.
fn marks() -> String {
    let keys: Vec<u64> = MARKS.iter().map(|id| component_key(id)).collect();
    data(0, &bytes_of(&keys))
        + r#"(func $queue (param $op i32) (param $entity i64) (param $mask i32) (result i32) (local $at i32) (local $mark i32)
            (i32.store (i32.const 4096) (local.get $op))
            (i32.store (i32.const 4100) (i32.popcnt (local.get $mask)))
            (i64.store (i32.const 4104) (local.get $entity))
            (local.set $at (i32.const 4112))
            (loop $marks
                (if (i32.and (i32.shr_u (local.get $mask) (local.get $mark)) (i32.const 1)) (then
                    (i64.store (local.get $at) (i64.load (i32.shl (local.get $mark) (i32.const 3))))
                    (local.set $at (i32.add (local.get $at) (i32.const 8)))
                    (if (i32.ne (local.get $op) (i32.const 4)) (then
                        (i64.store (local.get $at) (i64.const 0))
                        (local.set $at (i32.add (local.get $at) (i32.const 8)))))))
                (local.set $mark (i32.add (local.get $mark) (i32.const 1)))
                (br_if $marks (i32.lt_u (local.get $mark) (i32.const 12))))
            (call $command (i32.const 4096) (i32.sub (local.get $at) (i32.const 4096))))"#
}

/// A mod that may combine the markers freely.
fn marker(body: &str) -> ModText {
    let rights = ALL_RIGHTS.replace("write = [", &format!("write = [\"{}\", ", MARKS.join("\", \"")));
    with_code(&(RICH.to_owned() + &rights), &commander(), &(marks() + &run(body)))
}

/// Tables, archetypes and sets of components, which bevy_ecs never frees.
fn kept(trial: &mut Trial) -> [usize; 3] {
    let world = trial.game.world();
    [world.storages().tables.len(), world.archetypes().len(), world.bundles().len()]
}

/// Runs a few frames; bevy_ecs keeps no more of each than the 512 that a mod may create and a few of the game's own.
#[track_caller]
fn check_kept(trial: &mut Trial) {
    trial.frames(1);
    trial.game.world().spawn_empty();
    let before = kept(trial);
    trial.frames(5);
    for (before, after) in before.into_iter().zip(kept(trial)) {
        assert!(after <= 600, "{before} of the first frame, and {after} of others");
    }
    assert_eq!(trial.faults(), 0);
}

#[test]
fn spawns_of_ever_new_kinds() {
    let spawn = "(call $queue (i32.const 1) (i64.const 0) (i32.add (local.get $i) (i32.const 1)))";
    let mut trial = Trial::of(&marker(&times(4095, &format!("(drop {spawn})"))));
    check_kept(&mut trial);
    // The first 512 kinds are made in each tick.
    let mut marked = trial.game.world().query::<EntityRef>();
    let count =
        marked.iter(trial.game.app.world()).filter(|it| it.archetype().component_count() < 13).count();
    assert!(count >= 512 * 6, "{count}");
}

/// A mod that reserves an id, spawns an entity with these markers under it, and then does `body` for all masks.
fn reshaper(mask: u32, body: &str) -> ModText {
    let begin = format!(
        "(drop (call $entity_reserve (i32.const 512) (i32.const 1)))
         (drop (call $queue (i32.const 1) (i64.load (i32.const 512)) (i32.const {mask})))"
    );
    let body = body.replace("$entity", "(i64.load (i32.const 512))");
    // 2000 masks in each tick, starting where the last tick ended.
    let next = "(local.set $j (i32.and (i32.add
        (i32.mul (i32.wrap_i64 (call $tick)) (i32.const 2000)) (local.get $i)) (i32.const 4095)))
        (if (i32.eqz (local.get $j)) (then (local.set $j (i32.const 1))))";
    marker(&(begin + &times(2000, &(next.to_owned() + &body))))
}

#[test]
fn inserts_that_make_ever_new_kinds() {
    let body = "(drop (call $queue (i32.const 3) $entity (local.get $j)))
        (drop (call $queue (i32.const 4) $entity (i32.const 4094)))";
    check_kept(&mut Trial::of(&reshaper(1, body)));
}

#[test]
fn inserts_of_ever_new_sets_into_what_has_them_all() {
    let body = "(drop (call $queue (i32.const 3) $entity (local.get $j)))";
    check_kept(&mut Trial::of(&reshaper(4095, body)));
}

#[test]
fn removals_that_make_ever_new_kinds() {
    let body = "(drop (call $queue (i32.const 4) $entity (local.get $j)))
        (drop (call $queue (i32.const 3) $entity (i32.const 4095)))";
    check_kept(&mut Trial::of(&reshaper(4095, body)));
}

#[test]
fn removals_of_ever_new_sets_from_what_has_none_of_them() {
    let body = "(drop (call $queue (i32.const 4) $entity (local.get $j)))";
    check_kept(&mut Trial::of(&reshaper(
        1,
        &body.replace("(local.get $j)", "(i32.and (local.get $j) (i32.const 4094))"),
    )));
}

#[test]
fn kinds_of_records_that_were_refused_do_not_count() {
    // 600 buffers with a spawn of a distinct kind and an invalid record; then a valid one.
    let body =
        times(600, "(drop (call $queue (i32.const 1) (i64.const 0) (i32.add (local.get $i) (i32.const 1))))")
            .replace("(call $queue", "(call $queue_badly")
            + "(call $note (call $queue (i32.const 1) (i64.const 0) (i32.const 4095)))";
    let mut text = marker(&body);
    let badly = marks()
        .split_once("(func $queue")
        .unwrap()
        .1
        .replace("(i32.sub (local.get $at) (i32.const 4096))", "(i32.sub (local.get $at) (i32.const 4088))");
    // The 8 bytes after the record encode an unknown operation 99.
    let badly = badly.replace("(call $command", "(i64.store (local.get $at) (i64.const 99)) (call $command");
    text.wat = text.wat.replace(
        "(func (export \"sys_run\")",
        &format!("(func $queue_badly{badly} (func (export \"sys_run\")"),
    );
    assert_eq!(Trial::of(&text).answers(), [0]);
}

#[test]
fn an_id_whose_spawn_came_to_nothing_is_nobody_else_s() {
    // In the first tick 510 kinds are created. In the second an insert creates the last two allowed, so that 200
    // spawns of another kind have no effect; then 200 of an old kind follow, and the 200 ids are despawned.
    let first =
        times(510, "(drop (call $queue (i32.const 1) (i64.const 0) (i32.add (local.get $i) (i32.const 1))))");
    let id = "(i64.load (i32.add (i32.const 8192) (i32.shl (local.get $i) (i32.const 3))))";
    let second = [
        "(call $note (call $entity_reserve (i32.const 8192) (i32.const 201)))".to_owned(),
        "(call $note (call $queue (i32.const 1) (i64.load (i32.const 9792)) (i32.const 1)))".to_owned(),
        "(call $note (call $queue (i32.const 3) (i64.load (i32.const 9792)) (i32.const 1024)))".to_owned(),
        times(200, &format!("(drop (call $queue (i32.const 1) {id} (i32.const 2048)))")),
        times(200, "(drop (call $queue (i32.const 1) (i64.const 0) (i32.const 1)))"),
        times(
            200,
            &format!(
                "(i64.store (i32.const 12296) {id}) (drop (call $command (i32.const 12288) (i32.const 16)))"
            ),
        ),
    ]
    .concat();
    let body = format!(
        "(if (i64.eq (call $tick) (i64.const 1)) (then {first}))
         (if (i64.eq (call $tick) (i64.const 2)) (then {second}))"
    );
    let mut text = marker(&body);
    let record = data(12_288, &bytes_of(&despawn(0)));
    text.wat = text.wat.replace("(func (export", &format!("{record} (func (export"));
    let mut trial = Trial::of(&text);
    trial.frames(1);
    let entities = trial.game.world().entities().count_spawned();
    trial.frames(2);
    assert_eq!((trial.told(), trial.faults()), (vec![0, 0, 0], 0));
    assert_eq!(trial.game.stats("hostile").writes_skipped, 400);
    assert_eq!(trial.game.world().entities().count_spawned(), entities + 201);
}

/// Reserves as many ids as possible, first one at a time and then many at once.
const RESERVE: &str =
    "(loop $again (br_if $again (i32.eqz (call $entity_reserve (i32.const 0) (i32.const 1)))))
    (loop $again (br_if $again (i32.eqz (call $entity_reserve (i32.const 0) (i32.const 777)))))
    (call $note (call $entity_reserve (i32.const 0) (i32.const 4097)))
    (call $note (call $entity_reserve (i32.const 0) (i32.const -1)))";

#[test]
fn ids_reserved_without_end() {
    for end in ["", "unreachable"] {
        let mut trial = Trial::of(&rich(&commander(), &run(&(RESERVE.to_owned() + end))));
        // Some ids were used before and freed.
        let some: Vec<_> = (0..300).map(|_| trial.game.world().spawn_empty().id()).collect();
        for &entity in &some {
            trial.game.world().despawn(entity);
        }
        let ids = next_ids(trial.game.world());
        trial.frames(20);
        assert_eq!(next_ids(trial.game.world())[..200], ids[2..202], "`{end}`");
        assert_eq!(trial.game.world().entities().count_spawned(), {
            let mut other = Trial::of(&rich(&commander(), &run("")));
            other.frames(20);
            other.game.world().entities().count_spawned()
        });
    }
}

#[test]
fn ids_reserved_by_one_who_waits_for_ever() {
    let body = RESERVE.to_owned() + "(loop $for_ever (br $for_ever))";
    let mut text = rich(&commander(), &run(&body));
    text.manifest = text.manifest.replace("25_000_000", "1_000_000");
    let mut trial = Trial::of(&text);
    let ids = next_ids(trial.game.world());
    // It is aborted after 61 frames, six times in all.
    trial.frames(500);
    assert_eq!(trial.game.status("hostile"), ModStatus::Quarantined);
    assert_eq!(next_ids(trial.game.world())[..200], ids[2..202]);
}

#[test]
fn messages_without_end() {
    // All byte values, 300 times, at every level and at some invalid ones.
    let fill = times(2048, "(i32.store8 (local.get $i) (local.get $i))");
    let body = fill
        + &times(300, "(call $log (i32.sub (local.get $i) (i32.const 5)) (i32.const 0) (i32.const 2048))");
    let mut trial = Trial::of(&rich(&plain_system("run"), &run(&body)));
    trial.frames(10);
    use LogLevel::*;
    let all = [Error, Warn, Info, Debug, Trace]
        .map(|level| trial.game.reports("hostile", ModReportKind::Log(level)));
    let all = all.concat();
    let (lines, dropped): (Vec<_>, Vec<_>) = all.iter().partition(|text| !text.contains("more messages"));
    assert_eq!(lines.len(), 10 * LOG_BYTES_PER_TICK_MAX / LOG_BYTES_MAX);
    assert_eq!(dropped.len(), 9);
    for line in lines {
        assert!(line.chars().count() <= LOG_BYTES_MAX);
        assert!(line.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'), "{line:?}");
    }
}

#[test]
fn short_messages_without_end() {
    let body = times(300, "(call $log (i32.const 2) (i32.const 0) (i32.const 3))");
    let mut trial = Trial::of(&rich(&plain_system("run"), &run(&body)));
    trial.frames(10);
    let said = trial.game.reports("hostile", ModReportKind::Log(LogLevel::Info));
    assert_eq!(said.len() as u32, 10 * LOGS_PER_TICK_MAX);
    let dropped = trial.game.reports("hostile", ModReportKind::Log(LogLevel::Warn));
    assert_eq!(dropped, ["236 more messages of the last tick were dropped"; 9]);
}

#[test]
fn traps_without_end() {
    let body = "(drop (call $random (i32.const 0))) (drop (call $command (i32.const 1024) (i32.const 2048)))
        (drop (call $entity_reserve (i32.const 0) (i32.const 100))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 9))
        unreachable";
    let mut trial = Trial::of(&shepherd(body));
    let ids = next_ids(trial.game.world());
    trial.frames(700);
    assert_eq!(trial.faults(), 6);
    assert_eq!(trial.game.status("hostile"), ModStatus::Quarantined);
    assert_eq!(trial.count::<Sheep>(), 0);
    assert_eq!(next_ids(trial.game.world())[..200], ids[2..202]);
    // After a reset, six more faults.
    let entity = trial.game.entity("hostile");
    trial.game.world().resource_mut::<tinkerbox::Mods>().reset(entity);
    trial.frames(700);
    assert_eq!((trial.faults(), trial.game.status("hostile")), (12, ModStatus::Quarantined));
}

#[test]
fn streams_of_random_numbers_that_are_not_there() {
    let all = times(64, "(drop (call $random (local.get $i)))");
    let mut trial = Trial::of(&hostile("", &plain_system("run"), &all));
    trial.frames(3);
    assert_eq!(trial.faults(), 0);
    for stream in [64, 65, 0x7fff_ffff, -0x8000_0000, -1] {
        let body = format!("(drop (call $random (i32.const {stream})))");
        let mut trial = Trial::of(&hostile("", &plain_system("run"), &body));
        trial.frames(1);
        assert!(trial.fault().contains("a mod has 64"), "{}", trial.fault());
    }
}

#[test]
fn a_query_that_is_read_again_and_again() {
    let read = "(call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 8))";
    let body = format!(
        "(call $note {read}) {}",
        times(10_000, &format!("(local.set $j (i32.add (local.get $j) {read}))"))
    ) + "(call $note (local.get $j))";
    let mut trial =
        Trial::of(&rich(&system("run", &[("game:Position", "read", Position::LAYOUT)]), &run(&body)));
    trial.game.spawn_at(9.0);
    // Two rows, one at a time, and then no more.
    assert_eq!(trial.answers(), [1, 1]);
    trial.frames(1);
    assert_eq!(trial.told(), [1, 1, 1, 1]);
}

#[test]
fn values_set_without_end() {
    let mut trial = Trial::new();
    let entity = trial.game.world().spawn(Chart::zeroed()).id();
    let set = format!(
        "(i64.store (i32.const 0) (i64.const -1))
         (loop $again (br_if $again (i32.eqz (call $set (i32.const 0) (i32.const 0) (i64.const {}) (i32.const 0)))))",
        entity.to_bits() as i64
    );
    let rights = RICH.to_owned() + "[permissions]\nwrite = [\"game:Chart\"]\n";
    trial.load(&with_code(&rights, &system("run", &[("game:Chart", "write", Chart::LAYOUT)]), &run(&set)));
    trial.frames(1);
    assert!(trial.fault().contains("changed more than 67108864 bytes"), "{}", trial.fault());
    assert_eq!(trial.game.world().get::<Chart>(entity), Some(&Chart::zeroed()));
}

#[test]
fn a_resource_set_without_end() {
    let set = "(i64.store (i32.const 0) (i64.const -1))
         (loop $again (br_if $again (i32.eqz (call $resource_set (i32.const 0) (i32.const 0)))))";
    let mut text = rich(&(plain_system("run") + &resource::<Ledger>("write")), &run(set));
    text.manifest = text.manifest.replace("\"game:Weather\"", "\"game:Ledger\"");
    let mut trial = Trial::of(&text);
    trial.frames(1);
    assert!(trial.fault().contains("changed more than 67108864 bytes"), "{}", trial.fault());
    assert_eq!(trial.game.world().resource::<Ledger>(), &Ledger::zeroed());
}

#[test]
fn changes_asked_for_without_end() {
    let mut trial = Trial::new();
    trial.game.app.expose_function("game:blow", 10, |mut caller: Caller<'_, ModState>| {
        caller.data_mut().defer(|world| world.resource_mut::<Weather>().wind += 1.0)
    });
    let rights = RICH.to_owned() + "[permissions]\nfunctions = [\"game:blow\"]\n";
    let mut text =
        with_code(&rights, &plain_system("run"), &run("(loop $for_ever (call $blow) (br $for_ever))"));
    text.wat = text.wat.replace("(memory (export", "(import \"game\" \"blow\" (func $blow)) (memory (export");
    trial.load(&text);
    trial.frames(1);
    assert!(trial.fault().contains("more than 4096 changes"), "{}", trial.fault());
    assert_eq!(trial.game.world().resource::<Weather>().wind, 0.0);
}
