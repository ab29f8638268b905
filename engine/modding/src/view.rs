//! Rows of the world in a mod's memory, chunk by chunk, and what it has changed in them.
//!
//! Stands between the host functions and `tinkerbox_columns`; it sees guest memory as a slice, and knows no
//! runtime.
//!
//! ```text
//!  start        fill            (the mod works)        hand_back
//!  rows of a -> a chunk of them ------------------> compared with what was lent -> journal
//!  query        in guest memory
//!                     \__ pin, when the system is suspended: rows become entities, and lent bytes are kept,
//!                         since the world goes on without the mod
//! ```

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_abi::{ALIGNMENT, AbiError, COLUMNS_MAX, View};
use tinkerbox_columns::{Journal, RowQuery, Run, copy_column, entities, pin};

use crate::package::access::QueryPlan;

const ENTITY_BYTES: usize = size_of::<u64>();

/// A query of a system, over all its ticks.
#[derive(Debug)]
pub(crate) struct Query {
    plan: QueryPlan,
    rows: RowQuery,
}

impl Query {
    pub fn new(world: &World, plan: &QueryPlan) -> Self {
        Self { plan: plan.clone(), rows: RowQuery::new(world, &plan.all, &plan.none) }
    }

    /// Begins one run of the system.
    pub fn start(&mut self, world: &World) -> Cursor {
        self.rows.update(world);
        Cursor { remaining: Remaining::Unread, lent: None }
    }

    /// Learns of tables that have come while the system was suspended.
    pub fn update(&mut self, world: &World) {
        self.rows.update(world);
    }

    fn row_bytes(&self) -> usize {
        ENTITY_BYTES + self.plan.columns.iter().map(|column| column.component.size()).sum::<usize>()
    }
}

/// How far one run of a system has come in a query.
#[derive(Debug)]
pub(crate) struct Cursor {
    remaining: Remaining,
    lent: Option<Chunk>,
}

/// A chunk that was written into a buffer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filled {
    pub view: View,
    /// Bytes of the buffer that it takes.
    pub bytes: usize,
    /// Rows that were listed, which is done once in a run.
    pub listed_rows: usize,
}

/// Rows that were not lent yet.
#[derive(Debug)]
enum Remaining {
    /// All of them. Listed when they are asked for, or when the world is about to go on: a query that is
    /// not read costs nothing.
    Unread,
    /// By position, as long as the world stands still. What lies before `next` is lent.
    Runs { runs: Vec<Run>, next: usize },
    /// By entity, once the system has been suspended.
    Pinned { entities: Vec<Entity>, next: usize },
}

/// Rows that lie in the mod's memory.
#[derive(Debug)]
struct Chunk {
    rows: usize,
    /// Guest addresses, in the order of the query's columns.
    columns: [u32; COLUMNS_MAX],
    place: ChunkPlace,
}

#[derive(Debug)]
enum ChunkPlace {
    Runs(Vec<Run>),
    /// With the bytes that were lent, for each column that is written.
    Pinned {
        entities: Vec<Entity>,
        lent: Vec<Vec<u8>>,
    },
}

impl Cursor {
    /// Takes the chunk back that is lent, if one is; returns how many bytes were looked at.
    pub fn hand_back(&mut self, world: &World, query: &Query, memory: &[u8], journal: &mut Journal) -> usize {
        let Some(chunk) = self.lent.take() else {
            return 0;
        };
        let mut bytes = 0;
        let mut kept = match &chunk.place {
            ChunkPlace::Pinned { lent, .. } => lent.iter(),
            ChunkPlace::Runs(_) => [].iter(),
        };
        for (column, &address) in query.plan.columns.iter().zip(&chunk.columns) {
            if !column.is_written {
                continue;
            }
            let start = address as usize;
            let returned = &memory[start..start + chunk.rows * column.component.size()];
            bytes += returned.len();
            match &chunk.place {
                ChunkPlace::Runs(runs) => {
                    let mut rest = returned;
                    for run in runs {
                        let values;
                        (values, rest) = rest.split_at(run.rows() * column.component.size());
                        journal.compare(world, run, &column.component, values);
                    }
                }
                ChunkPlace::Pinned { entities, .. } => {
                    let lent = kept.next().expect("bytes were kept for each written column");
                    journal.compare_with(entities, &column.component, lent, returned);
                }
            }
        }
        bytes
    }

    /// Lends the next rows, as many as fit into `buffer`, which lies at `address` in guest memory. Says 0
    /// rows at the end.
    pub fn fill(
        &mut self,
        world: &World,
        query: &Query,
        address: u32,
        buffer: &mut [u8],
    ) -> Result<Filled, AbiError> {
        if !(address as usize).is_multiple_of(ALIGNMENT) {
            return Err(AbiError::BadArgument);
        }
        let listed_rows = self.list(world, query);
        let most = rows_that_fit(query, buffer.len());
        if most == 0 && !self.is_at_end() {
            return Err(AbiError::NoRoom);
        }
        let runs = self.take(world, query, most);
        let rows: usize = runs.iter().map(Run::rows).sum();
        if rows == 0 {
            return Ok(Filled { listed_rows, ..Filled::default() });
        }
        copy_entities(world, &runs, buffer);
        let mut columns = [0; COLUMNS_MAX];
        let mut end = rows * ENTITY_BYTES;
        for (column, place) in query.plan.columns.iter().zip(&mut columns) {
            let size = column.component.size();
            let mut start = end.next_multiple_of(ALIGNMENT);
            *place = address + start as u32;
            for run in &runs {
                end = start + run.rows() * size;
                copy_column(world, run, &column.component, &mut buffer[start..end]);
                start = end;
            }
        }
        self.lent = Some(Chunk { rows, columns, place: ChunkPlace::Runs(runs) });
        let count = query.plan.columns.len() as u32;
        let view = View { rows: rows as u32, columns: count, entities: address, column: columns };
        Ok(Filled { view, bytes: end, listed_rows })
    }

    /// Makes ready for a world that goes on: from here on rows are known by entity. Returns how many are.
    pub fn pin(&mut self, world: &World, query: &Query) -> usize {
        self.list(world, query);
        let mut pinned = 0;
        if let Remaining::Runs { runs, next } = &self.remaining {
            let entities = pin(world, &runs[*next..]);
            pinned = entities.len();
            self.remaining = Remaining::Pinned { entities, next: 0 };
        }
        self.pin_chunk(world, query);
        pinned
    }

    fn pin_chunk(&mut self, world: &World, query: &Query) {
        let Some(chunk) = &mut self.lent else { return };
        if let ChunkPlace::Runs(runs) = &chunk.place {
            let written = query.plan.columns.iter().filter(|column| column.is_written);
            let lent = written.map(|column| {
                let size = column.component.size();
                let mut bytes = vec![0; chunk.rows * size];
                let mut start = 0;
                for run in runs {
                    let end = start + run.rows() * size;
                    copy_column(world, run, &column.component, &mut bytes[start..end]);
                    start = end;
                }
                bytes
            });
            chunk.place = ChunkPlace::Pinned { lent: lent.collect(), entities: pin(world, runs) };
        }
    }

    /// Fixes which rows there are, unless that is done; returns how many.
    fn list(&mut self, world: &World, query: &Query) -> usize {
        if !matches!(self.remaining, Remaining::Unread) {
            return 0;
        }
        let runs = query.rows.runs(world);
        let rows = runs.iter().map(Run::rows).sum();
        self.remaining = Remaining::Runs { runs, next: 0 };
        rows
    }

    fn is_at_end(&self) -> bool {
        match &self.remaining {
            Remaining::Unread => false,
            Remaining::Runs { runs, next } => *next == runs.len(),
            Remaining::Pinned { entities, next } => *next == entities.len(),
        }
    }

    /// Up to `most` rows; none at the end only.
    fn take(&mut self, world: &World, query: &Query, most: usize) -> Vec<Run> {
        let mut taken = Vec::new();
        match &mut self.remaining {
            Remaining::Unread => {}
            Remaining::Runs { runs, next } => {
                let mut room = most;
                while room > 0 && *next < runs.len() {
                    let (front, back) = runs[*next].split_at(room.min(runs[*next].rows()));
                    room -= front.rows();
                    taken.push(front);
                    match back.rows() {
                        0 => *next += 1,
                        _ => runs[*next] = back,
                    }
                }
            }
            Remaining::Pinned { entities, next } => {
                while taken.is_empty() && *next < entities.len() {
                    let end = entities.len().min(*next + most);
                    taken = query.rows.locate(world, &entities[*next..end]);
                    *next = end;
                }
            }
        }
        taken
    }
}

/// The largest number of rows whose columns, each begun at a multiple of 8, lie within `len` bytes.
fn rows_that_fit(query: &Query, len: usize) -> usize {
    let mut rows = len / query.row_bytes();
    let needed = |rows: usize| {
        let columns = query.plan.columns.iter().map(|column| rows * column.component.size());
        rows * ENTITY_BYTES + columns.map(|bytes| bytes.next_multiple_of(ALIGNMENT)).sum::<usize>()
    };
    // Padding takes less than 8 bytes a column, so that few steps are enough.
    while rows > 0 && needed(rows) > len {
        rows -= 1;
    }
    rows
}

fn copy_entities(world: &World, runs: &[Run], out: &mut [u8]) {
    let all = runs.iter().flat_map(|run| entities(world, run));
    for (entity, place) in all.zip(out.as_chunks_mut::<ENTITY_BYTES>().0) {
        *place = entity.to_bits().to_le_bytes();
    }
}
