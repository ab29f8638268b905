//! Removals of components on their way to the mods that handle them: read once, shared by all handlers.
//!
//! ```text
//! world.removed_components() --collect, in each update of the app and each tick--> waiting --deliver, in each tick--> queues
//! ```
//!
//! Only components that some mod handles are looked at.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::{RemovedComponentEntity, RemovedComponentMessages};
use bevy_ecs::message::MessageCursor;
use bevy_ecs::world::World;

use super::events::{Delivery, hand_out};
use crate::exposed::ExposedType;
use crate::exposed::time::Moment;
use crate::guest::event_queue::EventBatch;
use crate::limits::WAITING_EVENTS_MAX;
use crate::mods::context::ModContext;
use crate::mods::table::Entries;
use crate::package::access::Handled;
use crate::schedule::index::{SystemIndex, SystemRef};

/// The components of which some mod handles removals, by id.
#[derive(Default)]
pub(crate) struct Removals(BTreeMap<&'static str, Channel>);

/// What was removed of a component. Removals are numbered from the first that was seen.
struct Channel {
    component: ComponentId,
    cursor: MessageCursor<RemovedComponentEntity>,
    handlers: Vec<Handler>,
    /// The entities of the newest removals, up to number `seen`.
    waiting: VecDeque<Entity>,
    seen: u64,
    /// All before this number were delivered.
    delivered: u64,
}

/// A handler of removals.
struct Handler {
    of: SystemRef,
    /// By these it is recognised when mods come and go.
    mod_id: String,
    system: String,
    /// The number of the first removal that concerns it: it was loaded before that one.
    since: u64,
}

impl Removals {
    /// Finds the handlers of each component's removals. What was removed before a handler was loaded is not for it.
    pub fn update(&mut self, world: &World, mods: &Entries) {
        self.collect(world.removed_components());
        let handlers = |(id, channel): (&&'static str, &mut Channel)| {
            let handlers = std::mem::take(&mut channel.handlers).into_iter();
            (*id, handlers.map(|handler| ((handler.mod_id, handler.system), handler.since)).collect())
        };
        let before: BTreeMap<&str, BTreeMap<(String, String), u64>> =
            self.0.iter_mut().map(handlers).collect();
        for (of_mod, entry) in mods.iter() {
            let Some(code) = &entry.code else { continue };
            let mod_id = &code.build.about.id;
            for (number, system) in code.build.systems.iter().enumerate() {
                let Some(Handled::Removal(component)) = &system.handles else { continue };
                let channel = self.channel(world, component);
                let name = (mod_id.clone(), system.name.clone());
                let known = before.get(component.id).and_then(|handlers| handlers.get(&name));
                channel.handlers.push(Handler {
                    of: SystemRef { of_mod, system: SystemIndex::new(number) },
                    since: known.copied().unwrap_or(channel.seen),
                    mod_id: name.0,
                    system: name.1,
                });
            }
        }
        self.0.retain(|_, channel| !channel.handlers.is_empty());
    }

    /// The handlers of this mod are gone: one that has the same id later is another mod.
    pub fn forget(&mut self, mod_id: &str) {
        self.0.values_mut().for_each(|channel| channel.handlers.retain(|handler| handler.mod_id != mod_id));
    }

    fn channel(&mut self, world: &World, component: &ExposedType) -> &mut Channel {
        let component_id = component.flat.id();
        self.0.entry(component.id).or_insert_with(|| Channel {
            component: component_id,
            cursor: match world.removed_components().get(component_id) {
                Some(messages) => messages.get_cursor_current(),
                None => MessageCursor::default(),
            },
            handlers: Vec::new(),
            waiting: VecDeque::new(),
            seen: 0,
            delivered: 0,
        })
    }

    /// Reads what was removed since this was last called.
    pub fn collect(&mut self, removed: &RemovedComponentMessages) {
        self.0.values_mut().for_each(|channel| channel.collect(removed));
    }
}

impl Channel {
    fn collect(&mut self, removed: &RemovedComponentMessages) {
        let Some(messages) = removed.get(self.component) else { return };
        let missed = self.cursor.missed_messages(messages);
        if missed > 0 {
            // The game has cleared its trackers without running `Last`. The older ones go, too, so that numbers stay in a row.
            self.waiting.clear();
        }
        let new = self.cursor.read(messages);
        let count = new.len();
        self.seen += (missed + count) as u64;
        self.waiting.extend(new.map(|removed| Entity::from(removed.clone())));
        if count > 0 {
            // As for events, those of one frame are kept however many they are.
            let too_many = self.waiting.len().saturating_sub(count.max(WAITING_EVENTS_MAX));
            self.waiting.drain(..too_many);
        }
    }
}

/// Queues what was removed since the last tick for the handlers of all mods that are ticked.
pub(crate) fn deliver(world: &mut World, removals: &mut Removals, mods: &mut Entries, moment: &Moment) {
    removals.collect(world.removed_components());
    for (id, channel) in &mut removals.0 {
        let delivered = std::mem::replace(&mut channel.delivered, channel.seen);
        if delivered == channel.seen {
            continue;
        }
        let waiting = Vec::from(std::mem::take(&mut channel.waiting));
        let first = channel.seen - waiting.len() as u64;
        let all = Arc::new(batch(&waiting));
        for &Handler { of: SystemRef { of_mod, system }, since, .. } in &channel.handlers {
            let lost = first.saturating_sub(since.max(delivered)) as usize;
            let batch = match since.saturating_sub(first) as usize {
                0 => all.clone(),
                earlier => Arc::new(batch(&waiting[earlier..])),
            };
            let ctx = ModContext { world, entry: &mut mods[of_mod], moment };
            hand_out(ctx, system, Delivery { batch: &batch, lost, what: "removals of", id });
        }
    }
}

fn batch(entities: &[Entity]) -> EventBatch {
    let bytes = entities.iter().flat_map(|entity| entity.to_bits().to_le_bytes()).collect();
    EventBatch { count: entities.len(), bytes }
}
