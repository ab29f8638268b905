//! Queries: the rows a system asked for, lent chunk by chunk as plain slices.
//!
//! ```text
//!   next() -> view_next -> host: takes the last chunk's written columns back out of the buffer,
//!                                puts the next rows in, says in `View` where they are
//!          <- Chunk { entities, columns }, borrowed from the query until the next next()
//! ```

use crate::columns::{Columns, Cutter};
use crate::filter::Filter;
use crate::{Entity, imports};
use std::cell::RefCell;
use std::marker::PhantomData;
use tinkerbox_abi::{COLUMNS_MAX, View};

/// Words of a query's buffer: 32 KiB, so that a chunk stays in the processor's first cache.
const BUFFER_WORDS: usize = 4096;

/// All entities that have the columns `C` and pass the filter `F`.
///
/// A query is a parameter of a [`system`](macro@crate::system); it runs once from its first row
/// to its last. What is written into a chunk takes effect in the world when the system has
/// finished, and not at all if it panics.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Position, Velocity};
///
/// #[system]
/// fn drift(mut everything: Query<(&mut Position, &Velocity)>) {
///     while let Some(chunk) = everything.next() {
///         let (position, velocity) = chunk.columns; // &mut [Position], &[Velocity]
///         for (position, velocity) in position.iter_mut().zip(velocity) {
///             position.x += velocity.x * delta();
///             position.y += velocity.y * delta();
///         }
///     }
/// }
/// ```
pub struct Query<C: Columns, F: Filter = ()> {
    index: u32,
    /// `None` until the first chunk, and after the last.
    buffer: Option<Vec<u64>>,
    starts: [usize; COLUMNS_MAX + 1],
    is_at_end: bool,
    asks_for: PhantomData<fn() -> (C, F)>,
}

/// Some rows of a query, column by column; all slices have the same length.
pub struct Chunk<'q, C: Columns> {
    /// Whose rows they are.
    pub entities: &'q [Entity],
    /// The columns in the query's order: a slice, or a tuple of slices.
    pub columns: C::Slices<'q>,
}

impl<C: Columns> Chunk<'_, C> {
    /// How many rows there are; never 0.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.entities.len()
    }
}

impl<C: Columns, F: Filter> Query<C, F> {
    /// `index` is the query's place among those of the running system.
    pub(crate) fn open(index: u32) -> Query<C, F> {
        Query { index, buffer: None, starts: [0; COLUMNS_MAX + 1], is_at_end: false, asks_for: PhantomData }
    }

    /// The next rows, or `None` after the last. It ends the borrow of the chunk before.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Chunk<'_, C>> {
        if self.is_at_end {
            return None;
        }
        let mut view = View::default();
        let buffer = self.buffer.get_or_insert_with(|| take_buffer(row_words::<C>()));
        let rows = imports::view_next(self.index, &mut view, buffer)
            .unwrap_or_else(|error| panic!("the host refused a query's next rows: {error}"));
        if rows == 0 {
            self.is_at_end = true;
            self.release_buffer();
            return None;
        }
        let buffer = self.buffer.as_mut().expect("it has just been filled");
        let base = buffer.as_ptr().addr();
        self.starts[0] = words_from(base, view.entities);
        for (start, address) in self.starts[1..].iter_mut().zip(view.column) {
            *start = words_from(base, address);
        }
        let mut cutter = Cutter::new(buffer, rows, &self.starts[..=C::TERMS.len()]);
        Some(Chunk { entities: cutter.next_column(), columns: C::slices(&mut cutter) })
    }
}

impl<C: Columns, F: Filter> Query<C, F> {
    /// How many rows there are from here on. Ask a query without columns, `Query<(), With<Sheep>>`:
    /// it costs the least.
    pub fn count(mut self) -> usize {
        let mut rows = 0;
        while let Some(chunk) = self.next() {
            rows += chunk.len();
        }
        rows
    }

    fn release_buffer(&mut self) {
        let buffer = self.buffer.take();
        SPARE_BUFFERS.with_borrow_mut(|spare| spare.extend(buffer));
    }
}

/// A chunk that is still lent is handed back, so that leaving the loop early loses nothing.
impl<C: Columns, F: Filter> Drop for Query<C, F> {
    fn drop(&mut self) {
        if self.buffer.is_some() {
            // Into an empty buffer no row fits: the host takes the last chunk back and stops.
            let _ = imports::view_next(self.index, &mut View::default(), &mut []);
            self.release_buffer();
        }
    }
}

/// Words of one row at most, with every column starting at a word.
fn row_words<C: Columns>() -> usize {
    1 + C::TERMS.iter().map(|term| term.size.div_ceil(size_of::<u64>())).sum::<usize>()
}

/// The host's addresses are 32 bits wide, as the mod's own are.
fn words_from(base: usize, address: u32) -> usize {
    (address as usize).wrapping_sub(base) / size_of::<u64>()
}

thread_local! {
    /// Buffers of queries that have ended: an allocation costs more than a small query.
    static SPARE_BUFFERS: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) };
}

fn take_buffer(row_words: usize) -> Vec<u64> {
    let mut buffer = SPARE_BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default();
    let words = row_words.max(BUFFER_WORDS);
    if buffer.len() < words {
        buffer.resize(words, 0);
    }
    buffer
}
