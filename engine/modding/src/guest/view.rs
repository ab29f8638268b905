//! Rows of the world in a mod's memory, chunk by chunk, and what the mod has changed in them.
//!
//! It stands between the host functions and `tinkerbox_columns`. It sees the memory of the guest as a slice, and does not
//! know the runtime.
//!
//! ```text
//!  start        fill            (the mod works)        take_back
//!  rows of a -> a chunk of them ------------------> compared with what was lent -> journal
//!  query        in guest memory
//!                     \__ pin, when the system is suspended: rows become entities, and the lent bytes are kept,
//!                         since the world changes while the mod waits
//! ```

use bevy_ecs::change_detection::Tick;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox_abi::{ALIGNMENT, AbiError, COLUMNS_MAX, View};
use tinkerbox_columns::{FlatComponent, Journal, NoValue, RowQuery, Run, copy_column, entities, pin};

use crate::guest::effects::visibility::NotForMods;
use crate::limits::ROWS_WITHOUT_COLUMNS_MAX;
use crate::package::access::{Column, QueryPlan};
use crate::prices::{self, Bill};

const ENTITY_BYTES: usize = size_of::<u64>();

/// A query of a system over all its ticks, and how far its present run has read it.
#[derive(Debug)]
pub(crate) struct Query {
    plan: QueryPlan,
    rows: RowQuery,
    remaining: Remaining,
    lent: Option<Chunk>,
}

/// Rows that have not been lent yet.
#[derive(Debug)]
enum Remaining {
    /// All rows, or those that have changed since a tick. They are listed when they are first read, or before the world
    /// changes: a query that is not read costs nothing.
    Unread(Option<Tick>),
    /// By position, as long as the world does not change. Those before `next` were lent.
    Runs { runs: Vec<Run>, next: usize },
    /// By entity, once the system has been suspended.
    Pinned { entities: Vec<Entity>, next: usize },
}

/// Rows that are lent, in the mod's memory.
#[derive(Debug)]
struct Chunk {
    rows: usize,
    /// Guest addresses, in the order of the query's columns; 0 for a column that the rows don't have.
    columns: [u32; COLUMNS_MAX],
    rows_in_world: ChunkRows,
}

/// The rows of a chunk in the world.
#[derive(Debug)]
enum ChunkRows {
    Runs(Vec<Run>),
    /// With the bytes that were lent, for each column that is written.
    Pinned {
        entities: Vec<Entity>,
        lent: Vec<Vec<u8>>,
    },
}

/// What rows are taken back with.
pub(crate) struct TakeBack<'a> {
    pub world: &'a World,
    /// The memory of the guest.
    pub memory: &'a [u8],
    /// Records what has changed.
    pub journal: &'a mut Journal,
    pub bill: &'a mut Bill,
}

/// A value of one entity, as the mod names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// The number of the column in its query.
    pub column: u32,
    pub entity: u64,
}

impl Query {
    pub fn new(world: &World, plan: &QueryPlan) -> Self {
        let mut rows = RowQuery::new(world, &plan.terms);
        if let Some(hidden) = world.component_id::<NotForMods>() {
            rows = rows.without(world, hidden);
        }
        Self { plan: plan.clone(), rows, remaining: Remaining::Unread(None), lent: None }
    }

    /// What it knows of the world's tables, for the same query of the mod's next guest.
    pub fn into_rows(self) -> RowQuery {
        self.rows
    }

    /// Continues with what the same query of an earlier guest knew of the world's tables.
    pub fn restore_rows(&mut self, rows: RowQuery) {
        self.rows = rows;
    }

    /// Begins a run of the system, which last ran at `since`.
    pub fn start(&mut self, world: &World, since: Option<Tick>, bill: &mut Bill) {
        self.update(world, bill);
        self.remaining = Remaining::Unread(since.filter(|_| self.plan.asks_for_news()));
        self.lent = None;
    }

    /// Looks at the tables that were added since the last call, or since the mod was loaded: a restarted guest knows what the
    /// one before it knew. Only matching tables are paid for, since the mod must not learn how many others there are.
    pub fn update(&mut self, world: &World, bill: &mut Bill) {
        bill.add(prices::QUERY);
        bill.each(self.rows.update(world), prices::MATCH);
    }

    /// Takes back the chunk that is lent, if there is one.
    ///
    /// # Errors
    /// The mod has written bytes that are not a valid value of their component.
    pub fn take_back(&mut self, mut into: TakeBack<'_>) -> Result<(), Box<NoValue>> {
        let Some(chunk) = self.lent.take() else {
            return Ok(());
        };
        let before = into.journal.landings();
        let compared = self.compare(&chunk, &mut into);
        // Paid before they are applied.
        into.bill.each(into.journal.landings() - before, prices::LANDING);
        compared
    }

    fn compare(&self, chunk: &Chunk, into: &mut TakeBack<'_>) -> Result<(), Box<NoValue>> {
        let TakeBack { world, memory, journal, bill } = into;
        for (number, (component, address)) in self.plan.written(&chunk.columns).enumerate() {
            let start = address as usize;
            let returned = &memory[start..start + chunk.rows * component.size()];
            pay_for_values(component, returned.len(), chunk.rows, bill);
            match &chunk.rows_in_world {
                ChunkRows::Runs(runs) => {
                    bill.each(runs.len(), prices::STRETCH);
                    let mut rest = returned;
                    for run in runs {
                        let values;
                        (values, rest) = rest.split_at(run.rows() * component.size());
                        journal.compare(world, run, component, values)?;
                    }
                }
                ChunkRows::Pinned { entities, lent } => {
                    journal.compare_with(world, entities, component, &lent[number], returned)?;
                }
            }
        }
        Ok(())
    }

    /// Lends the next rows, as many as fit into `buffer`, which is at `address` in guest memory. Lends 0 rows at the end.
    pub fn fill(
        &mut self,
        world: &World,
        address: u32,
        buffer: &mut [u8],
        bill: &mut Bill,
    ) -> Result<View, AbiError> {
        // A column at address 0 is one that the rows don't have.
        if !(address as usize).is_multiple_of(ALIGNMENT) || address == 0 && !buffer.is_empty() {
            return Err(AbiError::BadArgument);
        }
        let Some(first) = self.next_run(world, bill) else { return Ok(View::default()) };
        let most = self.rows_that_fit(&first, buffer.len());
        if most == 0 {
            return Err(AbiError::NoRoom);
        }
        let runs = self.next_rows(world, &first, most, bill);
        let rows: usize = runs.iter().map(Run::rows).sum();
        let (mut columns, mut end) = ([0; COLUMNS_MAX], 0usize);
        for (column, column_address) in self.plan.columns.iter().zip(&mut columns) {
            if !column.is_in(&first) {
                continue;
            }
            let mut start = end.next_multiple_of(ALIGNMENT);
            *column_address = address + start as u32;
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
        self.lent = Some(Chunk { rows, columns, rows_in_world: ChunkRows::Runs(runs) });
        let count = self.plan.columns.len() as u32;
        Ok(View { rows: rows as u32, columns: count, column: columns })
    }

    /// Copies a value to the start of `room`. Returns its size in bytes, 0 if the column is optional and the entity does not
    /// have it.
    pub fn get(
        &self,
        world: &World,
        cell: Cell,
        journal: &Journal,
        room: &mut [u8],
    ) -> Result<usize, AbiError> {
        let (component, run, entity) = self.find(world, cell)?;
        let Some(run) = run else { return Ok(0) };
        let room = room.get_mut(..component.size()).ok_or(AbiError::NoRoom)?;
        match journal.get(entity, component) {
            Some(set) => room.copy_from_slice(set),
            None => copy_column(world, &run, component, room),
        }
        Ok(component.size())
    }

    /// The size of a column's values in bytes; 0 if there is no such column.
    pub fn size_of(&self, column: u32) -> usize {
        self.plan.columns.get(column as usize).map_or(0, Column::size)
    }

    /// The component and the entity of a value that may be set.
    pub fn settable(&self, world: &World, cell: Cell) -> Result<(&FlatComponent, Entity), AbiError> {
        let (component, run, entity) = self.find(world, cell)?;
        if !self.plan.columns[cell.column as usize].is_written() {
            return Err(AbiError::Denied);
        }
        run.map(|_| (component, entity)).ok_or(AbiError::Gone)
    }

    /// The component of a column, and an entity of the query, with its row if it has that component.
    fn find(
        &self,
        world: &World,
        Cell { column, entity }: Cell,
    ) -> Result<(&FlatComponent, Option<Run>, Entity), AbiError> {
        let Some(Column::Value { component, .. }) = self.plan.columns.get(column as usize) else {
            return Err(AbiError::BadArgument);
        };
        let entity = Entity::try_from_bits(entity).ok_or(AbiError::Gone)?;
        let run = self.rows.find(world, entity).ok_or(AbiError::Gone)?;
        let has_column = self.plan.columns[column as usize].is_in(&run);
        Ok((component, has_column.then_some(run), entity))
    }

    /// Prepares for a world that changes: from now on rows are known by their entities.
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
        if let ChunkRows::Runs(runs) = &chunk.rows_in_world {
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
            chunk.rows_in_world = ChunkRows::Pinned { lent: lent.collect(), entities: pin(world, runs) };
        }
    }

    /// Lists the rows, unless they are listed already.
    pub fn list(&mut self, world: &World, bill: &mut Bill) {
        let Remaining::Unread(since) = self.remaining else { return };
        bill.each(self.rows.groups(), prices::GROUP);
        let work = self.rows.listing(world, since);
        bill.part(work.rows, prices::ROWS_PER_UNIT);
        bill.each(work.lookups, prices::LOOKUP);
        self.remaining = Remaining::Runs { runs: self.rows.runs(world, since), next: 0 };
    }

    /// The next row with the similar ones that follow it; `None` at the end.
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

    /// Up to `most` rows that have the same columns as `first`, which is the next one.
    fn next_rows(&mut self, world: &World, first: &Run, most: usize, bill: &mut Bill) -> Vec<Run> {
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

    /// The largest number of rows like this one whose columns, each aligned to 8 bytes, fit into `len` bytes.
    fn rows_that_fit(&self, like: &Run, len: usize) -> usize {
        let sizes = || self.plan.columns.iter().filter(|column| column.is_in(like)).map(Column::size);
        let row_bytes: usize = sizes().sum();
        let Some(mut rows) = len.checked_div(row_bytes) else { return ROWS_WITHOUT_COLUMNS_MAX };
        let needed =
            |rows: usize| sizes().map(|size| (rows * size).next_multiple_of(ALIGNMENT)).sum::<usize>();
        // Padding takes less than 8 bytes for each column, so a few steps are enough.
        while rows > 0 && needed(rows) > len {
            rows -= 1;
        }
        rows
    }
}

/// Adds the price of values that are lent or taken back.
fn pay_for_values(component: &FlatComponent, bytes: usize, rows: usize, bill: &mut Bill) {
    bill.bytes(bytes);
    if bytes > 0 && component.takes_time_by_value() {
        bill.each(rows, prices::VALUE);
    }
}

fn copy_entities(world: &World, run: &Run, out: &mut [u8]) {
    for (entity, bytes) in entities(world, run).iter().zip(out.as_chunks_mut::<ENTITY_BYTES>().0) {
        *bytes = entity.to_bits().to_le_bytes();
    }
}
