//! What happens to components of entities, on its way to the mods that handle it: noticed once, shared by all handlers.
//!
//! ```text
//! removals:             world.removed_components() --+
//! additions, despawns:  observers ------> Noticed ---+--collect, in each update of the app and each tick--> waiting
//!                                                                          waiting --deliver, in each tick--> queues
//! ```
//!
//! Only components that some mod handles are looked at: an observer lives as long as there is a handler.

use std::collections::{BTreeMap, VecDeque};
use std::ops::DerefMut;
use std::sync::Arc;

use bevy_ecs::change_detection::ResMut;
use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::{Add, Despawn, RemovedComponentEntity, RemovedComponentMessages};
use bevy_ecs::message::MessageCursor;
use bevy_ecs::observer::{Observer, On};
use bevy_ecs::query::With;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::Query;
use bevy_ecs::world::World;

use super::events::{Delivery, hand_out};
use crate::exposed::ExposedType;
use crate::exposed::time::Moment;
use crate::guest::effects::visibility::NotForMods;
use crate::guest::event_queue::EventBatch;
use crate::limits::WAITING_EVENTS_MAX;
use crate::mods::context::ModContext;
use crate::mods::table::Entries;
use crate::package::access::Handled;
use crate::package::schema::Lifecycle;
use crate::schedule::index::{SystemIndex, SystemRef};

/// What some mod handles, and the id of the component.
type Key = (&'static str, Lifecycle);

/// All that some mod handles of what happens to components.
#[derive(Default)]
pub(crate) struct Lifecycles(BTreeMap<Key, Channel>);

/// The entities that observers have noticed since they were last collected, for each component.
#[derive(Resource, Default)]
pub(crate) struct Noticed(Entities);

type Entities = BTreeMap<(ComponentId, Lifecycle), Vec<Entity>>;

/// Where a channel learns what has happened.
enum Source {
    Removals(MessageCursor<RemovedComponentEntity>),
    /// From [`Noticed`]; this entity is the observer.
    Observer(Entity),
}

/// What has happened to a component. It is numbered from the first time that was seen.
struct Channel {
    component: ComponentId,
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
    /// By these it is recognised when mods come and go.
    mod_id: String,
    system: String,
    /// The number of the first that concerns it: it was loaded before that one.
    since: u64,
}

impl Lifecycles {
    /// Finds the handlers again. What has happened before a handler was loaded is not for it.
    pub fn update(&mut self, world: &mut World, mods: &Entries) {
        self.collect_all(world);
        let handlers = |(key, channel): (&Key, &mut Channel)| {
            let handlers = std::mem::take(&mut channel.handlers).into_iter();
            (*key, handlers.map(|handler| ((handler.mod_id, handler.system), handler.since)).collect())
        };
        let before: BTreeMap<Key, BTreeMap<(String, String), u64>> =
            self.0.iter_mut().map(handlers).collect();
        for (of_mod, entry) in mods.iter() {
            let Some(code) = &entry.code else { continue };
            let mod_id = &code.build.about.id;
            for (number, system) in code.build.systems.iter().enumerate() {
                let Some(Handled::Lifecycle(what, component)) = &system.handles else { continue };
                let key = (component.id, *what);
                let channel = self.0.entry(key).or_insert_with(|| Channel::new(world, component, *what));
                let name = (mod_id.clone(), system.name.clone());
                let known = before.get(&key).and_then(|handlers| handlers.get(&name));
                channel.handlers.push(Handler {
                    of: SystemRef { of_mod, system: SystemIndex::new(number) },
                    since: known.copied().unwrap_or(channel.seen),
                    mod_id: name.0,
                    system: name.1,
                });
            }
        }
        let idle = self.0.extract_if(.., |_, channel| channel.handlers.is_empty());
        idle.for_each(|(_, channel)| channel.close(world));
    }

    /// The handlers of this mod are gone: one that has the same id later is another mod.
    pub fn forget(&mut self, mod_id: &str) {
        self.0.values_mut().for_each(|channel| channel.handlers.retain(|handler| handler.mod_id != mod_id));
    }

    fn collect_all(&mut self, world: &mut World) {
        let noticed = take(world.get_resource_mut::<Noticed>());
        self.collect(world.removed_components(), noticed);
    }

    /// Reads what has happened since this was last called.
    pub fn collect(&mut self, removed: &RemovedComponentMessages, mut noticed: Entities) {
        for (&(_, what), channel) in &mut self.0 {
            let of_channel = noticed.remove(&(channel.component, what)).unwrap_or_default();
            channel.collect(removed, of_channel);
        }
    }
}

impl Channel {
    fn new(world: &mut World, exposed: &ExposedType, what: Lifecycle) -> Channel {
        let component = exposed.flat.id();
        let source = match what {
            Lifecycle::Removed => Source::Removals(match world.removed_components().get(component) {
                Some(messages) => messages.get_cursor_current(),
                None => MessageCursor::default(),
            }),
            Lifecycle::Added => Source::Observer(observe(
                world,
                component,
                Observer::new(move |added: On<Add<()>>, noticed: Option<ResMut<Noticed>>, hidden: Hidden| {
                    note(noticed, hidden, (component, Lifecycle::Added), added.entity);
                }),
            )),
            Lifecycle::Despawned => Source::Observer(observe(
                world,
                component,
                Observer::new(
                    move |despawned: On<Despawn<()>>, noticed: Option<ResMut<Noticed>>, hidden: Hidden| {
                        note(noticed, hidden, (component, Lifecycle::Despawned), despawned.entity);
                    },
                ),
            )),
        };
        let (handlers, waiting) = Default::default();
        Channel { component, source, handlers, waiting, seen: 0, delivered: 0 }
    }

    /// Nobody handles it any more.
    fn close(self, world: &mut World) {
        if let Source::Observer(observer) = self.source {
            // The game may have despawned it.
            let _ = world.try_despawn(observer);
        }
    }

    fn collect(&mut self, removed: &RemovedComponentMessages, noticed: Vec<Entity>) {
        let (new, missed) = match &mut self.source {
            Source::Observer(_) => (noticed, 0),
            Source::Removals(cursor) => {
                let Some(messages) = removed.get(self.component) else { return };
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

fn observe(world: &mut World, component: ComponentId, observer: Observer) -> Entity {
    world.init_resource::<Noticed>();
    world.spawn((observer.with_component(component), NotForMods)).id()
}

/// Takes what was noticed.
pub(crate) fn take(noticed: Option<impl DerefMut<Target = Noticed>>) -> Entities {
    noticed.map(|mut noticed| std::mem::take(&mut noticed.0)).unwrap_or_default()
}

/// The entities of which no mod is told.
type Hidden<'w, 's> = Query<'w, 's, (), With<NotForMods>>;

fn note(
    noticed: Option<ResMut<'_, Noticed>>,
    hidden: Hidden<'_, '_>,
    key: (ComponentId, Lifecycle),
    entity: Entity,
) {
    if let Some(mut noticed) = noticed.filter(|_| !hidden.contains(entity)) {
        noticed.0.entry(key).or_default().push(entity);
    }
}

/// Queues what has happened since the last tick for the handlers of all mods that are ticked.
pub(crate) fn deliver(world: &mut World, lifecycles: &mut Lifecycles, mods: &mut Entries, moment: &Moment) {
    lifecycles.collect_all(world);
    for (&(id, what), channel) in &mut lifecycles.0 {
        let delivered = std::mem::replace(&mut channel.delivered, channel.seen);
        if delivered == channel.seen {
            continue;
        }
        let waiting = Vec::from(std::mem::take(&mut channel.waiting));
        let first = channel.seen - waiting.len() as u64;
        let all = Arc::new(batch(&waiting));
        let of = format!("{} of", what.plural());
        for &Handler { of: SystemRef { of_mod, system }, since, .. } in &channel.handlers {
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
