//! Malicious mods written by hand, each beside a good one: the game continues, the good mod loses nothing, and the
//! attempt has no effect.
//!
//! A hostile mod notes the host's answers and tells them at the end of its system; a fault is an answer too.

mod commands;
mod forged_ids;
mod handed_back;
mod lent_memory;
mod pointers;
mod reentry;
mod schemas;
mod storms;
mod texts;
mod undeclared;

use bevy_ecs::prelude::*;
use tinkerbox::{LogLevel, ModReportKind, ModStatus};
use tinkerbox_abi::{AbiError, command, component_key};

use crate::modding::games::game::*;
use crate::modding::games::wider_game::*;

const DENIED: i32 = AbiError::Denied as i32;
const GONE: i32 = AbiError::Gone as i32;
const NO_ROOM: i32 = AbiError::NoRoom as i32;
const BAD_ARGUMENT: i32 = AbiError::BadArgument as i32;
const NOT_NOW: i32 = AbiError::NotNow as i32;

/// Bytes of the hostile mod's initial memory.
const MEMORY: u64 = 131_072;

/// A game with a good mod, and a hostile one in the folder `hostile`.
struct Trial {
    game: Game,
    /// The entity that the good mod moves by 1 in each frame.
    witness: Entity,
    frames: u32,
}

impl Trial {
    /// A game without the hostile mod, which [`Trial::load`] adds before the first frame.
    fn new() -> Trial {
        let mut game = wider_game(&[("mover", &mover("mover", 1.0))]);
        let witness = game.spawn_at(0.0);
        Trial { game, witness, frames: 0 }
    }

    fn of(text: &ModText) -> Trial {
        let mut trial = Trial::new();
        trial.load(text);
        trial
    }

    fn load(&mut self, text: &ModText) {
        self.game.write("hostile", text);
    }

    /// Runs n frames; in each the good mod must do its work.
    #[track_caller]
    fn frames(&mut self, count: u32) {
        for _ in 0..count {
            self.game.frame();
            self.frames += 1;
            assert_eq!(self.game.x(self.witness), self.frames as f32, "the good mod moves its entities");
        }
        let stats = self.game.stats("mover");
        assert_eq!((stats.ticks, stats.faults), (u64::from(self.frames), 0), "the good mod runs");
        assert_eq!(self.game.status("mover"), ModStatus::Live);
    }

    /// Runs a frame, and returns the host's answers to the hostile mod so far.
    #[track_caller]
    fn answers(&mut self) -> Vec<i32> {
        self.frames(1);
        self.told()
    }

    /// The numbers that the hostile mod has told so far.
    fn told(&self) -> Vec<i32> {
        let told = self.game.reports("hostile", ModReportKind::Log(LogLevel::Info)).join("");
        told.bytes().map(|byte| i32::from(byte) - 64).collect()
    }

    /// The only fault of the hostile mod.
    #[track_caller]
    fn fault(&self) -> String {
        self.game.report("hostile", ModReportKind::Faulted)
    }

    fn faults(&mut self) -> u64 {
        self.game.stats("hostile").faults
    }

    /// The number of entities with this component.
    fn count<T: Component>(&mut self) -> usize {
        let mut all = self.game.world().query::<&T>();
        all.iter(self.game.app.world()).count()
    }
}

/// A mod `hostile` with one system, whose part of the manifest is `system`; `rights` precedes it.
fn hostile(rights: &str, system: &str, body: &str) -> ModText {
    with_code(rights, system, &run(body))
}

/// The same with arbitrary code.
fn with_code(rights: &str, systems: &str, code: &str) -> ModText {
    ModText { manifest: head("hostile") + rights + systems, wat: module(&format!("{NOTEBOOK}{code}")) }
}

/// A system that tells its notes when it ends.
fn run(body: &str) -> String {
    format!("(func (export \"sys_run\") (local $i i32) (local $j i32) {body} (call $tell))")
}

/// `(call $note answer)` notes a number, `(call $tell)` tells all of them.
const NOTEBOOK: &str = r#"
    (global $notes (mut i32) (i32.const 114688))
    (func $note (param i32)
        (i32.store8 (global.get $notes) (i32.add (i32.const 64) (local.get 0)))
        (global.set $notes (i32.add (global.get $notes) (i32.const 1))))
    (func $tell (local $from i32) (local $len i32)
        (local.set $from (i32.const 114688))
        (loop $more
            (local.set $len (i32.sub (global.get $notes) (local.get $from)))
            (if (i32.gt_u (local.get $len) (i32.const 1024)) (then (local.set $len (i32.const 1024))))
            (if (local.get $len) (then
                (call $log (i32.const 2) (local.get $from) (local.get $len))
                (local.set $from (i32.add (local.get $from) (local.get $len)))
                (br $more))))
        (global.set $notes (i32.const 114688)))
"#;

/// All permissions that exist.
const ALL_RIGHTS: &str = "[permissions]\n\
    read = [\"game:Velocity\"]\n\
    write = [\"game:Position\", \"game:Mood\", \"game:Sheep\", \"game:Species\", \"game:Weather\"]\n\
    events = [\"game:Gong\", \"game:Letter\"]\nsend = [\"game:Gong\", \"game:Letter\"]\n\
    spawn = true\ndespawn = true\n";

/// A large budget of fuel, for attempts to overload the host.
const RICH: &str = "[budget]\nfuel = 25_000_000\n";

/// A system without queries that may queue commands.
fn commander() -> String {
    plain_system("run") + "commands = true\n"
}

/// Records in a mod's memory, and calls that queue them and note each answer.
#[derive(Default)]
struct Records {
    data: String,
    calls: String,
    end: usize,
}

impl Records {
    fn queue(&mut self, records: &[u64]) -> &mut Self {
        let (at, bytes) = (self.end, bytes_of(records));
        self.end += bytes.len();
        self.data += &data(at, &bytes);
        self.calls += &format!("(call $note (call $command (i32.const {at}) (i32.const {})))\n", bytes.len());
        self
    }

    /// A mod that queues them in each tick.
    fn text(&self, rights: &str) -> ModText {
        with_code(rights, &commander(), &(self.data.clone() + &run(&self.calls)))
    }
}

fn spawn(id: u64, components: &[(&str, &[u8])]) -> Vec<u64> {
    let mut words = Vec::new();
    command::push_spawn(&mut words, id, components.len() as u32);
    components.iter().for_each(|(id, value)| command::push_component(&mut words, component_key(id), value));
    words
}

fn insert(entity: u64, components: &[(&str, &[u8])]) -> Vec<u64> {
    let mut words = Vec::new();
    command::push_insert(&mut words, entity, components.len() as u32);
    components.iter().for_each(|(id, value)| command::push_component(&mut words, component_key(id), value));
    words
}

fn remove(entity: u64, components: &[&str]) -> Vec<u64> {
    let mut words = Vec::new();
    let keys: Vec<_> = components.iter().map(|id| component_key(id)).collect();
    command::push_remove(&mut words, entity, &keys);
    words
}

fn despawn(entity: u64) -> Vec<u64> {
    let mut words = Vec::new();
    command::push_despawn(&mut words, entity);
    words
}
