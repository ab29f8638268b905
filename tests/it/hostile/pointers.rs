//! Addresses and lengths of every kind for every import: an error code, success within the memory, or a fault.
//!
//! The mod has a table of cases in its memory, and tries one in each frame; then the game resets it. So each case is
//! a separate call, whatever the outcome of the previous one.

use bevy_ecs::prelude::*;
use tinkerbox::Mods;
use tinkerbox_abi::View;

use super::*;
use crate::modding::games::snapshot::next_ids;

const ADDRESSES: [u64; 13] = [
    0,
    1,
    4,
    8,
    60,
    MEMORY - 56,
    MEMORY - 8,
    MEMORY - 1,
    MEMORY,
    MEMORY + 1,
    1 << 31,
    (1 << 32) - 8,
    (1 << 32) - 1,
];
const LENGTHS: [u64; 7] = [0, 1, 8, 1024, MEMORY, 1 << 31, (1 << 32) - 1];

/// The call that the mod makes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Import {
    ViewNext,
    /// The same, but with the record's address under test.
    ViewRecord,
    Get,
    Set,
    Command,
    EntityReserve,
    EventNext,
    EventSend,
    ResourceGet,
    ResourceSet,
    Log,
    Panic,
}

use Import::*;

const IMPORTS: [Import; 12] = [
    ViewNext,
    ViewRecord,
    Get,
    Set,
    Command,
    EntityReserve,
    EventNext,
    EventSend,
    ResourceGet,
    ResourceSet,
    Log,
    Panic,
];

/// One call.
#[derive(Clone, Copy, Debug)]
struct Case {
    import: Import,
    address: u64,
    len: u64,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for import in IMPORTS {
        let has_len = ![ViewRecord, Get, Set, ResourceGet, ResourceSet].contains(&import);
        let lengths = if has_len { &LENGTHS[..] } else { &[0] };
        for address in ADDRESSES {
            cases.extend(lengths.iter().map(|&len| Case { import, address, len }));
        }
    }
    cases
}

impl Case {
    /// Rows must not be at an unaligned address, nor at 0, which means that the column is absent.
    fn is_bad_place(&self) -> bool {
        !self.address.is_multiple_of(8) || self.address == 0 && self.len > 0
    }

    fn is_within(&self, len: u64) -> bool {
        self.address + len <= MEMORY
    }

    /// The answer, in a system with all permissions; `None` for a fault.
    fn answer(&self) -> Option<i32> {
        let within = |len: u64, answer: i32| self.is_within(len).then_some(answer);
        match self.import {
            ViewNext if self.is_within(self.len) && self.is_bad_place() => Some(BAD_ARGUMENT),
            // Two entities of 16 bytes each.
            ViewNext => within(self.len, if self.len < 16 { NO_ROOM } else { 2 }),
            ViewRecord => within(View::SIZE as u64, 2),
            Get | ResourceGet => within(8, 8),
            Set | ResourceSet => within(8, 0),
            // The bytes there are not a record.
            Command => within(self.len, if self.len == 0 { 0 } else { BAD_ARGUMENT }),
            EntityReserve if self.len > 4096 => Some(NO_ROOM),
            EntityReserve => within(8 * self.len, 0),
            EventNext => within(self.len, if self.len < 1024 { NO_ROOM } else { 1 }),
            EventSend => match self.len {
                1 => within(1, BAD_ARGUMENT),
                MEMORY => within(MEMORY, NO_ROOM),
                len => within(len, 0),
            },
            Log => within(self.len, 0),
            Panic => None,
        }
    }

    /// The same outside of a running system.
    fn answer_outside(&self) -> Option<i32> {
        let is_checked_first = match self.import {
            ViewNext | Command | EventNext | EventSend | Log => self.is_within(self.len),
            ViewRecord => self.is_within(View::SIZE as u64),
            Get | Set | EntityReserve | ResourceGet | ResourceSet => true,
            Panic => false,
        };
        is_checked_first.then_some(if self.import == Log { 0 } else { NOT_NOW })
    }
}

/// The table, and `(call $try number)`, which tries one of its cases and notes the answer. `target` is an entity.
fn code(target: Entity, rest: &str) -> String {
    let table: Vec<u64> =
        cases().iter().flat_map(|case| [case.import as u64, case.address | case.len << 32]).collect();
    let calls: String = IMPORTS
        .iter()
        .enumerate()
        .map(|(number, import)| {
            let call = match import {
                ViewNext => {
                    "(call $view_next (i32.const 0) (i32.const 59000) (local.get $at) (local.get $len))"
                }
                ViewRecord => {
                    "(call $view_next (i32.const 0) (local.get $at) (i32.const 60064) (i32.const 64))"
                }
                Get => "(call $get (i32.const 0) (i32.const 0) (global.get $target) (local.get $at))",
                Set => "(call $set (i32.const 0) (i32.const 0) (global.get $target) (local.get $at))",
                Command => "(call $command (local.get $at) (local.get $len))",
                EntityReserve => "(call $entity_reserve (local.get $at) (local.get $len))",
                EventNext => "(call $event_next (local.get $at) (local.get $len))",
                EventSend => "(call $event_send (i32.const 0) (local.get $at) (local.get $len))",
                ResourceGet => "(call $resource_get (i32.const 0) (local.get $at))",
                ResourceSet => "(call $resource_set (i32.const 0) (local.get $at))",
                Log => "(i32.const 0) (call $log (i32.const 4) (local.get $at) (local.get $len))",
                Panic => "(i32.const 0) (call $panic (local.get $at) (local.get $len))",
            };
            format!("(if (i32.eq (local.get $import) (i32.const {number})) (then {call} (call $note)))\n")
        })
        .collect();
    let record = data(65_536, &bytes_of(&table));
    format!(
        r#"{record}
        (global $target i64 (i64.const {}))
        (func $try (param $case i32) (local $import i32) (local $at i32) (local $len i32)
            (local.set $case (i32.add (i32.const 65536) (i32.mul (local.get $case) (i32.const 16))))
            (local.set $import (i32.load (local.get $case)))
            (local.set $at (i32.load (i32.add (local.get $case) (i32.const 8))))
            (local.set $len (i32.load (i32.add (local.get $case) (i32.const 12))))
            {calls}
            (call $tell))
        {rest}"#,
        target.to_bits() as i64
    )
}

/// Runs a frame for each case, resetting the mod each time, and compares the outcome with `expected`.
fn check_all(
    trial: &mut Trial,
    prepare: impl Fn(&mut Trial, u64),
    expected: impl Fn(&Case) -> Option<i32>,
) -> usize {
    let cases = cases();
    let mut kinds = std::collections::BTreeSet::new();
    for (number, case) in cases.iter().enumerate() {
        let (told, faults) = (trial.told().len(), trial.faults());
        let entity = trial.game.entity("hostile");
        trial.game.world().resource_mut::<Mods>().reset(entity);
        prepare(trial, number as u64);
        trial.frames(1);
        let answer = trial.told().get(told).copied();
        assert_eq!(answer, expected(case), "{case:x?}");
        assert_eq!(trial.faults() - faults, u64::from(answer.is_none()), "{case:x?}");
        kinds.insert((case.import as u32, answer));
    }
    kinds.len()
}

fn manifest() -> String {
    system("run", &[WRITE_POSITION, ENTITIES])
        .replace("[[system.query]]", &format!("commands = true\n{}[[system.query]]", handles::<Letter>()))
        + &resource::<Weather>("write")
        + &sends::<Gong>()
}

#[test]
fn every_import_with_every_address_and_length() {
    let mut trial = Trial::new();
    let target = trial.game.spawn_at(50.0);
    // The first letter says which case it is; the second is a wait.
    let run = r#"(func (export "sys_run")
        (drop (call $event_next (i32.const 61000) (i32.const 1024)))
        (call $try (i32.load (i32.const 61000))))"#;
    trial.load(&with_code(ALL_RIGHTS, &manifest(), &code(target, run)));
    trial.frames(1);
    let entities = trial.game.world().entities().count_spawned();
    let ids = next_ids(trial.game.world());
    let post = |trial: &mut Trial, number: u64| {
        trial.game.world().write_message(Letter::new(number));
        trial.game.world().write_message(Letter::new(number));
    };
    let kinds = check_all(&mut trial, post, Case::answer);
    assert!(kinds > 25, "{kinds} different ends of calls");
    assert_eq!(trial.game.world().entities().count_spawned(), entities);
    assert_eq!(next_ids(trial.game.world()), ids);
    let weather = *trial.game.world().resource::<Weather>();
    assert_eq!(weather, Weather::default(), "what was set was zeros");
    assert_eq!(trial.game.world().get::<Position>(target).unwrap().y, 0.0);
}

#[test]
fn the_same_where_no_system_runs() {
    let mut trial = Trial::new();
    let target = trial.game.spawn_at(50.0);
    // It is reset at the start of each frame, before the time advances; for the first time in the second.
    let init = r#"(func (export "sys_run"))
        (func (export "tb_init") (param i32)
            (if (i64.eqz (call $tick)) (then return))
            (call $try (i32.sub (i32.wrap_i64 (call $tick)) (i32.const 1))))"#;
    trial.load(&with_code(ALL_RIGHTS, &manifest(), &code(target, init)));
    trial.frames(1);
    let ids = next_ids(trial.game.world());
    check_all(&mut trial, prepare_letter, Case::answer_outside);
    assert_eq!(next_ids(trial.game.world()), ids);
}

/// Messages logged in `tb_init` appear with the next system's.
fn prepare_letter(trial: &mut Trial, number: u64) {
    trial.game.world().write_message(Letter::new(number));
}

#[test]
fn a_large_memory_is_looked_at_in_pieces() {
    // 96 pages; at 1 MiB there are 3 million zeros, which are not a record.
    let body = "(if (i32.eq (i32.const -1) (memory.grow (i32.const 94))) (then unreachable))
        (call $note (call $command (i32.const 1048576) (i32.const 4194304)))
        (call $note (call $command (i32.const 0) (i32.const 4194305)))
        (call $note (call $command (i32.const 0) (i32.const 6291456)))
        (call $note (call $event_send (i32.const 0) (i32.const 0) (i32.const 6291456)))
        (call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 2097152) (i32.const 4194304)))
        (call $log (i32.const 4) (i32.const 2097152) (i32.const 4194304))
        (call $note (call $command (i32.const 6291456) (i32.const 0)))";
    let manifest = manifest().replace(&handles::<Letter>(), "");
    let mut trial = Trial::of(&hostile(&(RICH.to_owned() + ALL_RIGHTS), &manifest, body));
    assert_eq!(trial.answers(), [BAD_ARGUMENT, NO_ROOM, NO_ROOM, NO_ROOM, 1, 0]);
    let logged = trial.game.report("hostile", ModReportKind::Log(LogLevel::Trace));
    assert_eq!(logged.chars().count(), 1024);
}
