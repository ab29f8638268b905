//! Relationships of types that are not known here: which entity points to which, and which are despawned with which.
//!
//! It reads what bevy_ecs knows of its relationship components; what may be related to what is decided elsewhere.

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
    /// To whom it leads.
    pub target: Entity,
    /// It may lead from an entity to itself; `false` also for the first of its kind in a world.
    pub may_be_to_itself: bool,
    /// When the target is despawned, so is the entity that has the relationship; `true` also for the first of its kind.
    pub is_linked: bool,
}

impl Link {
    /// Appends the relationships that a value makes, if its component is one: as a rule a single one.
    ///
    /// # Safety
    /// The pointer is to a value of the component that nobody else looks at.
    pub(crate) unsafe fn of(world: &World, component: &FlatComponent, value: *mut u8, links: &mut Vec<Link>) {
        let Some(names) = component.names() else { return };
        let mut named = Vec::new();
        // SAFETY: the caller vouches for the pointer.
        unsafe { names(value, &mut named) };
        // bevy_ecs knows what kind of a relationship it is once there was one. Then nothing hangs on it yet.
        let accessor = accessor(world, component.id());
        links.extend(named.into_iter().map(|target| Link {
            component: *component,
            target,
            may_be_to_itself: accessor.is_some_and(RelationshipAccessor::allow_self_referential),
            is_linked: accessor.is_none_or(RelationshipAccessor::linked_spawn),
        }));
    }
}

/// Appends the entities with which this one goes: it is despawned when one of them is.
pub fn linked_targets(world: &World, entity: Entity, found: &mut Vec<Entity>) {
    for_each_linked(world, entity, |accessor, value| {
        if let RelationshipAccessor::Relationship { entity_field_offset, .. } = *accessor {
            // SAFETY: the pointer is to a value of the accessor's component (invariant 5).
            found.push(unsafe { target(value, entity_field_offset) });
        }
    });
}

/// Appends the entities that go with this one: they are despawned when it is. At most so many, of which the
/// last is one more than there may be.
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

/// Calls `with` for each component of an entity that ties its life to that of others.
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
    // SAFETY: the caller vouches for it.
    unsafe { value.as_ptr().add(offset).cast::<Entity>().read_unaligned() }
}
