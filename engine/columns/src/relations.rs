//! Relationships of types that are not known at compile time: which entity points to which, and which entities are
//! despawned together.
//!
//! It reads what bevy_ecs knows about its relationship components. It must not decide which relationships are allowed.

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::ptr::Ptr;
use bevy_ecs::relationship::RelationshipAccessor;
use bevy_ecs::world::World;

use crate::component::FlatComponent;

/// A relationship that is about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The component that makes it.
    pub component: FlatComponent,
    /// The entity that it leads to.
    pub target: Entity,
    /// Whether it may lead from an entity to itself; also `false` for the first of its kind in a world.
    pub may_be_to_itself: bool,
    /// Whether the entity that has the relationship is despawned with the target; also `true` for the first of its kind.
    pub is_linked: bool,
}

impl Link {
    /// Appends the relationships that a value makes, if its component is a relationship: usually a single one.
    ///
    /// # Safety
    /// The pointer is to a value of the component that no other code accesses.
    pub(crate) unsafe fn of(world: &World, component: &FlatComponent, value: *mut u8, links: &mut Vec<Link>) {
        let Some(names) = component.names() else { return };
        let mut named = Vec::new();
        // SAFETY: the caller vouches for the pointer.
        unsafe { names(value, &mut named) };
        // bevy_ecs only knows the kind of a relationship once one was made. Before that, no entity depends on one.
        let accessor = accessor(world, component.id());
        links.extend(named.into_iter().map(|target| Link {
            component: *component,
            target,
            may_be_to_itself: accessor.is_some_and(RelationshipAccessor::allow_self_referential),
            is_linked: accessor.is_none_or(RelationshipAccessor::linked_spawn),
        }));
    }
}

/// Appends the entities with which this one is despawned: those that its linked relationships lead to.
pub fn linked_targets(world: &World, entity: Entity, found: &mut Vec<Entity>) {
    for_each_linked(world, entity, |accessor, value| {
        if let RelationshipAccessor::Relationship { entity_field_offset, .. } = *accessor {
            // SAFETY: the pointer is to a value of the accessor's component (invariant 5).
            found.push(unsafe { target(value, entity_field_offset) });
        }
    });
}

/// Appends the entities that are despawned with this one. Appends at most `most` plus one, so that the caller can see that
/// there are more than `most`.
pub fn linked_sources(world: &World, entity: Entity, most: usize, found: &mut Vec<Entity>) {
    let end = found.len().saturating_add(most).saturating_add(1);
    for_each_linked(world, entity, |accessor, value| {
        if let RelationshipAccessor::RelationshipTarget { iter, .. } = *accessor {
            // SAFETY: the pointer is to a value of the accessor's component (invariant 5).
            let sources = unsafe { iter(value) };
            found.extend(sources.take(end.saturating_sub(found.len())));
        }
    });
}

/// Calls `with` for each component of an entity that links its lifetime to that of others.
fn for_each_linked(world: &World, entity: Entity, mut with: impl FnMut(&RelationshipAccessor, Ptr<'_>)) {
    let Ok(entity) = world.get_entity(entity) else { return };
    for &id in entity.archetype().components() {
        if let Some(accessor) = accessor(world, id).filter(|accessor| accessor.linked_spawn())
            && let Ok(value) = entity.get_by_id(id)
        {
            with(accessor, value);
        }
    }
}

fn accessor(world: &World, id: ComponentId) -> Option<&RelationshipAccessor> {
    world.components().get_info(id)?.relationship_accessor()
}

/// # Safety
/// The pointer is to a value of a relationship with this offset.
unsafe fn target(value: Ptr<'_>, offset: usize) -> Entity {
    // SAFETY: the caller vouches for the pointer and the offset.
    unsafe { value.as_ptr().add(offset).cast::<Entity>().read_unaligned() }
}
