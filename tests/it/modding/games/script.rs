//! A mod that follows a list of steps, tick by tick: reserves ids, sends commands, wastes time.

use tinkerbox_abi::{command, component_key};

use super::game::*;

/// A placeholder in records for the nth reserved id; the mod replaces it.
pub fn reserved(number: u32) -> u64 {
    RESERVED | u64::from(number)
}

const RESERVED: u64 = 0x7e5e_7e5e_0000_0000;
/// The addresses of reserved ids, and of records.
const IDS: u32 = 512;
const RECORDS: u32 = 40_000;

/// One command: an entity's id, or [`reserved`], and ids of components with their values.
#[derive(Clone, Copy, Debug)]
pub enum Cmd<'a> {
    Spawn(u64, &'a [(&'a str, &'a [u8])]),
    Despawn(u64),
    Insert(u64, &'a [(&'a str, &'a [u8])]),
    Remove(u64, &'a [&'a str]),
    /// A record that the contract does not define.
    Nonsense,
}

/// The records of commands.
pub fn records(commands: &[Cmd<'_>]) -> Vec<u64> {
    let mut words = Vec::new();
    for command in commands {
        let parts = match *command {
            Cmd::Spawn(entity, parts) => {
                command::push_spawn(&mut words, entity, parts.len() as u32);
                parts
            }
            Cmd::Insert(entity, parts) => {
                command::push_insert(&mut words, entity, parts.len() as u32);
                parts
            }
            Cmd::Despawn(entity) => {
                command::push_despawn(&mut words, entity);
                &[]
            }
            Cmd::Remove(entity, ids) => {
                let keys: Vec<_> = ids.iter().map(|id| component_key(id)).collect();
                command::push_remove(&mut words, entity, &keys);
                &[]
            }
            Cmd::Nonsense => {
                words.extend([99, 0]);
                &[]
            }
        };
        for (id, value) in parts {
            command::push_component(&mut words, component_key(id), value);
        }
    }
    words
}

/// The steps of a mod `script` with a system `run`. It tells the host's answer to each.
pub struct Script {
    data: String,
    end: u32,
    body: String,
    tick: u32,
}

impl Script {
    /// No steps yet; those added first run in the first tick.
    pub fn new() -> Script {
        Script { data: String::new(), end: RECORDS, body: String::new(), tick: 1 }
    }

    /// Steps added from now on run in this tick.
    pub fn in_tick(mut self, tick: u32) -> Script {
        self.tick = tick;
        self
    }

    /// Arbitrary code; `$i` is a local.
    pub fn wat(mut self, code: &str) -> Script {
        let tick = self.tick;
        self.body += &format!("(if (i64.eq (call $tick) (i64.const {tick})) (then {code}))\n");
        self
    }

    /// Reserves n ids, of which the first is number `first`.
    pub fn reserve(self, first: u32, count: u32) -> Script {
        let at = IDS + 8 * first;
        self.wat(&format!("(call $tell (call $entity_reserve (i32.const {at}) (i32.const {count})))"))
    }

    /// Tells a reserved id.
    pub fn tell_id(self, number: u32) -> Script {
        let at = IDS + 8 * number;
        self.wat(&format!("(call $tell_i64 (i64.load (i32.const {at})))"))
    }

    pub fn send(self, commands: &[Cmd<'_>]) -> Script {
        self.send_records(&records(commands))
    }

    pub fn send_records(mut self, words: &[u64]) -> Script {
        let (at, len) = (self.end, words.len() * 8);
        self.end += len as u32;
        let bytes = escaped(words.iter().flat_map(|word| word.to_le_bytes()));
        self.data += &format!("(data (i32.const {at}) \"{bytes}\")\n");
        let is_reserved = |(_, word): &(usize, &u64)| **word >> 32 == RESERVED >> 32;
        let fill_in: String = words
            .iter()
            .enumerate()
            .filter(is_reserved)
            .map(|(index, word)| {
                let (to, from) = (at as usize + 8 * index, IDS + 8 * *word as u32);
                format!("(i64.store (i32.const {to}) (i64.load (i32.const {from})))\n")
            })
            .collect();
        self.wat(&format!("{fill_in} (call $tell (call $command (i32.const {at}) (i32.const {len})))"))
    }

    /// The mod; `rest` is the remaining manifest, with the permissions first and the system's queries last.
    pub fn mod_with(self, rights: &str, queries: &str) -> ModText {
        let Script { data, body, .. } = self;
        ModText {
            manifest: head("script") + rights + &plain_system("run") + "commands = true\n" + queries,
            wat: module(&format!("{TELL} {data} (func (export \"sys_run\") (local $i i32) {body})")),
        }
    }
}
