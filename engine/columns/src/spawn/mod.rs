//! Spawning entities, and inserting and removing components, from bytes.
//!
//! The way into the world for everything that mods spawn, insert and remove. It must not know which mod may do what.
//!
//! ```text
//! bytes -> values, made beside the world -> their relationships are checked -> inserted together
//! ```
//!
//! Hooks and observers of the game run when values are inserted, and may panic. The panic continues; the world and this
//! crate can be used afterwards, unless its payload is [`HalfMade`].

mod panics;

mod values;

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use crate::component::FlatComponent;
use crate::relations::Link;
use values::{Values, sorted};

pub use panics::{HalfMade, whole_or_half_made};
pub use values::InsertError;

/// Spawns an entity with these components, in any order. If an id is given, which must be allocated and not spawned, it
/// becomes the entity's.
///
/// # Errors
/// A component is given twice, a value has the wrong size, the bytes are not a value, or the id can't be spawned. The world
/// is then unchanged.
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

/// As [`spawn`] with an id that was allocated, if `may_link` allows the relationships among the components.
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

/// Inserts these components into an entity. Those that it already has are replaced.
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

/// As [`insert`], if `may_link` allows the relationships among the components.
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

/// Removes these components from an entity, if it has them; `false` if the entity is gone.
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
