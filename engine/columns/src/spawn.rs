//! A new entity from bytes.
//!
//! The way into the world for what mods spawn. It checks sizes; who may spawn what is not known here.

use std::fmt;
use std::ptr::NonNull;

use bevy_ecs::entity::Entity;
use bevy_ecs::ptr::OwningPtr;
use bevy_ecs::world::World;

use crate::component::{MAX_ALIGN, PlainComponent};

/// Why an entity could not be spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// The same component came twice.
    Twice(PlainComponent),
    /// A value has another size than the component.
    Size {
        /// The component.
        component: PlainComponent,
        /// Bytes that were given.
        given: usize,
    },
}

impl fmt::Display for SpawnError {
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
        }
    }
}

impl std::error::Error for SpawnError {}

/// Memory with the largest alignment that a component may have.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Block([u8; MAX_ALIGN]);

/// Spawns an entity with these components; the order in which they are given makes no difference.
///
/// # Errors
/// If a component comes twice or a value has the wrong size; the world is as before then.
///
/// # Panics
/// If a component is of another world.
pub fn spawn(world: &mut World, parts: &[(PlainComponent, &[u8])]) -> Result<Entity, SpawnError> {
    let mut parts = parts.to_vec();
    // Sorted, since bevy_ecs keeps a record for every order of ids that it has seen.
    parts.sort_by_key(|(component, _)| component.id());
    check(world, &parts)?;
    let ids: Vec<_> = parts.iter().map(|(component, _)| component.id()).collect();
    let (mut blocks, starts) = lay_out(&parts);
    let entity = world.spawn_empty().id();
    if ids.is_empty() {
        return Ok(entity);
    }
    let base = NonNull::from(bytemuck::cast_slice_mut::<Block, u8>(&mut blocks)).cast::<u8>();
    let values = starts.iter().map(|&start| {
        // SAFETY: `lay_out` put the value inside the blocks, from which `base` comes.
        let value = unsafe { base.add(start) };
        // SAFETY: the bytes there are a value of the component (invariant 1), aligned as it needs, and
        // nobody else touches the blocks until they are dropped, which drops no value (invariant 1).
        unsafe { OwningPtr::new(value) }
    });
    // SAFETY: `check` has seen that the ids are of this world (invariant 2); each pointer is to a value of
    // the component at the same place in `ids`.
    unsafe { world.entity_mut(entity).insert_by_ids(&ids, values) };
    Ok(entity)
}

fn check(world: &World, parts: &[(PlainComponent, &[u8])]) -> Result<(), SpawnError> {
    for (component, bytes) in parts {
        component.check_world(world);
        if bytes.len() != component.size() {
            return Err(SpawnError::Size { component: *component, given: bytes.len() });
        }
    }
    match parts.windows(2).find(|pair| pair[0].0.id() == pair[1].0.id()) {
        Some(pair) => Err(SpawnError::Twice(pair[0].0)),
        None => Ok(()),
    }
}

/// Copies the values into aligned memory; returns it with the place of each value.
fn lay_out(parts: &[(PlainComponent, &[u8])]) -> (Vec<Block>, Vec<usize>) {
    let mut end = 0;
    let starts: Vec<usize> = parts
        .iter()
        .map(|(component, bytes)| {
            let start = usize::next_multiple_of(end, component.align());
            end = start + bytes.len();
            start
        })
        .collect();
    // One block more than needed, so that a value without bytes at the end has a place too.
    let mut blocks = vec![Block([0; MAX_ALIGN]); end / MAX_ALIGN + 1];
    let memory = bytemuck::cast_slice_mut::<Block, u8>(&mut blocks);
    for (&start, (_, bytes)) in starts.iter().zip(parts) {
        memory[start..start + bytes.len()].copy_from_slice(bytes);
    }
    (blocks, starts)
}
