//! Which entities a mod may name in commands and relationships.

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::entity_disabling::DefaultQueryFilters;
use bevy_ecs::world::World;

use crate::package::access::Rights;

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
        && !hiding.any(|id| archetype.contains(id) && !is_readable(id))
}
