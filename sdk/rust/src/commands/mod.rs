//! Commands: structural changes, which the host applies when the system has finished.
//!
//! ```text
//!   spawn   -> an id, from a batch that the host has reserved -> record \
//!   insert, remove, despawn                                   -> record  > sent together, applied in order
//! ```

mod bundle;

use tinkerbox_abi::command::{push_despawn, push_insert, push_remove, push_spawn};
use tinkerbox_abi::{AbiError, LogLevel, ModEntity as Entity};

use crate::imports;
use crate::log::log;
use crate::parameter::Parameter;
use crate::run::is_first_refusal;
use crate::schema::ParameterSchema;

pub use bundle::{Bundle, Types};

/// Words of records after which they are sent, so that the buffer stays small.
const SEND_WORDS: usize = 512;

/// The most ids that are reserved at once.
const BATCH_MAX: usize = 64;

/// An id that the host gives to no entity: the one of Bevy's `Entity::PLACEHOLDER`.
const NO_ENTITY: Entity = Entity::from_bits(1);

/// Spawns and despawns entities, and inserts and removes their components. A parameter of a
/// [`system`](macro@crate::system).
///
/// The host checks commands when they are sent, which is when this is dropped at the latest, and applies them in order
/// when the system has finished; a system that panics changes nothing. If the host refuses commands, this is logged once
/// for each system and reason; [`Commands::send`] returns the error instead. `mod.toml` needs `spawn = true` or
/// `despawn = true`, and under `write` the components that are spawned, inserted or removed.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Energy, Position, Sheep};
///
/// #[system]
/// fn bury(mut sheep: Query<(Entity, &Energy), With<Sheep>>, mut commands: Commands) {
///     while let Some(chunk) = sheep.next() {
///         let (entities, energies) = chunk.columns;
///         for (entity, energy) in entities.iter().zip(energies) {
///             if energy.joules < 0.0 {
///                 commands.despawn(*entity);
///             }
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Commands {
    records: Vec<u64>,
    /// Ids that are not used yet. The next one is last.
    reserved: Vec<Entity>,
    /// The number of ids to reserve next. It grows, so that a system that spawns little reserves little.
    next_batch: usize,
}

impl Commands {
    /// Spawns an entity with a component, or with a tuple of them. Its id can be used at once, in commands and in values of
    /// components; queries see the entity when the system has finished.
    ///
    /// If the host refuses, this is logged once, nothing is spawned, and the returned id is that of no entity: commands
    /// for it do nothing.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// use meadow::{Position, Sheep};
    ///
    /// # #[mod_type("meadow:Follows")]
    /// # struct Follows(Entity);
    /// #[system]
    /// fn lamb(mut commands: Commands) {
    ///     let ewe = commands.spawn((Position { x: 3.0, y: 4.0 }, Sheep));
    ///     commands.spawn((Position { x: 3.5, y: 4.0 }, Sheep, Follows(ewe)));
    /// }
    /// ```
    pub fn spawn<Shape>(&mut self, components: impl Bundle<Shape>) -> Entity {
        self.try_spawn(components).unwrap_or_else(|error| {
            self.log_once(error);
            NO_ENTITY
        })
    }

    /// Spawns an entity as [`spawn`](Commands::spawn) does, and returns an error if the host refuses.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn sow(mut commands: Commands) {
    /// while commands.try_spawn(meadow::Grass).is_ok() {}
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AbiError::NoRoom`] if the mod has reached its limit of entities, or of spawns in this tick;
    /// [`AbiError::Denied`] if `[permissions]` in `mod.toml` does not contain `spawn = true`.
    pub fn try_spawn<Shape, B: Bundle<Shape>>(&mut self, components: B) -> Result<Entity, AbiError> {
        let entity = self.next_id(imports::entity_reserve)?;
        push_spawn(&mut self.records, entity.to_bits(), B::COUNT);
        components.push(&mut self.records);
        self.send_if_full();
        Ok(entity)
    }

    /// Despawns an entity. It does nothing if the entity does not exist any more.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn cull(mut commands: Commands, weak: &[Entity]) {
    /// for entity in weak {
    ///     commands.despawn(*entity);
    /// }
    /// # }
    /// ```
    pub fn despawn(&mut self, entity: Entity) -> &mut Commands {
        if entity != NO_ENTITY {
            push_despawn(&mut self.records, entity.to_bits());
        }
        self.send_if_full()
    }

    /// Inserts a component, or a tuple of them, into an entity, replacing those that it has. It does nothing if the entity
    /// does not exist any more.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # use meadow::{Energy, Velocity};
    /// # fn wake(mut commands: Commands, tree: Entity) {
    /// commands.insert(tree, Velocity { x: 0.0, y: 1.0 });
    /// commands.insert(tree, (Velocity::default(), Energy { joules: 9.0 }));
    /// # }
    /// ```
    pub fn insert<Shape, B: Bundle<Shape>>(&mut self, entity: Entity, components: B) -> &mut Commands {
        if entity != NO_ENTITY {
            push_insert(&mut self.records, entity.to_bits(), B::COUNT);
            components.push(&mut self.records);
        }
        self.send_if_full()
    }

    /// Sends the commands now. Commands that are not sent this way are sent when this is dropped, and a refusal is logged.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn cull(mut commands: Commands, weak: Entity) {
    /// if let Err(error) = commands.despawn(weak).send() {
    ///     warn!("{weak:?} stays: {error}");
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AbiError::Denied`] if `[permissions]` in `mod.toml` does not allow one of the commands,
    /// [`AbiError::NoRoom`] if the mod has reached its limit of commands in this tick. Then none of
    /// the commands that were sent together is applied.
    pub fn send(&mut self) -> Result<(), AbiError> {
        if self.records.is_empty() {
            return Ok(());
        }
        let result = imports::command(&self.records);
        self.records.clear();
        result
    }

    /// The next id; `reserve` fills a batch with new ones.
    fn next_id(
        &mut self,
        mut reserve: impl FnMut(&mut [Entity]) -> Result<(), AbiError>,
    ) -> Result<Entity, AbiError> {
        if let Some(entity) = self.reserved.pop() {
            return Ok(entity);
        }
        let mut ids = [NO_ENTITY; BATCH_MAX];
        match reserve(&mut ids[..self.next_batch]) {
            // The mod may have room for fewer.
            Err(AbiError::NoRoom) if self.next_batch > 1 => {
                self.next_batch = 1;
                reserve(&mut ids[..1])?;
            }
            result => result?,
        }
        self.reserved.extend(ids[..self.next_batch].iter().rev());
        self.next_batch = (2 * self.next_batch).min(BATCH_MAX);
        Ok(self.reserved.pop().expect("a batch has at least one id"))
    }

    fn send_if_full(&mut self) -> &mut Commands {
        if self.records.len() >= SEND_WORDS {
            self.send_or_log();
        }
        self
    }

    fn send_or_log(&mut self) {
        if let Err(error) = self.send() {
            self.log_once(error);
        }
    }

    fn log_once(&self, error: AbiError) {
        if !is_first_refusal("commands", error) {
            return;
        }
        let advice = match error {
            AbiError::Denied => {
                ". Add there `spawn = true` to spawn, `despawn = true` to despawn, and to `write` the components that are \
                 spawned, inserted or removed"
            }
            _ => "",
        };
        log(LogLevel::Error, format_args!("commands were refused: {error}{advice}"));
    }
}

/// Removes components: `commands.remove::<T>(entity)`.
///
/// It is a trait because of `Shape`, which the compiler infers from `T`. The prelude contains it.
///
/// ```no_run
/// use tinkerbox_sdk::{Commands, Entity, Remove};
///
/// fn harvest(commands: &mut Commands, tuft: Entity) {
///     commands.remove::<meadow::Grass>(tuft);
/// }
/// ```
pub trait Remove<Shape> {
    /// Removes a component, or a tuple of them, from an entity. Components that the entity lacks are ignored, and so is an
    /// entity that does not exist any more.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # use meadow::{Energy, Velocity};
    /// # fn petrify(mut commands: Commands, sheep: Entity) {
    /// commands.remove::<Velocity>(sheep);
    /// commands.remove::<(Velocity, Energy)>(sheep);
    /// # }
    /// ```
    fn remove<T: Types<Shape>>(&mut self, entity: Entity) -> &mut Self;
}

impl<Shape> Remove<Shape> for Commands {
    fn remove<T: Types<Shape>>(&mut self, entity: Entity) -> &mut Commands {
        if entity != NO_ENTITY {
            push_remove(&mut self.records, entity.to_bits(), T::KEYS);
        }
        self.send_if_full()
    }
}

impl Parameter for Commands {
    const SCHEMA: ParameterSchema = ParameterSchema::Commands;

    fn open(_: u32) -> Commands {
        Commands { records: Vec::new(), reserved: Vec::new(), next_batch: 1 }
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        self.send_or_log();
    }
}

#[cfg(test)]
mod tests {
    use tinkerbox_abi::command::{Command, decode};
    use tinkerbox_abi::component_key;
    use tinkerbox_sdk::mod_type;

    use super::*;

    #[mod_type("test:Point")]
    struct Point {
        x: f32,
        y: f32,
    }

    #[mod_type("test:Marker")]
    struct Marker;

    /// The records of commands that have these ids reserved. Nothing is sent, since there is no host.
    fn records(ids: &[u64], act: impl FnOnce(&mut Commands)) -> Vec<u64> {
        let mut commands = Commands::open(0);
        commands.reserved = ids.iter().rev().map(|id| Entity::from_bits(*id)).collect();
        act(&mut commands);
        std::mem::take(&mut commands.records)
    }

    #[test]
    fn one_component_and_a_tuple_become_records() {
        let records = records(&[7, 8], |commands| {
            let point = commands.spawn((Point { x: 1.0, y: -2.0 }, Marker));
            let marker = commands.spawn(Marker);
            commands.insert(point, Marker).insert(marker, (Marker, Point { x: 1.0, y: -2.0 }));
            commands.remove::<Point>(point).remove::<(Marker, Point)>(marker).despawn(marker);
        });
        let (point, marker) = (component_key("test:Point"), component_key("test:Marker"));
        let value = (point, bytemuck::bytes_of(&[1.0f32, -2.0]));
        let empty = (marker, &[][..]);
        let read: Vec<_> =
            decode(bytemuck::cast_slice(&records)).map(|command| shown(command.unwrap())).collect();
        assert_eq!(
            read,
            [
                ("spawn", 7, vec![value, empty]),
                ("spawn", 8, vec![empty]),
                ("insert", 7, vec![empty]),
                ("insert", 8, vec![empty, value]),
                ("remove", 7, vec![(point, &[][..])]),
                ("remove", 8, vec![(marker, &[][..]), (point, &[][..])]),
                ("despawn", 8, vec![]),
            ]
        );
    }

    type Shown<'a> = (&'static str, u64, Vec<(u64, &'a [u8])>);

    fn shown(command: Command<'_>) -> Shown<'_> {
        match command {
            Command::Spawn { entity, components } => ("spawn", entity, components.collect()),
            Command::Despawn { entity } => ("despawn", entity, Vec::new()),
            Command::Insert { entity, components } => ("insert", entity, components.collect()),
            Command::Remove { entity, keys } => ("remove", entity, keys.map(|key| (key, &[][..])).collect()),
        }
    }

    #[test]
    fn ids_come_in_growing_batches_until_there_is_no_room() {
        let (mut commands, mut left, mut asked) = (Commands::open(0), 1..=140, Vec::new());
        let mut next = || {
            commands.next_id(|ids| {
                asked.push(ids.len());
                if left.clone().count() < ids.len() {
                    return Err(AbiError::NoRoom);
                }
                ids.iter_mut().zip(&mut left).for_each(|(id, bits)| *id = Entity::from_bits(bits));
                Ok(())
            })
        };
        for bits in 1..=140 {
            assert_eq!(next(), Ok(Entity::from_bits(bits)));
        }
        assert_eq!((next(), next()), (Err(AbiError::NoRoom), Err(AbiError::NoRoom)));
        assert_eq!(asked, [1, 2, 4, 8, 16, 32, 64, 64, 1, 2, 4, 8, 1, 2, 4, 1, 2, 4, 1, 1]);
    }

    #[test]
    fn commands_for_no_entity_are_not_queued() {
        let records = records(&[], |commands| {
            commands.despawn(NO_ENTITY).insert(NO_ENTITY, Marker).remove::<Marker>(NO_ENTITY);
        });
        assert!(records.is_empty());
    }
}
