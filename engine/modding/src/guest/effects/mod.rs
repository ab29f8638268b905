//! What a system has asked to be done to the world: all of it is done when the system has finished, or nothing.
//!
//! ```text
//! values written -> commands -> events sent -> changes by functions of the game
//! ```

pub(crate) mod commands;
pub(crate) mod denied;
pub(crate) mod not_queued;
mod relations;
pub(crate) mod spawn_quota;
pub(crate) mod visibility;

use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_columns::Journal;

use commands::{CommandQueue, Mark};
use not_queued::NotQueued;
use relations::Walk;
use spawn_quota::SpawnQuota;

use crate::exposed::event::ExposedEvent;
use crate::game_code::{contain, discard};
use crate::limits::{SENT_EVENT_BYTES_MAX, SENT_EVENTS_MAX};
use crate::package::access::Rights;
use crate::prices::{self, Bill};

/// A change of the world that a function of the game has deferred.
pub(crate) type Change = Box<dyn FnOnce(&mut World) + Send + Sync>;

/// What is to be done to the world. What every run reads stands first.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Effects {
    /// There may be something to do.
    pub is_pending: bool,
    pub journal: Journal,
    pub commands: CommandQueue,
    sends: Vec<(ExposedEvent, Vec<u8>)>,
    sent_events: usize,
    sent_bytes: usize,
    changes: Vec<Change>,
}

/// What became of the effects of a run.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Values and commands whose entity was gone, or that were refused.
    pub skipped: u64,
    /// Why the first of them was refused.
    pub refused: Option<String>,
    /// The price of following relationships, in units of fuel.
    pub fuel: u64,
}

impl Effects {
    /// The number of changes that functions of the game have deferred.
    pub fn deferred(&self) -> usize {
        self.changes.len()
    }

    /// Whether entities may be spawned when it is done.
    pub fn has_commands(&self) -> bool {
        !self.commands.is_empty()
    }

    pub fn defer(&mut self, change: Change) {
        self.is_pending = true;
        self.changes.push(change);
    }

    /// Queues events, which must be valid values of their type.
    pub fn send(&mut self, event: &ExposedEvent, bytes: &[u8], bill: &mut Bill) -> Result<(), NotQueued> {
        let count = bytes.len() / event.size;
        if bytes.len() != count * event.size {
            return Err(AbiError::BadArgument.into());
        }
        if count == 0 {
            return Ok(());
        }
        if self.sent_events + count > SENT_EVENTS_MAX || self.sent_bytes + bytes.len() > SENT_EVENT_BYTES_MAX
        {
            return Err(AbiError::NoRoom.into());
        }
        bill.each(count, prices::SENT_EVENT);
        if let Some(invalid) = event.first_invalid(bytes) {
            return Err(NotQueued::InvalidEvent(Box::new((*event, invalid.into()))));
        }
        self.is_pending = true;
        (self.sent_events, self.sent_bytes) = (self.sent_events + count, self.sent_bytes + bytes.len());
        match self.sends.last_mut() {
            Some((last, before)) if last.id == event.id => before.extend_from_slice(bytes),
            _ => self.sends.push((*event, bytes.to_vec())),
        }
        Ok(())
    }

    /// Does all of it and clears the queue. A panic of the game's code on the way is noted, and the rest is still done.
    /// `mark` is what spawned entities get besides.
    pub fn apply(
        &mut self,
        world: &mut World,
        mark: Option<Mark>,
        rights: &Rights,
        quota: &mut SpawnQuota,
    ) -> Applied {
        let written = contain(world, "a conversion of values panicked", |world| self.journal.apply(world));
        let mut skipped = written.map_or(1, |written| written.skipped);
        self.journal.clear();
        if !self.commands.is_empty() || !self.changes.is_empty() {
            // What follows is a change for all systems that ran at the same time.
            world.increment_change_tick();
        }
        let mut walk = Walk::new(rights);
        skipped += self.commands.apply(world, mark, quota, &mut walk);
        for (event, bytes) in self.sends.drain(..) {
            event.write(world, &bytes);
        }
        for change in self.changes.drain(..) {
            contain(world, "a change that a function of the game has deferred panicked", |world| {
                change(world);
                // Commands that it has queued belong to it.
                world.flush();
            });
        }
        (self.is_pending, self.sent_events, self.sent_bytes) = (false, 0, 0);
        Applied { skipped, fuel: walk.fuel(), refused: walk.refused }
    }

    /// Does none of it. A panic while a change is dropped is noted.
    pub fn abandon(&mut self, world: &mut World) {
        self.commands.abandon(world);
        self.drop_changes();
    }

    /// Drops each change on its own: they hold values of the game's functions.
    fn drop_changes(&mut self) {
        self.changes.drain(..).for_each(discard);
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        self.drop_changes();
    }
}
