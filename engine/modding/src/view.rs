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

use bevy_ecs::change_detection::Tick;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_abi::{ALIGNMENT, AbiError, COLUMNS_MAX, View};
use tinkerbox_columns::{FlatComponent, Journal, NoValue, RowQuery, Run, copy_column, entities, pin};

use crate::package::access::{Column, QueryPlan};
use crate::prices::{self, Bill};

const ENTITY_BYTES: usize = size_of::<u64>();
/// Rows of a chunk without columns, which takes no room.
const ROWS_MAX: usize = 1 << 20;

/// A query of a system, over all its ticks, and how far its present run has come in it.
#[derive(Debug)]
pub(crate) struct Query {
    plan: QueryPlan,
    rows: RowQuery,
    remaining: Remaining,
    lent: Option<Chunk>,
}

/// Rows that were not lent yet.
#[derive(Debug)]
enum Remaining {
    /// All of them, or of those that change all since a moment. Listed when they are asked for, or when the world is
    /// about to go on: a query that is not read costs nothing.
    Unread(Option<Tick>),
    /// By position, as long as the world stands still. What lies before `next` is lent.
    Runs { runs: Vec<Run>, next: usize },
    /// By entity, once the system has been suspended.
    Pinned { entities: Vec<Entity>, next: usize },
}

/// Rows that lie in the mod's memory.
#[derive(Debug)]
struct Chunk {
    rows: usize,
    /// Guest addresses, in the order of the query's columns; 0 where there is none.
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

impl Query {
    pub fn new(world: &World, plan: &QueryPlan) -> Self {
        let rows = RowQuery::new(world, &plan.terms);
        Self { plan: plan.clone(), rows, remaining: Remaining::Unread(None), lent: None }
    }

    /// What it has found out about the world's tables, for the query that comes after it.
    pub fn into_rows(self) -> RowQuery {
        self.rows
    }

    /// Goes on from what the same query has found out before.
    pub fn know(&mut self, rows: RowQuery) {
        self.rows = rows;
    }

    /// Begins one run of the system, which ran last at `since`.
    pub fn start(&mut self, world: &World, since: Option<Tick>, bill: &mut Bill) {
        self.update(world, bill);
        self.remaining = Remaining::Unread(since.filter(|_| !self.plan.terms.changed.is_empty()));
        self.lent = None;
    }

    /// Learns of tables that have come since the last time, or since the mod was loaded: a guest that begins again knows what
    /// the one before it knew. Only what matches is paid for: how many others there are is nothing that the mod may learn.
    pub fn update(&mut self, world: &World, bill: &mut Bill) {
        bill.add(prices::QUERY);
        bill.each(self.rows.update(world), prices::MATCH);
    }

    /// Takes the chunk back that is lent, if one is.
    ///
    /// # Errors
    /// Something came back that is no value of its component.
    pub fn hand_back(
        &mut self,
        world: &World,
        memory: &[u8],
        journal: &mut Journal,
        bill: &mut Bill,
    ) -> Result<(), NoValue> {
        let Some(chunk) = self.lent.take() else {
            return Ok(());
        };
        let before = journal.landings();
        let compared = self.compare(world, memory, &chunk, journal, bill);
        // Paid before they land.
        bill.each(journal.landings() - before, prices::LANDING);
        compared
    }

    fn compare(
        &self,
        world: &World,
        memory: &[u8],
        chunk: &Chunk,
        journal: &mut Journal,
        bill: &mut Bill,
    ) -> Result<(), NoValue> {
        for (number, (component, address)) in self.plan.written(&chunk.columns).enumerate() {
            let start = address as usize;
            let returned = &memory[start..start + chunk.rows * component.size()];
            pay_for_values(component, returned.len(), chunk.rows, bill);
            match &chunk.place {
                ChunkPlace::Runs(runs) => {
                    bill.each(runs.len(), prices::STRETCH);
                    let mut rest = returned;
                    for run in runs {
                        let values;
                        (values, rest) = rest.split_at(run.rows() * component.size());
                        journal.compare(world, run, component, values)?;
                    }
                }
                ChunkPlace::Pinned { entities, lent } => {
                    journal.compare_with(entities, component, &lent[number], returned)?;
                }
            }
        }
        Ok(())
    }

    /// Lends the next rows, as many as fit into `buffer`, which lies at `address` in guest memory. Says 0
    /// rows at the end.
    pub fn fill(
        &mut self,
        world: &World,
        address: u32,
        buffer: &mut [u8],
        bill: &mut Bill,
    ) -> Result<View, AbiError> {
        // Where a column is at 0, the rows don't have it.
        if !(address as usize).is_multiple_of(ALIGNMENT) || address == 0 && !buffer.is_empty() {
            return Err(AbiError::BadArgument);
        }
        let Some(first) = self.next_run(world, bill) else { return Ok(View::default()) };
        let most = self.rows_that_fit(&first, buffer.len());
        if most == 0 {
            return Err(AbiError::NoRoom);
        }
        let runs = self.take(world, &first, most, bill);
        let rows: usize = runs.iter().map(Run::rows).sum();
        let (mut columns, mut end) = ([0; COLUMNS_MAX], 0usize);
        for (column, place) in self.plan.columns.iter().zip(&mut columns) {
            if !column.is_in(&first) {
                continue;
            }
            let mut start = end.next_multiple_of(ALIGNMENT);
            *place = address + start as u32;
            bill.each(runs.len(), prices::STRETCH);
            match column {
                Column::Entity => bill.bytes(rows * column.size()),
                Column::Value { component, .. } => {
                    pay_for_values(component, rows * column.size(), rows, bill);
                }
            }
            for run in &runs {
                end = start + run.rows() * column.size();
                match column {
                    Column::Entity => copy_entities(world, run, &mut buffer[start..end]),
                    Column::Value { component, .. } => {
                        copy_column(world, run, component, &mut buffer[start..end]);
                    }
                }
                start = end;
            }
        }
        self.lent = Some(Chunk { rows, columns, place: ChunkPlace::Runs(runs) });
        let count = self.plan.columns.len() as u32;
        Ok(View { rows: rows as u32, columns: count, column: columns })
    }

    /// Copies one entity's value of a column into `room`, at its start; returns its bytes, 0 where the column is
    /// optional and the entity has none.
    pub fn get(
        &self,
        world: &World,
        column: u32,
        entity: u64,
        journal: &Journal,
        room: &mut [u8],
    ) -> Result<usize, AbiError> {
        let (component, run, entity) = self.find(world, column, entity)?;
        let Some(run) = run else { return Ok(0) };
        let room = room.get_mut(..component.size()).ok_or(AbiError::NoRoom)?;
        match journal.get(entity, component) {
            Some(set) => room.copy_from_slice(set),
            None => copy_column(world, &run, component, room),
        }
        Ok(component.size())
    }

    /// Bytes of a value of a column; 0 where there is no such column.
    pub fn size_of(&self, column: u32) -> usize {
        self.plan.columns.get(column as usize).map_or(0, Column::size)
    }

    /// The component and the entity for which a value can be set.
    pub fn settable(
        &self,
        world: &World,
        column: u32,
        entity: u64,
    ) -> Result<(&FlatComponent, Entity), AbiError> {
        let (component, run, entity) = self.find(world, column, entity)?;
        if !self.plan.columns[column as usize].is_written() {
            return Err(AbiError::Denied);
        }
        run.map(|_| (component, entity)).ok_or(AbiError::Gone)
    }

    /// A column's component, and an entity of the query, with its row if it has that component.
    fn find(
        &self,
        world: &World,
        column: u32,
        entity: u64,
    ) -> Result<(&FlatComponent, Option<Run>, Entity), AbiError> {
        let Some(Column::Value { component, .. }) = self.plan.columns.get(column as usize) else {
            return Err(AbiError::BadArgument);
        };
        let entity = Entity::try_from_bits(entity).ok_or(AbiError::Gone)?;
        let run = self.rows.find(world, entity).ok_or(AbiError::Gone)?;
        let has_it = self.plan.columns[column as usize].is_in(&run);
        Ok((component, has_it.then_some(run), entity))
    }

    /// Makes ready for a world that goes on: from here on rows are known by entity.
    pub fn pin(&mut self, world: &World, bill: &mut Bill) {
        self.list(world, bill);
        if let Remaining::Runs { runs, next } = &self.remaining {
            bill.each(runs[*next..].iter().map(Run::rows).sum(), prices::PINNED_ROW);
            self.remaining = Remaining::Pinned { entities: pin(world, &runs[*next..]), next: 0 };
        }
        self.pin_chunk(world, bill);
    }

    fn pin_chunk(&mut self, world: &World, bill: &mut Bill) {
        let Some(chunk) = &mut self.lent else { return };
        if let ChunkPlace::Runs(runs) = &chunk.place {
            bill.each(chunk.rows, prices::PINNED_ROW);
            let lent = self.plan.written(&chunk.columns).map(|(component, _)| {
                pay_for_values(component, chunk.rows * component.size(), chunk.rows, bill);
                bill.each(runs.len(), prices::STRETCH);
                let mut bytes = vec![0; chunk.rows * component.size()];
                let mut rest = &mut bytes[..];
                for run in runs {
                    let values;
                    (values, rest) = rest.split_at_mut(run.rows() * component.size());
                    copy_column(world, run, component, values);
                }
                bytes
            });
            chunk.place = ChunkPlace::Pinned { lent: lent.collect(), entities: pin(world, runs) };
        }
    }

    /// Fixes which rows there are, unless that is done.
    pub fn list(&mut self, world: &World, bill: &mut Bill) {
        let Remaining::Unread(since) = self.remaining else { return };
        bill.each(self.rows.groups(), prices::GROUP);
        let work = self.rows.listing(world, since);
        bill.part(work.rows, prices::ROWS_PER_UNIT);
        bill.each(work.lookups, prices::LOOKUP);
        self.remaining = Remaining::Runs { runs: self.rows.runs(world, since), next: 0 };
    }

    /// Where the next row is, with those behind it that are like it; `None` at the end.
    fn next_run(&mut self, world: &World, bill: &mut Bill) -> Option<Run> {
        self.list(world, bill);
        match &mut self.remaining {
            Remaining::Unread(_) => None,
            Remaining::Runs { runs, next } => runs.get(*next).copied(),
            Remaining::Pinned { entities, next } => loop {
                let entity = *entities.get(*next)?;
                bill.add(prices::LOOKUP);
                if let Some(run) = self.rows.find(world, entity) {
                    return Some(run);
                }
                *next += 1;
            },
        }
    }

    /// Up to `most` rows that have the same columns as the first. There is one.
    fn take(&mut self, world: &World, first: &Run, most: usize, bill: &mut Bill) -> Vec<Run> {
        let mut taken: Vec<Run> = Vec::new();
        match &mut self.remaining {
            Remaining::Unread(_) => {}
            Remaining::Runs { runs, next } => {
                let mut room = most;
                while room > 0 && runs.get(*next).is_some_and(|run| run.is_like(first)) {
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
                let until = entities.len().min(*next + most);
                let (runs, looked_up) = self.rows.locate_like(world, &entities[*next..until], first);
                bill.each(looked_up, prices::LOOKUP);
                *next += looked_up;
                taken = runs;
            }
        }
        taken
    }

    /// The largest number of rows like this one whose columns, each begun at a multiple of 8, lie within `len` bytes.
    fn rows_that_fit(&self, like: &Run, len: usize) -> usize {
        let sizes = || self.plan.columns.iter().filter(|column| column.is_in(like)).map(Column::size);
        let row_bytes: usize = sizes().sum();
        let Some(mut rows) = len.checked_div(row_bytes) else { return ROWS_MAX };
        let needed =
            |rows: usize| sizes().map(|size| (rows * size).next_multiple_of(ALIGNMENT)).sum::<usize>();
        // Padding takes less than 8 bytes a column, so that few steps are enough.
        while rows > 0 && needed(rows) > len {
            rows -= 1;
        }
        rows
    }
}

/// Values of a component that cross, lent or returned.
fn pay_for_values(component: &FlatComponent, bytes: usize, rows: usize, bill: &mut Bill) {
    bill.bytes(bytes);
    if bytes > 0 && !component.moves_in_blocks() {
        bill.each(rows, prices::VALUE);
    }
}

fn copy_entities(world: &World, run: &Run, out: &mut [u8]) {
    for (entity, place) in entities(world, run).iter().zip(out.as_chunks_mut::<ENTITY_BYTES>().0) {
        *place = entity.to_bits().to_le_bytes();
    }
}
