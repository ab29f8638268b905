//! What a system has asked to be done to the world: all of it when the system has finished, or nothing.
//!
//! ```text
//! values written -> commands -> events sent -> changes by functions of the game
//! ```

use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_columns::Journal;

use crate::commands::{Population, Queue};
use crate::exposed::event::ExposedEvent;
use crate::package::access::Rights;
use crate::prices::{self, Bill};

/// Events that one system sends in one run, and their bytes.
const EVENTS_MAX: usize = 4_096;
const EVENT_BYTES_MAX: usize = 1 << 20;

pub(crate) type Change = Box<dyn FnOnce(&mut World) + Send + Sync>;

/// What is to be done to the world. What every run asks stands first.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Effects {
    /// Something may be there.
    pub are_there: bool,
    pub journal: Journal,
    pub commands: Queue,
    sends: Vec<(ExposedEvent, Vec<u8>)>,
    sent_events: usize,
    sent_bytes: usize,
    changes: Vec<Change>,
}

impl Effects {
    /// How many changes of the game's functions wait.
    pub fn deferred(&self) -> usize {
        self.changes.len()
    }

    pub fn defer(&mut self, change: Change) {
        self.are_there = true;
        self.changes.push(change);
    }

    /// Takes down events, which must be values of their type.
    pub fn send(&mut self, event: &ExposedEvent, bytes: &[u8], bill: &mut Bill) -> Result<(), AbiError> {
        let count = bytes.len() / event.size;
        if bytes.len() != count * event.size {
            return Err(AbiError::BadArgument);
        }
        if count == 0 {
            return Ok(());
        }
        if self.sent_events + count > EVENTS_MAX || self.sent_bytes + bytes.len() > EVENT_BYTES_MAX {
            return Err(AbiError::NoRoom);
        }
        bill.each(count, prices::SENT_EVENT);
        if !event.accepts(bytes) {
            return Err(AbiError::BadArgument);
        }
        self.are_there = true;
        (self.sent_events, self.sent_bytes) = (self.sent_events + count, self.sent_bytes + bytes.len());
        match self.sends.last_mut() {
            Some((last, before)) if last.id == event.id => before.extend_from_slice(bytes),
            _ => self.sends.push((*event, bytes.to_vec())),
        }
        Ok(())
    }

    /// Does it all, and forgets it; returns how many values and commands found no entity any more.
    pub fn apply(&mut self, world: &mut World, rights: &Rights, population: &mut Population) -> u64 {
        let mut skipped = self.journal.apply(world).skipped;
        if !self.commands.is_empty() || !self.changes.is_empty() {
            // What comes now is news for all that ran at the same time.
            world.increment_change_tick();
        }
        skipped += self.commands.apply(world, rights, population);
        for (event, bytes) in self.sends.drain(..) {
            event.write(world, &bytes);
        }
        self.changes.drain(..).for_each(|change| change(world));
        (self.are_there, self.sent_events, self.sent_bytes) = (false, 0, 0);
        skipped
    }

    /// Does nothing of it.
    pub fn abandon(&mut self, world: &mut World) {
        self.commands.abandon(world);
    }
}
