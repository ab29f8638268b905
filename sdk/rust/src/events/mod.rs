//! Events: those for which a system is called, and those that it sends to the game and other mods. What happens to components
//! is told in the same way.

mod lifecycle;

use bytemuck::CheckedBitPattern;
use tinkerbox_abi::{LogLevel, ModType};

use crate::imports::{self, EventIndex};
use crate::log::log;
use crate::panics::panic_with;
use crate::parameter::Parameter;
use crate::run::is_first_refusal;
use crate::schema::{EventSchema, HandledSchema, ParameterSchema};

pub use lifecycle::{Added, Despawned, Removed};

/// Bytes of a batch: as soon as these many wait, events are sent, and the first batch that is read has this size.
const BATCH_BYTES: usize = 4096;

/// Sends events. A parameter of a [`system`](macro@crate::system).
///
/// Events are sent in batches, the last one when the writer is dropped. They reach the game and other mods when the system
/// has finished, and not at all if it panics. If the host refuses them, this is logged once for each system and reason.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use meadow::Energy;
/// # #[mod_type("meadow:Hungry")]
/// # struct Hungry { who: Entity }
/// #[system]
/// fn complain(mut animals: Query<(Entity, &Energy)>, mut hungry: EventWriter<Hungry>) {
///     while let Some(chunk) = animals.next() {
///         let (entities, energies) = chunk.columns;
///         for (who, energy) in entities.iter().zip(energies) {
///             if energy.joules < 1.0 {
///                 hungry.send(Hungry { who: *who });
///             }
///         }
///     }
/// }
/// ```
pub struct EventWriter<E: ModType> {
    index: EventIndex,
    waiting: Vec<E>,
}

impl<E: ModType> EventWriter<E> {
    /// Sends one event, at the latest when the writer is dropped.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn wail<E: ModType>(mut writer: EventWriter<E>, event: E) {
    /// writer.send(event);
    /// # }
    /// ```
    pub fn send(&mut self, event: E) {
        self.waiting.push(event);
        if self.waiting.len() >= batch_len::<E>() {
            self.send_waiting();
        }
    }

    fn send_waiting(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let sent = imports::event_send(self.index, &self.waiting);
        self.waiting.clear();
        if let Err(error) = sent
            && is_first_refusal(E::ID, error)
        {
            log(LogLevel::Error, format_args!("events `{}` were refused: {error}", E::ID));
        }
    }
}

impl<E: ModType> Drop for EventWriter<E> {
    fn drop(&mut self) {
        self.send_waiting();
    }
}

impl<E: ModType> Parameter for EventWriter<E> {
    const SCHEMA: ParameterSchema = ParameterSchema::Send(EventSchema::of::<E>());

    fn open(index: u32) -> EventWriter<E> {
        EventWriter { index: EventIndex(index), waiting: Vec::new() }
    }
}

/// What a handler is called for: a parameter `&[Self]` of it.
#[diagnostic::on_unimplemented(
    message = "a system cannot handle `{Self}`",
    label = "neither an event nor what happens to a component",
    note = "a system handles events, `&[E]` where `E` has `#[mod_type]`, or what happens to a component: `&[Added<T>]`, \
            `&[Removed<T>]`, `&[Despawned<T>]`"
)]
pub trait Handled: Sized {
    /// What the system's schema says of it.
    const SCHEMA: HandledSchema;

    /// Those for which the running system is called.
    ///
    /// # Panics
    /// If the host refuses them.
    fn read() -> Vec<Self>;
}

impl<E: ModType> Handled for E {
    const SCHEMA: HandledSchema = HandledSchema::Event(EventSchema::of::<E>());

    fn read() -> Vec<E> {
        const { Self::SCHEMA };
        read_handled()
    }
}

/// The items for which the running system is called, events or entities.
pub(crate) fn read_handled<E: CheckedBitPattern>() -> Vec<E> {
    read_with(batch_len::<E>(), |events, batch| {
        imports::event_next(events, batch)
            .unwrap_or_else(|error| panic_with(&["the host refused the system's events: ", error.name()]))
    })
}

/// Reads batches until one is not full, which saves the call that would find none. Each is as large as all before it
/// together.
fn read_with<E>(first_batch: usize, mut next: impl FnMut(&mut Vec<E>, usize) -> usize) -> Vec<E> {
    let mut events = Vec::new();
    loop {
        let batch = events.len().max(first_batch);
        if next(&mut events, batch) < batch {
            return events;
        }
    }
}

/// The number of events in a batch, at least one.
fn batch_len<E>() -> usize {
    (BATCH_BYTES / size_of::<E>()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_events_is_read_whole() {
        for count in 0..40u32 {
            let mut waiting = 0..count;
            let mut calls = 0;
            let events: Vec<u32> = read_with(4, |events, batch| {
                calls += 1;
                let len = events.len();
                events.extend(waiting.by_ref().take(batch));
                events.len() - len
            });
            assert_eq!(events, (0..count).collect::<Vec<_>>());
            assert!(calls <= 5, "{calls} calls for {count} events");
        }
    }

    #[test]
    fn a_batch_has_at_least_one_event() {
        assert_eq!((batch_len::<u32>(), batch_len::<[u8; 5000]>()), (1024, 1));
    }
}
