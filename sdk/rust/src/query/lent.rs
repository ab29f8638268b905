//! The chunk that the host lends to a query, whatever its columns are: this code is in a mod once.

use std::mem::take;

use tinkerbox_abi::View;

use super::buffer::{release_buffer, take_buffer};
use super::cutter::Cutter;
use super::refused::panic_refused;
use crate::imports::{self, QueryIndex};

/// The chunk that is lent.
pub(super) struct Lent {
    pub index: QueryIndex,
    /// Empty before the first chunk and after the last, and if there are no columns.
    buffer: Box<[u64]>,
    view: View,
    is_at_end: bool,
}

impl Lent {
    /// Nothing is lent yet.
    pub fn new(index: QueryIndex) -> Lent {
        Lent { index, buffer: Box::default(), view: View::default(), is_at_end: false }
    }

    /// Returns the chunk and borrows the next one, in a buffer of this many words. The number of its rows is 0 after the
    /// last one.
    ///
    /// # Panics
    /// If the host refuses.
    pub fn next(&mut self, words: usize) -> usize {
        if self.is_at_end {
            return 0;
        }
        if self.buffer.is_empty() {
            self.buffer = take_buffer(words);
        }
        let rows = imports::view_next(self.index, &mut self.view, &mut self.buffer)
            .unwrap_or_else(|error| panic_refused("the next rows of a query", error));
        if rows == 0 {
            self.is_at_end = true;
            release_buffer(take(&mut self.buffer));
        }
        rows
    }

    /// Whether there is no row behind the chunk, which is returned to the host: what is written to it from then on is lost.
    pub fn is_last(&mut self) -> bool {
        // No row fits into an empty buffer, so an answer other than 0 means that there are more.
        self.is_at_end = imports::view_next(self.index, &mut View::default(), &mut []) == Ok(0);
        self.is_at_end
    }

    /// Cuts the chunk, which has this many rows.
    pub fn cutter(&mut self, rows: usize) -> Cutter<'_> {
        let address = self.buffer.as_ptr().addr() as u32;
        Cutter::new(&mut self.buffer, address, rows, &self.view.column)
    }

    /// Returns a chunk that is still lent, so that leaving a loop early loses no changes.
    pub fn end(&mut self, is_written: bool) {
        if is_written && !self.buffer.is_empty() {
            // No row fits into an empty buffer: the host reads the last chunk back and stops.
            let _ = imports::view_next(self.index, &mut self.view, &mut []);
        }
        release_buffer(take(&mut self.buffer));
    }
}
