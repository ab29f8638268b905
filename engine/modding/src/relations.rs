//! Relationships that mods make, and what goes with an entity that they despawn.
//!
//! Some relationships tie lives together: children go with their parent. A mod may tie and take away only what it may name,
//! and what it ties stays a tree that Bevy, which despawns it level by level on the stack, can take down.

use std::collections::BTreeMap;

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_columns::{Link, linked_sources, linked_targets};

use crate::commands::may_name;
use crate::package::access::Rights;
use crate::prices;

/// So many entities in a row may go with each other, where a mod has a hand in it.
const DEPTH_MAX: usize = 64;
/// Entities that are looked at for the commands of one run.
const STEPS_MAX: usize = 65_536;
/// Of these so many that the mod may not see.
const HIDDEN_STEPS_MAX: usize = 1_024;

/// Goes along relationships, as far as one run's commands may make the host go.
pub(crate) struct Walk<'a> {
    rights: &'a Rights,
    steps: usize,
    /// Those of them to entities that the mod may name.
    visible: usize,
    /// The others, which nobody pays for.
    hidden: usize,
    /// Why something was not done, the first time.
    pub refused: Option<String>,
}

/// From an entity to those next to it: at most so many, and one more.
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

    /// What it has cost, in units of fuel: for what the mod may see. Otherwise the price would count what it may not.
    pub fn fuel(&self) -> u64 {
        prices::RELATED * self.visible as u64
    }

    /// Whether an entity may get these relationships: to entities that the mod may name, to itself only where the
    /// relationship allows it, and neither in a circle nor in too long a row of entities that are despawned with each other.
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
            return Some("there is no such entity for this mod");
        }
        if !link.is_linked {
            return None;
        }
        let below = self.depths(world, source, SOURCES);
        let above = self.depths(world, link.target, TARGETS);
        let (Some(below), Some(above)) = (below, above) else {
            return Some("too many entities hang on each other there");
        };
        if below.contains_key(&link.target) || above.contains_key(&source) {
            return Some("it closes a circle");
        }
        let deepest = |depths: BTreeMap<Entity, usize>| depths.into_values().max().unwrap_or(0);
        (deepest(below) + deepest(above) + 1 > DEPTH_MAX)
            .then_some("too many entities hang on each other in a row")
    }

    /// Whether an entity may be despawned: if the mod may name it, and all that goes with it.
    pub fn may_despawn(&mut self, world: &World, entity: Entity) -> bool {
        if !may_name(world, entity, self.rights) {
            return false;
        }
        let Some(with_it) = self.depths(world, entity, SOURCES) else {
            return self.refuse(format!("the despawn of entity {entity}: too much would go with it"));
        };
        let is_there = |entity: Entity| world.entities().contains_spawned(entity);
        match with_it.into_keys().all(|it| !is_there(it) || may_name(world, it, self.rights)) {
            true => true,
            false => self.refuse(format!(
                "the despawn of entity {entity}: with it would go what is not this mod's to take away"
            )),
        }
    }

    fn refuse(&mut self, why: String) -> bool {
        self.refused.get_or_insert(why);
        false
    }

    /// The entities that can be reached, each with the length of the longest way to it; `None` if there are too many of
    /// them or of steps to them.
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
            neighbours(world, entity, STEPS_MAX.saturating_sub(self.steps), &mut found);
            self.steps += found.len() + 1;
            match may_name(world, entity, self.rights) {
                true => self.visible += 1,
                false => self.hidden += 1,
            }
            if self.steps > STEPS_MAX || self.hidden > HIDDEN_STEPS_MAX || depth > DEPTH_MAX + 1 {
                return None;
            }
            for it in found.drain(..) {
                if depths.get(&it).is_none_or(|known| *known < depth) {
                    depths.insert(it, depth);
                    to_visit.push(it);
                }
            }
        }
        Some(depths)
    }
}
