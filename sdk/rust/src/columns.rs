//! What a query reads and writes, and how a chunk's buffer is cut into slices of it.
//!
//! ```text
//!   buffer of u64   | entity ids | &mut A | &B | ... |      declared order, addresses ascending
//!                        |           |       |
//!                    &[Entity]   &mut [A]  &[B]             disjoint, so all can be lent at once
//! ```

use crate::ModComponent;
use bytemuck::Pod;
use std::mem::{align_of, size_of, take};
use tinkerbox_abi::ALIGNMENT;

/// One column of a query: `&T` to read it, `&mut T` to change it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column",
    note = "a column is `&T` or `&mut T`, where `T` derives `ModComponent` and `bytemuck::Pod`"
)]
pub trait Column {
    /// What a chunk lends for it.
    type Slice<'q>;

    #[doc(hidden)]
    const TERM: Term;

    #[doc(hidden)]
    fn slice<'q>(buffer: &mut Cutter<'q>) -> Self::Slice<'q>;
}

/// The columns of a query: one [`Column`], or a tuple of up to twelve of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the columns of a query",
    label = "not columns",
    note = "columns are `&T`, `&mut T`, or a tuple of up to twelve of them, where `T` derives \
            `ModComponent` and `bytemuck::Pod`"
)]
pub trait Columns {
    /// What a chunk lends for them: a slice, or a tuple of slices, in the same order.
    type Slices<'q>;

    #[doc(hidden)]
    const TERMS: &'static [Term];

    #[doc(hidden)]
    fn slices<'q>(buffer: &mut Cutter<'q>) -> Self::Slices<'q>;
}

/// What the schema says about a column.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Term {
    pub component: &'static str,
    pub access: &'static str,
    pub layout: &'static str,
    pub size: usize,
}

impl Term {
    const fn of<T: ModComponent>(access: &'static str) -> Term {
        assert!(size_of::<T>() > 0, "a marker has no values to lend: name it in `With<T>` instead");
        assert!(align_of::<T>() <= ALIGNMENT, "a component's alignment is at most 8 bytes");
        Term { component: T::ID, access, layout: T::LAYOUT, size: size_of::<T>() }
    }
}

impl<T: ModComponent + Pod> Column for &T {
    type Slice<'q> = &'q [T];
    const TERM: Term = Term::of::<T>("read");

    fn slice<'q>(buffer: &mut Cutter<'q>) -> &'q [T] {
        buffer.next_column()
    }
}

impl<T: ModComponent + Pod> Column for &mut T {
    type Slice<'q> = &'q mut [T];
    const TERM: Term = Term::of::<T>("write");

    fn slice<'q>(buffer: &mut Cutter<'q>) -> &'q mut [T] {
        buffer.next_column()
    }
}

impl<C: Column> Columns for C {
    type Slices<'q> = C::Slice<'q>;
    const TERMS: &'static [Term] = &[C::TERM];

    fn slices<'q>(buffer: &mut Cutter<'q>) -> C::Slice<'q> {
        C::slice(buffer)
    }
}

macro_rules! columns_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: Column),*> Columns for ($($name,)*) {
            type Slices<'q> = ($($name::Slice<'q>,)*);
            const TERMS: &'static [Term] = &[$($name::TERM),*];

            fn slices<'q>(buffer: &mut Cutter<'q>) -> Self::Slices<'q> {
                ($($name::slice(buffer),)*)
            }
        }
    };
}

crate::tuples::for_tuples!(columns_of_tuple);
impl Columns for () {
    type Slices<'q> = ();
    const TERMS: &'static [Term] = &[];

    fn slices<'q>(_: &mut Cutter<'q>) {}
}

/// Cuts the columns of a chunk off its buffer, front to back.
#[doc(hidden)]
pub struct Cutter<'q> {
    rest: &'q mut [u64],
    /// Where `rest` begins, and the starts still to come: both in words from the buffer's begin.
    at: usize,
    starts: &'q [usize],
    rows: usize,
}

impl<'q> Cutter<'q> {
    pub(crate) fn new(buffer: &'q mut [u64], rows: usize, starts: &'q [usize]) -> Cutter<'q> {
        Cutter { rest: buffer, at: 0, starts, rows }
    }

    /// # Panics
    /// If the columns do not lie in the buffer one after the other, as the contract has it.
    pub(crate) fn next_column<T: Pod>(&mut self) -> &'q mut [T] {
        let (start, starts) = self.starts.split_first().expect("the host places every declared column");
        let words = (self.rows * size_of::<T>()).div_ceil(ALIGNMENT);
        let (column, rest) = take(&mut self.rest)[start - self.at..].split_at_mut(words);
        (self.rest, self.at, self.starts) = (rest, start + words, starts);
        let bytes = bytemuck::cast_slice_mut::<u64, u8>(column);
        bytemuck::cast_slice_mut(&mut bytes[..self.rows * size_of::<T>()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable, ModComponent)]
    #[repr(C)]
    #[mod_component(id = "test:Odd")]
    struct Odd([u8; 3]);

    #[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable, ModComponent)]
    #[repr(C)]
    #[mod_component(id = "test:Wide")]
    struct Wide(u64);

    #[test]
    fn columns_are_cut_where_the_host_says() {
        let mut buffer = [u64::from_le_bytes([1, 2, 3, 4, 5, 6, 0, 0]), 77, 8, 9, 99];
        let mut cutter = Cutter::new(&mut buffer, 2, &[0, 2]);
        let (odd, wide) = <(&Odd, &mut Wide)>::slices(&mut cutter);
        assert_eq!(odd, [Odd([1, 2, 3]), Odd([4, 5, 6])]);
        assert_eq!(wide, [Wide(8), Wide(9)]);
        wide[1].0 = 10;
        assert_eq!(buffer[1..], [77, 8, 10, 99]);
    }

    #[test]
    fn terms_name_component_access_and_layout() {
        let [odd, wide] = <(&Odd, &mut Wide)>::TERMS else { panic!("two columns") };
        assert_eq!((odd.component, odd.access, odd.layout), ("test:Odd", "read", "{ 0: [u8; 3] }"));
        assert_eq!((wide.component, wide.access, wide.size), ("test:Wide", "write", 8));
    }

    #[test]
    #[should_panic]
    fn columns_out_of_order_are_not_cut() {
        let mut buffer = [0; 4];
        <(&Wide, &Wide)>::slices(&mut Cutter::new(&mut buffer, 1, &[2, 0]));
    }
}
