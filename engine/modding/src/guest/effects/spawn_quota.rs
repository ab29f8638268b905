//! How many entities a mod has spawned, and how many sets of components it has made.
//!
//! Both are bounded: entities cost memory while they live, and bevy_ecs keeps a table or a bundle for each set of
//! components forever.

use std::collections::BTreeSet;

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use crate::limits::{COMPONENT_SETS_MAX, SPAWNED_ENTITIES_MAX};
use crate::prices::{self, Bill};

/// Components that are spawned, inserted or removed together, or that an entity has; sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ComponentSet(Vec<ComponentId>);

impl ComponentSet {
    /// Keeps duplicates, which a command to remove components may have.
    pub fn new(components: impl Iterator<Item = ComponentId>) -> ComponentSet {
        let mut components: Vec<_> = components.collect();
        components.sort_unstable();
        ComponentSet(components)
    }

    /// The components of an entity; empty if it does not exist.
    fn of(world: &World, entity: Entity) -> ComponentSet {
        let location = world.entities().get_spawned(entity);
        let archetype = location.map(|location| world.archetypes()[location.archetype_id].components());
        ComponentSet::new(archetype.into_iter().flatten().copied())
    }

    /// Whether there is none, or one of them is there twice.
    pub fn is_empty_or_has_duplicates(&self) -> bool {
        self.0.is_empty() || self.0.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// Adds those of `other` that are missing.
    pub fn insert(&mut self, other: &ComponentSet) {
        self.0.extend_from_slice(&other.0);
        self.0.sort_unstable();
        self.0.dedup();
    }

    /// Removes those of `other`.
    pub fn remove(&mut self, other: &ComponentSet) {
        self.0.retain(|id| other.0.binary_search(id).is_err());
    }
}

/// What a mod has spawned so far, against what it may.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpawnQuota {
    entities: Vec<Entity>,
    /// With this many entities it is worth checking which of them still exist.
    recount_at: usize,
    /// The frame of the last recount: there is at most one in a frame.
    recounted_in: u64,
    sets: BTreeSet<ComponentSet>,
}

impl SpawnQuota {
    /// Forgets entities that are gone, if many are remembered or there are `most`; at most once in a frame.
    pub fn recount(&mut self, world: &World, most: usize, frame: u64, bill: &mut Bill) {
        let is_full = self.entities.len() >= most;
        if (is_full || self.entities.len() >= self.recount_at) && self.recounted_in != frame {
            self.recounted_in = frame;
            bill.each(self.entities.len(), prices::RECOUNTED_ENTITY);
            self.entities.retain(|&entity| world.entities().contains_spawned(entity));
            self.recount_at = (2 * self.entities.len()).clamp(1_024, SPAWNED_ENTITIES_MAX);
        }
    }

    /// Whether `queued` more spawns than have been applied leave room for another one within `most`.
    pub fn has_room(&self, queued: usize, most: usize) -> bool {
        self.entities.len() + queued < most
    }

    /// Whether `queued` more sets than have been applied leave room for another one.
    pub fn has_room_for_set(&self, queued: usize) -> bool {
        self.sets.len() + queued < COMPONENT_SETS_MAX
    }

    /// Whether the mod has made this set before.
    pub fn knows(&self, set: &ComponentSet) -> bool {
        self.sets.contains(set)
    }

    /// Records a spawned entity.
    pub fn add(&mut self, entity: Entity) {
        self.entities.push(entity);
    }

    /// Whether the mod may make entities with this set, or insert or remove it. Records the set if so.
    pub fn admit(&mut self, set: ComponentSet) -> bool {
        self.sets.contains(&set) || self.has_room_for_set(0) && self.sets.insert(set)
    }

    /// Whether the components of an entity may change: the components that are named together count as a set, and so do
    /// those that the entity has afterwards.
    pub fn admit_change(
        &mut self,
        world: &World,
        entity: Entity,
        named: ComponentSet,
        change: impl Fn(&mut ComponentSet, &ComponentSet),
    ) -> bool {
        let mut changed = ComponentSet::of(world, entity);
        let before = changed.0.len();
        change(&mut changed, &named);
        self.admit(named) && (changed.0.len() == before || self.admit(changed))
    }
}
