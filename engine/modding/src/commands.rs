//! Structural changes that a mod has asked for: checked when they come, made when its system has finished.
//!
//! Guest bytes in, spawned and despawned entities out. Reading the records is `tinkerbox_abi::command`'s;
//! here is who may do what, and how much of it.

use std::collections::BTreeSet;
use std::ops::Range;

use bevy_ecs::component::ComponentId;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_abi::command::{self, Command, Components};
use tinkerbox_columns::{PlainComponent, spawn};

use crate::package::access::Rights;

/// Commands of one mod in one tick.
pub(crate) const COMMANDS_MAX: usize = 4_096;
/// Bytes of components that they spawn.
const BYTES_MAX: usize = 1 << 20;
/// Entities alive that one mod has spawned.
const POPULATION_MAX: usize = 65_536;
/// Different sets of components that one mod spawns: bevy_ecs keeps a table for each, for ever.
const KINDS_MAX: usize = 64;

/// Commands that wait for their system to finish.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    commands: Vec<Queued>,
    parts: Vec<(PlainComponent, Range<usize>)>,
    bytes: Vec<u8>,
    spawns: usize,
    /// How many commands there may be.
    most: usize,
}

#[derive(Debug)]
enum Queued {
    /// Which of `parts`.
    Spawn(Range<usize>),
    Despawn(Entity),
}

/// What a mod has spawned so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Population {
    entities: Vec<Entity>,
    /// At so many it is worth while to see who has gone.
    recount_at: usize,
    kinds: BTreeSet<Vec<ComponentId>>,
}

impl Population {
    /// Forgets those that have gone, if many are remembered.
    pub fn count_again(&mut self, world: &World) {
        if self.entities.len() >= self.recount_at {
            self.entities.retain(|&entity| world.entities().contains_spawned(entity));
            self.recount_at = (2 * self.entities.len()).clamp(1_024, POPULATION_MAX);
        }
    }
}

/// What decides about a command.
pub(crate) struct Judge<'a> {
    pub rights: &'a Rights,
    pub population: &'a mut Population,
    pub world: &'a World,
}

impl Queue {
    /// A queue for at most so many commands.
    pub fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Queues all commands of `records`, or none.
    pub fn queue(&mut self, records: &[u8], mut judge: Judge<'_>) -> Result<(), AbiError> {
        let before = (self.commands.len(), self.parts.len(), self.bytes.len(), self.spawns);
        let result = command::decode(records).try_for_each(|command| {
            match command.map_err(|_| AbiError::BadArgument)? {
                Command::Spawn(components) => self.queue_spawn(components, &mut judge),
                Command::Despawn { entity } => self.queue_despawn(entity, &judge),
            }
        });
        if result.is_err() {
            self.commands.truncate(before.0);
            self.parts.truncate(before.1);
            self.bytes.truncate(before.2);
            self.spawns = before.3;
        }
        result
    }

    fn queue_spawn(&mut self, components: Components<'_>, judge: &mut Judge<'_>) -> Result<(), AbiError> {
        if !judge.rights.may_spawn() {
            return Err(AbiError::Denied);
        }
        if components.len() > judge.rights.spawnable.len() {
            // Some are none that it may spawn, or come twice; there may be very many.
            return Err(AbiError::Denied);
        }
        let start = self.parts.len();
        for (key, value) in components {
            let component = judge.rights.spawnable.get(&key).ok_or(AbiError::Denied)?;
            if value.len() != component.size() {
                return Err(AbiError::BadArgument);
            }
            let at = self.bytes.len();
            self.bytes.extend_from_slice(value);
            self.parts.push((*component, at..self.bytes.len()));
        }
        let mut kind: Vec<_> = self.parts[start..].iter().map(|(component, _)| component.id()).collect();
        kind.sort_unstable();
        if kind.is_empty() || kind.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(AbiError::BadArgument);
        }
        let is_new_kind = !judge.population.kinds.contains(&kind);
        let is_full = judge.population.entities.len() + self.spawns >= POPULATION_MAX
            || self.commands.len() >= self.most
            || self.bytes.len() > BYTES_MAX
            || is_new_kind && judge.population.kinds.len() >= KINDS_MAX;
        if is_full {
            return Err(AbiError::NoRoom);
        }
        if is_new_kind {
            judge.population.kinds.insert(kind);
        }
        self.commands.push(Queued::Spawn(start..self.parts.len()));
        self.spawns += 1;
        Ok(())
    }

    fn queue_despawn(&mut self, entity: u64, judge: &Judge<'_>) -> Result<(), AbiError> {
        let entity = Entity::try_from_bits(entity).ok_or(AbiError::BadArgument)?;
        let is_gone = !judge.world.entities().contains_spawned(entity);
        if !judge.rights.may_despawn() || !is_gone && !may_name(judge.world, entity, judge.rights) {
            return Err(AbiError::Denied);
        }
        if self.commands.len() >= self.most {
            return Err(AbiError::NoRoom);
        }
        self.commands.push(Queued::Despawn(entity));
        Ok(())
    }

    /// Makes the changes, in the order in which they were queued; returns how many found no entity any more.
    pub fn apply(self, world: &mut World, rights: &Rights, population: &mut Population) -> u64 {
        let mut skipped = 0;
        for command in self.commands {
            match command {
                Queued::Spawn(parts) => {
                    let parts = self.parts[parts].iter();
                    let parts: Vec<_> =
                        parts.map(|(component, range)| (*component, &self.bytes[range.clone()])).collect();
                    let entity =
                        spawn(world, &parts).expect("sizes and doubles were checked when it was queued");
                    population.entities.push(entity);
                }
                Queued::Despawn(entity) => {
                    // Asked again: while a system is suspended, the world goes on.
                    if !may_name(world, entity, rights) || !world.despawn(entity) {
                        skipped += 1;
                    }
                }
            }
        }
        skipped
    }
}

/// A mod can name only entities that it could see: those that carry something it may read.
fn may_name(world: &World, entity: Entity, rights: &Rights) -> bool {
    let Ok(location) = world.entities().get_spawned(entity) else {
        return false;
    };
    let archetype = &world.archetypes()[location.archetype_id];
    rights.readable.iter().any(|component| archetype.contains(component.id()))
}
