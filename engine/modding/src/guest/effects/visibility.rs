//! Which entities a mod may name in commands and relationships.

use bevy_ecs::component::{Component, ComponentId};
use bevy_ecs::entity::Entity;
use bevy_ecs::entity_disabling::DefaultQueryFilters;
use bevy_ecs::world::World;

use crate::package::access::Rights;

/// On the plugin's own entities, which are those of mods and its observers: no mod sees or names them, whatever else they
/// have that mods may read. It lies in a table, so queries leave them out by table and not row by row.
#[derive(Component, Clone, Copy, Debug)]
pub(crate) struct NotForMods;

/// A mod can name only entities that it can see: those that carry something it may read, and nothing that hides them
/// from its queries.
pub(crate) fn may_name(world: &World, entity: Entity, rights: &Rights) -> bool {
    let Ok(location) = world.entities().get_spawned(entity) else {
        return false;
    };
    let archetype = &world.archetypes()[location.archetype_id];
    let is_readable = |id: ComponentId| rights.readable.iter().any(|component| component.id() == id);
    let filters = world.get_resource::<DefaultQueryFilters>();
    let mut hiding = filters.into_iter().flat_map(DefaultQueryFilters::disabling_ids);
    rights.readable.iter().any(|component| archetype.contains(component.id()))
        && !world.component_id::<NotForMods>().is_some_and(|id| archetype.contains(id))
        && !hiding.any(|id| archetype.contains(id) && !is_readable(id))
}
