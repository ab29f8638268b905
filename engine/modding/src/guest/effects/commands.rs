//! Structural changes that a mod has asked for: checked when they are queued, made when its system has finished.
//!
//! Bytes of the guest in; spawned, changed and despawned entities out. `tinkerbox_abi::command` reads the records; here it
//! is decided which commands a mod may give, and how many.

use std::collections::BTreeSet;
use std::ops::Range;

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_abi::command::{self, Command, Components, Keys};
use tinkerbox_columns::{FlatComponent, insert_linked, remove, spawn_linked};

use super::not_queued::NotQueued;
use super::relations::Walk;
use super::spawn_quota::{ComponentSet, SpawnQuota};
use super::visibility::may_name;
use crate::game_code;
use crate::limits::{COMMAND_BYTES_MAX, COMMANDS_MAX};
use crate::package::access::Rights;
use crate::prices::{self, Bill};

/// bevy_ecs sets this many freed ids aside before it gives any of them out again, unless more are freed at once.
const IDS_SET_ASIDE: usize = 128;

/// Commands that wait for their system to finish.
#[derive(Debug, Default)]
pub(crate) struct CommandQueue {
    commands: Vec<QueuedCommand>,
    parts: Vec<(FlatComponent, Range<usize>)>,
    bytes: Vec<u8>,
    spawns: usize,
    /// Sets of components that the queued spawns make for the first time.
    new_sets: BTreeSet<ComponentSet>,
    /// Reserved ids that no queued command uses.
    unused_ids: BTreeSet<Entity>,
    /// All ids that were reserved, in this order.
    reserved_ids: Vec<Entity>,
}

/// A command. Its components are a range of [`CommandQueue::parts`].
#[derive(Debug)]
enum QueuedCommand {
    Spawn(Option<Entity>, Range<usize>),
    Despawn(Entity),
    Insert(Entity, Range<usize>),
    /// Its parts have no bytes.
    Remove(Entity, Range<usize>),
}

/// What is needed to decide whether a command may be queued.
pub(crate) struct CommandChecker<'a> {
    pub rights: &'a Rights,
    pub quota: &'a mut SpawnQuota,
    pub world: &'a World,
    /// The most commands that the queue may hold.
    pub most: usize,
    pub frame: u64,
}

/// What commands are applied to.
struct Target<'a, 'w> {
    world: &'a mut World,
    /// What marks spawned entities as the mod's.
    mark: Option<Mark>,
    quota: &'a mut SpawnQuota,
    walk: &'a mut Walk<'w>,
}

impl CommandQueue {
    /// The number of queued commands.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there is nothing to apply and no id to free.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.reserved_ids.is_empty()
    }

    /// Reserves ids of entities that do not exist yet.
    pub fn reserve(&mut self, world: &World, count: usize, bill: &mut Bill) -> Result<&[Entity], AbiError> {
        if self.reserved_ids.len() + count > COMMANDS_MAX {
            return Err(AbiError::NoRoom);
        }
        let start = self.reserved_ids.len();
        bill.each(usize::from(start == 0), prices::FIRST_RESERVATION);
        bill.each(count, prices::RESERVED_ID);
        self.reserved_ids.extend((0..count).map(|_| world.entity_allocator().alloc()));
        self.unused_ids.extend(&self.reserved_ids[start..]);
        Ok(&self.reserved_ids[start..])
    }

    /// Frees the reserved ids, as if they had not been reserved, and drops all commands.
    pub fn abandon(&mut self, world: &mut World) {
        free_ids(world, self.reserved_ids.iter().copied());
        self.clear();
    }

    fn clear(&mut self) {
        self.commands.clear();
        self.parts.clear();
        self.bytes.clear();
        self.unused_ids.clear();
        self.reserved_ids.clear();
        self.new_sets.clear();
        self.spawns = 0;
    }

    /// Queues all commands of `records`, or none. Each is paid for before it is checked, so that the price does not depend
    /// on whether a later one is refused.
    pub fn queue(
        &mut self,
        records: &[u8],
        mut checker: CommandChecker<'_>,
        bill: &mut Bill,
    ) -> Result<(), NotQueued> {
        let before = (self.commands.len(), self.parts.len(), self.bytes.len(), self.spawns);
        let (mut used, mut new_sets) = (Vec::new(), Vec::new());
        let result = command::decode(records).try_for_each(|command| {
            bill.add(prices::COMMAND);
            if self.commands.len() >= checker.most || self.bytes.len() > COMMAND_BYTES_MAX {
                return Err(AbiError::NoRoom.into());
            }
            match command.map_err(|_| AbiError::BadArgument)? {
                Command::Spawn { entity, components } => {
                    let (id, new_set) = self.queue_spawn(entity, components, &mut checker, bill)?;
                    used.extend(id);
                    new_sets.extend(new_set);
                    Ok(())
                }
                Command::Despawn { entity } => self.queue_despawn(entity, &checker),
                Command::Insert { entity, components } => {
                    self.queue_insert(entity, components, &checker, bill)
                }
                Command::Remove { entity, keys } => self.queue_remove(entity, keys, &checker, bill),
            }
        });
        if result.is_err() {
            // This takes no more work than queueing these records did, however many commands were queued before.
            self.commands.truncate(before.0);
            self.parts.truncate(before.1);
            self.bytes.truncate(before.2);
            self.spawns = before.3;
            for set in &new_sets {
                self.new_sets.remove(set);
            }
            self.unused_ids.extend(used);
        }
        result
    }

    /// Returns the reserved id that the command uses, if any, and its components, if they make a new set.
    fn queue_spawn(
        &mut self,
        id: u64,
        components: Components<'_>,
        checker: &mut CommandChecker<'_>,
        bill: &mut Bill,
    ) -> Result<(Option<Entity>, Option<ComponentSet>), NotQueued> {
        if !checker.rights.may_spawn() {
            return Err(AbiError::Denied.into());
        }
        let parts = self.add_parts(components, checker, bill)?;
        let set = self.set_of(parts.clone());
        checker.quota.recount(checker.world, checker.rights.spawned_max, checker.frame, bill);
        let is_new_set = !checker.quota.knows(&set) && !self.new_sets.contains(&set);
        if !checker.quota.has_room(self.spawns, checker.rights.spawned_max)
            || is_new_set && !checker.quota.has_room_for_set(self.new_sets.len())
        {
            return Err(AbiError::NoRoom.into());
        }
        let entity = match id {
            0 => None,
            id => Some(Entity::try_from_bits(id).ok_or(AbiError::BadArgument)?),
        };
        if entity.is_some_and(|entity| !self.unused_ids.remove(&entity)) {
            return Err(AbiError::BadArgument.into());
        }
        self.commands.push(QueuedCommand::Spawn(entity, parts));
        self.spawns += 1;
        let new_set = is_new_set.then_some(set);
        self.new_sets.extend(new_set.clone());
        Ok((entity, new_set))
    }

    /// Copies the components of a spawn or insert, each of which may be there once.
    fn add_parts(
        &mut self,
        components: Components<'_>,
        checker: &CommandChecker<'_>,
        bill: &mut Bill,
    ) -> Result<Range<usize>, NotQueued> {
        if components.len() > checker.rights.writable.len() {
            // Some are not writable, or are there twice; the list may be very long.
            return Err(AbiError::Denied.into());
        }
        bill.each(components.len(), prices::COMPONENT);
        let start = self.parts.len();
        for (key, value) in components {
            let component = writable(checker.rights, key)?;
            if value.len() != component.size() {
                return Err(AbiError::BadArgument.into());
            }
            if !component.accepts(checker.world, value) {
                return Err(NotQueued::InvalidComponent(Box::new((component, value.into()))));
            }
            let at = self.bytes.len();
            self.bytes.extend_from_slice(value);
            self.parts.push((component, at..self.bytes.len()));
        }
        match self.set_of(start..self.parts.len()).is_empty_or_has_duplicates() {
            true => Err(AbiError::BadArgument.into()),
            false => Ok(start..self.parts.len()),
        }
    }

    fn queue_insert(
        &mut self,
        entity: u64,
        components: Components<'_>,
        checker: &CommandChecker<'_>,
        bill: &mut Bill,
    ) -> Result<(), NotQueued> {
        let parts = self.add_parts(components, checker, bill)?;
        self.commands.push(QueuedCommand::Insert(named(entity), parts));
        Ok(())
    }

    fn queue_remove(
        &mut self,
        entity: u64,
        keys: Keys<'_>,
        checker: &CommandChecker<'_>,
        bill: &mut Bill,
    ) -> Result<(), NotQueued> {
        if keys.len() > checker.rights.writable.len() {
            return Err(AbiError::Denied.into());
        }
        bill.each(keys.len(), prices::COMPONENT);
        let start = self.parts.len();
        for key in keys {
            self.parts.push((writable(checker.rights, key)?, 0..0));
        }
        self.commands.push(QueuedCommand::Remove(named(entity), start..self.parts.len()));
        Ok(())
    }

    fn queue_despawn(&mut self, entity: u64, checker: &CommandChecker<'_>) -> Result<(), NotQueued> {
        if !checker.rights.may_despawn() {
            return Err(AbiError::Denied.into());
        }
        self.commands.push(QueuedCommand::Despawn(named(entity)));
        Ok(())
    }

    /// Makes the changes, in the order in which they were queued. Returns how many were skipped, because they found no
    /// entity that the mod may name, would have made more sets of components than a mod may, or were refused on account
    /// of relationships.
    pub fn apply(
        &mut self,
        world: &mut World,
        mark: Option<Mark>,
        quota: &mut SpawnQuota,
        walk: &mut Walk<'_>,
    ) -> u64 {
        let mut skipped = 0;
        let target = &mut Target { world, mark, quota, walk };
        for command in std::mem::take(&mut self.commands) {
            let is_done = match command {
                QueuedCommand::Spawn(id, parts) => self.spawn(target, id, parts),
                // Checked here, since the world changes while a system is suspended.
                QueuedCommand::Despawn(entity) => {
                    target.walk.may_despawn(target.world, entity)
                        && contained(target.world, "an observer or a hook of a despawn panicked", |world| {
                            world.try_despawn(entity).is_ok()
                        })
                }
                QueuedCommand::Insert(entity, parts) => self.insert(target, entity, parts),
                QueuedCommand::Remove(entity, parts) => self.remove(target, entity, parts),
            };
            skipped += u64::from(!is_done);
        }
        let unused = self.reserved_ids.iter().filter(|entity| self.unused_ids.contains(entity)).copied();
        free_ids(target.world, unused);
        self.clear();
        skipped
    }

    fn values(&self, parts: Range<usize>) -> Vec<(FlatComponent, &[u8])> {
        self.parts[parts].iter().map(|(component, range)| (*component, &self.bytes[range.clone()])).collect()
    }

    fn spawn(&mut self, target: &mut Target<'_, '_>, id: Option<Entity>, parts: Range<usize>) -> bool {
        let set = self.set_of(parts.clone());
        let mut parts = self.values(parts);
        let mark = target.mark;
        parts.extend(mark.as_ref().map(|mark| (mark.component, &mark.value[..])));
        // Without an id of its own it takes the next one, which is freed with the others if the spawn fails.
        let entity = id.unwrap_or_else(|| target.world.entity_allocator().alloc());
        let is_done = target.quota.admit(set)
            // A mirror that accepts a value now and refuses it later is the game's mistake, and no reason to end the game.
            && contained(target.world, "an observer or a hook of a spawn panicked", |world| {
                spawn_linked(world, entity, &parts, |world, links| target.walk.may_link(world, entity, links))
                    .is_ok()
            });
        let entities = target.world.entities();
        if entities.contains_spawned(entity) {
            target.quota.add(entity);
        } else if entities.contains(entity) {
            // It was never spawned: its id is freed at the end, when no queued command can name it any more.
            self.unused_ids.insert(entity);
            self.reserved_ids.extend(id.is_none().then_some(entity));
        }
        is_done
    }

    fn insert(&self, target: &mut Target<'_, '_>, entity: Entity, parts: Range<usize>) -> bool {
        let set = self.set_of(parts.clone());
        let parts = self.values(parts);
        may_name(target.world, entity, target.walk.rights())
            && target.quota.admit_change(target.world, entity, set, ComponentSet::insert)
            && contained(target.world, "an observer or a hook of an insert panicked", |world| {
                insert_linked(world, entity, &parts, |world, links| {
                    target.walk.may_link(world, entity, links)
                })
                .is_ok()
            })
    }

    fn remove(&self, target: &mut Target<'_, '_>, entity: Entity, parts: Range<usize>) -> bool {
        let set = self.set_of(parts.clone());
        let parts: Vec<_> = self.parts[parts].iter().map(|(component, _)| *component).collect();
        may_name(target.world, entity, target.walk.rights())
            && target.quota.admit_change(target.world, entity, set, ComponentSet::remove)
            && contained(target.world, "an observer or a hook of a remove panicked", |world| {
                remove(world, entity, &parts)
            })
    }

    fn set_of(&self, parts: Range<usize>) -> ComponentSet {
        ComponentSet::new(self.parts[parts].iter().map(|(component, _)| component.id()))
    }
}

/// The component that says which mod has spawned an entity, and its value. It is inserted with the others, so that an entity
/// is never without it and moves only once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub component: FlatComponent,
    pub value: [u8; 8],
}

/// Changes the world, which may run hooks and observers of the game; `false` if one panicked or the change was not made.
fn contained(world: &mut World, what: &str, done: impl FnOnce(&mut World) -> bool) -> bool {
    game_code::contain(world, what, done).unwrap_or(false)
}

/// A component that the mod may insert and remove. Not so the lists that bevy_ecs keeps on the targets of relationships:
/// they follow from the relationships.
fn writable(rights: &Rights, key: u64) -> Result<FlatComponent, AbiError> {
    let component = rights.writable.get(&key).filter(|component| !component.is_relationship_target());
    component.copied().ok_or(AbiError::Denied)
}

/// Frees ids so that they are the next to be allocated, in the same order, as if they had not been allocated.
fn free_ids(world: &mut World, ids: impl Iterator<Item = Entity>) {
    let mut ids: Vec<Entity> = ids.collect();
    if ids.is_empty() {
        return;
    }
    while ids.len() <= IDS_SET_ASIDE {
        ids.push(world.entity_allocator().alloc());
    }
    ids.reverse();
    world.entity_allocator_mut().free_many(&ids);
}

/// An entity that the mod names. Whether it may do so is checked when the command is applied, without an answer: a hidden
/// entity, one that is gone, and bits that never were an entity look the same to the mod, which learns of none of them.
fn named(entity: u64) -> Entity {
    Entity::try_from_bits(entity).unwrap_or(Entity::PLACEHOLDER)
}
