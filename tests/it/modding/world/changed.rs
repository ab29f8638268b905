//! The filter for changes: each change is seen once, whether the game or a mod made it and however long a system
//! takes.

use bevy_app::Update;
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::ScheduleLabel;
use tinkerbox::{ModReportKind, ModStatus, tick_mods};

use crate::modding::games::game::*;

const RIGHTS: &str =
    "[permissions]\nread = [\"game:Sheep\"]\nwrite = [\"game:Position\", \"game:Velocity\", \"game:Mood\"]\n";

const ADD_TO_FLOAT: &str = "(f32.store (local.get $c0) (f32.add (f32.load (local.get $c0)) (f32.const 1)))";
const ADD_TO_INT: &str = "(i32.store (local.get $c0) (i32.add (i32.load (local.get $c0)) (i32.const 1)))";

/// A mod that runs `body` for every row whose component `changed` has changed.
fn watcher(id: &str, changed: &str, columns: &str, sizes: &[u32], body: &str) -> ModText {
    ModText {
        manifest: head(id)
            + RIGHTS
            + &plain_system("run")
            + &query(columns, &format!("changed = [\"{changed}\"]")),
        wat: module(&each_row_of("run", sizes, 256, body)),
    }
}

/// Where the watched component and the counter are stored: both in tables, the watched one in a sparse set, or the
/// counter in one.
#[derive(Clone, Copy, Debug)]
enum Watched {
    Table,
    Sparse,
    TableBySparse,
}

impl Watched {
    const ALL: [Watched; 3] = [Watched::Table, Watched::Sparse, Watched::TableBySparse];

    /// A mod that counts in another component.
    fn counter(self, id: &str) -> ModText {
        match self {
            Watched::Table => watcher(id, "game:Position", "write game:Velocity", &[8], ADD_TO_FLOAT),
            Watched::Sparse => watcher(id, "game:Mood", "write game:Velocity", &[8], ADD_TO_FLOAT),
            Watched::TableBySparse => watcher(id, "game:Position", "write game:Mood", &[4], ADD_TO_INT),
        }
    }

    fn count(self, game: &Game, entity: Entity) -> u32 {
        let entity = game.app.world().entity(entity);
        match self {
            Watched::Table | Watched::Sparse => entity.get::<Velocity>().unwrap().x as u32,
            Watched::TableBySparse => entity.get::<Mood>().unwrap().0,
        }
    }

    fn touch(self, game: &mut Game, entity: Entity) {
        let mut entity = game.world().entity_mut(entity);
        match self {
            Watched::Table | Watched::TableBySparse => entity.get_mut::<Position>().unwrap().x += 1.0,
            Watched::Sparse => entity.get_mut::<Mood>().unwrap().0 += 1,
        }
    }
}

/// Entities that have all three, in two tables.
fn populate(game: &mut Game, count: usize) -> Vec<Entity> {
    let all = (Position::default(), Velocity::default(), Mood(0));
    (0..count)
        .map(|number| match number % 3 {
            0 => game.world().spawn((all, Sheep)).id(),
            _ => game.world().spawn(all).id(),
        })
        .collect()
}

/// Pseudo-random numbers, the same each time.
fn scramble(number: usize) -> usize {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) ^ number
}

#[test]
fn the_first_run_sees_everything_and_later_ones_what_the_game_has_changed() {
    for watched in Watched::ALL {
        let mut game = Game::new(&[("a", &watched.counter("watcher"))]);
        let entities = populate(&mut game, 50);
        let mut expected = vec![1; 50];
        game.frame();
        for frame in 0..40 {
            for at in (0..50).filter(|at| scramble(frame * 50 + at).is_multiple_of(5)) {
                watched.touch(&mut game, entities[at]);
                expected[at] += 1;
            }
            game.frame();
            let counts: Vec<_> = entities.iter().map(|&entity| watched.count(&game, entity)).collect();
            assert_eq!(counts, expected, "{watched:?} in frame {frame}");
        }
    }
}

#[test]
fn what_a_system_writes_itself_is_no_news_to_it() {
    for (text, watched) in [
        (watcher("watcher", "game:Position", "write game:Position", &[8], ADD_TO_FLOAT), Watched::Table),
        (watcher("watcher", "game:Mood", "write game:Mood", &[4], ADD_TO_INT), Watched::Sparse),
    ] {
        let mut game = Game::new(&[("a", &text)]);
        let entities = populate(&mut game, 7);
        let value = |game: &Game| match watched {
            Watched::Sparse => game.app.world().get::<Mood>(entities[3]).unwrap().0,
            _ => game.x(entities[3]) as u32,
        };
        for expected in [1, 1, 1] {
            game.frame();
            assert_eq!(value(&game), expected, "{watched:?}");
        }
        watched.touch(&mut game, entities[3]);
        for expected in [3, 3] {
            game.frame();
            assert_eq!(value(&game), expected, "{watched:?}");
        }
    }
}

/// In every nth tick, adds one to the watched component of the entities whose y has the bit.
fn writer(id: &str, every: u32, bit: u32) -> ModText {
    let body = format!(
        "(if (i32.eqz (i32.or (i32.rem_u (i32.wrap_i64 (call $tick)) (i32.const {every}))
                (i32.eqz (i32.and (i32.trunc_f32_u (f32.load offset=4 (local.get $c0))) (i32.const {bit}))))) (then
            (f32.store (local.get $c0) (f32.add (f32.load (local.get $c0)) (f32.const 1)))
            (i32.store (local.get $c1) (i32.add (i32.load (local.get $c1)) (i32.const 1)))))"
    );
    ModText {
        manifest: head(id)
            + RIGHTS
            + &plain_system("run")
            + &query("write game:Position, write game:Mood", ""),
        wat: module(&each_row_of("run", &[8, 4], 4_096, &body)),
    }
}

#[test]
fn what_other_mods_write_before_and_after_it_is_seen_once() {
    for watched in [Watched::Table, Watched::Sparse] {
        let mods = [writer("aaa", 3, 1), watched.counter("mmm"), writer("zzz", 4, 2)];
        let mut game = Game::new(&[("a", &mods[0]), ("m", &mods[1]), ("z", &mods[2])]);
        let entities = populate(&mut game, 12);
        for (number, &entity) in entities.iter().enumerate() {
            game.world().get_mut::<Position>(entity).unwrap().y = (number % 4) as f32;
        }
        let mut expected = [0; 4];
        for tick in 1..=50 {
            let (before, after) = (tick % 3 == 0, tick > 1 && (tick - 1) % 4 == 0);
            let seen = [false, before, after, before || after];
            expected = std::array::from_fn(|kind| expected[kind] + u32::from(seen[kind] || tick == 1));
            game.frame();
            for (number, &entity) in entities.iter().enumerate() {
                let count = watched.count(&game, entity);
                assert_eq!(count, expected[number % 4], "{watched:?}: {number} in tick {tick}");
            }
        }
    }
}

/// Copies each changed position into the velocity, after a lot of work, and faults now and then if asked to.
fn copier(fuel: u64, fault_every: Option<u32>) -> ModText {
    let fault = fault_every.map_or(String::new(), |every| {
        format!(
            "(if (i32.eqz (i32.rem_u (i32.wrap_i64 (call $tick)) (i32.const {every}))) (then unreachable))"
        )
    });
    let body = format!("(i64.store (local.get $c1) (i64.load (local.get $c0))) {} {fault}", ado(30));
    let mut text =
        watcher("copier", "game:Position", "read game:Position, write game:Velocity", &[8, 8], &body);
    text.manifest =
        text.manifest.replace("[perm", &format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[perm"));
    text
}

/// Positions are written in every frame, by the game and by a mod that runs after the copier.
fn nothing_is_lost(text: &ModText) -> Game {
    let mut game = Game::new(&[("a", text), ("z", &writer("zzz", 7, 2))]);
    let entities = populate(&mut game, 60);
    for frame in 0..150 {
        for at in (0..60).filter(|at| scramble(frame * 60 + at).is_multiple_of(30)) {
            let mut position = game.world().get_mut::<Position>(entities[at]).unwrap();
            (position.x, position.y) = (position.x + 1.0, (scramble(frame + at) % 4) as f32);
        }
        game.frame();
    }
    // From here on nothing changes, and the copier stops writing.
    for &entity in &entities {
        game.world().get_mut::<Position>(entity).unwrap().bypass_change_detection().y = 0.0;
    }
    game.frames(200);
    for (number, &entity) in entities.iter().enumerate() {
        let (x, copied) = (game.x(entity), game.app.world().get::<Velocity>(entity).unwrap().x);
        assert_eq!(x, copied, "the last change of {number} was lost");
    }
    game
}

#[test]
fn changes_are_not_lost_while_a_system_waits() {
    for fuel in [500, 700, 1_000, 1_500, 2_200, 3_000, 5_000, 100_000] {
        let mut game = nothing_is_lost(&copier(fuel, None));
        assert_eq!(game.status("copier"), ModStatus::Live, "with {fuel} units");
        assert_eq!(game.stats("copier").suspensions > 0, fuel < 10_000, "with {fuel} units");
        assert_eq!(game.reports("copier", ModReportKind::Faulted), [""; 0], "with {fuel} units");
    }
}

#[test]
fn changes_are_not_lost_by_a_fault() {
    for (fuel, every) in [(100_000, 60), (100_000, 145), (5_000, 70)] {
        let game = nothing_is_lost(&copier(fuel, Some(every)));
        assert!(!game.reports("copier", ModReportKind::Faulted).is_empty());
    }
}

/// Queues these records in its tick number `tick`, and also counts changes of positions in velocities.
fn changer(id: &str, tick: u32, records: &[u64]) -> ModText {
    let counter = Watched::Table.counter(id);
    let command = format!(
        r#"(data (i32.const 4096) "{}")
        (func (export "sys_change")
            (if (i32.eq (i32.wrap_i64 (call $tick)) (i32.const {tick})) (then
                (if (call $command (i32.const 4096) (i32.const {})) (then unreachable)))))"#,
        escaped(records.iter().flat_map(|word| word.to_le_bytes())),
        records.len() * 8
    );
    ModText {
        manifest: counter.manifest.replace("[perm", "[permissions]\nspawn = true #")
            + "[[system]]\nname = \"change\"\ncommands = true\n",
        wat: counter.wat.replace("(memory (export", &format!("{command} (memory (export")),
    }
}

#[test]
fn what_commands_insert_is_seen_by_all() {
    use tinkerbox_abi::{ModType, command, component_key};
    for before_and_after in [["aaa", "mmm"], ["mmm", "zzz"], ["mmm", "mmm"]] {
        let [first, second] = before_and_after;
        let mut game = Game::new(&[]);
        let entity = game.world().spawn(Velocity::default()).id();
        let mut words = Vec::new();
        command::push_insert(&mut words, entity.to_bits(), 1);
        command::push_component(&mut words, component_key(Position::ID), &[0; 8]);
        game.write("m", &changer("mmm", 3, &words));
        if first != second {
            let other = if first == "mmm" { second } else { first };
            game.write("o", &Watched::Table.counter(other));
        }
        game.frames(6);
        assert_eq!(game.reports("mmm", ModReportKind::Faulted), [""; 0]);
        let counters = if first == second { 1 } else { 2 };
        assert_eq!(Watched::Table.count(&game, entity), counters, "{before_and_after:?}");
    }
}

/// A game may run its mods itself, in the middle of a system of its own.
#[test]
fn what_the_game_writes_right_after_its_mods_is_seen() {
    #[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
    struct Never;
    for watched in Watched::ALL {
        let mut game = Game::with(&[("a", &watched.counter("watcher"))], |plugin| plugin.schedule(Never));
        let entity = populate(&mut game, 1)[0];
        game.app.add_systems(Update, move |world: &mut World| {
            tick_mods(world);
            match watched {
                Watched::Sparse => world.get_mut::<Mood>(entity).unwrap().0 += 1,
                _ => world.get_mut::<Position>(entity).unwrap().x += 1.0,
            }
        });
        game.frames(10);
        assert_eq!(watched.count(&game, entity), 10, "{watched:?}");
    }
}

/// The host inspects every row to find those that have changed: this is charged as inspecting rows is.
#[test]
fn rows_that_are_looked_at_are_paid_for() {
    for watched in Watched::ALL {
        let fuel = |rows: usize| {
            let mut text = watched.counter("watcher");
            text.manifest = text.manifest.replace("[perm", "[budget]\nfuel = 1_000_000\n[perm");
            let mut game = Game::new(&[("a", &text)]);
            populate(&mut game, rows);
            game.frames(3);
            game.stats("watcher").fuel_used
        };
        // One unit for two rows: once to list the rows one by one, and once for each filtered component. Sparse sets
        // need a lookup for each row.
        let least = match watched {
            Watched::Table => 4_000,
            Watched::TableBySparse => 8_000,
            Watched::Sparse => 4_000 + 8 * 8_000,
        };
        let more = fuel(8_000) - fuel(0);
        assert!((least..least + 40).contains(&more), "{watched:?}: {more}");
    }
}
