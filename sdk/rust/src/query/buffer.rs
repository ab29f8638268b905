//! The buffers into which the host writes chunks, kept for the next query: an allocation costs more than a small query.

use std::cell::RefCell;
use std::mem::size_of;

use crate::schema::ColumnSchema;

/// Words of a query's buffer: 32 KiB, so that a chunk stays in the processor's first cache.
const BUFFER_WORDS: usize = 4096;

thread_local! {
    static SPARE_BUFFERS: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of at least this many words.
pub(super) fn take_buffer(words: usize) -> Vec<u64> {
    if words == 0 {
        return Vec::new();
    }
    let mut buffer = SPARE_BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default();
    if buffer.len() < words {
        buffer.resize(words, 0);
    }
    buffer
}

/// Keeps a buffer for the next query.
pub(super) fn release_buffer(buffer: Vec<u64>) {
    if !buffer.is_empty() {
        SPARE_BUFFERS.with_borrow_mut(|spare| spare.push(buffer));
    }
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
