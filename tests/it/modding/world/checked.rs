//! Types of which not all bytes are a value: a `bool`, an enum and an entity as fields, in arrays and in nested structs.
//! Each byte of such a value is swept through each way into the world.
//!
//! `mirrors.rs` tests types that cross as other types.

use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, LogLevel, ModReportKind, ModStatus, ModTime};
use tinkerbox_abi::{ModEntity, ModType, Text};
use tinkerbox_macros::mod_type;

use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script};
use crate::modding::games::wider_game::data;

/// What a gate is made of.
#[mod_type("game:Stuff")]
#[derive(Debug, PartialEq)]
enum Stuff {
    Oak,
    Elm = 5,
    Iron = 255,
}

#[mod_type("game:Latch")]
#[derive(Debug, PartialEq)]
struct Latch {
    is_locked: bool,
}

/// Four bytes: a component in tables, a resource and an event.
macro_rules! gates {
    ($($name:ident $id:literal $derive:ident)*) => {
        $(
            #[mod_type($id)]
            #[derive($derive, Debug, PartialEq)]
            struct $name {
                is_open: bool,
                stuff: [Stuff; 2],
                latch: Latch,
            }
        )*
    };
}

gates!(Gate "game:Gate" Component Sesame "game:Sesame" Resource Creak "game:Creak" Message);

/// The bytes of the old values.
const OLD: [u8; 4] = [1, 5, 0, 1];

fn old<T: ModType>() -> T {
    bytemuck::checked::pod_read_unaligned(&OLD)
}

/// Which of a field's bytes are values.
const VALID: [&[u8]; 4] = [&[0, 1], &[0, 5, 255], &[0, 5, 255], &[0, 1]];

/// The name of the field to which each byte belongs.
const FIELDS: [&str; 4] = ["is_open", "stuff[0]", "stuff[1]", "latch.is_locked"];

/// The old bytes with one of them replaced by each number, with whether that is a value.
fn sweep() -> impl Iterator<Item = (usize, [u8; 4], bool)> {
    (0..4).flat_map(|at| {
        (0..=255).map(move |byte| {
            let mut bytes = OLD;
            bytes[at] = byte;
            (at, bytes, VALID[at].contains(&byte))
        })
    })
}

fn game() -> Game {
    let mut game = Game::new(&[]);
    game.app.expose_component::<Gate>().expose_resource::<Sesame>().expose_event::<Creak>();
    game.world().insert_resource(old::<Sesame>());
    game
}

const RIGHTS: &str = "[permissions]\nwrite = [\"game:Gate\", \"game:Sesame\", \"game:Position\"]\nsend = [\"game:Creak\"]\n\
                      spawn = true\n";

fn queries() -> String {
    format!(
        "[[system.query]]\ncolumns = [{{ component = \"game:Gate\", access = \"write\", layout = \"{}\" }}]\n\
         [[system.resource]]\nresource = \"game:Sesame\"\naccess = \"write\"\nlayout = \"{}\"\n\
         [[system.send]]\nevent = \"game:Creak\"\nlayout = \"{}\"\n",
        Gate::LAYOUT,
        Sesame::LAYOUT,
        Creak::LAYOUT
    )
}

#[test]
fn layouts_name_all_parts() {
    let stuff = "Stuff enum u8 { Oak = 0, Elm = 5, Iron = 255 }";
    let expected = format!("{{ is_open: bool, stuff: [{stuff}; 2], latch: Latch {{ is_locked: bool }} }}");
    assert_eq!(Gate::LAYOUT, expected);
    assert_eq!(Stuff::LAYOUT, "enum u8 { Oak = 0, Elm = 5, Iron = 255 }");
}

/// How a mod writes a value for which an invalid one is a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Chunk,
    /// The system is suspended while it has the chunk.
    ChunkOfOneThatWaits,
    Set,
    Resource,
}

impl Way {
    const ALL: [Way; 4] = [Way::Chunk, Way::ChunkOfOneThatWaits, Way::Set, Way::Resource];

    /// Writes what lies at the address `$i`.
    fn code(self, entity: Entity) -> String {
        let lend = "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 4096)))
            (i32.store (i32.const 68) (i32.load (local.get $i)))";
        match self {
            Way::Chunk => lend.to_owned(),
            Way::ChunkOfOneThatWaits => [lend, &ado(2_000)].concat(),
            Way::Set => format!(
                "(drop (call $set (i32.const 0) (i32.const 0) (i64.const {}) (local.get $i)))",
                entity.to_bits() as i64
            ),
            Way::Resource => "(drop (call $resource_set (i32.const 0) (local.get $i)))".to_owned(),
        }
    }
}

/// Where the values of the sweep lie in the mod's memory.
const VALUES: usize = 8192;

/// So many ticks pass from one frame to the next that faults are forgiven at once.
const TICKS: u64 = 10_000;

/// A mod that writes another value of the sweep in each frame.
fn writer(way: Way, entity: Entity) -> ModText {
    let values = data(VALUES, &sweep().flat_map(|(_, bytes, _)| bytes).collect::<Vec<u8>>());
    let address = format!(
        "(local.set $i (i32.add (i32.const {VALUES}) (i32.mul (i32.const 4)
            (i32.wrap_i64 (i64.div_u (call $tick) (i64.const {TICKS}))))))"
    );
    let code = way.code(entity);
    let budget = "[budget]\nfuel = 5000\nburst = 5000\n";
    ModText {
        manifest: head("aaa") + budget + RIGHTS + &plain_system("run") + &queries(),
        wat: module(&format!("{values} (func (export \"sys_run\") (local $i i32) {address} {code})")),
    }
}

fn bytes_of<T: ModType>(value: &T) -> [u8; 4] {
    bytemuck::bytes_of(value).try_into().unwrap()
}

#[test]
fn every_byte_is_written_or_is_a_fault_that_names_the_field() {
    for way in Way::ALL {
        let mut game = game();
        let gates: Vec<_> = (0..3).map(|_| game.world().spawn(old::<Gate>()).id()).collect();
        game.write("a", &writer(way, gates[1]));
        let mut faults = 0;
        for (number, (at, bytes, is_valid)) in sweep().enumerate() {
            for gate in &gates {
                game.world().entity_mut(*gate).insert(old::<Gate>());
            }
            game.world().insert_resource(old::<Sesame>());
            // Each frame adds one tick.
            game.world().resource_mut::<ModTime>().tick = number as u64 * TICKS;
            game.frame();
            while matches!(game.status("aaa"), ModStatus::Suspended { .. }) {
                game.frame();
            }
            faults += u64::from(!is_valid);
            let what = format!("{way:?}: {bytes:?}");
            assert_eq!(game.stats("aaa").faults, faults, "{what}");
            let world = game.app.world();
            let now: Vec<_> = gates.iter().map(|gate| bytes_of(world.get::<Gate>(*gate).unwrap())).collect();
            let written = if is_valid { bytes } else { OLD };
            match way {
                Way::Resource => assert_eq!(now, [OLD; 3], "{what}"),
                _ => assert_eq!(now, [OLD, written, OLD], "{what}"),
            }
            let expected = if way == Way::Resource { written } else { OLD };
            assert_eq!(bytes_of(world.resource::<Sesame>()), expected, "{what}");
            if !is_valid {
                let faults = game.reports("aaa", ModReportKind::Faulted);
                let id = if way == Way::Resource { "`game:Sesame`" } else { "`game:Gate`" };
                let field = format!("its `{}` is {}", FIELDS[at], bytes[at]);
                let fault = faults.last().unwrap();
                assert!(fault.contains(id) && fault.contains(&field), "{what}: {fault}");
            }
        }
    }
}

/// A mod `script` with these steps, in a game with one position.
fn scripted(script: Script) -> Game {
    let game = game();
    game.write("script", &script.mod_with(RIGHTS, &queries()));
    game
}

#[test]
fn every_byte_is_spawned_inserted_or_refused_with_its_batch() {
    // One game for each field: the records of all would not fit into the mod's memory.
    for (at, valid) in VALID.iter().enumerate() {
        let cases: Vec<_> = sweep().filter(|case| case.0 == at).collect();
        let position = (Position::ID, &[0; 8][..]);
        let mut script = Script::new();
        let mut game = game();
        let entity = game.world().spawn(Position::default()).id();
        for (tick, (_, bytes, _)) in cases.iter().enumerate() {
            let gate = (Gate::ID, &bytes[..]);
            script = script
                .in_tick(tick as u32 + 1)
                .send(&[Cmd::Spawn(0, &[position]), Cmd::Spawn(0, &[position, gate])])
                .send(&[Cmd::Insert(entity.to_bits(), &[gate])]);
        }
        game.write("script", &script.mod_with(RIGHTS, &queries()));
        let mut spawned = 1;
        for (_, bytes, is_valid) in cases {
            game.world().entity_mut(entity).remove::<Gate>();
            game.frame();
            let answer = if is_valid { 0 } else { -4 };
            assert_eq!(game.told("script").last_chunk(), Some(&[answer; 2]), "{bytes:?}");
            spawned += if is_valid { 2 } else { 0 };
            let mut positions = game.world().query::<&Position>();
            assert_eq!(positions.iter(game.app.world()).count(), spawned, "{bytes:?}");
            let inserted = game.app.world().get::<Gate>(entity).map(bytes_of);
            assert_eq!(inserted, is_valid.then_some(bytes));
        }
        let mut gates = game.world().query::<&Gate>();
        let count = gates.iter(game.app.world()).filter(|gate| valid.contains(&bytes_of(*gate)[at])).count();
        assert_eq!(count, valid.len() + usize::from(game.app.world().get::<Gate>(entity).is_some()));
        assert_eq!(game.stats("script").faults, 0);
        let first = (0..=255).find(|byte| !valid.contains(byte)).unwrap();
        let warning = game.report("script", ModReportKind::Log(LogLevel::Warn));
        let field = format!("a value is not a valid `game:Gate`: its `{}` is {first}, and ", FIELDS[at]);
        assert!(warning.contains(&field) && warning.contains("none of the commands was queued"), "{warning}");
    }
}

#[test]
fn every_byte_is_sent_or_refused_with_its_batch() {
    let mut script = Script::new();
    for (number, (_, bytes, _)) in sweep().enumerate() {
        let store = |at: u32, bytes: [u8; 4]| {
            format!("(i32.store (i32.const {at}) (i32.const {}))", i32::from_le_bytes(bytes))
        };
        let send = "(call $tell (call $event_send (i32.const 0) (i32.const 64) (i32.const 8)))";
        script = script.in_tick(number as u32 + 1).wat(&[&store(64, OLD), &store(68, bytes), send].concat());
    }
    let mut game = scripted(script);
    for (_, bytes, is_valid) in sweep() {
        game.world().resource_mut::<Messages<Creak>>().clear();
        game.frame();
        assert_eq!(game.told("script").last(), Some(if is_valid { &0 } else { &-4 }), "{bytes:?}");
        let sent = game.app.world().resource::<Messages<Creak>>();
        let sent: Vec<_> = sent.iter_current_update_messages().map(bytes_of).collect();
        assert_eq!(sent, if is_valid { vec![OLD, bytes] } else { vec![] }, "{bytes:?}");
    }
    assert_eq!(game.stats("script").faults, 0);
    let warning = game.report("script", ModReportKind::Log(LogLevel::Warn));
    let field = "an event is not a valid `game:Creak`: its `is_open` is 2, and a bool is 0 or 1";
    assert!(warning.contains(field) && warning.contains("none of the events was sent"), "{warning}");
}

/// A component in a sparse set with all the fields that take more than a byte.
#[mod_type("game:Leash")]
#[derive(Component, Debug, PartialEq)]
#[component(storage = "SparseSet")]
struct Leash {
    holder: ModEntity,
    other: Option<ModEntity>,
    name: Text<8>,
}

#[test]
fn an_entity_is_never_0_and_all_other_bytes_are_values() {
    assert_eq!(Leash::LAYOUT, "{ holder: entity, other: entity?, name: text[8] }");
    for at in 0..24 {
        for holder in [0u64, 7] {
            let mut game = game();
            game.app.expose_component::<Leash>();
            let mut bytes = [0; 24];
            bytes[..8].copy_from_slice(&holder.to_le_bytes());
            bytes[at] = 0xff;
            let is_valid = holder != 0 || at < 8;
            let rights = RIGHTS.replace("game:Gate", "game:Leash");
            let script = Script::new().send(&[Cmd::Spawn(0, &[(Leash::ID, &bytes)])]);
            game.write("script", &script.mod_with(&rights, ""));
            game.frame();
            assert_eq!(game.told("script"), [if is_valid { 0 } else { -4 }], "{bytes:?}");
            let mut leashes = game.world().query::<&Leash>();
            let spawned: Vec<_> =
                leashes.iter(game.app.world()).map(|it| bytemuck::bytes_of(it).to_vec()).collect();
            assert_eq!(spawned, if is_valid { vec![bytes.to_vec()] } else { vec![] });
        }
    }
}
