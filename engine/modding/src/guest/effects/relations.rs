//! Relationships that mods make, and the entities that are despawned with another one.
//!
//! Some relationships are linked: children are despawned with their parent. A mod may link and despawn only entities that it
//! may name. What it links stays a tree of bounded depth, since Bevy despawns it recursively, on the stack.

use std::collections::BTreeMap;

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_columns::{Link, linked_sources, linked_targets};

use super::visibility::may_name;
use crate::limits::{HIDDEN_RELATED_MAX, LINKED_DEPTH_MAX, RELATED_MAX};
use crate::package::access::Rights;
use crate::prices;

/// Follows relationships, as far as the commands of one run may make the host follow them.
pub(crate) struct Walk<'a> {
    rights: &'a Rights,
    steps: usize,
    /// Of these, steps to entities that the mod may name.
    visible: usize,
    /// The other steps, which are not paid for.
    hidden: usize,
    /// Why a command was refused; only the first reason.
    pub refused: Option<String>,
}

/// Appends the neighbours of an entity: at most the given number, and one more.
type Neighbours = fn(&World, Entity, usize, &mut Vec<Entity>);

const TARGETS: Neighbours = |world, entity, _, found| linked_targets(world, entity, found);
const SOURCES: Neighbours = linked_sources;

impl<'a> Walk<'a> {
    pub fn new(rights: &'a Rights) -> Walk<'a> {
        Walk { rights, steps: 0, visible: 0, hidden: 0, refused: None }
    }

    pub fn rights(&self) -> &'a Rights {
        self.rights
    }

    /// The price, in units of fuel. It counts visible entities only: otherwise the mod could count hidden ones by it.
    pub fn fuel(&self) -> u64 {
        prices::RELATED * self.visible as u64
    }

    /// Whether an entity may get these relationships: to entities that the mod may name; to itself only where the
    /// relationship allows it; and, where they are linked, neither closing a cycle nor making the tree too deep.
    pub fn may_link(&mut self, world: &World, source: Entity, links: &[Link]) -> bool {
        links.iter().all(|link| match self.problem_of(world, source, link) {
            None => true,
            Some(problem) => {
                self.refuse(format!("a relationship of entity {source} to {}: {problem}", link.target))
            }
        })
    }

    fn problem_of(&mut self, world: &World, source: Entity, link: &Link) -> Option<&'static str> {
        if link.target == source {
            return (!link.may_be_to_itself).then_some("it leads from an entity to itself");
        }
        if !may_name(world, link.target, self.rights) {
            return Some("the mod may not name that entity, or it does not exist");
        }
        if !link.is_linked {
            return None;
        }
        let below = self.depths(world, source, SOURCES);
        let above = self.depths(world, link.target, TARGETS);
        let (Some(below), Some(above)) = (below, above) else {
            return Some("too many entities are linked there");
        };
        if below.contains_key(&link.target) || above.contains_key(&source) {
            return Some("it closes a cycle");
        }
        let deepest = |depths: BTreeMap<Entity, usize>| depths.into_values().max().unwrap_or(0);
        (deepest(below) + deepest(above) + 1 > LINKED_DEPTH_MAX)
            .then_some("the entities would be linked too deeply")
    }

    /// Whether the mod may despawn an entity: it must be able to name the entity and all that are despawned with it.
    pub fn may_despawn(&mut self, world: &World, entity: Entity) -> bool {
        if !may_name(world, entity, self.rights) {
            return false;
        }
        let Some(with_it) = self.depths(world, entity, SOURCES) else {
            return self.refuse(format!(
                "the despawn of entity {entity}: too many entities would be despawned with it"
            ));
        };
        let exists = |entity: Entity| world.entities().contains_spawned(entity);
        let may_go = |entity| !exists(entity) || may_name(world, entity, self.rights);
        match with_it.into_keys().all(may_go) {
            true => true,
            false => self.refuse(format!(
                "the despawn of entity {entity}: it would also despawn entities that this mod may not name"
            )),
        }
    }

    fn refuse(&mut self, why: String) -> bool {
        self.refused.get_or_insert(why);
        false
    }

    /// The entities that can be reached, each with the length of the longest path to it; `None` if there are too many
    /// entities, or steps to them.
    fn depths(
        &mut self,
        world: &World,
        start: Entity,
        neighbours: Neighbours,
    ) -> Option<BTreeMap<Entity, usize>> {
        let mut depths = BTreeMap::from([(start, 0)]);
        let (mut to_visit, mut found) = (vec![start], Vec::new());
        while let Some(entity) = to_visit.pop() {
            let depth = depths[&entity] + 1;
            neighbours(world, entity, RELATED_MAX.saturating_sub(self.steps), &mut found);
            self.steps += found.len() + 1;
            match may_name(world, entity, self.rights) {
                true => self.visible += 1,
                false => self.hidden += 1,
            }
            if self.steps > RELATED_MAX || self.hidden > HIDDEN_RELATED_MAX || depth > LINKED_DEPTH_MAX + 1 {
                return None;
            }
            for neighbour in found.drain(..) {
                if depths.get(&neighbour).is_none_or(|known| *known < depth) {
                    depths.insert(neighbour, depth);
                    to_visit.push(neighbour);
                }
            }
        }
        Some(depths)
    }
}
