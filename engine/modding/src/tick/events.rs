//! The game's messages on their way to the mods that listen: read once a frame, shared by all.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::world::World;
use tinkerbox_abi::LogLevel;

use super::report;
use crate::event_queue::EventBatch;
use crate::exposed::event::{ExposedEvent, Reader};
use crate::report::ModReportKind;
use crate::table::{Mod, Table};

/// The events that some mod listens to, by id.
#[derive(Default)]
pub(crate) struct Channels(BTreeMap<&'static str, Channel>);

struct Channel {
    reader: Reader,
    /// (mod, system)
    listeners: Vec<(usize, usize)>,
}

impl Channels {
    /// Who listens to what. A message that was sent before anybody listened is not read.
    pub fn update(&mut self, world: &World, mods: &[Mod]) {
        self.0.values_mut().for_each(|channel| channel.listeners.clear());
        for (at, it) in mods.iter().enumerate() {
            let Some(code) = &it.code else { continue };
            for (number, system) in code.build.systems.iter().enumerate() {
                if let Some(event) = &system.handles {
                    self.channel(world, event).listeners.push((at, number));
                }
            }
        }
        self.0.retain(|_, channel| !channel.listeners.is_empty());
    }

    fn channel(&mut self, world: &World, event: &ExposedEvent) -> &mut Channel {
        let new = || Channel { reader: event.reader(world), listeners: Vec::new() };
        self.0.entry(event.id).or_insert_with(new)
    }
}

/// Queues what has come since the last frame for everybody who listens and is ticked.
pub(super) fn deliver(world: &mut World, table: &mut Table) {
    for (id, channel) in &mut table.channels.0 {
        let mut bytes = Vec::new();
        let count = (channel.reader)(world, &mut bytes);
        if count == 0 {
            continue;
        }
        let batch = Arc::new(EventBatch { count, bytes });
        for &(at, system) in &channel.listeners {
            let it = &mut table.mods[at];
            let Some(guest) = it.guest.as_mut().filter(|_| !it.is_disabled) else { continue };
            let Some((_, queue)) = guest.state().systems[system].handles.as_deref_mut() else { continue };
            let dropped = queue.push(&batch);
            if dropped > 0 {
                let text = format!("{dropped} events `{id}` were dropped: it has not come to handle them");
                report(world, it, ModReportKind::Log(LogLevel::Warn), text);
            }
        }
    }
}
