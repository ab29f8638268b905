//! The game's messages on their way to the mods that handle them: read once in a frame, shared by all handlers.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::world::World;
use tinkerbox_abi::LogLevel;

use crate::exposed::event::{ExposedEvent, Reader};
use crate::exposed::time::Moment;
use crate::game::report::ModReportKind;
use crate::guest::event_queue::EventBatch;
use crate::mods::context::ModContext;
use crate::mods::table::Entries;
use crate::package::access::Handled;
use crate::schedule::index::{SystemIndex, SystemRef};

/// The events that some mod handles, by id.
#[derive(Default)]
pub(crate) struct Channels(BTreeMap<&'static str, Channel>);

/// The handlers of an event, and how far its messages were read.
struct Channel {
    reader: Reader,
    handlers: Vec<SystemRef>,
}

impl Channels {
    /// Finds the handlers of each event. A message that was sent before it had a handler is not read.
    pub fn update(&mut self, world: &World, mods: &Entries) {
        self.0.values_mut().for_each(|channel| channel.handlers.clear());
        for (of_mod, entry) in mods.iter() {
            let Some(code) = &entry.code else { continue };
            for (number, system) in code.build.systems.iter().enumerate() {
                if let Some(Handled::Event(event)) = &system.handles {
                    let handler = SystemRef { of_mod, system: SystemIndex::new(number) };
                    self.channel(world, event).handlers.push(handler);
                }
            }
        }
        self.0.retain(|_, channel| !channel.handlers.is_empty());
    }

    fn channel(&mut self, world: &World, event: &ExposedEvent) -> &mut Channel {
        let new = || Channel { reader: event.reader(world), handlers: Vec::new() };
        self.0.entry(event.id).or_insert_with(new)
    }
}

/// Queues the messages of the last frame for the handlers of all mods that are ticked.
pub(crate) fn deliver(world: &mut World, channels: &mut Channels, mods: &mut Entries, moment: &Moment) {
    for (id, channel) in &mut channels.0 {
        let mut bytes = Vec::new();
        let count = (channel.reader)(world, &mut bytes);
        if count == 0 {
            continue;
        }
        let batch = Arc::new(EventBatch { count, bytes });
        for &SystemRef { of_mod, system } in &channel.handlers {
            let ctx = ModContext { world, entry: &mut mods[of_mod], moment };
            hand_out(ctx, system, Delivery { batch: &batch, lost: 0, what: "events", id });
        }
    }
}

/// Items for a handler.
pub(super) struct Delivery<'a> {
    pub batch: &'a Arc<EventBatch>,
    /// How many older ones were lost on the way.
    pub lost: usize,
    /// What they are, and their id, for messages.
    pub what: &'a str,
    pub id: &'a str,
}

/// Queues items for a handler, unless its mod is not ticked, and tells its author if some are lost.
pub(super) fn hand_out(mut ctx: ModContext<'_>, system: SystemIndex, delivery: Delivery<'_>) {
    let Delivery { batch, lost, what, id } = delivery;
    let entry = &mut *ctx.entry;
    let Some(guest) = entry.guest.as_mut().filter(|_| !entry.is_disabled) else { return };
    let handles = guest.state().systems[system.get()].handles.as_deref_mut();
    let Some((_, queue)) = handles else { return };
    let dropped = lost + queue.push(batch);
    if dropped > 0 {
        let text = format!("{dropped} {what} `{id}` were dropped: the handler did not run in time");
        ctx.report(ModReportKind::Log(LogLevel::Warn), text);
    }
}
