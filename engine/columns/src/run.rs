//! Rows by position, and the entities at these positions. It must not know bytes or components.

use bevy_ecs::entity::Entity;
use bevy_ecs::storage::TableId;
use bevy_ecs::world::World;

/// Neighbouring rows of one table. Valid until the world changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub(crate) table: TableId,
    pub(crate) row: u32,
    pub(crate) rows: u32,
    /// A bit for each of the query's optional components.
    pub(crate) optional: u32,
}

impl Run {
    pub(crate) fn new(table: TableId, row: u32, rows: u32) -> Run {
        Run { table, row, rows, optional: 0 }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows as usize
    }

    /// Whether the rows have the query's optional component of this number. Either all rows have it or none.
    pub fn has_optional(&self, number: usize) -> bool {
        self.optional >> number & 1 == 1
    }

    /// Whether both runs have the same optional components.
    pub fn is_like(&self, other: &Run) -> bool {
        self.optional == other.optional
    }

    /// The first `rows` rows, and the rest.
    ///
    /// # Panics
    /// If the run is shorter than that.
    pub fn split_at(self, rows: usize) -> (Run, Run) {
        assert!(rows <= self.rows(), "a run of {} rows was split at {rows}", self.rows);
        let rows = rows as u32;
        (Run { rows, ..self }, Run { row: self.row + rows, rows: self.rows - rows, ..self })
    }

    /// `rows` rows from `start` on.
    pub(crate) fn part(self, start: usize, rows: usize) -> Run {
        debug_assert!(start + rows <= self.rows());
        Run { row: self.row + start as u32, rows: rows as u32, ..self }
    }
}

/// The entities of a run, in the order of its rows.
///
/// # Panics
/// If the world has changed since the run was made, so that the table is shorter now.
pub fn entities<'w>(world: &'w World, run: &Run) -> &'w [Entity] {
    let row = run.row as usize;
    &world.storages().tables[run.table].entities()[row..row + run.rows()]
}

/// The entities of these runs, which stay valid while the world changes.
pub fn pin(world: &World, runs: &[Run]) -> Vec<Entity> {
    let mut pinned = Vec::with_capacity(runs.iter().map(Run::rows).sum());
    for run in runs {
        pinned.extend_from_slice(entities(world, run));
    }
    pinned
}
