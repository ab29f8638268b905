//! Entities made, taken apart and put together, from bytes.
//!
//! The way into the world for what mods spawn, insert and remove. It checks sizes and values; who may do what is not
//! known here.
//!
//! ```text
//! bytes -> values, made beside the world -> the links among them are asked about -> inserted together
//! ```
//!
//! Hooks and observers of the game run when values are inserted, and may panic. The panic passes on; the world and this
//! crate can be used afterwards, unless it is [`HalfMade`].

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::ptr::OwningPtr;
use bevy_ecs::world::{World, WorldId};

use crate::component::{FlatComponent, MAX_ALIGN};
use crate::contained::contained;
use crate::relations::Link;

/// Why components could not be given to an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertError {
    /// The same component came twice.
    Twice(FlatComponent),
    /// A value has another size than the component.
    Size {
        /// The component.
        component: FlatComponent,
        /// Bytes that were given.
        given: usize,
    },
    /// There is no value with these bytes.
    NoValue(FlatComponent),
    /// The entity is not there, or is there already where it should be made.
    Entity(Entity),
    /// A relationship among the components was not allowed.
    Link(Entity),
}

impl fmt::Display for InsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice(component) => {
                write!(f, "component {:?} is given twice for one entity", component.id())
            }
            Self::Size { component, given } => write!(
                f,
                "component {:?} has {} bytes, and {given} were given",
                component.id(),
                component.size()
            ),
            Self::NoValue(component) => {
                write!(f, "component {:?} has no value with the bytes that were given", component.id())
            }
            Self::Entity(entity) => write!(f, "entity {entity} is gone, or cannot be made"),
            Self::Link(entity) => {
                write!(f, "entity {entity} can't have the relationship that it was to be given")
            }
        }
    }
}

impl std::error::Error for InsertError {}

/// What a panic carries on with that may have left an entity half made, by the constructor of a component that another one
/// requires: bevy_ecs has made room for the component then, and no value. The world is of no use any more; let it pass.
pub struct HalfMade(
    /// What the panic was begun with.
    pub Box<dyn Any + Send>,
);

impl fmt::Debug for HalfMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HalfMade")
    }
}

/// Memory with the largest alignment that a component may have.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Block([u8; MAX_ALIGN]);

/// Spawns an entity with these components; the order in which they are given makes no difference. With an id, which
/// was allocated and not spawned, that is the entity's.
///
/// # Errors
/// If a component comes twice, a value has the wrong size or is none, or the id can't be spawned; the world is as
/// before then.
///
/// # Panics
/// If a component is of another world.
pub fn spawn(
    world: &mut World,
    id: Option<Entity>,
    parts: &[(FlatComponent, &[u8])],
) -> Result<Entity, InsertError> {
    let values = Values::make(world, &sorted(world, parts)?);
    let entity = match id {
        None => world.spawn_empty().id(),
        Some(id) => world.spawn_empty_at(id).map_err(|_| InsertError::Entity(id))?.id(),
    };
    values.insert(world, entity);
    Ok(entity)
}

/// The same for an id that was allocated, if `may_link` allows the relationships among the components.
///
/// # Errors
/// As [`spawn`], and if a relationship was not allowed.
///
/// # Panics
/// If a component is of another world.
pub fn spawn_linked(
    world: &mut World,
    id: Entity,
    parts: &[(FlatComponent, &[u8])],
    may_link: impl FnOnce(&World, &[Link]) -> bool,
) -> Result<(), InsertError> {
    let mut values = Values::make(world, &sorted(world, parts)?);
    values.check_links(world, id, may_link)?;
    world.spawn_empty_at(id).map_err(|_| InsertError::Entity(id))?;
    values.insert(world, id);
    Ok(())
}

/// Gives an entity these components; what it has of them already is replaced.
///
/// # Errors
/// As [`spawn`], and if the entity is gone.
///
/// # Panics
/// If a component is of another world.
pub fn insert(
    world: &mut World,
    entity: Entity,
    parts: &[(FlatComponent, &[u8])],
) -> Result<(), InsertError> {
    insert_linked(world, entity, parts, |_, _| true)
}

/// The same, if `may_link` allows the relationships among the components.
///
/// # Errors
/// As [`insert`], and if a relationship was not allowed.
///
/// # Panics
/// If a component is of another world.
pub fn insert_linked(
    world: &mut World,
    entity: Entity,
    parts: &[(FlatComponent, &[u8])],
    may_link: impl FnOnce(&World, &[Link]) -> bool,
) -> Result<(), InsertError> {
    let mut values = Values::make(world, &sorted(world, parts)?);
    world.entities().get_spawned(entity).map_err(|_| InsertError::Entity(entity))?;
    values.check_links(world, entity, may_link)?;
    values.insert(world, entity);
    Ok(())
}

/// Takes these components from an entity, as far as it has them; `false` where it is gone.
///
/// # Panics
/// If a component is of another world.
pub fn remove(world: &mut World, entity: Entity, components: &[FlatComponent]) -> bool {
    components.iter().for_each(|component| component.check_world(world));
    let mut ids: Vec<ComponentId> = components.iter().map(FlatComponent::id).collect();
    ids.sort_unstable();
    let Ok(mut entity) = world.get_entity_mut(entity) else { return false };
    entity.remove_by_ids(&ids);
    true
}

type Parts<'a> = Vec<(FlatComponent, &'a [u8])>;

/// The parts by component, since bevy_ecs keeps a record for every order of ids that it has seen; all are values.
fn sorted<'a>(world: &World, parts: &[(FlatComponent, &'a [u8])]) -> Result<Parts<'a>, InsertError> {
    for (component, bytes) in parts {
        component.check_world(world);
        if bytes.len() != component.size() {
            return Err(InsertError::Size { component: *component, given: bytes.len() });
        }
        if !component.accepts(bytes) {
            return Err(InsertError::NoValue(*component));
        }
    }
    let mut parts = parts.to_vec();
    parts.sort_by_key(|(component, _)| component.id());
    match parts.windows(2).find(|pair| pair[0].0.id() == pair[1].0.id()) {
        Some(pair) => Err(InsertError::Twice(pair[0].0)),
        None => Ok(parts),
    }
}

/// Values that are not in the world yet.
struct Values {
    blocks: Vec<Block>,
    /// The values, and where each lies in the blocks.
    parts: Vec<(FlatComponent, usize)>,
    /// The first that was not given away.
    next: usize,
    drops: Vec<Option<unsafe fn(OwningPtr<'_>)>>,
}

impl Values {
    /// Makes those of which there are values, from parts that were sorted and checked.
    fn make(world: &World, parts: &[(FlatComponent, &[u8])]) -> Values {
        let (blocks, starts) = room(parts);
        let mut values = Values { blocks, parts: Vec::new(), next: 0, drops: Vec::new() };
        for ((component, bytes), start) in parts.iter().zip(starts) {
            let value = values.pointer(start);
            let is_made = match component.mirror() {
                // SAFETY: the room is aligned as the value needs (invariant 1).
                Some(mirror) => unsafe { (mirror.make)(value.as_ptr(), bytes) },
                None => {
                    // SAFETY: the room is as long as the value, which is these bytes (invariant 1).
                    unsafe { value.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
                    true
                }
            };
            if is_made {
                values.parts.push((*component, start));
                values.drops.push(world.components().get_info(component.id()).and_then(|info| info.drop()));
            }
        }
        values
    }

    /// Where the values lie that begin there.
    fn pointers(&mut self, starts: impl Iterator<Item = usize>) -> Vec<NonNull<u8>> {
        let base = NonNull::from(bytemuck::cast_slice_mut::<Block, u8>(&mut self.blocks)).cast::<u8>();
        // SAFETY: `room` has room for the values there, inside the blocks, from which `base` comes.
        starts.map(|start| unsafe { base.add(start) }).collect()
    }

    fn pointer(&mut self, start: usize) -> NonNull<u8> {
        self.pointers(std::iter::once(start))[0]
    }

    /// # Errors
    /// `may_link` does not allow the relationships among the values.
    fn check_links(
        &mut self,
        world: &World,
        entity: Entity,
        may_link: impl FnOnce(&World, &[Link]) -> bool,
    ) -> Result<(), InsertError> {
        let mut links = Vec::new();
        for at in 0..self.parts.len() {
            let (component, start) = self.parts[at];
            let value = self.pointer(start);
            // SAFETY: there is a value of the component there, aligned as it needs, which nobody else touches.
            unsafe { Link::of(world, &component, value.as_ptr(), &mut links) };
        }
        match links.is_empty() || may_link(world, &links) {
            true => Ok(()),
            false => Err(InsertError::Link(entity)),
        }
    }

    /// Inserts them all; the entity is there.
    fn insert(mut self, world: &mut World, entity: Entity) {
        let ids: Vec<ComponentId> = self.parts.iter().map(|(component, _)| component.id()).collect();
        if ids.len() == 1 || Spoilt::has(world.id(), &ids) {
            while self.next < self.parts.len() && world.entities().contains_spawned(entity) {
                self.insert_next(world, entity, ids[self.next]);
            }
            return;
        }
        if ids.is_empty() {
            return;
        }
        self.next = self.parts.len();
        let starts: Vec<usize> = self.parts.iter().map(|(_, start)| *start).collect();
        let pointers = self.pointers(starts.into_iter());
        whole_or_half_made(world, entity, &ids, |world| {
            let noted = Spoilt::note_unless_finished(world.id(), &ids);
            // SAFETY: there is a value of the component there, aligned as it needs, which nobody else touches: it is given
            // away here, and `next` says so.
            let values = pointers.iter().map(|&pointer| unsafe { OwningPtr::new(pointer) });
            // SAFETY: the ids are of this world (invariant 2); each pointer is to a value of the component at the same
            // place in `ids`; and the record of these ids is not spoilt (invariant 6).
            unsafe { world.entity_mut(entity).insert_by_ids(&ids, values) };
            noted.finish();
        });
    }

    /// Inserts one of them, without any record of several; the entity is there.
    fn insert_next(&mut self, world: &mut World, entity: Entity, id: ComponentId) {
        let pointer = self.pointer(self.parts[self.next].1);
        self.next += 1;
        whole_or_half_made(world, entity, &[id], |world| {
            // SAFETY: there is a value of the component there, aligned as it needs, which nobody else touches: it is given
            // away here, and `next` says so.
            let value = unsafe { OwningPtr::new(pointer) };
            // SAFETY: the id is of this world (invariant 2), and the pointer is to a value of it.
            unsafe { world.entity_mut(entity).insert_by_id(id, value) };
        });
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        for at in self.next..self.parts.len() {
            let pointer = self.pointer(self.parts[at].1);
            if let Some(drop) = self.drops[at] {
                // One that panics must not keep the others from being dropped; and this may be an unwinding already.
                contained(|| {
                    // SAFETY: there is a value of the component there, aligned as it needs, that was not given away.
                    let value = unsafe { OwningPtr::new(pointer) };
                    // SAFETY: the function is the component's own, for its values.
                    unsafe { drop(value) };
                });
            }
        }
    }
}

/// Does what inserts these components into an entity. A panic passes on: as [`HalfMade`], if it may have been one of a
/// constructor of a component that they require.
///
/// # Panics
/// If `insert` does.
pub fn whole_or_half_made<R>(
    world: &mut World,
    entity: Entity,
    components: &[ComponentId],
    insert: impl FnOnce(&mut World) -> R,
) -> R {
    let archetype_of = |world: &World| world.entities().get_spawned(entity).ok().map(|it| it.archetype_id);
    let before = archetype_of(world);
    catch_unwind(AssertUnwindSafe(|| insert(world))).unwrap_or_else(|payload| {
        let has = |id| before.is_some_and(|before| world.archetypes()[before].contains(id));
        let lacks = |id: &ComponentId| !has(*id) && !components.contains(id);
        let requires_more = components.iter().any(|id| {
            let info = world.components().get_info(*id);
            info.is_some_and(|info| info.required_components().iter_ids().any(|id| lacks(&id)))
        });
        // It is where it was only if what panicked came before anything was written.
        match requires_more && archetype_of(world) != before && !payload.is::<HalfMade>() {
            true => resume_unwind(Box::new(HalfMade(payload))),
            false => resume_unwind(payload),
        }
    })
}

/// The sets of components whose record a panic has spoilt (invariant 6). It is not kept in the world, from which a game
/// could take it.
struct Spoilt {
    world: WorldId,
    ids: Vec<ComponentId>,
}

static SPOILT: Mutex<Vec<Spoilt>> = Mutex::new(Vec::new());
static IS_ANY_SPOILT: AtomicBool = AtomicBool::new(false);

impl Spoilt {
    fn has(world: WorldId, ids: &[ComponentId]) -> bool {
        IS_ANY_SPOILT.load(Ordering::Relaxed)
            && SPOILT
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .any(|it| it.world == world && it.ids == ids)
    }

    /// Notes the set when this is dropped, which an unwinding panic does.
    fn note_unless_finished(world: WorldId, ids: &[ComponentId]) -> NoteSpoilt {
        NoteSpoilt(Some(Spoilt { world, ids: ids.to_vec() }))
    }
}

struct NoteSpoilt(Option<Spoilt>);

impl NoteSpoilt {
    fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for NoteSpoilt {
    fn drop(&mut self) {
        if let Some(spoilt) = self.0.take() {
            SPOILT.lock().unwrap_or_else(PoisonError::into_inner).push(spoilt);
            IS_ANY_SPOILT.store(true, Ordering::Relaxed);
        }
    }
}

/// Aligned memory for the values; with the place of each.
fn room(parts: &[(FlatComponent, &[u8])]) -> (Vec<Block>, Vec<usize>) {
    let mut end = 0;
    let starts: Vec<usize> = parts
        .iter()
        .map(|(component, _)| {
            let start = usize::next_multiple_of(end, component.value_align());
            end = start + component.value_size();
            start
        })
        .collect();
    // One block more than needed, so that a value without bytes at the end has a place too.
    (vec![Block([0; MAX_ALIGN]); end / MAX_ALIGN + 1], starts)
}
