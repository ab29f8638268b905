//! Mods that make the host work and would rather not pay: one for each function of the contract, each error of it and
//! each limit.
//!
//! Two read this list: `tests/it/hostile/storms/unpaid.rs` compares what they were charged with the work that is known to be in
//! them, and `tests/benches/unpaid` measures how long the host takes for a unit.

mod commands;
mod other;
mod rows;

use bevy_ecs::prelude::*;
use tinkerbox_abi::command;

use crate::modding::games::exposed::*;
use crate::modding::games::game::*;
use crate::modding::games::wider_game::*;

/// Bytes of the memory that each of them has.
const PAGES: u32 = 200;
/// Where their buffers begin; records lie before.
const BUFFER: u32 = 8 << 20;

/// A mod that does the same again and again.
pub struct Miser {
    pub name: &'static str,
    /// Permissions, and what the system has, behind its name.
    rights: String,
    system: String,
    /// Systems besides, with their code.
    more: (String, String),
    /// Data and functions.
    code: String,
    /// At the beginning of its first run.
    setup: String,
    /// What it does once.
    round: String,
    /// As often as it has fuel for, or once in a run.
    pub repeats: bool,
    /// What a round has to cost at the least, by the work that is known to be in it.
    pub least: u64,
}

/// All of them, for a world of so many [entities](populate).
pub fn misers(entities: usize) -> Vec<Miser> {
    [commands::misers(), rows::misers(entities), other::misers()].into_iter().flatten().collect()
}

/// A game with so many entities of each kind that they name.
pub fn populate(game: &mut Game, entities: usize) {
    let world = game.world();
    world.insert_resource(Season::Summer);
    for at in 0..entities {
        let mut it = world.spawn((Position::default(), Velocity::default(), Mood(at as u32)));
        it.insert((Lamp { lit: at % 2 == 0 }, Door::new(false, Wood::Elm)));
        // Not in the order in which they lie in tables.
        if at % 3 == 0 {
            it.remove::<Mood>().insert(Mood(0));
        }
    }
}

impl Miser {
    /// A mod with this budget. It stops after so many rounds, if it repeats them.
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

    /// So many systems in all, each with this code.
    fn systems(mut self, count: usize, system: &str, body: &str) -> Miser {
        for number in 1..count {
            self.more.0 += &format!("[[system]]\nname = \"s{number}\"\n{system}");
            self.more.1 += &format!("(func (export \"sys_s{number}\") {body})");
        }
        self
    }
}

/// A call whose answer is not looked at.
fn call(function: &str, arguments: &[i64]) -> String {
    let arguments: Vec<_> =
        arguments.iter().map(|number| format!("(i32.const {})", *number as i32)).collect();
    format!("(drop (call ${function} {}))", arguments.join(" "))
}

/// `body` so many times, with `$i` counting down to 1.
fn times(count: usize, body: &str) -> String {
    format!(
        "(local.set $i (i32.const {count}))
        (loop $times {body}
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (br_if $times (local.get $i)))"
    )
}

/// Puts the same bytes into memory so many times, one after the other, from `at` on.
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

/// A spawn of components without value.
fn spawn_of(entity: u64, ids: &[&str]) -> Vec<u8> {
    words(|words| {
        command::push_spawn(words, entity, ids.len() as u32);
        ids.iter().for_each(|id| command::push_component(words, key(id), &[]));
    })
}

/// Before each frame: there is an event to be handled, and faults lie so far apart that they lead to no quarantine.
pub fn ring(game: &mut Game) {
    game.world().write_message(Gong(1));
    game.world().resource_mut::<tinkerbox::ModTime>().tick += 1_000;
}
