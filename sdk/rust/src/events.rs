//! Events: what a system is called for, and what it tells the game and other mods.

use crate::imports;
use crate::schema::{EventSchema, ParameterSchema};
use crate::system::{Parameter, is_first_refusal};
use bytemuck::Pod;
use tinkerbox_abi::ModType;

/// Events beyond this many bytes are sent at once, and read in batches that begin with it.
const BATCH_BYTES: usize = 4096;

/// Sends events. A parameter of a [`system`](macro@crate::system); the last ones are sent when it is dropped.
///
/// They reach the game and other mods when the system has finished, and nobody if it panics. If the host refuses them,
/// that is logged once for each system and reason.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use bytemuck::{Pod, Zeroable};
/// # use meadow::Energy;
/// # #[derive(Clone, Copy, Pod, Zeroable, ModType)]
/// # #[repr(C)]
/// # #[mod_type(id = "meadow:Hungry")]
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
pub struct EventWriter<E: ModType + Pod> {
    index: u32,
    waiting: Vec<E>,
}

impl<E: ModType + Pod> EventWriter<E> {
    /// Sends one event; it may wait here for others.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn wail<E: ModType + bytemuck::Pod>(mut writer: EventWriter<E>, event: E) {
    /// writer.send(event);
    /// # }
    /// ```
    pub fn send(&mut self, event: E) {
        self.waiting.push(event);
        if self.waiting.len() >= batch::<E>() {
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
            crate::error!("events `{}` were refused: {error}", E::ID);
        }
    }
}

impl<E: ModType + Pod> Drop for EventWriter<E> {
    fn drop(&mut self) {
        self.send_waiting();
    }
}

impl<E: ModType + Pod> Parameter for EventWriter<E> {
    const SCHEMA: ParameterSchema = ParameterSchema::Send(EventSchema::of::<E>());

    fn open(index: u32) -> EventWriter<E> {
        EventWriter { index, waiting: Vec::new() }
    }
}

/// All events for which the running system is called.
///
/// # Panics
/// If the host refuses them.
pub fn read_events<E: ModType + Pod>() -> Vec<E> {
    const { EventSchema::of::<E>() };
    read_with(batch::<E>(), |room| {
        imports::event_next(room).unwrap_or_else(|error| panic!("the host refused its events: {error}"))
    })
}

/// A batch that is not full was the last one, which spares a call; each is as large as all before it.
fn read_with<E: Pod>(first_batch: usize, mut next: impl FnMut(&mut [E]) -> usize) -> Vec<E> {
    let (mut events, mut len) = (Vec::new(), 0);
    loop {
        let room = len.max(first_batch);
        events.resize(len + room, E::zeroed());
        let read = next(&mut events[len..]);
        len += read;
        if read < room {
            events.truncate(len);
            return events;
        }
    }
}

fn batch<E>() -> usize {
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
            let events: Vec<u32> = read_with(4, |room| {
                calls += 1;
                room.iter_mut().zip(waiting.by_ref()).map(|(place, event)| *place = event).count()
            });
            assert_eq!(events, (0..count).collect::<Vec<_>>());
            assert!(calls <= 5, "{calls} calls for {count} events");
        }
    }

    #[test]
    fn a_batch_has_one_event_at_least() {
        assert_eq!((batch::<u32>(), batch::<[u8; 5000]>()), (1024, 1));
    }
}
