//! Structural changes that a mod has asked for: checked when they come, made when its system has finished.
//!
//! Guest bytes in, spawned, changed and despawned entities out. Reading the records is `tinkerbox_abi::command`'s;
//! here is who may do what, and how much of it.

use std::collections::BTreeSet;
use std::ops::Range;

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::entity_disabling::DefaultQueryFilters;
use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_abi::command::{self, Command, Components, Keys};
use tinkerbox_columns::{FlatComponent, insert_linked, remove, spawn_linked};

use crate::game_code;
use crate::package::access::Rights;
use crate::prices::{self, Bill};
use crate::relations::Walk;

/// Commands of one mod in one tick.
pub(crate) const COMMANDS_MAX: usize = 4_096;
/// Bytes of components that they spawn and insert.
const BYTES_MAX: usize = 1 << 20;
/// Entities alive that one mod has spawned.
const POPULATION_MAX: usize = 65_536;
/// Different sets of components that one mod makes, inserts or removes: bevy_ecs keeps a table or a bundle for each,
/// for ever.
const KINDS_MAX: usize = 512;
/// bevy_ecs puts so many freed ids aside before it gives any of them out again, unless more come at once.
const IDS_PUT_ASIDE: usize = 128;

/// A set of components, sorted.
type Kind = Vec<ComponentId>;

/// Commands that wait for their system to finish.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    commands: Vec<Queued>,
    parts: Vec<(FlatComponent, Range<usize>)>,
    bytes: Vec<u8>,
    spawns: usize,
    /// Sets of components that spawns make for the first time.
    new_kinds: BTreeSet<Kind>,
    /// Ids that were reserved and are not used yet.
    reserved: BTreeSet<Entity>,
    /// All that were reserved, in their order.
    given_out: Vec<Entity>,
}

#[derive(Debug)]
enum Queued {
    /// Which of `parts`.
    Spawn(Option<Entity>, Range<usize>),
    Despawn(Entity),
    Insert(Entity, Range<usize>),
    /// The same, without bytes.
    Remove(Entity, Range<usize>),
}

/// What a mod has spawned so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Population {
    entities: Vec<Entity>,
    /// At so many it is worth while to see who has gone, once in a frame.
    recount_at: usize,
    recounted_in: u64,
    kinds: BTreeSet<Kind>,
}

impl Population {
    /// Forgets those that have gone, if many are remembered; once in a frame at most.
    fn count_again(&mut self, world: &World, frame: u64, bill: &mut Bill) {
        if self.entities.len() >= self.recount_at && self.recounted_in != frame {
            self.recounted_in = frame;
            bill.each(self.entities.len(), prices::COUNTED_AGAIN);
            self.entities.retain(|&entity| world.entities().contains_spawned(entity));
            self.recount_at = (2 * self.entities.len()).clamp(1_024, POPULATION_MAX);
        }
    }

    /// Whether the mod may make entities with these components, or insert and remove these together.
    fn takes_kind(&mut self, kind: Kind) -> bool {
        self.kinds.contains(&kind) || self.kinds.len() < KINDS_MAX && self.kinds.insert(kind)
    }

    /// Whether an entity may come to have other components: those that are named together are a kind, and those that it
    /// has then.
    fn takes_change(
        &mut self,
        world: &World,
        entity: Entity,
        named: Kind,
        change: impl Fn(&mut Kind, &[ComponentId]),
    ) -> bool {
        let named = sorted(named);
        let mut kind = sorted(kind_of(world, entity).collect());
        let before = kind.len();
        change(&mut kind, &named);
        self.takes_kind(named) && (kind.len() == before || self.takes_kind(kind))
    }
}

/// What decides about a command.
pub(crate) struct Judge<'a> {
    pub rights: &'a Rights,
    pub population: &'a mut Population,
    pub world: &'a World,
    /// How many commands there may be.
    pub most: usize,
    pub frame: u64,
}

impl Queue {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there is nothing to do, not even to give back.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.given_out.is_empty()
    }

    /// Gives out ids of entities that do not live yet.
    pub fn reserve(&mut self, world: &World, count: usize, bill: &mut Bill) -> Result<&[Entity], AbiError> {
        if self.given_out.len() + count > COMMANDS_MAX {
            return Err(AbiError::NoRoom);
        }
        let start = self.given_out.len();
        bill.each(usize::from(start == 0), prices::FIRST_RESERVATION);
        bill.each(count, prices::RESERVED_ID);
        self.given_out.extend((0..count).map(|_| world.entity_allocator().alloc()));
        self.reserved.extend(&self.given_out[start..]);
        Ok(&self.given_out[start..])
    }

    /// Gives back what was reserved, as if it had not been. Nothing that was queued is done.
    pub fn abandon(&mut self, world: &mut World) {
        give_back(world, self.given_out.iter().copied());
        self.clear();
    }

    fn clear(&mut self) {
        self.commands.clear();
        self.parts.clear();
        self.bytes.clear();
        self.reserved.clear();
        self.given_out.clear();
        self.new_kinds.clear();
        self.spawns = 0;
    }

    /// Queues all commands of `records`, or none. Each is paid for before it is looked at, so that it makes no difference
    /// to the price whether a later one is refused.
    pub fn queue(&mut self, records: &[u8], mut judge: Judge<'_>, bill: &mut Bill) -> Result<(), AbiError> {
        let before = (self.commands.len(), self.parts.len(), self.bytes.len(), self.spawns);
        let (mut used, mut new_kinds) = (Vec::new(), Vec::new());
        let result = command::decode(records).try_for_each(|command| {
            bill.add(prices::COMMAND);
            if self.commands.len() >= judge.most || self.bytes.len() > BYTES_MAX {
                return Err(AbiError::NoRoom);
            }
            match command.map_err(|_| AbiError::BadArgument)? {
                Command::Spawn { entity, components } => {
                    let (id, new_kind) = self.queue_spawn(entity, components, &mut judge, bill)?;
                    used.extend(id);
                    new_kinds.extend(new_kind);
                    Ok(())
                }
                Command::Despawn { entity } => self.queue_despawn(entity, &judge),
                Command::Insert { entity, components } => self.queue_insert(entity, components, &judge, bill),
                Command::Remove { entity, keys } => self.queue_remove(entity, keys, &judge, bill),
            }
        });
        if result.is_err() {
            // No more work than queueing was, whatever was queued before.
            self.commands.truncate(before.0);
            self.parts.truncate(before.1);
            self.bytes.truncate(before.2);
            self.spawns = before.3;
            for kind in &new_kinds {
                self.new_kinds.remove(kind);
            }
            self.reserved.extend(used);
        }
        result
    }

    /// Returns the reserved id that it takes, if it takes one, and its components, if they make a new kind.
    fn queue_spawn(
        &mut self,
        id: u64,
        components: Components<'_>,
        judge: &mut Judge<'_>,
        bill: &mut Bill,
    ) -> Result<(Option<Entity>, Option<Kind>), AbiError> {
        if !judge.rights.may_spawn() {
            return Err(AbiError::Denied);
        }
        let parts = self.take_parts(components, judge.rights, bill)?;
        let kind: Vec<_> = self.parts[parts.clone()].iter().map(|(component, _)| component.id()).collect();
        let kind = sorted(kind);
        judge.population.count_again(judge.world, judge.frame, bill);
        let is_new_kind = !judge.population.kinds.contains(&kind) && !self.new_kinds.contains(&kind);
        let is_full = judge.population.entities.len() + self.spawns >= POPULATION_MAX
            || is_new_kind && judge.population.kinds.len() + self.new_kinds.len() >= KINDS_MAX;
        if is_full {
            return Err(AbiError::NoRoom);
        }
        let entity = match id {
            0 => None,
            id => Some(Entity::try_from_bits(id).ok_or(AbiError::BadArgument)?),
        };
        if entity.is_some_and(|entity| !self.reserved.remove(&entity)) {
            return Err(AbiError::BadArgument);
        }
        self.commands.push(Queued::Spawn(entity, parts));
        self.spawns += 1;
        let new_kind = is_new_kind.then_some(kind);
        self.new_kinds.extend(new_kind.clone());
        Ok((entity, new_kind))
    }

    /// Takes down the components of a spawn or insert, each at most once.
    fn take_parts(
        &mut self,
        components: Components<'_>,
        rights: &Rights,
        bill: &mut Bill,
    ) -> Result<Range<usize>, AbiError> {
        if components.len() > rights.writable.len() {
            // Some are none that it may make, or come twice; there may be very many.
            return Err(AbiError::Denied);
        }
        bill.each(components.len(), prices::COMPONENT);
        let start = self.parts.len();
        for (key, value) in components {
            let component = writable(rights, key)?;
            if value.len() != component.size() || !component.accepts(value) {
                return Err(AbiError::BadArgument);
            }
            let at = self.bytes.len();
            self.bytes.extend_from_slice(value);
            self.parts.push((component, at..self.bytes.len()));
        }
        let ids = sorted(self.parts[start..].iter().map(|(component, _)| component.id()).collect());
        match ids.is_empty() || ids.windows(2).any(|pair| pair[0] == pair[1]) {
            true => Err(AbiError::BadArgument),
            false => Ok(start..self.parts.len()),
        }
    }

    fn queue_insert(
        &mut self,
        entity: u64,
        components: Components<'_>,
        judge: &Judge<'_>,
        bill: &mut Bill,
    ) -> Result<(), AbiError> {
        let parts = self.take_parts(components, judge.rights, bill)?;
        self.commands.push(Queued::Insert(named(entity), parts));
        Ok(())
    }

    fn queue_remove(
        &mut self,
        entity: u64,
        keys: Keys<'_>,
        judge: &Judge<'_>,
        bill: &mut Bill,
    ) -> Result<(), AbiError> {
        if keys.len() > judge.rights.writable.len() {
            return Err(AbiError::Denied);
        }
        bill.each(keys.len(), prices::COMPONENT);
        let start = self.parts.len();
        for key in keys {
            self.parts.push((writable(judge.rights, key)?, 0..0));
        }
        self.commands.push(Queued::Remove(named(entity), start..self.parts.len()));
        Ok(())
    }

    fn queue_despawn(&mut self, entity: u64, judge: &Judge<'_>) -> Result<(), AbiError> {
        if !judge.rights.may_despawn() {
            return Err(AbiError::Denied);
        }
        self.commands.push(Queued::Despawn(named(entity)));
        Ok(())
    }

    /// Makes the changes, in the order in which they were queued; returns how many found no entity that the mod may name,
    /// would have made more kinds of entities than a mod may, or were refused on the way along relationships.
    pub fn apply(&mut self, world: &mut World, population: &mut Population, walk: &mut Walk<'_>) -> u64 {
        let mut skipped = 0;
        for command in std::mem::take(&mut self.commands) {
            let is_done = match command {
                Queued::Spawn(id, parts) => self.spawn(world, id, parts, population, walk),
                // Asked again: while a system is suspended, the world goes on.
                Queued::Despawn(entity) => {
                    walk.may_despawn(world, entity)
                        && contained(world, "an observer or a hook of a despawn panicked", |world| {
                            world.try_despawn(entity).is_ok()
                        })
                }
                Queued::Insert(entity, parts) => self.insert(world, entity, parts, population, walk),
                Queued::Remove(entity, parts) => self.remove(world, entity, parts, population, walk),
            };
            skipped += u64::from(!is_done);
        }
        give_back(world, self.given_out.iter().filter(|entity| self.reserved.contains(entity)).copied());
        self.clear();
        skipped
    }

    fn values(&self, parts: Range<usize>) -> Vec<(FlatComponent, &[u8])> {
        self.parts[parts].iter().map(|(component, range)| (*component, &self.bytes[range.clone()])).collect()
    }

    fn spawn(
        &mut self,
        world: &mut World,
        id: Option<Entity>,
        parts: Range<usize>,
        population: &mut Population,
        walk: &mut Walk<'_>,
    ) -> bool {
        let parts = self.values(parts);
        let kind = sorted(parts.iter().map(|(component, _)| component.id()).collect());
        // Without an id of its own it takes the next one, which is given back with the others if nothing comes of it.
        let entity = id.unwrap_or_else(|| world.entity_allocator().alloc());
        let is_done = population.takes_kind(kind)
            // A mirror that takes a value at one time and not at another is the game's mistake, and no reason to end it.
            && contained(world, "an observer or a hook of a spawn panicked", |world| {
                spawn_linked(world, entity, &parts, |world, links| walk.may_link(world, entity, links)).is_ok()
            });
        let entities = world.entities();
        if entities.contains_spawned(entity) {
            population.entities.push(entity);
        } else if entities.contains(entity) {
            // It was never made: its id is given back at the end, when nothing that is queued can name it any more.
            self.reserved.insert(entity);
            self.given_out.extend(id.is_none().then_some(entity));
        }
        is_done
    }

    fn insert(
        &self,
        world: &mut World,
        entity: Entity,
        parts: Range<usize>,
        population: &mut Population,
        walk: &mut Walk<'_>,
    ) -> bool {
        let parts = self.values(parts);
        let ids = parts.iter().map(|(component, _)| component.id()).collect();
        may_name(world, entity, walk.rights())
            && population.takes_change(world, entity, ids, add_to)
            && contained(world, "an observer or a hook of an insert panicked", |world| {
                insert_linked(world, entity, &parts, |world, links| walk.may_link(world, entity, links))
                    .is_ok()
            })
    }

    fn remove(
        &self,
        world: &mut World,
        entity: Entity,
        parts: Range<usize>,
        population: &mut Population,
        walk: &Walk<'_>,
    ) -> bool {
        let parts: Vec<_> = self.parts[parts].iter().map(|(component, _)| *component).collect();
        let ids = parts.iter().map(FlatComponent::id).collect();
        may_name(world, entity, walk.rights())
            && population.takes_change(world, entity, ids, |kind, ids| {
                kind.retain(|id| ids.binary_search(id).is_err())
            })
            && contained(world, "an observer or a hook of a remove panicked", |world| {
                remove(world, entity, &parts)
            })
    }
}

/// Does something to the world that may set off the game's code; `false` where it panicked, or where it was not done.
fn contained(world: &mut World, what: &str, done: impl FnOnce(&mut World) -> bool) -> bool {
    game_code::contain(world, what, done).unwrap_or(false)
}

/// A component that the mod may give to entities and take from them. The lists that bevy_ecs keeps on the targets of
/// relationships are none: they follow from the relationships.
fn writable(rights: &Rights, key: u64) -> Result<FlatComponent, AbiError> {
    let component = rights.writable.get(&key).filter(|component| !component.is_relationship_target());
    component.copied().ok_or(AbiError::Denied)
}

/// Gives ids back so that they are the next that are given out, in the same order: as if they had not been taken.
fn give_back(world: &mut World, ids: impl Iterator<Item = Entity>) {
    let mut ids: Vec<Entity> = ids.collect();
    if ids.is_empty() {
        return;
    }
    while ids.len() <= IDS_PUT_ASIDE {
        ids.push(world.entity_allocator().alloc());
    }
    ids.reverse();
    world.entity_allocator_mut().free_many(&ids);
}

/// An entity that the mod names. Whether it may is asked when its turn comes, and answered by nothing: one that it may not
/// see is like one that has gone and like a number that never was one, so that nobody learns of what is hidden.
fn named(entity: u64) -> Entity {
    Entity::try_from_bits(entity).unwrap_or(Entity::PLACEHOLDER)
}

fn add_to(kind: &mut Kind, ids: &[ComponentId]) {
    kind.extend_from_slice(ids);
    kind.sort_unstable();
    kind.dedup();
}

fn sorted(mut kind: Kind) -> Kind {
    kind.sort_unstable();
    kind
}

/// The components of an entity, if it is there.
fn kind_of(world: &World, entity: Entity) -> impl Iterator<Item = ComponentId> {
    let location = world.entities().get_spawned(entity);
    let archetype = location.map(|location| world.archetypes()[location.archetype_id].components());
    archetype.into_iter().flatten().copied()
}

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
