//! What happens to components of entities, on its way to the mods that handle it: noticed once, shared by all handlers.
//!
//! ```text
//! removals:             world.removed_components() --+
//! additions, despawns:  observers ------> Noticed ---+--collect, in each update of the app and each tick--> waiting
//!                                                                          waiting --deliver, in each tick--> queues
//! ```
//!
//! Only components that some mod handles are looked at, each once however many ids it has: an observer lives as long as there
//! is a handler. It is an entity, which the game may despawn together with all others; then it is made again.

use std::collections::{BTreeMap, VecDeque};
use std::ops::DerefMut;
use std::sync::Arc;

use bevy_ecs::change_detection::ResMut;
use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::{Add, Despawn, RemovedComponentEntity, RemovedComponentMessages};
use bevy_ecs::message::{MessageCursor, Messages};
use bevy_ecs::observer::{Observer, On};
use bevy_ecs::query::With;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::Query;
use bevy_ecs::world::World;

use super::events::{Delivery, hand_out};
use crate::exposed::time::Moment;
use crate::guest::effects::visibility::NotForMods;
use crate::guest::event_queue::EventBatch;
use crate::limits::WAITING_EVENTS_MAX;
use crate::mods::context::ModContext;
use crate::mods::table::Entries;
use crate::package::access::Handled;
use crate::package::schema::Lifecycle;
use crate::schedule::index::{SystemIndex, SystemRef};

/// What some mod handles. Mods may know the component by several ids.
type Key = (ComponentId, Lifecycle);

/// All that some mod handles of what happens to components.
#[derive(Default)]
pub(crate) struct Lifecycles(BTreeMap<Key, Channel>);

/// The entities that observers have noticed since they were last collected, for each component.
#[derive(Resource, Default)]
pub(crate) struct Noticed(Entities);

type Entities = BTreeMap<Key, Vec<Entity>>;

/// Where a channel learns what has happened.
enum Source {
    Removals(MessageCursor<RemovedComponentEntity>),
    /// From [`Noticed`]; this entity is the observer.
    Observer(Entity),
}

/// What has happened to a component. It is numbered from the first time that was seen.
struct Channel {
    source: Source,
    handlers: Vec<Handler>,
    /// The entities of the newest, up to number `seen`.
    waiting: VecDeque<Entity>,
    seen: u64,
    /// All before this number were delivered.
    delivered: u64,
}

/// A handler.
struct Handler {
    of: SystemRef,
    /// By these it is recognised when mods come and go. A mod that comes back has another entity.
    mod_entity: Entity,
    system: String,
    /// The id by which its mod knows the component.
    component: &'static str,
    /// The number of the first that concerns it: it was loaded before that one.
    since: u64,
}

impl Lifecycles {
    /// Finds the handlers again. What has happened before a handler was loaded is not for it.
    pub fn update(&mut self, world: &mut World, mods: &Entries) {
        self.collect_all(world);
        let handlers = |(key, channel): (&Key, &mut Channel)| {
            let handlers = std::mem::take(&mut channel.handlers).into_iter();
            (*key, handlers.map(|handler| ((handler.mod_entity, handler.system), handler.since)).collect())
        };
        let before: BTreeMap<Key, BTreeMap<(Entity, String), u64>> =
            self.0.iter_mut().map(handlers).collect();
        for (of_mod, entry) in mods.iter() {
            let Some(code) = &entry.code else { continue };
            for (number, system) in code.build.systems.iter().enumerate() {
                let Some(Handled::Lifecycle(what, component)) = &system.handles else { continue };
                let key = (component.flat.id(), *what);
                let channel = self.0.entry(key).or_insert_with(|| Channel::new(world, key));
                let name = (entry.entity, system.name.clone());
                let known = before.get(&key).and_then(|handlers| handlers.get(&name));
                channel.handlers.push(Handler {
                    of: SystemRef { of_mod, system: SystemIndex::new(number) },
                    since: known.copied().unwrap_or(channel.seen),
                    mod_entity: name.0,
                    system: name.1,
                    component: component.id,
                });
            }
        }
        let idle = self.0.extract_if(.., |_, channel| channel.handlers.is_empty());
        idle.for_each(|(_, channel)| channel.close(world));
    }

    /// Makes the observers again that the game has despawned.
    pub fn restore_observers(&mut self, world: &mut World) {
        for (&key, channel) in &mut self.0 {
            if channel.source.is_lost(world) {
                channel.source = Source::of(world, key);
                let id = channel.handlers.first().map_or("a component", |handler| handler.component);
                tracing::warn!(
                    "the game has despawned the observer that notices {} of `{id}` for mods: it is made again, but mods are not \
                     told of those in between. Where all entities are despawned, spare those with an `Observer`",
                    key.1.plural()
                );
            }
        }
    }

    fn collect_all(&mut self, world: &mut World) {
        let noticed = take(world.get_resource_mut::<Noticed>());
        self.collect(world.removed_components(), noticed);
    }

    /// Reads what has happened since this was last called.
    pub fn collect(&mut self, removed: &RemovedComponentMessages, mut noticed: Entities) {
        for (key, channel) in &mut self.0 {
            channel.collect(key.0, removed, noticed.remove(key).unwrap_or_default());
        }
    }
}

impl Source {
    fn of(world: &mut World, key @ (component, what): Key) -> Source {
        let observer = match what {
            Lifecycle::Removed => {
                let messages = world.removed_components().get(component);
                return Source::Removals(messages.map(Messages::get_cursor_current).unwrap_or_default());
            }
            Lifecycle::Added => {
                Observer::new(move |added: On<Add<()>>, noticed: Option<ResMut<Noticed>>, hidden: Hidden| {
                    note(noticed, hidden, key, added.entity);
                })
            }
            Lifecycle::Despawned => Observer::new(
                move |despawned: On<Despawn<()>>, noticed: Option<ResMut<Noticed>>, hidden: Hidden| {
                    note(noticed, hidden, key, despawned.entity);
                },
            ),
        };
        world.init_resource::<Noticed>();
        Source::Observer(world.spawn((observer.with_component(component), NotForMods)).id())
    }

    /// Whether the game has despawned the observer.
    fn is_lost(&self, world: &World) -> bool {
        matches!(self, Source::Observer(observer) if world.get::<Observer>(*observer).is_none())
    }
}

impl Channel {
    fn new(world: &mut World, key: Key) -> Channel {
        let (handlers, waiting) = Default::default();
        Channel { source: Source::of(world, key), handlers, waiting, seen: 0, delivered: 0 }
    }

    /// Nobody handles it any more.
    fn close(self, world: &mut World) {
        if let Source::Observer(observer) = self.source {
            // The game may have despawned it.
            let _ = world.try_despawn(observer);
        }
    }

    fn collect(&mut self, component: ComponentId, removed: &RemovedComponentMessages, noticed: Vec<Entity>) {
        let (new, missed) = match &mut self.source {
            Source::Observer(_) => (noticed, 0),
            Source::Removals(cursor) => {
                let Some(messages) = removed.get(component) else { return };
                let missed = cursor.missed_messages(messages);
                (cursor.read(messages).map(|removed| Entity::from(removed.clone())).collect(), missed)
            }
        };
        self.add(new, missed);
    }

    /// Adds new ones, after some that can't be known any more.
    fn add(&mut self, new: Vec<Entity>, missed: usize) {
        if missed > 0 {
            // The game has cleared its trackers without running `Last`. The older ones go, too, so that numbers stay in a row.
            self.waiting.clear();
        }
        let count = new.len();
        self.seen += (missed + count) as u64;
        self.waiting.extend(new);
        if count > 0 {
            // As for events, those of one frame are kept however many they are.
            let too_many = self.waiting.len().saturating_sub(count.max(WAITING_EVENTS_MAX));
            self.waiting.drain(..too_many);
        }
    }
}

/// Takes what was noticed.
pub(crate) fn take(noticed: Option<impl DerefMut<Target = Noticed>>) -> Entities {
    noticed.map(|mut noticed| std::mem::take(&mut noticed.0)).unwrap_or_default()
}

/// The entities of which no mod is told.
type Hidden<'w, 's> = Query<'w, 's, (), With<NotForMods>>;

fn note(noticed: Option<ResMut<'_, Noticed>>, hidden: Hidden<'_, '_>, key: Key, entity: Entity) {
    if let Some(mut noticed) = noticed.filter(|_| !hidden.contains(entity)) {
        noticed.0.entry(key).or_default().push(entity);
    }
}

/// Queues what has happened since the last tick for the handlers of all mods that are ticked.
pub(crate) fn deliver(world: &mut World, lifecycles: &mut Lifecycles, mods: &mut Entries, moment: &Moment) {
    lifecycles.collect_all(world);
    for (&(_, what), channel) in &mut lifecycles.0 {
        let delivered = std::mem::replace(&mut channel.delivered, channel.seen);
        if delivered == channel.seen {
            continue;
        }
        let waiting = Vec::from(std::mem::take(&mut channel.waiting));
        let first = channel.seen - waiting.len() as u64;
        let all = Arc::new(batch(&waiting));
        let of = format!("{} of", what.plural());
        for &Handler { of: SystemRef { of_mod, system }, component: id, since, .. } in &channel.handlers {
            let lost = first.saturating_sub(since.max(delivered)) as usize;
            let batch = match since.saturating_sub(first) as usize {
                0 => all.clone(),
                earlier => Arc::new(batch(&waiting[earlier..])),
            };
            let ctx = ModContext { world, entry: &mut mods[of_mod], moment };
            hand_out(ctx, system, Delivery { batch: &batch, lost, what: &of, id });
        }
    }
}

fn batch(entities: &[Entity]) -> EventBatch {
    let bytes = entities.iter().flat_map(|entity| entity.to_bits().to_le_bytes()).collect();
    EventBatch { count: entities.len(), bytes }
}
