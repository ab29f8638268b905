//! The buffers into which the host writes chunks, kept for the next query: an allocation costs more than a small query.

use std::cell::Cell;
use std::mem::size_of;

use crate::schema::ColumnSchema;

/// Words of a query's buffer: 32 KiB, so that a chunk stays in the processor's first cache.
const BUFFER_WORDS: usize = 4096;

/// As many as a system can have queries.
const SPARES_MAX: usize = 16;

/// Buffers for later queries: the first `len`. They are not in a vector, since the code that lets one grow would be in every
/// mod.
struct Spares {
    buffers: [Cell<Option<Box<[u64]>>>; SPARES_MAX],
    len: Cell<usize>,
}

thread_local! {
    static SPARES: Spares =
        const { Spares { buffers: [const { Cell::new(None) }; SPARES_MAX], len: Cell::new(0) } };
}

/// A buffer of at least this many words.
pub(super) fn take_buffer(words: usize) -> Box<[u64]> {
    if words == 0 {
        return Box::default();
    }
    let spare = SPARES.with(|Spares { buffers, len }| {
        let last = len.get().checked_sub(1)?;
        len.set(last);
        buffers.get(last)?.take()
    });
    spare.filter(|spare| spare.len() >= words).unwrap_or_else(|| vec![0; words].into_boxed_slice())
}

/// Keeps a buffer for the next query.
pub(super) fn release_buffer(buffer: Box<[u64]>) {
    if buffer.is_empty() {
        return;
    }
    SPARES.with(|Spares { buffers, len }| {
        if let Some(free) = buffers.get(len.get()) {
            free.set(Some(buffer));
            len.set(len.get() + 1);
        }
    });
}

/// The words of a buffer for these columns: enough for at least two rows, with every column starting at a word, and none
/// if there are no columns.
pub(super) const fn buffer_words(columns: &[ColumnSchema]) -> usize {
    let (mut row_words, mut index) = (0, 0);
    while index < columns.len() {
        row_words += columns[index].size.div_ceil(size_of::<u64>());
        index += 1;
    }
    match 2 * row_words {
        0 => 0,
        1..BUFFER_WORDS => BUFFER_WORDS,
        two_rows => two_rows,
    }
}

#[cfg(test)]
mod tests {
    use tinkerbox_sdk::{Columns, Entity, mod_type};

    use super::*;

    #[mod_type("test:Huge")]
    struct Huge([u64; 6000], [u8; 8]);

    #[test]
    fn a_buffer_holds_two_rows_at_least() {
        assert_eq!(buffer_words(<()>::SCHEMAS), 0);
        assert_eq!(buffer_words(<Entity>::SCHEMAS), BUFFER_WORDS);
        assert_eq!(buffer_words(<(Entity, Option<&mut Huge>)>::SCHEMAS), 2 * (1 + 6001));
    }
}
