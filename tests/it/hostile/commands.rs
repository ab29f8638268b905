//! Commands that name what a mod may not create, and entity ids that it was not given.

use tinkerbox_abi::ModType;

use super::*;
use crate::modding::games::snapshot::next_ids;

#[test]
fn components_that_it_may_not_write_or_that_are_none() {
    let mut trial = Trial::new();
    let entity = trial.game.world().spawn((Mood(1), Velocity { x: 3.0, y: 0.0 })).id();
    let keys = [
        // A component that it reads, one not permitted, one unknown to the game, a resource, an event, and an invalid
        // id.
        (Velocity::ID, 8),
        (Chart::ID, 65_536),
        ("game:Nothing", 4),
        (Weather::ID, 8),
        (Gong::ID, 4),
        ("entity", 8),
        ("", 0),
        ("game:Mood\0", 4),
    ];
    let mut records = Records::default();
    for (key, size) in keys {
        let value = vec![0u8; if size > 100 { 8 } else { size }];
        records
            .queue(&spawn(0, &[(Mood::ID, &[0; 4]), (key, &value)]))
            .queue(&insert(entity.to_bits(), &[(key, &value)]))
            .queue(&remove(entity.to_bits(), &[key]));
    }
    trial.load(&records.text(ALL_RIGHTS));
    let answers = trial.answers();
    for ((key, _), answers) in keys.iter().zip(answers.chunks(3)) {
        assert_eq!(answers, [DENIED; 3], "`{key}`");
    }
    assert_eq!(trial.count::<Mood>(), 1);
    assert_eq!(trial.game.world().get::<Velocity>(entity), Some(&Velocity { x: 3.0, y: 0.0 }));
}

/// A mod that has reserved two ids, stored at 0, when `body` begins.
fn reserving(records: &Records, body: &str) -> ModText {
    let code = format!("(call $note (call $entity_reserve (i32.const 0) (i32.const 2))) {body}");
    with_code(ALL_RIGHTS, &commander(), &(records.data.clone() + &run(&code)))
}

/// Puts a reserved id into a record, and queues the record.
fn queue_with(id_at: usize, record: usize, len: usize) -> String {
    format!(
        "(i64.store (i32.const {}) (i64.load (i32.const {id_at})))
         (call $note (call $command (i32.const {record}) (i32.const {len})))",
        record + 8
    )
}

fn one_mood() -> Vec<u64> {
    spawn(0, &[(Mood::ID, &[1, 0, 0, 0])])
}

#[test]
fn a_reserved_id_is_used_once() {
    let mut records = Records { end: 1024, ..Records::default() };
    records.queue(&one_mood());
    let len = records.end - 1024;
    let again = queue_with(0, 1024, len);
    let text = reserving(&records, &[again.as_str(); 3].concat());
    let mut trial = Trial::of(&text);
    assert_eq!(trial.answers(), [0, 0, BAD_ARGUMENT, BAD_ARGUMENT]);
    assert_eq!(trial.count::<Mood>(), 1);
}

#[test]
fn a_reserved_id_is_used_once_in_a_buffer_too_and_can_be_used_after_it_was_refused() {
    let mut records = Records { end: 1024, ..Records::default() };
    records.queue(&[one_mood(), one_mood()].concat());
    let len = records.end - 1024;
    let both = format!("(i64.store (i32.const {}) (i64.load (i32.const 0)))", 1032 + len / 2)
        + &queue_with(0, 1024, len);
    let text = reserving(&records, &(both + &queue_with(0, 1024, len / 2)));
    let mut trial = Trial::of(&text);
    assert_eq!(trial.answers(), [0, BAD_ARGUMENT, 0]);
    assert_eq!(trial.count::<Mood>(), 1);
}

#[test]
fn ids_that_were_never_reserved() {
    let mut trial = Trial::new();
    let alive = trial.game.world().spawn(Position::default()).id();
    let gone = trial.game.world().spawn(Position::default()).id();
    trial.game.world().despawn(gone);
    let next = next_ids(trial.game.world())[5];
    let mut records = Records::default();
    let ids = [alive.to_bits(), gone.to_bits(), next.to_bits(), 1, u64::MAX, 1 << 32, 0xffff_ffff << 32];
    for id in ids {
        records.queue(&spawn(id, &[(Mood::ID, &[1, 0, 0, 0])]));
    }
    trial.load(&records.text(ALL_RIGHTS));
    assert_eq!(trial.answers(), [BAD_ARGUMENT; 7]);
    assert_eq!(trial.count::<Mood>(), 0);
}

#[test]
fn ids_of_an_earlier_tick() {
    let mut records = Records { end: 1024, ..Records::default() };
    records.queue(&one_mood());
    let len = records.end - 1024;
    // In the first tick it reserves ids, in the others it uses those that it kept.
    let body = format!(
        "(if (i64.eq (call $tick) (i64.const 1))
            (then (call $note (call $entity_reserve (i32.const 0) (i32.const 2))))
            (else {}))",
        queue_with(8, 1024, len)
    );
    let text = with_code(ALL_RIGHTS, &commander(), &(records.data.clone() + &run(&body)));
    let mut trial = Trial::of(&text);
    trial.frames(1);
    let ids = next_ids(trial.game.world());
    trial.frames(3);
    assert_eq!(trial.told(), [0, BAD_ARGUMENT, BAD_ARGUMENT, BAD_ARGUMENT]);
    assert_eq!(trial.count::<Mood>(), 0);
    assert_eq!(next_ids(trial.game.world()), ids);
}

#[test]
fn ids_that_another_mod_has_reserved() {
    let mut lent = Records { end: 1024, ..Records::default() };
    lent.queue(&spawn(0, &[(Mood::ID, &[5, 0, 0, 0])]));
    let len = lent.end - 1024;
    // It reserves an id, waits for a long time, and spawns an entity under it.
    let body = format!(
        "(local.set $i (i32.const 20000)) (loop $wait
            (local.set $i (i32.sub (local.get $i) (i32.const 1))) (br_if $wait (local.get $i))) {}",
        queue_with(0, 1024, len)
    );
    let mut lender = reserving(&lent, &body);
    lender.manifest = lender.manifest.replace("\"hostile\"", "\"lender\"");
    lender.manifest += "before = [\"hostile:run\"]\n[budget]\nfuel = 20_000\n";
    let mut trial = Trial::new();
    trial.game.write("lender", &lender);
    // The entities of the three mods come first.
    let id = next_ids(trial.game.world())[3];
    let mut records = Records::default();
    records.queue(&spawn(id.to_bits(), &[(Mood::ID, &[1, 0, 0, 0])]));
    records.queue(&despawn(id.to_bits())).queue(&insert(id.to_bits(), &[(Sheep::ID, &[])]));
    trial.load(&records.text(ALL_RIGHTS));
    trial.frames(3);
    assert!(matches!(trial.game.status("lender"), ModStatus::Suspended { .. }));
    // A missing entity can be named, and the command has no effect.
    assert_eq!(trial.told(), [BAD_ARGUMENT, 0, 0].repeat(3));
    assert_eq!(trial.count::<Mood>() + trial.count::<Sheep>(), 0);
    // From then on it is an ordinary entity.
    trial.game.write_file("hostile", "mod.toml", b"");
    trial.game.changed("hostile");
    trial.frames += 1;
    trial.game.remove_folder("hostile");
    trial.game.changed("hostile");
    trial.frames += 1;
    trial.frames(20);
    assert_eq!(trial.game.world().get::<Mood>(id), Some(&Mood(5)));
}

#[test]
fn nothing_of_a_buffer_happens_if_one_record_of_it_is_refused() {
    let mut trial = Trial::new();
    let entity = trial.game.world().spawn((Position::default(), Mood(1))).id().to_bits();
    let good: Vec<u64> =
        [one_mood(), insert(entity, &[(Sheep::ID, &[])]), remove(entity, &[Mood::ID]), despawn(entity)]
            .concat();
    let mut records = Records::default();
    for bad in [
        spawn(0, &[]),
        spawn(0, &[(Mood::ID, &[0; 4]), (Mood::ID, &[0; 4])]),
        spawn(0, &[(Mood::ID, &[0; 8])]),
        insert(entity, &[]),
        vec![0, 0],
        vec![5, 0],
        vec![u64::MAX; 4],
        vec![1 | 0xffff_ffff << 32, 0],
        vec![4 | 0xffff_ffff << 32, entity],
        good[..1].to_vec(),
    ] {
        records.queue(&[good.clone(), bad].concat());
    }
    trial.load(&records.text(ALL_RIGHTS));
    assert!(trial.answers().iter().all(|answer| [BAD_ARGUMENT, DENIED].contains(answer)));
    assert_eq!((trial.count::<Sheep>(), trial.count::<Mood>()), (0, 1));
}
