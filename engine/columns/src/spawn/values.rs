//! Values that are made beside the world, from bytes, and then inserted together.
//!
//! It checks sizes and values. Whether a relationship is allowed is decided by its callers.

use std::fmt;
use std::ptr::NonNull;

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::ptr::OwningPtr;
use bevy_ecs::world::World;

use super::panics::{Spoilt, whole_or_half_made};
use crate::component::{FlatComponent, MAX_ALIGN};
use crate::contained::contained;
use crate::relations::Link;

/// Why components could not be inserted into an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertError {
    /// The same component was given twice.
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
    /// The entity does not exist, or already exists and should be spawned.
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
                write!(f, "entity {entity} may not have the relationship that it was given")
            }
        }
    }
}

impl std::error::Error for InsertError {}

/// Memory with the largest alignment that a component may have.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Block([u8; MAX_ALIGN]);

pub(super) type Parts<'a> = Vec<(FlatComponent, &'a [u8])>;

/// Checks the parts, and sorts them by component, since bevy_ecs keeps a record for every order of ids that it has seen.
pub(super) fn sorted<'a>(
    world: &World,
    parts: &[(FlatComponent, &'a [u8])],
) -> Result<Parts<'a>, InsertError> {
    for (component, bytes) in parts {
        component.check_world(world);
        if bytes.len() != component.size() {
            return Err(InsertError::Size { component: *component, given: bytes.len() });
        }
        if !component.accepts(world, bytes) {
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
pub(super) struct Values {
    blocks: Vec<Block>,
    /// The values, and where each lies in the blocks.
    parts: Vec<(FlatComponent, usize)>,
    /// The first value that was not moved into the world.
    next: usize,
    drops: Vec<Option<unsafe fn(OwningPtr<'_>)>>,
}

impl Values {
    /// Makes the values from parts that were checked and sorted.
    pub(super) fn make(world: &World, parts: &[(FlatComponent, &[u8])]) -> Values {
        let (blocks, starts) = room(parts);
        let mut values = Values { blocks, parts: Vec::new(), next: 0, drops: Vec::new() };
        for ((component, bytes), start) in parts.iter().zip(starts) {
            let value = values.pointer(start);
            // SAFETY: the room is as large as the value and aligned as it needs (invariant 1).
            let is_made = unsafe { component.crossing().make(world, value.as_ptr(), bytes) };
            if is_made {
                values.parts.push((*component, start));
                values.drops.push(world.components().get_info(component.id()).and_then(|info| info.drop()));
            }
        }
        values
    }

    /// Pointers to the values that begin at these offsets.
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
    pub(super) fn check_links(
        &mut self,
        world: &World,
        entity: Entity,
        may_link: impl FnOnce(&World, &[Link]) -> bool,
    ) -> Result<(), InsertError> {
        let mut links = Vec::new();
        for at in 0..self.parts.len() {
            let (component, start) = self.parts[at];
            let value = self.pointer(start);
            // SAFETY: there is a value of the component there, aligned as it needs, which no other code accesses.
            unsafe { Link::of(world, &component, value.as_ptr(), &mut links) };
        }
        match links.is_empty() || may_link(world, &links) {
            true => Ok(()),
            false => Err(InsertError::Link(entity)),
        }
    }

    /// Inserts all values. The entity must exist.
    pub(super) fn insert(mut self, world: &mut World, entity: Entity) {
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
            // SAFETY: there is a value of the component there, aligned as it needs, which no other code accesses: it is moved
            // out here, and `next` says so.
            let values = pointers.iter().map(|&pointer| unsafe { OwningPtr::new(pointer) });
            // SAFETY: the ids are of this world (invariant 2); each pointer is to a value of the component at the same
            // place in `ids`; and the record of these ids is not spoilt (invariant 6).
            unsafe { world.entity_mut(entity).insert_by_ids(&ids, values) };
            noted.finish();
        });
    }

    /// Inserts one value, without the record of a set. The entity must exist.
    fn insert_next(&mut self, world: &mut World, entity: Entity, id: ComponentId) {
        let pointer = self.pointer(self.parts[self.next].1);
        self.next += 1;
        whole_or_half_made(world, entity, &[id], |world| {
            // SAFETY: there is a value of the component there, aligned as it needs, which no other code accesses: it is moved
            // out here, and `next` says so.
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
                // A panic must not keep the other values from being dropped, and this thread may be unwinding already.
                contained(|| {
                    // SAFETY: there is a value of the component there, aligned as it needs, that was not moved.
                    let value = unsafe { OwningPtr::new(pointer) };
                    // SAFETY: the function is the component's own, for its values.
                    unsafe { drop(value) };
                });
            }
        }
    }
}

/// Aligned memory for the values, with the offset of each.
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
    // One block more than needed, so that a value without bytes at the end has an address too.
    (vec![Block([0; MAX_ALIGN]); end / MAX_ALIGN + 1], starts)
}
