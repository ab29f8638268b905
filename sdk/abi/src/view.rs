//! The record that tells a mod where the host has put the columns of a chunk.
//!
//! ```text
//!   offset  0        4          8           12                        60
//!           +--------+----------+-----------+------------+---   ---+
//!           | rows   | columns  | entities  | column[0]  |  ...    |   all u32, little endian
//!           +--------+----------+-----------+------------+---   ---+
//!                                  |              |
//!   buffer  +----------------------v--------------v------------------------------+
//!           | ...      entity ids, u64 each  | pad | component bytes, row by row |  every start 8-aligned
//!           +--------------------------------------------------------------------+
//! ```

use core::mem::{offset_of, size_of};

/// A query names at most this many columns.
pub const COLUMNS_MAX: usize = 12;

/// Where the rows of a chunk lie: addresses in the mod's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct View {
    /// How many rows the chunk has.
    pub rows: u32,
    /// How many of `column` are in use.
    pub columns: u32,
    /// Address of the entity column, a `u64` for each row.
    pub entities: u32,
    /// Addresses of the component columns, in the order in which the query declares them.
    pub column: [u32; COLUMNS_MAX],
}

impl View {
    /// Bytes of the record in the mod's memory.
    pub const SIZE: usize = size_of::<View>();

    /// The record as the host writes it, whatever the host's own byte order.
    pub fn to_le_bytes(&self) -> [u8; View::SIZE] {
        let mut bytes = [0; View::SIZE];
        let head = [self.rows, self.columns, self.entities];
        for (place, word) in bytes.chunks_exact_mut(4).zip(head.iter().chain(&self.column)) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

// Guests in other languages write these offsets down by hand.
const _: () = {
    assert!(offset_of!(View, rows) == 0);
    assert!(offset_of!(View, columns) == 4);
    assert!(offset_of!(View, entities) == 8);
    assert!(offset_of!(View, column) == 12);
    assert!(View::SIZE == 60);
    assert!(align_of::<View>() == 4);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_in_the_drawn_order() {
        let mut column = [0; COLUMNS_MAX];
        column[0] = 0x0403_0201;
        column[11] = 12;
        let bytes = View { rows: 1, columns: 2, entities: 3, column }.to_le_bytes();
        assert_eq!(bytes[..16], [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3, 4]);
        assert_eq!(bytes[56..], [12, 0, 0, 0]);
    }
}
