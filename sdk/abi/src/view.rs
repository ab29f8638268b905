//! The record that tells a mod where in its memory the host has put the columns of a chunk.
//!
//! ```text
//!   offset  0        4          8           12                        56
//!           +--------+----------+-----------+------------+---   ---+
//!           | rows   | columns  | column[0] | column[1]  |  ...    |   all u32, little endian
//!           +--------+----------+-----------+------------+---   ---+
//!                                  |             |
//!   buffer  +----------------------v-------------v----------------------------+
//!           | values of the first column, row by row | pad | of the second ... |  every start 8-aligned
//!           +-----------------------------------------------------------------+
//!
//! An optional column that the chunk's rows lack has the address 0. A column of [`ENTITY`] holds the rows' ids, a `u64`
//! each.
//! ```

use core::mem::{offset_of, size_of};

use crate::limits::COLUMNS_MAX;

/// The name that a column has in place of a component's id if it holds the rows' ids. Its layout is `u64`, and it is
/// read-only.
pub const ENTITY: &str = "entity";

/// Where the columns of a chunk lie: addresses in the mod's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct View {
    /// The number of rows in the chunk.
    pub rows: u32,
    /// The number of entries of `column` that are in use.
    pub columns: u32,
    /// Addresses of the columns, in the order in which the query declares them; 0 for an optional one that the rows
    /// lack.
    pub column: [u32; COLUMNS_MAX],
}

impl View {
    /// Bytes of the record in the mod's memory.
    pub const SIZE: usize = size_of::<View>();

    /// The record as the host writes it, whatever the host's own byte order.
    pub fn to_le_bytes(&self) -> [u8; View::SIZE] {
        let mut bytes = [0; View::SIZE];
        let head = [self.rows, self.columns];
        for (field, word) in bytes.chunks_exact_mut(4).zip(head.iter().chain(&self.column)) {
            field.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

// Guests in other languages have these offsets as literal numbers.
const _: () = {
    assert!(offset_of!(View, rows) == 0);
    assert!(offset_of!(View, columns) == 4);
    assert!(offset_of!(View, column) == 8);
    assert!(View::SIZE == 56);
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
        let bytes = View { rows: 1, columns: 2, column }.to_le_bytes();
        assert_eq!(bytes[..12], [1, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4]);
        assert_eq!(bytes[52..], [12, 0, 0, 0]);
    }
}
