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
use crate::game_code::{contain, discard};
use crate::package::access::Rights;
use crate::prices::{self, Bill};
use crate::relations::Walk;

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

/// What has become of effects.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Values and commands that found no entity any more, or were refused.
    pub skipped: u64,
    /// Why the first of them was refused.
    pub refused: Option<String>,
    /// Units of fuel for what the host had to look at on the way.
    pub fuel: u64,
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

    /// Does it all, and forgets it. What panics in the game's code meanwhile is noted, and the rest is done.
    pub fn apply(&mut self, world: &mut World, rights: &Rights, population: &mut Population) -> Applied {
        let written = contain(world, "a conversion of values panicked", |world| self.journal.apply(world));
        let mut skipped = written.map_or(1, |written| written.skipped);
        self.journal.clear();
        if !self.commands.is_empty() || !self.changes.is_empty() {
            // What comes now is news for all that ran at the same time.
            world.increment_change_tick();
        }
        let mut walk = Walk::new(rights);
        skipped += self.commands.apply(world, population, &mut walk);
        for (event, bytes) in self.sends.drain(..) {
            event.write(world, &bytes);
        }
        for change in self.changes.drain(..) {
            contain(world, "a change that a function of the game has deferred panicked", |world| {
                change(world);
                // Commands that it has queued are its own.
                world.flush();
            });
        }
        (self.are_there, self.sent_events, self.sent_bytes) = (false, 0, 0);
        Applied { skipped, fuel: walk.fuel(), refused: walk.refused }
    }

    /// Does nothing of it. What panics when it is dropped is noted.
    pub fn abandon(&mut self, world: &mut World) {
        self.commands.abandon(world);
        self.drop_changes();
    }

    /// Each by itself: they hold whatever a function of the game has put into them.
    fn drop_changes(&mut self) {
        self.changes.drain(..).for_each(discard);
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        self.drop_changes();
    }
}
