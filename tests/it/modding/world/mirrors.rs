//! Components that are not plain bytes: the bytes that mods see, which bytes convert back to values, and the parts of
//! a value that mods do not see.
//!
//! A door is stored in tables and a lamp in a sparse set. A door has marks, on the heap, which are new in each value
//! that comes from a mod.

use std::sync::atomic::{AtomicI64, Ordering};

use bevy_ecs::change_detection::Tick;
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModReportKind, ModStatus};
use tinkerbox_abi::ModType;
use tinkerbox_macros::mod_type;

use crate::modding::games::exposed::*;
use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script};

const RIGHTS: &str =
    "[permissions]\nwrite = [\"game:Door\", \"game:Lamp\", \"game:Position\", \"game:Mood\"]\nspawn = true\n";

const WOODS: [Wood; 3] = [Wood::Oak, Wood::Ash, Wood::Elm];

fn doors() -> impl Iterator<Item = (u16, Door)> {
    (0..6).map(|number| {
        let (open, wood) = (number % 2, number / 2);
        (open | wood << 8, Door::new(open == 1, WOODS[usize::from(wood)]))
    })
}

/// Bytes that do not encode a door.
fn no_doors() -> impl Iterator<Item = u16> {
    let is_door = |bytes: &u16| doors().any(|(known, _)| known == *bytes);
    let all = [0, 1, 2, 3, 4, 127, 128, 255].into_iter();
    all.clone()
        .flat_map(move |wood| all.clone().map(move |open| open | wood << 8))
        .filter(move |it| !is_door(it))
}

/// A door as the game made it: its marks distinguish it from one that came from a mod.
fn marked(door: Door) -> Door {
    Door { marks: vec![9, 9, 9], ..door }
}

/// A mod with one system, these queries, and locals `$i`, `$c0` and `$rows`.
fn mod_of(queries: &[String], code: &str) -> ModText {
    ModText {
        manifest: head("aaa") + RIGHTS + &plain_system("run") + &queries.concat(),
        wat: module(&format!(
            "{TELL} (func (export \"sys_run\") (local $i i32) (local $c0 i32) (local $rows i32) {code})"
        )),
    }
}

fn with_fuel(text: ModText, fuel: u64) -> ModText {
    let budget = format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[perm");
    ModText { manifest: text.manifest.replace("[perm", &budget), ..text }
}

/// Runs frames until the mod's system has ended.
fn finish(game: &mut Game) {
    game.frame();
    while matches!(game.status("aaa"), ModStatus::Suspended { .. }) {
        game.frame();
    }
}

/// Lends all rows of query 0 at once, at address 64.
const LEND: &str = "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 4096)))";

/// How a mod writes a value.
#[derive(Clone, Copy, Debug)]
enum Way {
    Chunk,
    /// The system is suspended while it has the chunk.
    ChunkOfOneThatWaits,
    Set,
    SetAndWait,
}

impl Way {
    const ALL: [Way; 4] = [Way::Chunk, Way::ChunkOfOneThatWaits, Way::Set, Way::SetAndWait];

    /// Writes these bytes for one of the doors, which is at this row.
    fn write(self, bytes: u16, row: usize, entity: Entity) -> String {
        let store = format!("(i32.store16 (i32.const {}) (i32.const {bytes}))", 64 + 2 * row);
        let set = format!(
            "(i32.store16 (i32.const 32) (i32.const {bytes}))
            (drop (call $set (i32.const 0) (i32.const 0) (i64.const {}) (i32.const 32)))",
            entity.to_bits() as i64
        );
        match self {
            Way::Chunk => [LEND, &store].concat(),
            Way::ChunkOfOneThatWaits => [LEND, &store, &ado(2_000)].concat(),
            Way::Set => set,
            Way::SetAndWait => [set, ado(2_000)].concat(),
        }
    }
}

/// A game with five doors, one of which a mod writes; returns the state of all, with the ticks of their last changes.
struct Written {
    game: Game,
    entity: Entity,
    doors: Vec<(Door, bool)>,
}

fn write(way: Way, old: &Door, row: usize, bytes: u16) -> Written {
    let mut game = Game::new(&[]);
    let entities: Vec<_> = (0..5).map(|_| game.world().spawn(marked(old.clone())).id()).collect();
    let text = mod_of(&[query("write game:Door", "")], &way.write(bytes, row, entities[row]));
    game.write("a", &with_fuel(text, 5_000));
    let ticks = |game: &mut Game| -> Vec<Tick> {
        let entity = |&entity| game.app.world().entity(entity);
        entities.iter().map(|it| entity(it).get_change_ticks::<Door>().unwrap().changed).collect()
    };
    let before = ticks(&mut game);
    finish(&mut game);
    let after = ticks(&mut game);
    let doors = entities.iter().enumerate().map(|(at, &entity)| {
        (game.app.world().get::<Door>(entity).unwrap().clone(), before[at] != after[at])
    });
    Written { doors: doors.collect(), entity: entities[row], game }
}

#[test]
fn every_value_is_written_by_every_way_and_the_other_rows_are_left_alone() {
    for way in Way::ALL {
        for (row, (old_bytes, old)) in doors().enumerate().map(|(number, old)| (number % 5, old)) {
            for (bytes, new) in doors() {
                let written = write(way, &old, row, bytes);
                let mut expected = vec![(marked(old.clone()), false); 5];
                // Writing an equal value is not a change: the door keeps its marks.
                if bytes != old_bytes {
                    expected[row] = (new, true);
                }
                assert_eq!(written.doors, expected, "{way:?}: {bytes:x} in row {row}");
            }
        }
    }
}

#[test]
fn bytes_that_are_no_value_end_the_system_and_the_world_is_as_it_was() {
    let old = Door::new(true, Wood::Ash);
    for way in Way::ALL {
        for (row, bytes) in no_doors().enumerate().map(|(number, bytes)| (number % 5, bytes)) {
            let mut written = write(way, &old, row, bytes);
            assert_eq!(written.doors, vec![(marked(old.clone()), false); 5], "{way:?}: {bytes:x}");
            assert_eq!(written.game.stats("aaa").faults, 1, "{way:?}: {bytes:x}");
            let fault = written.game.report("aaa", ModReportKind::Faulted);
            let of = format!("not a valid `game:Door` for entity {}: see", written.entity);
            assert!(fault.contains("system `run`") && fault.contains(&of), "{way:?}: {of}: {fault}");
        }
    }
}

#[test]
fn one_value_that_is_none_takes_all_else_that_the_system_has_done_with_it() {
    // It writes positions, moods and all doors; one door, in each row in turn, is invalid.
    for wrong in 0..5 {
        let mut game = Game::new(&[]);
        let row = |game: &mut Game| {
            game.world().spawn((marked(Door::new(false, Wood::Oak)), Position::default(), Mood(1))).id()
        };
        let entities: Vec<_> = (0..5).map(|_| row(&mut game)).collect();
        let mut code = LEND.to_owned();
        for at in 0..5 {
            let door = if at == wrong { 2 } else { 1 };
            // Doors start at 64, positions at 80, moods at 120: columns begin at multiples of 8.
            code += &format!("(i32.store16 (i32.const {}) (i32.const {door}))", 64 + 2 * at);
            code += &format!("(f32.store (i32.const {}) (f32.const 3))", 80 + 8 * at);
            code += &format!("(i32.store (i32.const {}) (i32.const 7))", 120 + 4 * at);
        }
        game.write(
            "a",
            &mod_of(&[query("write game:Door, write game:Position, write game:Mood", "")], &code),
        );
        game.frame();
        assert_eq!(game.stats("aaa").faults, 1);
        for entity in entities {
            let entity = game.app.world().entity(entity);
            assert_eq!(entity.get::<Door>(), Some(&marked(Door::new(false, Wood::Oak))));
            assert_eq!(entity.get::<Position>(), Some(&Position::default()));
            assert_eq!(entity.get::<Mood>(), Some(&Mood(1)));
        }
    }
}

#[test]
fn get_gives_the_mirror_and_sees_what_was_set() {
    for ((bytes, door), (new, expected)) in doors().zip(doors().skip(1)) {
        let mut game = Game::new(&[]);
        let entity = game.world().spawn((marked(door), Lamp { lit: true })).id();
        let id = entity.to_bits() as i64;
        let get = |column: u32| {
            format!(
                "(i64.store (i32.const 64) (i64.const -1))
                (call $tell (call $get (i32.const 0) (i32.const {column}) (i64.const {id}) (i32.const 64)))
                (call $tell_i64 (i64.load (i32.const 64)))"
            )
        };
        let set = format!(
            "(i32.store (i32.const 32) (i32.const {new}))
            (call $tell (call $set (i32.const 0) (i32.const 0) (i64.const {id}) (i32.const 32)))"
        );
        let code = [get(0), get(1), set, get(0)].concat();
        game.write("a", &mod_of(&[query("write game:Door, read game:Lamp", "")], &code));
        game.frame();
        let door = |bytes: u16| 0xffff_ffff_ffff_0000_u64 as i64 | i64::from(bytes);
        let lamp = 0xffff_ffff_0000_0001_u64 as i64;
        assert_eq!(game.told("aaa"), [2, door(bytes), 4, lamp, 0, 2, door(new)]);
        assert_eq!(game.world().get::<Door>(entity), Some(&expected));
    }
}

#[test]
fn what_is_spawned_and_inserted_is_made_of_its_mirror() {
    for (bytes, expected) in doors() {
        let bytes = bytes.to_le_bytes();
        let mut game = Game::new(&[]);
        let bare = game.spawn_at(0.0);
        let full = game.world().spawn((marked(Door::new(true, Wood::Elm)), Lamp { lit: true })).id();
        let parts: [(&str, &[u8]); 2] = [(LampBytes::ID, &[0, 0, 0, 0]), (DoorBytes::ID, &bytes)];
        let commands = [
            Cmd::Spawn(0, &parts),
            Cmd::Insert(bare.to_bits(), &parts),
            Cmd::Insert(full.to_bits(), &parts[1..]),
        ];
        game.write("script", &Script::new().send(&commands).mod_with(RIGHTS, ""));
        game.frame();
        assert_eq!(game.told("script"), [0]);
        let mut all = game.world().query::<(Entity, &Door, &Lamp)>();
        let mut found: Vec<_> =
            all.iter(game.app.world()).map(|(it, door, lamp)| (it, door, lamp.lit)).collect();
        found.sort_by_key(|(entity, ..)| (*entity != bare, *entity != full));
        let lit: Vec<_> = found.iter().map(|(_, _, lit)| *lit).collect();
        assert_eq!(lit, [false, true, false], "the one that was there, the one with a new door, the new one");
        assert!(found.iter().all(|(_, door, _)| **door == expected), "{found:?}");
    }
}

#[test]
fn a_command_with_bytes_that_are_no_value_is_refused_with_its_batch() {
    let position: (&str, &[u8]) = (Position::ID, &[0; 8]);
    let good: (&str, &[u8]) = (DoorBytes::ID, &[0, 0]);
    for (bytes, lit) in no_doors().map(u16::to_le_bytes).zip([2u32, 3, 255, 256, u32::MAX].iter().cycle()) {
        let (door, lit): (_, _) = ((DoorBytes::ID, &bytes[..]), lit.to_le_bytes());
        let lamp = (LampBytes::ID, &lit[..]);
        let mut game = Game::new(&[]);
        let entity = game.world().spawn((Position::default(), Lamp { lit: true })).id();
        let id = entity.to_bits();
        let batches: [&[Cmd<'_>]; 5] = [
            &[Cmd::Spawn(0, &[position, door])],
            &[Cmd::Spawn(0, &[lamp])],
            &[Cmd::Insert(id, &[door])],
            &[Cmd::Insert(id, &[lamp, good])],
            &[Cmd::Spawn(0, &[good]), Cmd::Insert(id, &[good]), Cmd::Insert(id, &[position, door])],
        ];
        let script = batches.iter().fold(Script::new(), |script, batch| script.send(batch));
        // A valid one is written beside them.
        game.write("script", &script.send(&[Cmd::Spawn(0, &[good])]).mod_with(RIGHTS, ""));
        game.frame();
        assert_eq!(game.told("script"), [-4, -4, -4, -4, -4, 0], "{bytes:?} {lit:?}");
        assert_eq!(game.stats("script").faults, 0);
        let mut doors = game.world().query::<&Door>();
        assert_eq!(doors.iter(game.app.world()).count(), 1);
        let entity = game.app.world().entity(entity);
        assert_eq!((entity.get::<Door>(), entity.get::<Lamp>()), (None, Some(&Lamp { lit: true })));
    }
}

/// Tells the mood, which identifies the entity, of each row that the query finds.
fn found(game: &mut Game, columns: &str, filters: &str) -> Vec<i64> {
    let each = each_row_of("run", &[4], 4096, "(call $tell (i32.load (local.get $c0)))");
    game.write(
        "a",
        &ModText {
            manifest: head("aaa") + RIGHTS + &plain_system("run") + &query(columns, filters),
            wat: module(&format!("{TELL} {each}")),
        },
    );
    game.frame();
    assert_eq!((game.status("aaa"), game.stats("aaa").faults), (ModStatus::Live, 0));
    let mut found = game.told("aaa");
    found.sort_unstable();
    found
}

/// Four entities: bare, with a door, with a lamp, with both.
fn four(game: &mut Game) -> [Entity; 4] {
    let world = game.world();
    let door = || marked(Door::new(true, Wood::Oak));
    let lamp = Lamp { lit: true };
    [
        world.spawn(Mood(0)).id(),
        world.spawn((Mood(1), door())).id(),
        world.spawn((Mood(2), lamp)).id(),
        world.spawn((Mood(3), door(), lamp)).id(),
    ]
}

#[test]
fn filters_know_mirrored_components() {
    let cases: [(&str, &str, &[i64]); 8] = [
        ("read game:Mood", "", &[0, 1, 2, 3]),
        ("read game:Mood", "with = [\"game:Door\"]", &[1, 3]),
        ("read game:Mood", "with = [\"game:Lamp\"]", &[2, 3]),
        ("read game:Mood", "without = [\"game:Door\"]", &[0, 2]),
        ("read game:Mood", "with = [\"game:Lamp\"]\nwithout = [\"game:Door\"]", &[2]),
        ("read game:Mood", "without = [\"game:Lamp\", \"game:Door\"]", &[0]),
        ("read game:Mood", "changed = [\"game:Door\"]", &[1, 3]),
        ("read game:Mood", "changed = [\"game:Door\", \"game:Lamp\"]", &[3]),
    ];
    for (columns, filters, expected) in cases {
        let mut game = Game::new(&[]);
        four(&mut game);
        assert_eq!(found(&mut game, columns, filters), expected, "{filters}");
    }
}

#[test]
fn a_change_of_a_mirrored_component_is_seen_once() {
    for (filter, touched) in [("game:Door", [1, 3]), ("game:Lamp", [2, 3])] {
        let mut game = Game::new(&[]);
        let entities = four(&mut game);
        let filters = format!("changed = [\"{filter}\"]");
        let mut expected = touched.to_vec();
        assert_eq!(found(&mut game, "read game:Mood", &filters), expected);
        for round in 0..4 {
            game.frame();
            let entity = entities[touched[round % 2] as usize];
            match filter {
                "game:Door" => game.world().get_mut::<Door>(entity).unwrap().open ^= true,
                _ => game.world().get_mut::<Lamp>(entity).unwrap().lit ^= true,
            }
            game.frame();
            expected.push(touched[round % 2]);
            let mut told = game.told("aaa");
            told[..2].sort_unstable();
            assert_eq!(told, expected, "{filter} in round {round}");
        }
    }
}

#[test]
fn rows_without_an_optional_mirrored_component_have_no_column_of_it() {
    let mut game = Game::new(&[]);
    let entities = four(&mut game);
    // Shuts doors and puts out lamps where there are any.
    let code = "(if (local.get $c1) (then (i32.store8 (local.get $c1) (i32.const 0))))
        (if (local.get $c2) (then (i32.store (local.get $c2) (i32.const 0))))";
    game.write(
        "a",
        &ModText {
            manifest: head("aaa")
                + RIGHTS
                + &plain_system("run")
                + &query("read game:Mood, write? game:Door, write? game:Lamp", ""),
            wat: module(&each_row_of("run", &[4, 2, 4], 64, code)),
        },
    );
    game.frame();
    assert_eq!(game.stats("aaa").faults, 0);
    let shut = Door::new(false, Wood::Oak);
    let of = |entity: Entity| {
        let entity = game.app.world().entity(entity);
        (entity.get::<Door>().cloned(), entity.get::<Lamp>().copied())
    };
    let out = Lamp { lit: false };
    let expected = [(None, None), (Some(shut.clone()), None), (None, Some(out)), (Some(shut), Some(out))];
    assert_eq!(entities.map(of), expected);
}

/// A component that counts its live values.
#[derive(Component)]
struct Token(u32);

static TOKENS: AtomicI64 = AtomicI64::new(0);

impl Token {
    fn new(number: u32) -> Token {
        TOKENS.fetch_add(1, Ordering::Relaxed);
        Token(number)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        TOKENS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The type as which it crosses.
#[mod_type("game:Token")]
struct TokenNumber(u32);

impl From<&Token> for TokenNumber {
    fn from(token: &Token) -> TokenNumber {
        TokenNumber(token.0)
    }
}

impl TryFrom<TokenNumber> for Token {
    type Error = NoSuchValue;

    fn try_from(number: TokenNumber) -> Result<Token, NoSuchValue> {
        if number.0 < 1_000 { Ok(Token::new(number.0)) } else { Err(NoSuchValue) }
    }
}

/// Writes, sets, spawns, inserts and removes tokens in each of six ticks, and faults at the end of the third.
fn juggler([set, spare, replaced, removed]: [Entity; 4]) -> ModText {
    let token: (&str, &[u8]) = (TokenNumber::ID, &[9, 0, 0, 0]);
    let none: (&str, &[u8]) = (TokenNumber::ID, &[0, 4, 0, 0]);
    let write =
        format!("{LEND} (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 10)))");
    let set_to = |number: u32| {
        format!(
            "(i32.store (i32.const 32) (i32.const {number}))
            (drop (call $set (i32.const 0) (i32.const 0) (i64.const {}) (i32.const 32)))",
            set.to_bits() as i64
        )
    };
    let batch = [
        Cmd::Spawn(0, &[token]),
        Cmd::Insert(spare.to_bits(), &[token]),
        Cmd::Insert(replaced.to_bits(), &[token]),
        Cmd::Remove(removed.to_bits(), &[TokenNumber::ID]),
    ];
    let refused = [Cmd::Spawn(0, &[token]), Cmd::Spawn(0, &[none])];
    let mut script = Script::new();
    for tick in 1..=6 {
        script = script.in_tick(tick).wat(&write).wat(&set_to(tick)).send(&batch).send(&refused);
        script = if tick == 3 { script.wat(&set_to(1_000)) } else { script };
    }
    let rights = "[permissions]\nread = [\"game:Position\"]\nwrite = [\"game:Token\"]\nspawn = true\n";
    let column = "{ component = \"game:Token\", access = \"write\", layout = \"{ 0: u32 }\" }";
    script.mod_with(rights, &format!("[[system.query]]\ncolumns = [{column}]\n"))
}

#[test]
fn every_value_is_dropped_once() {
    let mut game = Game::new(&[]);
    game.app.expose_component_as::<Token, TokenNumber>();
    let [written, set, replaced, removed] =
        [1, 2, 3, 4].map(|number| game.world().spawn(Token::new(number)).id());
    let spare = game.spawn_at(0.0);
    game.write("script", &juggler([set, spare, replaced, removed]));
    for tick in 1..=6 {
        game.frame();
        let mut all = game.world().query::<&Token>();
        let there = all.iter(game.app.world()).count() as i64;
        assert_eq!(TOKENS.load(Ordering::Relaxed), there, "in tick {tick}");
    }
    assert_eq!(game.stats("script").faults, 1);
    let number = |entity| game.app.world().get::<Token>(entity).map(|token| token.0);
    let numbers = [written, set, replaced, spare, removed].map(number);
    assert_eq!(numbers, [Some(51), Some(6), Some(9), Some(9), None]);
    drop(game);
    assert_eq!(TOKENS.load(Ordering::Relaxed), 0);
}
