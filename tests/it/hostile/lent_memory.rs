//! A mod that abuses the memory in which rows are lent to it: it damages only what it may write.

use bevy_ecs::prelude::*;
use tinkerbox::Expose;
use tinkerbox_macros::mod_type;

use super::*;

const RIGHTS: &str =
    "[permissions]\nread = [\"game:Velocity\"]\nwrite = [\"game:Position\", \"game:Mood\"]\n";

/// Rows with positions of y = 100, 101 ..., velocities of y = 200, 201 ..., and moods.
fn rows(trial: &mut Trial, count: usize) -> Vec<Entity> {
    let row = |number: usize| {
        let position = Position { x: 0.0, y: 100.0 + number as f32 };
        (position, Velocity { x: 0.0, y: 200.0 + number as f32 }, Mood(number as u32))
    };
    (0..count).map(|number| trial.game.world().spawn(row(number)).id()).collect()
}

/// The position's y, the velocity's y and the mood of each row.
fn values(trial: &Trial, rows: &[Entity]) -> Vec<(f32, f32, u32)> {
    let world = trial.game.app.world();
    let value = |&entity: &Entity| {
        let position = world.get::<Position>(entity).unwrap();
        (position.y, world.get::<Velocity>(entity).unwrap().y, world.get::<Mood>(entity).unwrap().0)
    };
    rows.iter().map(value).collect()
}

const MOOD: (&str, &str, &str) = ("game:Mood", "write", "{ 0: u32 }");

/// Queries 0 and 1 write positions and read velocities; query 2 writes moods.
fn three_queries() -> String {
    let query = system("run", &[WRITE_POSITION, READ_VELOCITY]);
    let other = system("", &[MOOD]).replace("[[system]]\nname = \"\"\n", "");
    let same = query.replace("[[system]]\nname = \"run\"\n", "");
    query + &same + &other
}

/// Runs `body` on two rows, and returns their final state.
#[track_caller]
fn after(body: &str) -> Vec<(f32, f32, u32)> {
    let (mut trial, rows) = trial(body);
    trial.frames(1);
    assert_eq!(trial.faults(), 0, "{:?}", trial.game.stats("hostile"));
    values(&trial, &rows)
}

fn trial(body: &str) -> (Trial, Vec<Entity>) {
    let mut trial = Trial::new();
    let rows = rows(&mut trial, 2);
    trial.load(&hostile(RIGHTS, &three_queries(), body));
    (trial, rows)
}

/// Lends query 0 with its record at 0 and its rows at 64: positions there, velocities at 80.
const LEND: &str = "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))";
/// The y of the first row's position.
const WRITE: &str = "(f32.store (i32.const 68) (f32.const 7))";

#[test]
fn memory_that_grows_under_what_is_lent() {
    let body = format!(
        "{LEND} (if (i32.eq (i32.const -1) (memory.grow (i32.const 100))) (then unreachable)) {WRITE}
         (memory.fill (i32.const 100000) (i32.const 255) (i32.const 60000))"
    );
    assert_eq!(after(&body), [(7.0, 200.0, 0), (101.0, 201.0, 1)]);
}

#[test]
fn a_record_that_is_overwritten() {
    // The mod's record claims a million rows and other columns; the host relies on its own notes.
    for fill in [0, 1, 127, 255] {
        let body = format!("{LEND} (memory.fill (i32.const 0) (i32.const {fill}) (i32.const 56)) {WRITE}");
        assert_eq!(after(&body), [(7.0, 200.0, 0), (101.0, 201.0, 1)], "{fill}");
    }
}

#[test]
fn another_buffer_at_the_next_call() {
    // The first chunk, of one row, is taken back from where it was lent.
    let body = format!(
        "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 16))) {WRITE}
         (call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 16)))
         (f32.store (i32.const 68) (f32.const 8)) (f32.store (i32.const 1028) (f32.const 9))
         (call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 2048) (i32.const 16)))"
    );
    assert_eq!(after(&body), [(7.0, 200.0, 0), (9.0, 201.0, 1)]);
}

#[test]
fn columns_that_are_read_are_not_taken_back() {
    let body = format!("{LEND} (memory.fill (i32.const 80) (i32.const 66) (i32.const 16))");
    assert_eq!(after(&body), [(100.0, 200.0, 0), (101.0, 201.0, 1)]);
}

#[test]
fn two_queries_in_one_buffer() {
    // Moods are lent over the positions: 0 and 1, where the first row was. Both are taken back at the end.
    let body = format!(
        "{LEND} (drop (call $view_next (i32.const 2) (i32.const 2048) (i32.const 64) (i32.const 512)))
         (i32.store (i32.const 68) (i32.const 0x41000000))"
    );
    // The bits of 8 are the y of the first row's position, and also the second row's mood.
    assert_eq!(after(&body), [(8.0, 200.0, 0), (101.0, 201.0, 0x4100_0000)]);
}

#[test]
fn buffers_that_overlap_by_a_few_bytes() {
    // The moods lie at 72 and 76, which is the second row's position.
    let body = format!(
        "{LEND} (drop (call $view_next (i32.const 2) (i32.const 2048) (i32.const 72) (i32.const 8)))
         (i32.store (i32.const 76) (i32.const 0x41000000))"
    );
    assert_eq!(after(&body), [(100.0, 200.0, 0), (8.0, 201.0, 0x4100_0000)]);
}

#[test]
fn a_record_within_the_rows() {
    // Record and rows both begin at 64; the record is written last, so the mod hands back the record's bytes.
    let body = "(drop (call $view_next (i32.const 0) (i32.const 64) (i32.const 64) (i32.const 512)))";
    // 2 rows and 2 columns, with columns at 64 and 80.
    let expected = [f32::from_bits(2), f32::from_bits(80)];
    assert_eq!(after(body), [(expected[0], 200.0, 0), (expected[1], 201.0, 1)]);
}

#[test]
fn a_buffer_at_the_address_0() {
    let body = "(call $note (call $view_next (i32.const 0) (i32.const 2048) (i32.const 0) (i32.const 512)))
        (f32.store (i32.const 4) (f32.const 7))";
    let (mut trial, rows) = trial(body);
    // A column address of 0 says that the rows lack the column: anything written there would be lost.
    assert_eq!(trial.answers(), [BAD_ARGUMENT]);
    assert_eq!(values(&trial, &rows), [(100.0, 200.0, 0), (101.0, 201.0, 1)]);
}

#[test]
fn one_component_in_two_queries_is_written_by_the_later_one() {
    let lend = |query: u32| {
        let at = 64 + query * 1024;
        format!(
            "(drop (call $view_next (i32.const {query}) (i32.const {}) (i32.const {at}) (i32.const 512)))",
            at - 64
        )
    };
    let write =
        |query: u32, value: u32| format!("(f32.store (i32.const {}) (f32.const {value}))", 68 + query * 1024);
    let run = |parts: &[String]| after(&parts.concat())[0].0;
    // Chunks still lent at the end are taken back in the order of the queries, in whatever order they were lent or
    // written.
    assert_eq!(run(&[lend(0), lend(1), write(0, 7), write(1, 8)]), 8.0);
    assert_eq!(run(&[lend(1), lend(0), write(1, 8), write(0, 7)]), 8.0);
    // A chunk that was not changed does not count.
    assert_eq!(run(&[lend(0), lend(1), write(0, 7)]), 7.0);
    // A chunk that was handed back earlier comes first.
    assert_eq!(run(&[lend(0), lend(1), write(0, 7), write(1, 8), lend(1)]), 7.0);
    // Both begin with the world's values: neither sees the other's writes.
    assert_eq!(run(&[lend(0), write(0, 7), lend(0), lend(1)]), 7.0);
    assert_eq!(run(&[lend(0), write(0, 7), lend(0), lend(1), write(1, 100)]), 7.0);
}

#[test]
fn a_value_that_is_set_and_one_that_is_lent_land_in_the_order_of_the_calls() {
    let (mut trial, rows) = trial("");
    let set = format!(
        "(f32.store (i32.const 4100) (f32.const 9))
         (call $note (call $set (i32.const 0) (i32.const 0) (i64.const {}) (i32.const 4096)))",
        rows[0].to_bits() as i64
    );
    let get = format!(
        "(drop (call $get (i32.const 1) (i32.const 0) (i64.const {}) (i32.const 4104)))
         (call $note (i32.trunc_f32_s (f32.load (i32.const 4108))))",
        rows[0].to_bits() as i64
    );
    // Set, then handed back: the chunk is the later write. Every query of the system sees the value that was set.
    let body = format!("{LEND} {set} {get} {WRITE}");
    trial.load(&hostile(RIGHTS, &three_queries(), &body));
    assert_eq!(trial.answers(), [0, 9]);
    assert_eq!(values(&trial, &rows)[0].0, 7.0);
    // Handed back, then set.
    assert_eq!(after(&format!("{LEND} {WRITE} {LEND} {set}"))[0].0, 9.0);
    // A chunk that was not changed has no effect.
    assert_eq!(after(&format!("{set} {LEND}"))[0].0, 9.0);
}

#[test]
fn what_is_lent_is_scribbled_over_while_the_mod_is_suspended() {
    let body = format!(
        "{LEND} (local.set $i (i32.const 3000))
         (loop $wait (local.set $i (i32.sub (local.get $i) (i32.const 1))) (br_if $wait (local.get $i)))
         (memory.fill (i32.const 0) (i32.const 66) (i32.const 1024))"
    );
    let mut trial = Trial::new();
    let rows = rows(&mut trial, 3);
    let budget = "[budget]\nfuel = 4_000\nburst = 4_000\n";
    trial.load(&hostile(&(budget.to_owned() + RIGHTS), &three_queries(), &body));
    trial.frames(1);
    assert_eq!(trial.game.status("hostile"), ModStatus::Suspended { frames: 1 });
    trial.game.world().despawn(rows[1]);
    trial.game.world().entity_mut(rows[2]).remove::<Position>();
    // The good mod's witness has no velocity, so it is not among the query's rows.
    trial.frames(12);
    let world = trial.game.app.world();
    let scribbled = f32::from_bits(0x4242_4242);
    assert_eq!(world.get::<Position>(rows[0]).unwrap().y, scribbled);
    assert_eq!(world.get::<Velocity>(rows[2]), Some(&Velocity { x: 0.0, y: 202.0 }));
    assert_eq!(world.get::<Mood>(rows[0]), Some(&Mood(0)));
}

#[test]
fn bytes_that_are_no_value_end_the_system() {
    // A component that crosses as another type accepts only valid values of that type.
    let mut trial = Trial::new();
    let rows = rows(&mut trial, 1);
    trial.game.app.expose_component_as::<Gait, GaitNumber>();
    trial.game.world().entity_mut(rows[0]).insert(Gait::Trot);
    let gait = ("game:Gait", "write", "{ 0: u32 }");
    let rights = RIGHTS.replace("\"game:Mood\"", "\"game:Mood\", \"game:Gait\"");
    let write = "(call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))
        (i32.store (i32.const 64) (i32.const 3))";
    trial.load(&hostile(&rights, &system("run", &[gait, ("game:Mood", "write", "{ 0: u32 }")]), write));
    trial.frames(1);
    assert!(trial.fault().contains("not a valid `game:Gait`"), "{}", trial.fault());
    assert_eq!(trial.game.world().get::<Gait>(rows[0]), Some(&Gait::Trot));
}

/// A component that is not plain bytes.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
enum Gait {
    Walk,
    Trot,
}

/// The type as which it crosses.
#[mod_type("game:Gait")]
struct GaitNumber(u32);

impl From<&Gait> for GaitNumber {
    fn from(gait: &Gait) -> GaitNumber {
        GaitNumber(*gait as u32)
    }
}

impl TryFrom<GaitNumber> for Gait {
    type Error = ();

    fn try_from(number: GaitNumber) -> Result<Gait, ()> {
        match number.0 {
            0 => Ok(Gait::Walk),
            1 => Ok(Gait::Trot),
            _ => Err(()),
        }
    }
}
