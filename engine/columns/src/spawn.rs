//! Entities made, taken apart and put together, from bytes.
//!
//! The way into the world for what mods spawn, insert and remove. It checks sizes and values; who may do what is not
//! known here.

use std::fmt;
use std::ptr::NonNull;

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::ptr::OwningPtr;
use bevy_ecs::world::World;

use crate::component::{FlatComponent, MAX_ALIGN};

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
        }
    }
}

impl std::error::Error for InsertError {}

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
    let parts = sorted(world, parts)?;
    let entity = match id {
        None => world.spawn_empty().id(),
        Some(id) => world.spawn_empty_at(id).map_err(|_| InsertError::Entity(id))?.id(),
    };
    put(world, entity, &parts);
    Ok(entity)
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
    let parts = sorted(world, parts)?;
    world.entities().get_spawned(entity).map_err(|_| InsertError::Entity(entity))?;
    put(world, entity, &parts);
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

/// Inserts parts that were sorted and checked; the entity is there.
fn put(world: &mut World, entity: Entity, parts: &[(FlatComponent, &[u8])]) {
    let (mut blocks, starts) = room(parts);
    let base = NonNull::from(bytemuck::cast_slice_mut::<Block, u8>(&mut blocks)).cast::<u8>();
    let mut ids = Vec::with_capacity(parts.len());
    let mut values = Vec::with_capacity(parts.len());
    for ((component, bytes), &start) in parts.iter().zip(&starts) {
        // SAFETY: `room` has room for the value there, inside the blocks, from which `base` comes.
        let value = unsafe { base.add(start) };
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
            ids.push(component.id());
            // SAFETY: there is a value of the component there now, aligned as it needs, and nobody else touches the
            // blocks until they are dropped, which drops no value.
            values.push(unsafe { OwningPtr::new(value) });
        }
    }
    if !ids.is_empty() {
        // SAFETY: the ids are of this world (invariant 2); each pointer is to a value of the component at the same
        // place in `ids`.
        unsafe { world.entity_mut(entity).insert_by_ids(&ids, values.into_iter()) };
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
