//! Cuts a chunk's buffer into the slices of its columns.
//!
//! ```text
//!   buffer of u64   | Entity ... | &mut A ... | pad | &B ... |      declared order, addresses ascending;
//!                        |             |              |             an absent column takes no room
//!                   &[Entity]      &mut [A]         &[B]            disjoint, so all can be lent at once
//! ```

use std::mem::{size_of, take};
use std::slice;

use bytemuck::{CheckedBitPattern, NoUninit};
use tinkerbox_abi::ALIGNMENT;

use super::refused::panic_misplaced;

/// Cuts the columns of a chunk off its buffer, front to back.
#[doc(hidden)]
pub struct Cutter<'q> {
    rest: &'q mut [u64],
    /// The address of `rest` in the mod's memory.
    rest_address: u32,
    /// The addresses of the remaining columns; 0 for an absent one.
    addresses: slice::Iter<'q, u32>,
    rows: usize,
}

impl<'q> Cutter<'q> {
    /// `address` is the buffer's own in the mod's memory; `addresses` are those of the columns.
    pub(super) fn new(buffer: &'q mut [u64], address: u32, rows: usize, addresses: &'q [u32]) -> Cutter<'q> {
        Cutter { rest: buffer, rest_address: address, addresses: addresses.iter(), rows }
    }

    /// The next column.
    ///
    /// # Panics
    /// If the columns do not lie in the buffer one after the other, as the contract demands.
    pub(super) fn column<T: NoUninit + CheckedBitPattern>(&mut self) -> &'q mut [T] {
        let address = self.next_address();
        self.cut(address)
    }

    /// The next column, or `None` if the chunk's rows lack it.
    pub(super) fn optional_column<T: NoUninit + CheckedBitPattern>(&mut self) -> Option<&'q mut [T]> {
        match self.next_address() {
            0 => None,
            address => Some(self.cut(address)),
        }
    }

    fn next_address(&mut self) -> u32 {
        self.addresses.next().copied().unwrap_or_else(|| panic_misplaced())
    }

    fn cut<T: NoUninit + CheckedBitPattern>(&mut self, address: u32) -> &'q mut [T] {
        let column = self.cut_bytes(address, size_of::<T>());
        // The host hands in valid values only, so this finds none that is not. For plain types it is no work at all.
        bytemuck::checked::try_cast_slice_mut(column).unwrap_or_else(|_| panic_misplaced())
    }

    /// The bytes of a column whose values have this size. It is in a mod once, whatever types there are.
    fn cut_bytes(&mut self, address: u32, size: usize) -> &'q mut [u8] {
        let bytes = self.rows * size;
        let skipped = address.wrapping_sub(self.rest_address) as usize / ALIGNMENT;
        let words = bytes.div_ceil(ALIGNMENT);
        let rest = take(&mut self.rest).get_mut(skipped..).and_then(|rest| rest.split_at_mut_checked(words));
        let Some((column, rest)) = rest else { panic_misplaced() };
        (self.rest, self.rest_address) = (rest, address + (words * ALIGNMENT) as u32);
        let column = bytemuck::cast_slice_mut::<u64, u8>(column).get_mut(..bytes);
        column.unwrap_or_else(|| panic_misplaced())
    }
}

// The slices of whole chunks are tested in `columns.rs`.
#[cfg(test)]
mod tests {
    use super::*;

    /// The address of the tests' buffers.
    const ADDRESS: u32 = 0x1_0008;

    #[test]
    #[should_panic]
    fn columns_out_of_order_are_not_cut() {
        let mut buffer = [0; 4];
        let addresses = [ADDRESS + 16, ADDRESS];
        let mut cutter = Cutter::new(&mut buffer, ADDRESS, 1, &addresses);
        assert_eq!(cutter.column::<u64>().len(), 1);
        cutter.column::<u64>();
    }

    #[test]
    #[should_panic]
    fn a_column_outside_the_buffer_is_not_cut() {
        let mut buffer = [0; 4];
        Cutter::new(&mut buffer, ADDRESS, 3, &[ADDRESS + 16]).column::<u64>();
    }
}
