//! What has been changed and is not yet in the world.
//!
//! A mod's writes land all together when its system has finished, or not at all. Until then they wait here:
//! rows that came back other than they were lent, as bytes. First and last but one step of the way back.
//!
//! ```text
//! entries   [component | where | rows | start in bytes] ...   one for each stretch of changed rows
//! bytes     values of the first entry, values of the second, ...
//! entities  of entries that say where by entity
//! ```

use std::collections::BTreeMap;

use bevy_ecs::change_detection::Tick;
use bevy_ecs::entity::Entity;
use bevy_ecs::storage::TableId;
use bevy_ecs::world::World;

use crate::component::FlatComponent;
use crate::matching::Run;
use crate::{read, write};

/// Changed rows, to be written to the world together.
#[derive(Debug, Default)]
pub struct Journal {
    components: Vec<FlatComponent>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    entities: Vec<Entity>,
    /// Where the bytes are that were set last, by component and entity.
    set: BTreeMap<(u32, Entity), usize>,
    /// The world's change tick when positions were taken down; `None` while no entry says where by position.
    positions_at: Option<Tick>,
}

/// Bytes came back that are no value of their component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoValue {
    /// The component.
    pub component: FlatComponent,
    /// Whose value it should have been.
    pub entity: Entity,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    component: u32,
    rows: u32,
    place: Place,
    bytes: usize,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// Holds as long as the world does not change.
    Rows { table: TableId, row: u32 },
    /// Index of the first of the entry's entities.
    Entities(usize),
    /// Index of the entry's only entity, whose value was compared with nothing yet.
    Set(usize),
}

/// What became of a journal's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Values written, and marked as changed.
    pub written: u64,
    /// Values that found no entity, or no such component on it any more.
    pub skipped: u64,
}

impl Journal {
    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many places have to be found in the world again, as rows or as entities, to apply what waits.
    pub fn landings(&self) -> usize {
        self.entries.len() + self.entities.len()
    }

    /// Host memory that the journal holds on to, in bytes.
    pub fn held_bytes(&self) -> usize {
        self.bytes.len() + self.entries.len() * size_of::<Entry>() + self.entities.len() * size_of::<Entity>()
    }

    /// Forgets everything, and keeps the memory for the next time.
    pub fn clear(&mut self) {
        self.components.clear();
        self.entries.clear();
        self.bytes.clear();
        self.entities.clear();
        self.set.clear();
        self.positions_at = None;
    }

    /// Takes down a value for one entity, which [`Journal::get`] then knows. If the entity has the same when it is
    /// applied, nothing has changed.
    ///
    /// # Errors
    /// There is no value with these bytes.
    ///
    /// # Panics
    /// If there are more or fewer bytes than cross for one value.
    pub fn set(&mut self, entity: Entity, component: &FlatComponent, bytes: &[u8]) -> Result<(), NoValue> {
        if !component.accepts(bytes) {
            return Err(NoValue { component: *component, entity });
        }
        let index = self.component(component);
        self.set.insert((index, entity), self.bytes.len());
        let place = Place::Set(self.entities.len());
        self.entries.push(Entry { component: index, rows: 1, place, bytes: self.bytes.len() });
        self.entities.push(entity);
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The value that was set last for an entity, if one was.
    pub fn get(&self, entity: Entity, component: &FlatComponent) -> Option<&[u8]> {
        if self.set.is_empty() {
            return None;
        }
        let index = self.components.iter().position(|known| known == component)? as u32;
        let start = *self.set.get(&(index, entity))?;
        Some(&self.bytes[start..start + component.size()])
    }

    /// Takes down the rows of `returned` that differ from what the world holds.
    ///
    /// The world must be the one, unchanged, from which the run was taken, and stay so until
    /// [`Journal::apply`] or [`Journal::pin`].
    ///
    /// # Errors
    /// Bytes came back that are no value of the component; the journal is of no use any more.
    ///
    /// # Panics
    /// As [`crate::copy_column`] does.
    pub fn compare(
        &mut self,
        world: &World,
        run: &Run,
        component: &FlatComponent,
        returned: &[u8],
    ) -> Result<(), NoValue> {
        assert_eq!(returned.len(), run.rows() * component.size(), "as many values as rows");
        let index = self.component(component);
        self.positions_at = Some(world.read_change_tick());
        let (entries, bytes) = (&mut self.entries, &mut self.bytes);
        let mut take_down = |start: usize, rows: usize, values: &[u8]| {
            let part = run.part(start, rows);
            check(component, values, |row| read::entities(world, &part)[row])?;
            let place = Place::Rows { table: part.table, row: part.row };
            entries.push(Entry { component: index, rows: part.rows, place, bytes: bytes.len() });
            bytes.extend_from_slice(values);
            Ok(())
        };
        if component.is_in_table() && component.mirror().is_none() {
            let held = read::table_bytes(world, run, component);
            return changed_stretches(component.size(), held, returned, take_down);
        }
        let mut held = vec![0; component.size()];
        for (at, value) in returned.chunks_exact(component.size().max(1)).enumerate() {
            read::copy_column(world, &run.part(at, 1), component, &mut held);
            if held != value {
                take_down(at, 1, value)?;
            }
        }
        Ok(())
    }

    /// Takes down the rows of `returned` that differ from `lent`, by entity.
    ///
    /// # Errors
    /// As [`Journal::compare`].
    ///
    /// # Panics
    /// If the lengths don't agree.
    pub fn compare_with(
        &mut self,
        entities: &[Entity],
        component: &FlatComponent,
        lent: &[u8],
        returned: &[u8],
    ) -> Result<(), NoValue> {
        assert_eq!(lent.len(), entities.len() * component.size(), "as many values as entities");
        assert_eq!(lent.len(), returned.len(), "as many values returned as lent");
        let index = self.component(component);
        changed_stretches(component.size(), lent, returned, |start, rows, values| {
            check(component, values, |row| entities[start + row])?;
            let place = Place::Entities(self.entities.len());
            self.entries.push(Entry { component: index, rows: rows as u32, place, bytes: self.bytes.len() });
            self.entities.extend_from_slice(&entities[start..start + rows]);
            self.bytes.extend_from_slice(values);
            Ok(())
        })
    }

    /// Notes all rows by entity, so that the world may change before [`Journal::apply`]. Returns how many rows, each of
    /// which will have to be looked up.
    ///
    /// # Panics
    /// If the world has changed since the rows were compared, as far as its change tick tells.
    pub fn pin(&mut self, world: &World) -> usize {
        self.check_positions(world);
        let before = self.entities.len();
        for entry in &mut self.entries {
            if let Place::Rows { table, row } = entry.place {
                entry.place = Place::Entities(self.entities.len());
                self.entities.extend_from_slice(read::entities(world, &Run::new(table, row, entry.rows)));
            }
        }
        self.positions_at = None;
        self.entities.len() - before
    }

    /// Writes all rows, in the order in which they were taken down, and forgets them.
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
            match entry.place {
                Place::Rows { table, row } => {
                    let run = Run::new(table, row, entry.rows);
                    let written = write::write_column(world, &run, component, values);
                    applied.written += written as u64;
                    applied.skipped += (rows - written) as u64;
                }
                // Of several the last counts, and that only if it is another than what is there.
                Place::Set(at) if self.is_set_again(entry, self.entities[at]) => {}
                Place::Set(at) if read::is_value(world, self.entities[at], component, values, &mut held) => {}
                Place::Set(start) | Place::Entities(start) => {
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

    /// Whether this value, which was set, is not the last one for its entity.
    fn is_set_again(&self, entry: &Entry, entity: Entity) -> bool {
        self.set.get(&(entry.component, entity)).is_some_and(|last| *last != entry.bytes)
    }

    /// Positions outlive no change of the world: that would be a mistake of ours, and write to the wrong
    /// entities.
    fn check_positions(&self, world: &World) {
        if let Some(then) = self.positions_at {
            assert_eq!(
                then,
                world.read_change_tick(),
                "the world went on while a journal held positions in it"
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

/// Whether all of these are values; `entity` says whose one is.
fn check(component: &FlatComponent, values: &[u8], entity: impl Fn(usize) -> Entity) -> Result<(), NoValue> {
    if component.mirror().is_none() {
        return Ok(());
    }
    match values.chunks_exact(component.size().max(1)).position(|value| !component.accepts(value)) {
        Some(row) => Err(NoValue { component: *component, entity: entity(row) }),
        None => Ok(()),
    }
}

/// Calls `found(first row, rows, their new values)` for each stretch of neighbouring rows that differ.
fn changed_stretches<E>(
    size: usize,
    old: &[u8],
    new: &[u8],
    found: impl FnMut(usize, usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    // A value's size known when this is compiled makes the comparison few instructions for many rows.
    match size {
        0 => Ok(()),
        4 => stretches_of::<4, E>(old, new, found),
        8 => stretches_of::<8, E>(old, new, found),
        12 => stretches_of::<12, E>(old, new, found),
        16 => stretches_of::<16, E>(old, new, found),
        _ => {
            let differs = |row: usize| {
                let value = row * size..(row + 1) * size;
                old[value.clone()] != new[value]
            };
            let masks = (0..old.len() / size).step_by(BLOCK).map(|start| {
                let rows = (old.len() / size - start).min(BLOCK);
                (0..rows).fold(0, |mask, row| mask | u64::from(differs(start + row)) << row)
            });
            stretches(masks, old.len() / size, size, new, found)
        }
    }
}

/// Rows that are compared before anything is decided: as many as a mask has bits.
const BLOCK: usize = u64::BITS as usize;

fn stretches_of<const SIZE: usize, E>(
    old: &[u8],
    new: &[u8],
    found: impl FnMut(usize, usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (old, rows) = (old.as_chunks::<SIZE>().0, new.as_chunks::<SIZE>().0);
    let mut mask = 0;
    let masks = old.chunks(BLOCK).zip(rows.chunks(BLOCK)).map(|(old, new)| {
        // Mostly a block is like the one before it, and that is found out many rows at a time.
        let is_like_before = match mask {
            0 => old == new,
            u64::MAX => old.len() == BLOCK && all_differ(old, new),
            _ => false,
        };
        if !is_like_before {
            mask = mask_of(old, new);
        }
        mask
    });
    stretches(masks, rows.len(), SIZE, new, found)
}

/// A bit for each row that differs.
fn mask_of<const SIZE: usize>(old: &[[u8; SIZE]], new: &[[u8; SIZE]]) -> u64 {
    let rows = old.iter().zip(new).enumerate();
    rows.fold(0, |mask, (row, (old, new))| mask | u64::from(old != new) << row)
}

/// Without a branch, so that the compiler takes several rows in one instruction.
fn all_differ<const SIZE: usize>(old: &[[u8; SIZE]], new: &[[u8; SIZE]]) -> bool {
    old.iter().zip(new).fold(true, |all, (old, new)| all & (old != new))
}

/// `masks` have a bit for each row that differs.
fn stretches<E>(
    masks: impl Iterator<Item = u64>,
    rows: usize,
    size: usize,
    new: &[u8],
    mut found: impl FnMut(usize, usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut end_at = |first: usize, end: usize| found(first, end - first, &new[first * size..end * size]);
    let mut open = None;
    for (block, mask) in masks.enumerate() {
        let mut at = 0;
        while at < BLOCK {
            // Bits from `at` on that are other than what is going on.
            let other = if open.is_none() { mask >> at } else { !mask >> at };
            let Some(next) = (other != 0).then(|| at + other.trailing_zeros() as usize) else { break };
            match open.take() {
                None => open = Some(block * BLOCK + next),
                Some(first) => end_at(first, block * BLOCK + next)?,
            }
            at = next + 1;
        }
    }
    match open {
        Some(first) => end_at(first, rows),
        None => Ok(()),
    }
}
