//! A fault leaves no trace, wherever it occurs: a mod that uses every function of the contract ends at every unit of
//! fuel and at every call of the host, and the world is the same to the last bit as if its system had not run.

use bevy_ecs::prelude::*;
use tinkerbox::{FuelBudget, ModStatus, Mods};
use tinkerbox_abi::{ModType, command, component_key};

use crate::modding::games::game::*;
use crate::modding::games::snapshot::{assert_same, before, snapshot};
use crate::modding::games::wider_game::*;

/// The mod's actions, one call of the host at a time.
const STEPS: [&str; 19] = [
    "(drop (call $event_next (i32.const 3072) (i32.const 64)))",
    // From now on every position's x is 9.
    "(local.set $rows (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))
     (local.set $at (i32.load (i32.const 8)))
     (loop $each
        (f32.store (local.get $at) (f32.const 9))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br_if $each (local.get $rows)))",
    "(i64.store (i32.const 2048) (call $random (i32.const 0)))",
    "(drop (call $get (i32.const 1) (i32.const 0) (global.get $moody) (i32.const 2064)))
     (i32.store (i32.const 2064) (i32.add (i32.load (i32.const 2064)) (i32.load (i32.const 2048))))",
    "(drop (call $set (i32.const 1) (i32.const 0) (global.get $moody) (i32.const 2064)))",
    "(drop (call $entity_reserve (i32.const 2096) (i32.const 3)))
     (i64.store (i32.const 4104) (i64.load (i32.const 2104)))",
    "(drop (call $command (i32.const 4096) (i32.const BYTES_0)))",
    "(drop (call $command (i32.const 4608) (i32.const BYTES_1)))",
    "(drop (call $command (i32.const 5120) (i32.const BYTES_2)))",
    "(drop (call $command (i32.const 5632) (i32.const BYTES_3)))",
    "(i32.store (i32.const 3200) (i32.const 7))
     (drop (call $event_send (i32.const 0) (i32.const 3200) (i32.const 8)))",
    "(drop (call $resource_get (i32.const 0) (i32.const 3304)))",
    "(i64.store (i32.const 3304) (call $random (i32.const 63)))",
    "(drop (call $resource_set (i32.const 0) (i32.const 3304)))",
    "(drop (call $entity_reserve (i32.const 2096) (i32.const 2)))",
    "(call $log (i32.const 2) (i32.const 6144) (i32.const 0))",
    "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))",
    "(drop (call $view_next (i32.const 2) (i32.const 768) (i32.const 1024) (i32.const 512)))
     (f32.store (i32.load (i32.const 776)) (f32.const 5))",
    "(drop (call $random (i32.const 0)))",
];

/// The game's entities.
#[derive(Clone, Copy)]
struct Cast {
    still: Entity,
    moody: Entity,
    doomed: Entity,
    drifter: Entity,
}

/// Where the mod traps, in the second frame of the game.
type Trap = Option<usize>;

fn cast(game: &mut Game) -> Cast {
    let world = game.world();
    let still = world.spawn((Position { x: 1.0, y: 0.0 }, Species(4))).id();
    let moody = world.spawn((Position { x: 2.0, y: 0.0 }, Mood(10), Sheep)).id();
    let doomed = world.spawn(Position { x: 3.0, y: 0.0 }).id();
    let drifter = world.spawn((Position { x: 4.0, y: 0.0 }, Velocity::default())).id();
    // An id that was used before is the first to be allocated, as in any game that has run for a while.
    let gone = world.spawn(Sheep).id();
    world.despawn(gone);
    Cast { still, moody, doomed, drifter }
}

fn everything(cast: Cast, trap: Trap, budget: &str) -> ModText {
    let mut records: [Vec<u64>; 4] = Default::default();
    let [spawn, insert, remove, despawn] = &mut records;
    command::push_spawn(spawn, 0, 2);
    command::push_component(spawn, component_key(Position::ID), &[0, 0, 128, 63, 0, 0, 0, 0]);
    command::push_component(spawn, component_key(Sheep::ID), &[]);
    command::push_insert(insert, cast.still.to_bits(), 1);
    command::push_component(insert, component_key(Mood::ID), &[3, 0, 0, 0]);
    command::push_remove(remove, cast.moody.to_bits(), &[component_key(Sheep::ID)]);
    command::push_despawn(despawn, cast.doomed.to_bits());
    let mut steps = STEPS.to_vec();
    if let Some(calls) = trap {
        steps.insert(calls, "(if (i64.eq (call $tick) (i64.const 2)) (then unreachable))");
    }
    let mut steps = steps.join("\n");
    for (number, records) in records.iter().enumerate() {
        steps = steps.replace(&format!("BYTES_{number}"), &(records.len() * 8).to_string());
    }
    let data: String =
        records.iter().zip([4096, 4608, 5120, 5632]).map(|(words, at)| data(at, &bytes_of(words))).collect();
    let body = format!(
        r#"{data}
        (global $moody i64 (i64.const {}))
        (func (export "sys_run") (local $rows i32) (local $at i32) {steps})"#,
        cast.moody.to_bits() as i64
    );
    let manifest = head("everything")
        + budget
        + "[permissions]\nwrite = [\"game:Position\", \"game:Velocity\", \"game:Mood\", \"game:Sheep\", \"game:Weather\"]\n\
            events = [\"game:Gong\"]\nsend = [\"game:Gong\"]\nspawn = true\ndespawn = true\n"
        + &system("run", &[WRITE_POSITION, ENTITIES])
            .replace("[[system.query]]", &format!("commands = true\n{}[[system.query]]", handles::<Gong>()))
        + "[[system.query]]\ncolumns = [{ component = \"game:Mood\", access = \"write\", layout = \"{ 0: u32 }\" }]\n\
           [[system.query]]\ncolumns = [{ component = \"game:Velocity\", access = \"write\", layout = \"{ x: f32, y: f32 }\" }]\n"
        + &resource::<Weather>("write")
        + &sends::<Gong>();
    ModText { manifest, wat: module(&body) }
}

const FAULT: &str = "[budget]\noverrun = \"fault\"\n";
const SUSPEND: &str = "[budget]\noverrun = \"suspend\"\n";
const PLENTY: u64 = 1_000_000;

/// A game whose mod is loaded and waits for its bell.
struct Ringing {
    game: Game,
    cast: Cast,
}

impl Ringing {
    fn new(trap: Trap, budget: &str) -> Ringing {
        let mut game = wider_game(&[]);
        let cast = cast(&mut game);
        game.write("everything", &everything(cast, trap, budget));
        game.frame();
        assert_eq!(game.status("everything"), ModStatus::Live, "{:?}", game.stats("everything"));
        Ringing { game, cast }
    }

    /// A game in which the system does not run, because the mod is disabled.
    fn off() -> Ringing {
        let mut it = Ringing::new(None, FAULT);
        it.ask(Mods::disable);
        it
    }

    fn grant(&mut self, fuel: u64) {
        let entity = self.game.entity("everything");
        self.game.world().entity_mut(entity).insert(FuelBudget { grant: fuel, burst: fuel });
    }

    fn ask(&mut self, request: impl FnOnce(&mut Mods, Entity)) {
        let entity = self.game.entity("everything");
        request(&mut self.game.world().resource_mut::<Mods>(), entity);
    }

    /// Rings the bell and runs n frames; returns a snapshot of the world.
    fn ring(&mut self, frames: usize) -> String {
        self.game.world().write_message(Gong(1));
        self.frames(frames)
    }

    fn frames(&mut self, frames: usize) -> String {
        let before = before(self.game.world());
        self.game.frames(frames);
        snapshot(self.game.world(), before)
    }

    fn faults(&mut self) -> u64 {
        self.game.stats("everything").faults
    }

    fn is_suspended(&mut self) -> bool {
        matches!(self.game.status("everything"), ModStatus::Suspended { .. })
    }
}

/// The world after an undisturbed run, and the fuel that the run uses.
fn whole() -> (String, u64) {
    let mut it = Ringing::new(None, FAULT);
    let world = it.ring(1);
    assert_eq!(it.faults(), 0, "{:?}", it.game.stats("everything"));
    (world, it.game.stats("everything").fuel_used)
}

/// The snapshots after n frames without the system, and after the next frame with it.
fn without_and_then_with(frames: usize) -> (String, String) {
    let mut off = Ringing::off();
    let without = off.ring(frames);
    off.ask(Mods::enable);
    (without, off.ring(1))
}

/// Amounts of fuel that are less than the mod needs: some spread over the whole range, and all of the last ones.
fn amounts(step: usize) -> impl Iterator<Item = u64> {
    let (_, used) = whole();
    (1..used - 60).step_by(step).chain(used - 60..used)
}

#[test]
fn the_mod_does_everything() {
    let mut it = Ringing::new(None, FAULT);
    let world = it.ring(1);
    let cast = it.cast;
    let world_now = it.game.world();
    assert_eq!([cast.still, cast.moody].map(|entity| world_now.get::<Position>(entity).unwrap().x), [9.0; 2]);
    assert!(world_now.get_entity(cast.doomed).is_err());
    assert_eq!(world_now.get::<Mood>(cast.still), Some(&Mood(3)));
    assert!(world_now.get::<Sheep>(cast.moody).is_none());
    assert_eq!(world_now.get::<Velocity>(cast.drifter).unwrap().x, 5.0);
    assert_ne!(world_now.resource::<Weather>(), &Weather::default());
    assert!(world.contains("bells [Gong(1), Gong(7), Gong(0)]"), "{world}");
    let spawned = world.lines().filter(|line| line.contains("game:Position!+")).count();
    assert_eq!(spawned, 1, "{world}");
    let (without, then_with) = without_and_then_with(1);
    assert_ne!(world, without);
    assert_ne!(then_with, without);
    assert_eq!(whole().0, world, "it is the same each time");
}

#[test]
fn out_of_fuel_at_every_unit() {
    let mut off = Ringing::off();
    off.ring(1);
    let untouched = off.ring(1);
    let mut it = Ringing::new(None, FAULT);
    it.grant(1);
    it.ring(1);
    let (_, used) = whole();
    for fuel in 1..=used {
        it.grant(fuel);
        it.ask(Mods::reset);
        let world = it.ring(1);
        if it.faults() == fuel {
            // The host's final work is paid for on credit if necessary.
            assert!(used - fuel < 50, "it has finished with {fuel} units of {used}");
            assert_ne!(world, untouched);
            return;
        }
        assert_same(&world, &untouched, &format!("with {fuel} units of fuel"));
    }
    panic!("it should have finished with {used} units");
}

#[test]
fn out_of_fuel_in_games_of_their_own_and_the_next_run_is_as_if_nothing_had_been() {
    let (without, then_with) = without_and_then_with(1);
    let (whole, used) = whole();
    for fuel in amounts(41).chain([used]) {
        let mut it = Ringing::new(None, FAULT);
        it.grant(fuel);
        let world = it.ring(1);
        if it.faults() == 0 {
            assert_same(&world, &whole, &format!("with {fuel} units of fuel"));
            continue;
        }
        assert_same(&world, &without, &format!("with {fuel} units of fuel"));
        it.grant(PLENTY);
        assert_same(&it.ring(1), &then_with, &format!("after a fault with {fuel} units of fuel"));
        assert_eq!(it.faults(), 1);
    }
}

#[test]
fn a_trap_after_every_call() {
    let (without, then_with) = without_and_then_with(1);
    for calls in 0..=STEPS.len() {
        let mut it = Ringing::new(Some(calls), FAULT);
        assert_same(&it.ring(1), &without, &format!("after {calls} calls"));
        assert_eq!(it.faults(), 1, "after {calls} calls");
        assert_same(&it.ring(1), &then_with, &format!("the next run, after {calls} calls"));
        assert_eq!(it.faults(), 1, "after {calls} calls");
    }
}

#[test]
fn suspended_until_it_is_given_up() {
    // Its first frame, and 60 frames of waiting.
    let (without, then_with) = without_and_then_with(61);
    for fuel in amounts(97) {
        let mut it = Ringing::new(None, SUSPEND);
        it.grant(fuel);
        it.ring(1);
        if !it.is_suspended() {
            continue;
        }
        it.grant(0);
        let world = it.frames(60);
        assert_eq!(it.faults(), 1, "with {fuel} units of fuel");
        assert_same(&world, &without, &format!("with {fuel} units of fuel"));
        it.grant(PLENTY);
        assert_same(&it.ring(1), &then_with, &format!("after a fault with {fuel} units of fuel"));
    }
}

#[test]
fn suspended_and_reset_at_every_unit() {
    let mut off = Ringing::off();
    off.ring(2);
    off.ring(1);
    let untouched = off.frames(1);
    let (_, used) = whole();
    let mut it = Ringing::new(None, SUSPEND);
    it.grant(1);
    it.ring(2);
    let mut suspended = 0;
    for fuel in 1..used {
        it.grant(fuel);
        it.ask(Mods::reset);
        it.ask(Mods::enable);
        it.ring(1);
        if !it.is_suspended() {
            break;
        }
        it.ask(Mods::reset);
        it.ask(Mods::disable);
        assert_same(&it.frames(1), &untouched, &format!("with {fuel} units of fuel"));
        suspended += 1;
    }
    assert!(used - suspended < 100, "{suspended} times");
}

/// An action that removes the mod from the game while it is suspended.
fn check_removal(remove: impl Fn(&mut Ringing)) {
    let gone = |mut it: Ringing| {
        it.ring(1);
        let is_suspended = it.is_suspended();
        remove(&mut it);
        (is_suspended, it.frames(1))
    };
    let (_, without) = gone(Ringing::off());
    for fuel in amounts(199) {
        let mut it = Ringing::new(None, SUSPEND);
        it.grant(fuel);
        let (is_suspended, world) = gone(it);
        if is_suspended {
            assert_same(&world, &without, &format!("with {fuel} units of fuel"));
        }
    }
}

#[test]
fn suspended_and_despawned() {
    check_removal(|it| {
        let entity = it.game.entity("everything");
        it.game.world().despawn(entity);
    });
}

#[test]
fn suspended_and_unloaded() {
    check_removal(|it| it.ask(Mods::unload));
}

#[test]
fn suspended_and_its_folder_is_gone() {
    check_removal(|it| {
        it.game.remove_folder("everything");
        it.game.changed("everything");
    });
}
