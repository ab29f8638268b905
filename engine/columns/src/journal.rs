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

use bevy_ecs::change_detection::Tick;
use bevy_ecs::entity::Entity;
use bevy_ecs::storage::TableId;
use bevy_ecs::world::World;

use crate::component::PlainComponent;
use crate::matching::Run;
use crate::{read, write};

/// Changed rows, to be written to the world together.
#[derive(Debug, Default)]
pub struct Journal {
    components: Vec<PlainComponent>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    entities: Vec<Entity>,
    /// The world's change tick when positions were taken down; `None` while no entry says where by position.
    positions_at: Option<Tick>,
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
        self.positions_at = None;
    }

    /// Takes down the rows of `returned` that differ from what the world holds.
    ///
    /// The world must be the one, unchanged, from which the run was taken, and stay so until
    /// [`Journal::apply`] or [`Journal::pin`].
    ///
    /// # Panics
    /// As [`crate::copy_column`] does.
    pub fn compare(&mut self, world: &World, run: &Run, component: &PlainComponent, returned: &[u8]) {
        assert_eq!(returned.len(), run.rows() * component.size(), "as many values as rows");
        let index = self.component(component);
        self.positions_at = Some(world.read_change_tick());
        let entries = &mut self.entries;
        let bytes = &mut self.bytes;
        let mut take_down = |start: usize, rows: usize, values: &[u8]| {
            let part = run.part(start, rows);
            let place = Place::Rows { table: part.table, row: part.row };
            entries.push(Entry { component: index, rows: part.rows, place, bytes: bytes.len() });
            bytes.extend_from_slice(values);
        };
        if component.is_in_table() {
            changed_stretches(
                component.size(),
                read::table_bytes(world, run, component),
                returned,
                take_down,
            );
            return;
        }
        for (at, &entity) in read::entities(world, run).iter().enumerate() {
            let value = &returned[at * component.size()..(at + 1) * component.size()];
            if read::component_bytes(world, entity, component).is_some_and(|held| held != value) {
                take_down(at, 1, value);
            }
        }
    }

    /// Takes down the rows of `returned` that differ from `lent`, by entity.
    ///
    /// # Panics
    /// If the lengths don't agree.
    pub fn compare_with(
        &mut self,
        entities: &[Entity],
        component: &PlainComponent,
        lent: &[u8],
        returned: &[u8],
    ) {
        assert_eq!(lent.len(), entities.len() * component.size(), "as many values as entities");
        assert_eq!(lent.len(), returned.len(), "as many values returned as lent");
        let index = self.component(component);
        changed_stretches(component.size(), lent, returned, |start, rows, values| {
            let place = Place::Entities(self.entities.len());
            self.entries.push(Entry { component: index, rows: rows as u32, place, bytes: self.bytes.len() });
            self.entities.extend_from_slice(&entities[start..start + rows]);
            self.bytes.extend_from_slice(values);
        });
    }

    /// Notes all rows by entity, so that the world may change before [`Journal::apply`].
    ///
    /// # Panics
    /// If the world has changed since the rows were compared, as far as its change tick tells.
    pub fn pin(&mut self, world: &World) {
        self.check_positions(world);
        for entry in &mut self.entries {
            if let Place::Rows { table, row } = entry.place {
                entry.place = Place::Entities(self.entities.len());
                self.entities.extend_from_slice(read::entities(world, &Run { table, row, rows: entry.rows }));
            }
        }
        self.positions_at = None;
    }

    /// Writes all rows, in the order in which they were taken down, and forgets them.
    ///
    /// # Panics
    /// If the world has changed since rows were compared and not pinned, as far as its change tick tells;
    /// if a component is immutable or of another world.
    pub fn apply(&mut self, world: &mut World) -> Applied {
        self.check_positions(world);
        let mut applied = Applied::default();
        for entry in &self.entries {
            let component = &self.components[entry.component as usize];
            let rows = entry.rows as usize;
            let values = &self.bytes[entry.bytes..entry.bytes + rows * component.size()];
            match entry.place {
                Place::Rows { table, row } => {
                    write::write_column(world, &Run { table, row, rows: entry.rows }, component, values);
                    applied.written += rows as u64;
                }
                Place::Entities(start) => {
                    let entities = &self.entities[start..start + rows];
                    for (&entity, value) in entities.iter().zip(values.chunks_exact(component.size())) {
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

    fn component(&mut self, component: &PlainComponent) -> u32 {
        let known = self.components.iter().position(|known| known == component);
        known.unwrap_or_else(|| {
            self.components.push(*component);
            self.components.len() - 1
        }) as u32
    }
}

/// Calls `found(first row, rows, their new values)` for each stretch of neighbouring rows that differ.
fn changed_stretches(size: usize, old: &[u8], new: &[u8], found: impl FnMut(usize, usize, &[u8])) {
    // A value's size known when this is compiled makes the comparison one or two instructions.
    match size {
        0 => {}
        4 => stretches_of::<4>(old, new, found),
        8 => stretches_of::<8>(old, new, found),
        12 => stretches_of::<12>(old, new, found),
        16 => stretches_of::<16>(old, new, found),
        _ => stretches(old.chunks_exact(size).zip(new.chunks_exact(size)), size, new, found),
    }
}

fn stretches_of<const SIZE: usize>(old: &[u8], new: &[u8], found: impl FnMut(usize, usize, &[u8])) {
    stretches(old.as_chunks::<SIZE>().0.iter().zip(new.as_chunks::<SIZE>().0), SIZE, new, found);
}

fn stretches<V: PartialEq>(
    rows: impl Iterator<Item = (V, V)>,
    size: usize,
    new: &[u8],
    mut found: impl FnMut(usize, usize, &[u8]),
) {
    let mut start = None;
    let mut count = 0;
    for (row, (old, new_value)) in rows.enumerate() {
        count = row + 1;
        match (old == new_value, start) {
            (false, None) => start = Some(row),
            (true, Some(first)) => {
                found(first, row - first, &new[first * size..row * size]);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(first) = start {
        found(first, count - first, &new[first * size..count * size]);
    }
}
