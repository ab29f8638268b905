//! A system has no access to anything that it did not declare, whatever number it tries.

use bevy_ecs::change_detection::Tick;
use bevy_ecs::prelude::*;
use tinkerbox_abi::ModType;

use super::*;
use crate::modding::games::snapshot::{assert_same, before, next_ids, snapshot};

/// Numbers that are not among a system's first `from` items.
fn beyond(from: i64) -> Vec<i64> {
    vec![from, from + 1, 12, 16, 17, 255, 0x7fff_ffff, -0x8000_0000, -2, -1]
}

/// The text once for each of the numbers, in place of `N`.
fn with_each(numbers: &[i64], call: &str) -> String {
    numbers
        .iter()
        .map(|number| format!("(call $note {})\n", call.replace('N', &number.to_string())))
        .collect()
}

/// A query that writes positions, reads velocities and includes entities; a resource, and an event to send.
fn system_of_all() -> String {
    system("run", &[WRITE_POSITION, READ_VELOCITY, ENTITIES])
        + &resource::<Weather>("read")
        + &sends::<Gong>()
}

/// The world after a frame, and as it would be without the hostile mod: nothing moves here.
struct Still {
    trial: Trial,
    before: Tick,
    entity: Entity,
}

impl Still {
    fn new() -> Still {
        let mut trial = Trial::new();
        let world = trial.game.world();
        let entity = world.spawn((Velocity { x: 1.0, y: 2.0 }, Mood(7))).id();
        let before = before(world);
        Still { trial, before, entity }
    }

    fn answers(&mut self, text: &ModText) -> Vec<i32> {
        self.trial.load(text);
        self.trial.answers()
    }

    /// The world contains only what it contains without the mod's system.
    #[track_caller]
    fn assert_untouched(mut self) {
        let mut other = Still::new();
        other.answers(&hostile("", &plain_system("run"), ""));
        let expected = snapshot(other.trial.game.world(), other.before);
        assert_same(&snapshot(self.trial.game.world(), self.before), &expected, "after the frame");
    }
}

#[test]
fn commands_that_were_not_declared() {
    let record = spawn(0, &[(Sheep::ID, &[])]);
    let body = format!(
        "(call $note (call $command (i32.const 1024) (i32.const {})))
         (call $note (call $command (i32.const 1024) (i32.const 0)))
         (call $note (call $entity_reserve (i32.const 64) (i32.const 1)))
         (call $note (call $entity_reserve (i32.const 64) (i32.const 0)))",
        record.len() * 8
    );
    let mut still = Still::new();
    let code = data(1024, &bytes_of(&record)) + &run(&body);
    let ids = next_ids(still.trial.game.world());
    assert_eq!(still.answers(&with_code(ALL_RIGHTS, &plain_system("run"), &code)), [DENIED; 4]);
    assert_eq!(still.trial.count::<Sheep>(), 0);
    // Two of them are the mods' own entities.
    assert_eq!(next_ids(still.trial.game.world())[..100], ids[2..102]);
    still.assert_untouched();
}

#[test]
fn queries_that_are_not_there() {
    let numbers = beyond(1);
    let body =
        with_each(&numbers, "(call $view_next (i32.const N) (i32.const 0) (i32.const 64) (i32.const 256))")
            + &with_each(&numbers, "(call $get (i32.const N) (i32.const 0) (i64.const 0) (i32.const 64))")
            + &with_each(&numbers, "(call $set (i32.const N) (i32.const 0) (i64.const 0) (i32.const 64))");
    let mut still = Still::new();
    let answers = still.answers(&hostile(ALL_RIGHTS, &system_of_all(), &body));
    assert_eq!(answers, vec![BAD_ARGUMENT; 3 * numbers.len()]);
    still.assert_untouched();
}

#[test]
fn queries_of_a_system_that_has_none() {
    let body = "(call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 256)))
        (call $note (call $get (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 64)))
        (call $note (call $set (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 64)))
        (call $note (call $resource_get (i32.const 0) (i32.const 64)))
        (call $note (call $resource_set (i32.const 0) (i32.const 64)))
        (call $note (call $event_send (i32.const 0) (i32.const 64) (i32.const 4)))
        (call $note (call $event_next (i32.const 64) (i32.const 64)))";
    // Another system of the same mod declares all of them.
    let systems = plain_system("run") + &system_of_all().replace("\"run\"", "\"other\"");
    let code = run(body) + "(func (export \"sys_other\"))";
    let mut still = Still::new();
    let answers = still.answers(&with_code(ALL_RIGHTS, &systems, &code));
    assert_eq!(answers[..6], [BAD_ARGUMENT; 6]);
    assert_eq!(answers[6], NOT_NOW);
    still.assert_untouched();
}

#[test]
fn columns_that_are_not_there_or_are_none() {
    // The third column is the entities themselves.
    let numbers = beyond(2);
    let still = Still::new();
    let entity = format!("(i64.const {})", still.entity.to_bits() as i64);
    let get = format!("(call $get (i32.const 0) (i32.const N) {entity} (i32.const 64))");
    let body = with_each(&numbers, &get) + &with_each(&numbers, &get.replace("$get", "$set"));
    let mut still = still;
    let answers = still.answers(&hostile(ALL_RIGHTS, &system_of_all(), &body));
    assert_eq!(answers, vec![BAD_ARGUMENT; 2 * numbers.len()]);
    still.assert_untouched();
}

#[test]
fn a_column_that_is_read_is_not_set() {
    let mut still = Still::new();
    let body = format!(
        "(call $note (call $get (i32.const 0) (i32.const 0) (i64.const {0}) (i32.const 64)))
         (i64.store (i32.const 64) (i64.const -1))
         (call $note (call $set (i32.const 0) (i32.const 0) (i64.const {0}) (i32.const 64)))",
        still.entity.to_bits() as i64
    );
    let answers = still.answers(&hostile(ALL_RIGHTS, &system("run", &[READ_VELOCITY]), &body));
    assert_eq!(answers, [8, DENIED]);
    still.assert_untouched();
}

#[test]
fn a_resource_that_is_read_is_not_set() {
    let body = "(i64.store (i32.const 64) (i64.const -1))
        (call $note (call $resource_set (i32.const 0) (i32.const 64)))";
    let mut still = Still::new();
    assert_eq!(still.answers(&hostile(ALL_RIGHTS, &system_of_all(), body)), [DENIED]);
    still.assert_untouched();
}

#[test]
fn resources_that_are_not_there() {
    let numbers = beyond(1);
    let body = with_each(&numbers, "(call $resource_get (i32.const N) (i32.const 64))")
        + &with_each(&numbers, "(call $resource_set (i32.const N) (i32.const 64))");
    let mut still = Still::new();
    let answers = still.answers(&hostile(ALL_RIGHTS, &system_of_all(), &body));
    assert_eq!(answers, vec![BAD_ARGUMENT; 2 * numbers.len()]);
    still.assert_untouched();
}

#[test]
fn events_that_are_not_there_or_are_no_whole_ones() {
    let numbers = beyond(1);
    let mut body = with_each(&numbers, "(call $event_send (i32.const N) (i32.const 64) (i32.const 4))");
    let lengths = [1, 2, 3, 5, 7, 9];
    body += &with_each(&lengths, "(call $event_send (i32.const 0) (i32.const 64) (i32.const N))");
    let mut still = Still::new();
    let answers = still.answers(&hostile(ALL_RIGHTS, &system_of_all(), &body));
    assert_eq!(answers, vec![BAD_ARGUMENT; numbers.len() + lengths.len()]);
    still.assert_untouched();
}

#[test]
fn events_outside_of_a_handler() {
    let body = "(call $note (call $event_next (i32.const 64) (i32.const 64)))
        (call $note (call $event_next (i32.const 0) (i32.const 0)))";
    let mut still = Still::new();
    assert_eq!(still.answers(&hostile(ALL_RIGHTS, &system_of_all(), body)), [NOT_NOW; 2]);
    still.assert_untouched();
}
