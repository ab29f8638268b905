//! How a chunk's buffer is cut into the slices of its columns.
//!
//! ```text
//!   buffer of u64   | Entity ... | &mut A ... | pad | &B ... |      declared order, addresses ascending;
//!                        |             |              |             an absent column takes no room
//!                   &[Entity]      &mut [A]         &[B]            disjoint, so all can be lent at once
//! ```

use bytemuck::Pod;
use std::mem::{size_of, take};
use std::slice;
use tinkerbox_abi::ALIGNMENT;

/// Cuts the columns of a chunk off its buffer, front to back.
#[doc(hidden)]
pub struct Cutter<'q> {
    rest: &'q mut [u64],
    /// Where `rest` begins.
    at: u32,
    /// Where the columns begin that are still to come; 0 where one is absent.
    addresses: slice::Iter<'q, u32>,
    rows: usize,
}

impl<'q> Cutter<'q> {
    /// `at` is the buffer's address in the mod's memory.
    pub(crate) fn new(buffer: &'q mut [u64], at: u32, rows: usize, addresses: &'q [u32]) -> Cutter<'q> {
        Cutter { rest: buffer, at, addresses: addresses.iter(), rows }
    }

    /// # Panics
    /// If the columns do not lie in the buffer one after the other, as the contract has it.
    pub(crate) fn column<T: Pod>(&mut self) -> &'q mut [T] {
        let address = self.next_address();
        self.cut(address)
    }

    /// `None` where the chunk's rows do not have it.
    pub(crate) fn optional_column<T: Pod>(&mut self) -> Option<&'q mut [T]> {
        match self.next_address() {
            0 => None,
            address => Some(self.cut(address)),
        }
    }

    fn next_address(&mut self) -> u32 {
        *self.addresses.next().expect("the host places every declared column")
    }

    fn cut<T: Pod>(&mut self, address: u32) -> &'q mut [T] {
        let bytes = self.rows * size_of::<T>();
        let (skipped, words) =
            (address.wrapping_sub(self.at) as usize / ALIGNMENT, bytes.div_ceil(ALIGNMENT));
        let (column, rest) = take(&mut self.rest)[skipped..].split_at_mut(words);
        (self.rest, self.at) = (rest, address + (words * ALIGNMENT) as u32);
        bytemuck::cast_slice_mut(&mut bytemuck::cast_slice_mut::<u64, u8>(column)[..bytes])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Columns;
    use crate::{Entity, ModType};
    use bytemuck::Zeroable;

    #[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:Odd")]
    struct Odd([u8; 3]);

    #[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:Wide")]
    struct Wide(u64);

    /// Where the tests' buffers lie.
    const AT: u32 = 0x1_0008;

    fn word(low_bytes: [u8; 6]) -> u64 {
        let mut bytes = [0; 8];
        bytes[..6].copy_from_slice(&low_bytes);
        u64::from_ne_bytes(bytes)
    }

    #[test]
    fn columns_are_cut_where_the_host_says() {
        let mut buffer = [word([1, 2, 3, 4, 5, 6]), 77, 8, 9, 99];
        let mut cutter = Cutter::new(&mut buffer, AT, 2, &[AT, AT + 16]);
        let (odd, wide) = <(&Odd, &mut Wide)>::slices(&mut cutter);
        assert_eq!(odd, [Odd([1, 2, 3]), Odd([4, 5, 6])]);
        assert_eq!(wide, [Wide(8), Wide(9)]);
        wide[1].0 = 10;
        assert_eq!(buffer[1..], [77, 8, 10, 99]);
    }

    #[test]
    fn absent_columns_take_no_room() {
        type Asked<'a> = (Entity, Option<&'a mut Wide>, Option<&'a Odd>, Option<&'a mut Wide>, &'a Wide);
        let mut buffer = [5, 6, word([1, 2, 3, 4, 5, 6]), 8, 9];
        let addresses = [AT, 0, AT + 16, 0, AT + 24];
        let mut cutter = Cutter::new(&mut buffer, AT, 2, &addresses);
        let (ids, none, odd, nothing, wide) = Asked::slices(&mut cutter);
        assert_eq!(ids, [Entity::from_bits(5), Entity::from_bits(6)]);
        assert_eq!(odd, Some(&[Odd([1, 2, 3]), Odd([4, 5, 6])][..]));
        assert_eq!(wide, [Wide(8), Wide(9)]);
        assert!(none.is_none() && nothing.is_none());

        let mut cutter = Cutter::new(&mut buffer, AT, 1, &[AT, AT + 8, 0, AT + 16, AT + 24]);
        let (_, wide, odd, last, _) = Asked::slices(&mut cutter);
        assert_eq!((wide, odd), (Some(&mut [Wide(6)][..]), None));
        assert_eq!(last.map(|last| last.len()), Some(1));
    }

    #[test]
    #[should_panic]
    fn columns_out_of_order_are_not_cut() {
        let mut buffer = [0; 4];
        <(&Wide, &Wide)>::slices(&mut Cutter::new(&mut buffer, AT, 1, &[AT + 16, AT]));
    }

    #[test]
    #[should_panic]
    fn a_column_outside_the_buffer_is_not_cut() {
        let mut buffer = [0; 4];
        <&Wide>::slices(&mut Cutter::new(&mut buffer, AT, 3, &[AT + 16]));
    }
}
