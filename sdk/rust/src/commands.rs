//! Structural changes: entities made and taken away when the system has finished.

use crate::{AbiError, Bundle, Entity, imports};
use tinkerbox_abi::command::push_despawn;

/// Records beyond this many words are sent at once, so that a buffer stays small.
const SEND_WORDS: usize = 512;

/// Starts a list of commands, which is sent when it goes out of scope.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # fn cull(weak: &[Entity]) {
/// let mut commands = commands();
/// for entity in weak {
///     commands.despawn(*entity);
/// }
/// # }
/// ```
pub fn commands() -> Commands {
    Commands { records: Vec::new() }
}

/// A list of commands. The host checks them when they are sent, and applies them, in order, when
/// the system has finished; a system that panics changes nothing.
#[derive(Debug)]
pub struct Commands {
    records: Vec<u64>,
}

impl Commands {
    /// Makes an entity of a tuple of components.
    pub fn spawn(&mut self, components: impl Bundle) -> &mut Commands {
        components.push(&mut self.records);
        self.send_if_full()
    }

    /// Takes an entity out of the world; one that has gone already is not missed.
    pub fn despawn(&mut self, entity: Entity) -> &mut Commands {
        push_despawn(&mut self.records, entity.to_bits());
        self.send_if_full()
    }

    /// Sends the commands now. Whatever is not sent this way is sent in the end, and a refusal
    /// then is logged.
    ///
    /// # Errors
    /// [`AbiError::Denied`] where `[permissions]` in `mod.toml` do not cover one of them,
    /// [`AbiError::NoRoom`] where the mod has sent too many this tick. None of those sent
    /// together is done then.
    pub fn send(&mut self) -> Result<(), AbiError> {
        if self.records.is_empty() {
            return Ok(());
        }
        let result = imports::command(&self.records);
        self.records.clear();
        result
    }

    fn send_if_full(&mut self) -> &mut Commands {
        if self.records.len() >= SEND_WORDS {
            self.send_or_log();
        }
        self
    }

    fn send_or_log(&mut self) {
        if let Err(error) = self.send() {
            crate::error!("commands were refused: {error}");
        }
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        self.send_or_log();
    }
}
