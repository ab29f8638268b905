//! Queries: the rows a system asked for, lent chunk by chunk as plain slices.
//!
//! ```text
//!   next() -> view_next -> host: takes the last chunk's written columns back out of the buffer,
//!                                puts the next rows in, says in `View` where they are
//!          <- Chunk { columns }, borrowed from the query until the next next()
//!   get(), set()        -> host: one value of one entity, past the chunks
//! ```

use crate::columns::{Access, Columns, Term, column_to_read, column_to_write};
use crate::cutter::Cutter;
use crate::filter::Filter;
use crate::imports;
use crate::schema::{ParameterSchema, QuerySchema};
use crate::system::Parameter;
use bytemuck::Pod;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::mem::take;
use tinkerbox_abi::{AbiError, ModEntity as Entity, ModType, View};

/// Words of a query's buffer: 32 KiB, so that a chunk stays in the processor's first cache.
const BUFFER_WORDS: usize = 4096;

/// All entities that have the [`Columns`] `C` and pass the [`Filter`] `F`.
///
/// A query is a parameter of a [`system`](macro@crate::system); it runs once from its first row
/// to its last. Chunks show the world as it was when the system began. What is written into one takes effect in the
/// world when the system has finished, and not at all if it panics.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Position, Velocity};
///
/// #[system]
/// fn drift(mut things: Query<(&mut Position, &Velocity)>) {
///     let dt = delta(); // once, and not for each row
///     while let Some(chunk) = things.next() {
///         let (positions, velocities) = chunk.columns; // &mut [Position], &[Velocity]
///         for (position, velocity) in positions.iter_mut().zip(velocities) {
///             position.x += velocity.x * dt;
///             position.y += velocity.y * dt;
///         }
///     }
/// }
/// ```
pub struct Query<C: Columns, F: Filter = ()> {
    index: u32,
    /// Where the chunk lies that is lent. Empty until the first and after the last, and where there are no columns.
    buffer: Vec<u64>,
    view: View,
    is_at_end: bool,
    asks_for: PhantomData<fn() -> (C, F)>,
}

/// Some rows of a query, column by column; all slices have the same length.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use meadow::Position;
/// #[system]
/// fn first(mut things: Query<(Entity, &Position)>) {
///     if let Some(chunk) = things.next() {
///         let rows = chunk.len();
///         let (ids, positions) = chunk.columns;
///         info!("{:?} at {:?} and {} others", ids[0], positions[0], rows - 1);
///     }
/// }
/// ```
pub struct Chunk<'q, C: Columns> {
    /// The columns in the query's order: a slice, or a tuple of slices.
    pub columns: C::Slices<'q>,
    rows: usize,
}

impl<C: Columns> Chunk<'_, C> {
    /// How many rows there are; never 0.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn rows(mut sheep: Query<(), With<meadow::Sheep>>) -> usize {
    /// sheep.next().map_or(0, |chunk| chunk.len())
    /// # }
    /// ```
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.rows
    }
}

impl<C: Columns, F: Filter> Query<C, F> {
    /// The next rows, or `None` after the last. It ends the borrow of the chunk before.
    ///
    /// # Panics
    /// If the host refuses, which is a mistake of the SDK or of the game.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn lift(mut things: Query<&mut meadow::Position>) {
    /// while let Some(chunk) = things.next() {
    ///     chunk.columns.iter_mut().for_each(|position| position.y += 1.0);
    /// }
    /// # }
    /// ```
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Chunk<'_, C>> {
        if self.is_at_end {
            return None;
        }
        if self.buffer.is_empty() {
            self.buffer = take_buffer(const { buffer_words(C::TERMS) });
        }
        let rows = imports::view_next(self.index, &mut self.view, &mut self.buffer)
            .unwrap_or_else(|error| refused("a query's next rows", error));
        if rows == 0 {
            self.is_at_end = true;
            self.release_buffer();
            return None;
        }
        let at = self.buffer.as_ptr().addr() as u32;
        let mut cutter = Cutter::new(&mut self.buffer, at, rows, &self.view.column);
        Some(Chunk { columns: C::slices(&mut cutter), rows })
    }

    /// The value of one entity in the column whose type is `T`: of any entity of this query, at any time. `None` where
    /// the entity is not one of the query's, or where the column is optional and the entity lacks it.
    ///
    /// It sees what this system has [`set`](Query::set), and not what was written into chunks: they are taken over
    /// when the system has finished. While a chunk is in use, its own query is borrowed; ask for a second one.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # use bytemuck::{Pod, Zeroable};
    /// use meadow::{Position, Velocity};
    ///
    /// # #[derive(Clone, Copy, Pod, Zeroable, ModType)]
    /// # #[repr(C)]
    /// # #[mod_type(id = "meadow:Hunts")]
    /// # struct Hunts { prey: Entity }
    /// #[system]
    /// fn chase(mut wolves: Query<(&Hunts, &Position, &mut Velocity)>, all: Query<&Position>) {
    ///     while let Some(chunk) = wolves.next() {
    ///         let (hunts, positions, velocities) = chunk.columns;
    ///         for ((hunts, position), velocity) in hunts.iter().zip(positions).zip(velocities) {
    ///             if let Some(prey) = all.get::<Position>(hunts.prey) {
    ///                 *velocity = position.way_to(prey);
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// A type that is not one of the query's columns is refused by the compiler:
    ///
    /// ```compile_fail,E0080
    /// # use tinkerbox_sdk::prelude::*;
    /// # use meadow::{Energy, Position};
    /// fn weigh(all: Query<&Position>) {
    ///     all.get::<Energy>(Entity::from_bits(1));
    /// }
    /// # let _used: fn(Query<&Position>) = weigh;
    /// ```
    ///
    /// # Panics
    /// If the host refuses for any other reason, which is a mistake of the SDK or of the game.
    pub fn get<T: ModType + Pod>(&self, entity: Entity) -> Option<T> {
        match imports::get(self.index, const { column_to_read::<C, T>() }, entity) {
            Ok(value) => value,
            Err(AbiError::Gone) => None,
            Err(error) => refused("a value", error),
        }
    }

    /// Sets the value of one entity in the column whose type is `T`, which the query has to ask for as `&mut T`.
    /// `false` says that nothing was done: the entity is not, or no longer, one of the query's, or it lacks the
    /// optional column.
    ///
    /// The value is in the world when the system has finished. Until then [`get`](Query::get) sees it, and chunks do
    /// not. So change a value this way or in a chunk, and not both ways in one run.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// use meadow::Energy;
    ///
    /// # fn share(mut animals: Query<&mut Energy>, rich: Entity, poor: Entity) {
    /// if let (Some(a), Some(b)) = (animals.get::<Energy>(rich), animals.get::<Energy>(poor)) {
    ///     let each = Energy { joules: (a.joules + b.joules) / 2.0 };
    ///     animals.set(rich, each);
    ///     animals.set(poor, each);
    /// }
    /// # }
    /// ```
    ///
    /// A column that is only read is refused by the compiler:
    ///
    /// ```compile_fail,E0080
    /// # use tinkerbox_sdk::prelude::*;
    /// # use meadow::Energy;
    /// fn feed(mut all: Query<&Energy>) {
    ///     all.set(Entity::from_bits(1), Energy { joules: 1.0 });
    /// }
    /// # let _used: fn(Query<&Energy>) = feed;
    /// ```
    ///
    /// # Panics
    /// If the host refuses for any other reason, which is a mistake of the SDK or of the game.
    pub fn set<T: ModType + Pod>(&mut self, entity: Entity, value: T) -> bool {
        match imports::set(self.index, const { column_to_write::<C, T>() }, entity, &value) {
            Ok(()) => true,
            Err(AbiError::Gone) => false,
            Err(error) => refused("a value", error),
        }
    }

    /// How many rows there are from here on. Ask a query without columns, `Query<(), With<Sheep>>`:
    /// it costs the least.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// #[system]
    /// fn census(sheep: Query<(), With<meadow::Sheep>>) {
    ///     info!("{} sheep", sheep.count());
    /// }
    /// ```
    pub fn count(mut self) -> usize {
        let mut rows = 0;
        while let Some(chunk) = self.next() {
            rows += chunk.len();
        }
        rows
    }

    fn release_buffer(&mut self) {
        let buffer = take(&mut self.buffer);
        if !buffer.is_empty() {
            SPARE_BUFFERS.with_borrow_mut(|spare| spare.push(buffer));
        }
    }
}

impl<C: Columns, F: Filter> Parameter for Query<C, F> {
    const SCHEMA: ParameterSchema =
        ParameterSchema::Query(QuerySchema { terms: C::TERMS, conditions: F::CONDITIONS });

    fn open(index: u32) -> Query<C, F> {
        Query { index, buffer: Vec::new(), view: View::default(), is_at_end: false, asks_for: PhantomData }
    }
}

/// A chunk that is still lent is handed back, so that leaving the loop early loses nothing.
impl<C: Columns, F: Filter> Drop for Query<C, F> {
    fn drop(&mut self) {
        if const { writes(C::TERMS) } && !self.buffer.is_empty() {
            // Into an empty buffer no row fits: the host takes the last chunk back and stops.
            let _ = imports::view_next(self.index, &mut self.view, &mut []);
        }
        self.release_buffer();
    }
}

#[cold]
fn refused(what: &str, error: AbiError) -> ! {
    panic!("the host refused {what}: {error}")
}

const fn writes(terms: &[Term]) -> bool {
    let mut at = 0;
    while at < terms.len() {
        if matches!(terms[at].access, Access::Write) {
            return true;
        }
        at += 1;
    }
    false
}

/// Room for one row at least, with every column starting at a word; none where there are no columns.
const fn buffer_words(terms: &[Term]) -> usize {
    let (mut row_words, mut at) = (0, 0);
    while at < terms.len() {
        row_words += terms[at].size.div_ceil(size_of::<u64>());
        at += 1;
    }
    match row_words {
        0 => 0,
        1..BUFFER_WORDS => BUFFER_WORDS,
        _ => row_words,
    }
}

thread_local! {
    /// Buffers of queries that have ended: an allocation costs more than a small query.
    static SPARE_BUFFERS: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) };
}

fn take_buffer(words: usize) -> Vec<u64> {
    if words == 0 {
        return Vec::new();
    }
    let mut buffer = SPARE_BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default();
    if buffer.len() < words {
        buffer.resize(words, 0);
    }
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[derive(Clone, Copy, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:Huge")]
    struct Huge([u64; 6000], [u8; 8]);

    #[test]
    fn a_buffer_holds_one_row_at_least() {
        assert_eq!(buffer_words(<()>::TERMS), 0);
        assert_eq!(buffer_words(<Entity>::TERMS), BUFFER_WORDS);
        assert_eq!(buffer_words(<(Entity, Option<&mut Huge>)>::TERMS), 1 + 6001);
    }

    #[test]
    fn only_written_chunks_have_to_be_handed_back() {
        assert!(!writes(<(Entity, &Huge, Option<&Huge>)>::TERMS));
        assert!(writes(<(&Huge, Option<&mut Huge>)>::TERMS));
    }
}
