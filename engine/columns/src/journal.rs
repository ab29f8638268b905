//! Changes that are not in the world yet.
//!
//! The writes of a mod are applied together when its system has finished, or not at all. Until then they wait here as
//! bytes: rows that came back different from how they were lent.
//!
//! ```text
//! entries   [component | location | rows | start in bytes] ...   one for each stretch of changed rows
//! bytes     values of the first entry, values of the second, ...
//! entities  of entries whose location is by entity
//! ```

use std::collections::BTreeMap;

use bevy_ecs::change_detection::Tick;
use bevy_ecs::entity::Entity;
use bevy_ecs::storage::TableId;
use bevy_ecs::world::World;

use crate::component::FlatComponent;
use crate::run::{Run, entities};
use crate::stretches::changed_stretches;
use crate::{read, write};

/// Changed rows, to be written to the world together.
#[derive(Debug, Default)]
pub struct Journal {
    components: Vec<FlatComponent>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    entities: Vec<Entity>,
    /// Where the bytes are that were last set, by component and entity.
    set: BTreeMap<(u32, Entity), usize>,
    /// The world's change tick when positions were recorded; `None` while no entry has a location by position.
    positions_at: Option<Tick>,
}

/// Bytes came back that are not a value of their component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoValue {
    /// The component.
    pub component: FlatComponent,
    /// The entity whose value they should have been.
    pub entity: Entity,
    /// The bytes.
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    component: u32,
    rows: u32,
    location: RowLocation,
    bytes: usize,
}

#[derive(Clone, Copy, Debug)]
enum RowLocation {
    /// By position. Valid as long as the world does not change.
    Rows { table: TableId, row: u32 },
    /// By entity: the index of the first of the entry's entities.
    Entities(usize),
    /// By entity: the index of the entry's only entity, whose value was not compared yet.
    Set(usize),
}

/// What became of a journal's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Values written, and marked as changed.
    pub written: u64,
    /// Values whose entity is gone, or no longer has the component.
    pub skipped: u64,
}

impl Journal {
    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many locations must be found in the world, as rows or as entities, to apply the journal.
    pub fn landings(&self) -> usize {
        self.entries.len() + self.entities.len()
    }

    /// Host memory that the journal holds, in bytes.
    pub fn held_bytes(&self) -> usize {
        self.bytes.len() + self.entries.len() * size_of::<Entry>() + self.entities.len() * size_of::<Entity>()
    }

    /// Clears the journal, and keeps its memory for later.
    pub fn clear(&mut self) {
        self.components.clear();
        self.entries.clear();
        self.bytes.clear();
        self.entities.clear();
        self.set.clear();
        self.positions_at = None;
    }

    /// Records a value for one entity, which [`Journal::get`] then returns. If the entity has an equal value when the
    /// journal is applied, nothing has changed.
    ///
    /// # Errors
    /// There is no value with these bytes.
    ///
    /// # Panics
    /// If there are more or fewer bytes than cross for one value.
    pub fn set(
        &mut self,
        world: &World,
        entity: Entity,
        component: &FlatComponent,
        bytes: &[u8],
    ) -> Result<(), Box<NoValue>> {
        if !component.accepts(world, bytes) {
            return Err(Box::new(NoValue { component: *component, entity, bytes: bytes.to_vec() }));
        }
        let index = self.component(component);
        self.set.insert((index, entity), self.bytes.len());
        let location = RowLocation::Set(self.entities.len());
        self.entries.push(Entry { component: index, rows: 1, location, bytes: self.bytes.len() });
        self.entities.push(entity);
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The value that was last set for an entity, if any.
    pub fn get(&self, entity: Entity, component: &FlatComponent) -> Option<&[u8]> {
        if self.set.is_empty() {
            return None;
        }
        let index = self.components.iter().position(|known| known == component)? as u32;
        let start = *self.set.get(&(index, entity))?;
        Some(&self.bytes[start..start + component.size()])
    }

    /// Records the rows of `returned` that differ from the values in the world.
    ///
    /// The world must be the one from which the run was taken, and must not change before [`Journal::apply`] or
    /// [`Journal::pin`].
    ///
    /// # Errors
    /// Bytes came back that are not a value of the component. The journal must not be used any more.
    ///
    /// # Panics
    /// As [`crate::copy_column`] does.
    pub fn compare(
        &mut self,
        world: &World,
        run: &Run,
        component: &FlatComponent,
        returned: &[u8],
    ) -> Result<(), Box<NoValue>> {
        assert_eq!(returned.len(), run.rows() * component.size(), "there is a value for each row");
        let index = self.component(component);
        self.positions_at = Some(world.read_change_tick());
        let (entries, bytes) = (&mut self.entries, &mut self.bytes);
        let mut record = |start: usize, rows: usize, values: &[u8]| {
            let part = run.part(start, rows);
            check(world, component, values, |row| entities(world, &part)[row])?;
            let location = RowLocation::Rows { table: part.table, row: part.row };
            entries.push(Entry { component: index, rows: part.rows, location, bytes: bytes.len() });
            bytes.extend_from_slice(values);
            Ok(())
        };
        if component.is_bytes_in_table() {
            let held = read::table_bytes(world, run, component);
            return changed_stretches(component.size(), held, returned, record);
        }
        if component.is_in_table() {
            let mut held = vec![0; returned.len()];
            read::copy_column(world, run, component, &mut held);
            return changed_stretches(component.size(), &held, returned, record);
        }
        let mut held = vec![0; component.size()];
        for (at, value) in returned.chunks_exact(component.size().max(1)).enumerate() {
            read::copy_column(world, &run.part(at, 1), component, &mut held);
            if held != value {
                record(at, 1, value)?;
            }
        }
        Ok(())
    }

    /// Records the rows of `returned` that differ from `lent`, by entity.
    ///
    /// # Errors
    /// As [`Journal::compare`].
    ///
    /// # Panics
    /// If the lengths don't agree.
    pub fn compare_with(
        &mut self,
        world: &World,
        entities: &[Entity],
        component: &FlatComponent,
        lent: &[u8],
        returned: &[u8],
    ) -> Result<(), Box<NoValue>> {
        assert_eq!(lent.len(), entities.len() * component.size(), "there is a value for each entity");
        assert_eq!(lent.len(), returned.len(), "each lent value was returned");
        let index = self.component(component);
        changed_stretches(component.size(), lent, returned, |start, rows, values| {
            check(world, component, values, |row| entities[start + row])?;
            let location = RowLocation::Entities(self.entities.len());
            self.entries.push(Entry {
                component: index,
                rows: rows as u32,
                location,
                bytes: self.bytes.len(),
            });
            self.entities.extend_from_slice(&entities[start..start + rows]);
            self.bytes.extend_from_slice(values);
            Ok(())
        })
    }

    /// Turns all locations into entities, so that the world may change before [`Journal::apply`]. Returns the number of rows
    /// that this adds, each of which will have to be looked up.
    ///
    /// # Panics
    /// If the world has changed since the rows were compared, as far as its change tick tells.
    pub fn pin(&mut self, world: &World) -> usize {
        self.check_positions(world);
        let before = self.entities.len();
        for entry in &mut self.entries {
            if let RowLocation::Rows { table, row } = entry.location {
                entry.location = RowLocation::Entities(self.entities.len());
                self.entities.extend_from_slice(entities(world, &Run::new(table, row, entry.rows)));
            }
        }
        self.positions_at = None;
        self.entities.len() - before
    }

    /// Writes all rows, in the order in which they were recorded, and clears the journal.
    ///
    /// # Panics
    /// If the world has changed since rows were compared and not pinned, as far as its change tick tells;
    /// if a component is immutable or of another world.
    pub fn apply(&mut self, world: &mut World) -> Applied {
        self.check_positions(world);
        let mut applied = Applied::default();
        let mut held = Vec::new();
        for entry in &self.entries {
            let component = &self.components[entry.component as usize];
            let rows = entry.rows as usize;
            let values = &self.bytes[entry.bytes..entry.bytes + rows * component.size()];
            match entry.location {
                RowLocation::Rows { table, row } => {
                    let run = Run::new(table, row, entry.rows);
                    let written = write::write_column(world, &run, component, values);
                    applied.written += written as u64;
                    applied.skipped += (rows - written) as u64;
                }
                // Of several values for an entity only the last counts, and only if it differs from the entity's value.
                RowLocation::Set(at) if self.is_set_again(entry, self.entities[at]) => {}
                RowLocation::Set(at)
                    if read::is_value(world, self.entities[at], component, values, &mut held) => {}
                RowLocation::Set(start) | RowLocation::Entities(start) => {
                    let entities = &self.entities[start..start + rows];
                    for (&entity, value) in entities.iter().zip(values.chunks_exact(component.size().max(1)))
                    {
                        match write::write_value(world, entity, component, value) {
                            true => applied.written += 1,
                            false => applied.skipped += 1,
                        }
                    }
                }
            }
        }
        self.clear();
        applied
    }

    /// Whether an entry with a value that was set is not the last one for its entity.
    fn is_set_again(&self, entry: &Entry, entity: Entity) -> bool {
        self.set.get(&(entry.component, entity)).is_some_and(|last| *last != entry.bytes)
    }

    /// Checks that the world has not changed since positions were recorded. If it had, that would be a bug of ours, which
    /// would write to the wrong entities.
    fn check_positions(&self, world: &World) {
        if let Some(then) = self.positions_at {
            assert_eq!(
                then,
                world.read_change_tick(),
                "the world changed while a journal held positions in it"
            );
        }
    }

    fn component(&mut self, component: &FlatComponent) -> u32 {
        let known = self.components.iter().position(|known| known == component);
        known.unwrap_or_else(|| {
            self.components.push(*component);
            self.components.len() - 1
        }) as u32
    }
}

/// Checks that all of these are values; `entity` returns the entity of a row.
fn check(
    world: &World,
    component: &FlatComponent,
    values: &[u8],
    entity: impl Fn(usize) -> Entity,
) -> Result<(), Box<NoValue>> {
    match component.first_invalid(world, values) {
        Some(row) => {
            let bytes = values[row * component.size()..][..component.size()].to_vec();
            Err(Box::new(NoValue { component: *component, entity: entity(row), bytes }))
        }
        None => Ok(()),
    }
}
