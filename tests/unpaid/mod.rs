//! Mods that make the host work without paying for it: one for each function of the contract, each of its errors and
//! each limit.
//!
//! This list has two users: `tests/it/hostile/storms/unpaid.rs` compares the charges with the work that these mods
//! are known to cause, and `tests/benches/unpaid` measures the host's time for one unit of fuel.

mod commands;
mod other;
mod rows;

use bevy_ecs::prelude::*;
use tinkerbox_abi::command;

use crate::modding::games::exposed::*;
use crate::modding::games::game::*;
use crate::modding::games::wider_game::*;

/// The size of their memories, in bytes.
const PAGES: u32 = 200;
/// Where their buffers begin; records are before them.
const BUFFER: u32 = 8 << 20;

/// A mod that repeats the same calls.
pub struct Miser {
    pub name: &'static str,
    /// Permissions, and the system's manifest keys after its name.
    rights: String,
    system: String,
    /// Additional systems, with their code.
    more: (String, String),
    /// Data and functions.
    code: String,
    /// Runs at the beginning of its first run.
    setup: String,
    /// Runs once in each run.
    round: String,
    /// Repeated until the fuel is used up, or done once in a run.
    pub repeats: bool,
    /// The minimum cost of a round, by the work that it is known to cause.
    pub least: u64,
}

/// All of them, for a world with this number of [entities](populate).
pub fn misers(entities: usize) -> Vec<Miser> {
    [commands::misers(), rows::misers(entities), other::misers()].into_iter().flatten().collect()
}

/// A game with this number of entities of each kind that the mods name.
pub fn populate(game: &mut Game, entities: usize) {
    let world = game.world();
    world.insert_resource(Season::Summer);
    for at in 0..entities {
        let mut it = world.spawn((Position::default(), Velocity::default(), Mood(at as u32)));
        it.insert((Lamp { lit: at % 2 == 0 }, Door::new(false, Wood::Elm)));
        // The order differs from the order in tables.
        if at % 3 == 0 {
            it.remove::<Mood>().insert(Mood(0));
        }
    }
}

impl Miser {
    /// A mod with this budget. If it repeats its rounds, it stops after this many.
    pub fn text(&self, fuel: u64, rounds: i64) -> ModText {
        let Miser { rights, system, more, code, setup, round, repeats, .. } = self;
        let manifest = head("miser")
            + &format!("[budget]\nfuel = {fuel}\nburst = {fuel}\nmemory = \"16 MiB\"\n")
            + "[permissions]\n"
            + rights
            + "[[system]]\nname = \"run\"\n"
            + system
            + &more.0;
        let again = if *repeats { "(br_if $again (i64.ne (global.get $left) (i64.const 0)))" } else { "" };
        let body = format!(
            "(global $left (mut i64) (i64.const {rounds}))
            (global $is_ready (mut i32) (i32.const 0))
            {code}
            (func (export \"sys_run\") (local $i i32) (local $at i32)
                (if (i32.eqz (global.get $is_ready)) (then {setup} (global.set $is_ready (i32.const 1))))
                (if (i64.eqz (global.get $left)) (then return))
                (loop $again
                    {round}
                    (global.set $left (i64.sub (global.get $left) (i64.const 1)))
                    {again}))
            {}",
            more.1
        );
        let wat = module(&body)
            .replace("(memory (export \"memory\") 2)", &format!("(memory (export \"memory\") {PAGES})"));
        ModText { manifest, wat }
    }

    fn new(name: &'static str, rights: &str, system: &str, round: &str, least: u64) -> Miser {
        let (rights, system, round) = (rights.to_owned(), system.to_owned(), round.to_owned());
        let (more, code, setup) = Default::default();
        Miser { name, rights, system, more, code, setup, round, repeats: true, least }
    }

    fn setup(mut self, setup: &str) -> Miser {
        self.setup += setup;
        self
    }

    fn code(mut self, code: &str) -> Miser {
        self.code += code;
        self
    }

    /// Its round is done once in each run.
    fn once(mut self) -> Miser {
        self.repeats = false;
        self
    }

    /// This number of systems in all, each with this code.
    fn systems(mut self, count: usize, system: &str, body: &str) -> Miser {
        for number in 1..count {
            self.more.0 += &format!("[[system]]\nname = \"s{number}\"\n{system}");
            self.more.1 += &format!("(func (export \"sys_s{number}\") {body})");
        }
        self
    }
}

/// A call whose answer is ignored.
fn call(function: &str, arguments: &[i64]) -> String {
    let arguments: Vec<_> =
        arguments.iter().map(|number| format!("(i32.const {})", *number as i32)).collect();
    format!("(drop (call ${function} {}))", arguments.join(" "))
}

/// `body` n times, with `$i` counting down to 1.
fn times(count: usize, body: &str) -> String {
    format!(
        "(local.set $i (i32.const {count}))
        (loop $times {body}
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (br_if $times (local.get $i)))"
    )
}

/// Writes the same bytes n times, one after the other, from `at` on.
fn filled(at: u32, bytes: &[u8], count: usize) -> (String, String, u32) {
    let len = bytes.len() as u32;
    let setup = format!("(local.set $at (i32.const {at}))")
        + &times(
            count,
            &format!(
                "(memory.init $piece (local.get $at) (i32.const 0) (i32.const {len}))
                (local.set $at (i32.add (local.get $at) (i32.const {len})))"
            ),
        );
    (format!("(data $piece \"{}\")", escaped(bytes.iter().copied())), setup, at + len * count as u32)
}

fn words(write: impl FnOnce(&mut Vec<u64>)) -> Vec<u8> {
    let mut words = Vec::new();
    write(&mut words);
    bytes_of(&words)
}

fn key(id: &str) -> u64 {
    tinkerbox_abi::component_key(id)
}

/// A spawn of components without values.
fn spawn_of(entity: u64, ids: &[&str]) -> Vec<u8> {
    words(|words| {
        command::push_spawn(words, entity, ids.len() as u32);
        ids.iter().for_each(|id| command::push_component(words, key(id), &[]));
    })
}

/// Runs before each frame: there is an event to be handled, and faults are too far apart for quarantine.
pub fn ring(game: &mut Game) {
    game.world().write_message(Gong(1));
    game.world().resource_mut::<tinkerbox::ModTime>().tick += 1_000;
}
