//! Columns: what a query reads and writes, and what a chunk lends for each.

use std::iter::Copied;
use std::slice;

use tinkerbox_abi::{ModEntity as Entity, ModType};

use super::cutter::Cutter;
use crate::imports::ColumnIndex;
use crate::schema::{AccessMode, ColumnSchema};
use crate::tuples::for_tuples;

/// One column of a query: `&T` to read it, `&mut T` to change it, an `Option` of one of these if the entities need not
/// have it, and [`Entity`](crate::Entity) for the entities' ids.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Energy, Position};
///
/// #[system]
/// fn rest(mut things: Query<(Entity, &Position, Option<&mut Energy>)>) {
///     while let Some(chunk) = things.next() {
///         let (_ids, positions, energies) = chunk.columns;
///         let Some(energies) = energies else { continue }; // these things need no energy
///         for (position, energy) in positions.iter().zip(energies) {
///             energy.joules += position.y;
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of a query",
    note = "a column is `&T`, `&mut T`, an `Option` of one of these, or `Entity`, where `T` has \
            `#[mod_type]`"
)]
pub trait Column {
    /// The slice that a chunk lends for it.
    type Slice<'q>;

    /// What a row has of it: `&T`, `&mut T`, an `Option` of one of these, or [`Entity`](crate::Entity).
    type Item<'q>;

    #[doc(hidden)]
    type Values<'q>: Iterator<Item = Self::Item<'q>>;

    #[doc(hidden)]
    const SCHEMA: ColumnSchema;

    #[doc(hidden)]
    fn slice<'q>(chunk: &mut Cutter<'q>) -> Self::Slice<'q>;

    #[doc(hidden)]
    fn values<'q>(slice: Self::Slice<'q>) -> Self::Values<'q>;
}

/// The columns of a query: one [`Column`], or a tuple of up to twelve of them.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use tinkerbox_sdk::Columns;
///
/// fn rows_and_chunks<C: Columns>(mut query: Query<C>) -> (usize, usize) {
///     let (mut rows, mut chunks) = (0, 0);
///     while let Some(chunk) = query.next() {
///         (rows, chunks) = (rows + chunk.len(), chunks + 1);
///     }
///     (rows, chunks)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the columns of a query",
    label = "not columns",
    note = "columns are `&T`, `&mut T`, an `Option` of one of these, `Entity`, or a tuple of up to twelve of them, where \
            `T` has `#[mod_type]`"
)]
pub trait Columns {
    /// The slice that a chunk lends, or the tuple of slices in the same order.
    type Slices<'q>;

    /// What a row has of it, or the tuple of what it has of each in the same order.
    type Row<'q>;

    #[doc(hidden)]
    type Values<'q>;

    #[doc(hidden)]
    const SCHEMAS: &'static [ColumnSchema];

    #[doc(hidden)]
    fn slices<'q>(chunk: &mut Cutter<'q>) -> Self::Slices<'q>;

    #[doc(hidden)]
    fn values<'q>(slices: Self::Slices<'q>) -> Self::Values<'q>;

    #[doc(hidden)]
    fn next_row<'q>(values: &mut Self::Values<'q>) -> Option<Self::Row<'q>>;
}

impl<T: ModType> Column for &T {
    type Slice<'q> = &'q [T];
    type Item<'q> = &'q T;
    type Values<'q> = slice::Iter<'q, T>;
    const SCHEMA: ColumnSchema = ColumnSchema::of::<T>(AccessMode::Read);

    fn slice<'q>(chunk: &mut Cutter<'q>) -> &'q [T] {
        chunk.column()
    }

    fn values<'q>(slice: Self::Slice<'q>) -> Self::Values<'q> {
        slice.iter()
    }
}

impl<T: ModType> Column for &mut T {
    type Slice<'q> = &'q mut [T];
    type Item<'q> = &'q mut T;
    type Values<'q> = slice::IterMut<'q, T>;
    const SCHEMA: ColumnSchema = ColumnSchema::of::<T>(AccessMode::Write);

    fn slice<'q>(chunk: &mut Cutter<'q>) -> &'q mut [T] {
        chunk.column()
    }

    fn values<'q>(slice: Self::Slice<'q>) -> Self::Values<'q> {
        slice.iter_mut()
    }
}

/// `None` in chunks of entities that have no `T`.
impl<T: ModType> Column for Option<&T> {
    type Slice<'q> = Option<&'q [T]>;
    type Item<'q> = Option<&'q T>;
    type Values<'q> = OptionalValues<slice::Iter<'q, T>>;
    const SCHEMA: ColumnSchema = ColumnSchema::of::<T>(AccessMode::Read).optional();

    fn slice<'q>(chunk: &mut Cutter<'q>) -> Option<&'q [T]> {
        chunk.optional_column().map(|column| &*column)
    }

    fn values<'q>(slice: Self::Slice<'q>) -> Self::Values<'q> {
        OptionalValues(slice.map(<[T]>::iter))
    }
}

/// `None` in chunks of entities that have no `T`.
impl<T: ModType> Column for Option<&mut T> {
    type Slice<'q> = Option<&'q mut [T]>;
    type Item<'q> = Option<&'q mut T>;
    type Values<'q> = OptionalValues<slice::IterMut<'q, T>>;
    const SCHEMA: ColumnSchema = ColumnSchema::of::<T>(AccessMode::Write).optional();

    fn slice<'q>(chunk: &mut Cutter<'q>) -> Option<&'q mut [T]> {
        chunk.optional_column()
    }

    fn values<'q>(slice: Self::Slice<'q>) -> Self::Values<'q> {
        OptionalValues(slice.map(<[T]>::iter_mut))
    }
}

/// The values of an optional column; without end if the rows lack it.
#[doc(hidden)]
pub struct OptionalValues<I>(Option<I>);

impl<I: Iterator> Iterator for OptionalValues<I> {
    type Item = Option<I::Item>;

    fn next(&mut self) -> Option<Option<I::Item>> {
        match &mut self.0 {
            Some(values) => values.next().map(Some),
            None => Some(None),
        }
    }
}

impl Column for Entity {
    type Slice<'q> = &'q [Entity];
    type Item<'q> = Entity;
    type Values<'q> = Copied<slice::Iter<'q, Entity>>;
    const SCHEMA: ColumnSchema = ColumnSchema::ENTITY;

    fn slice<'q>(chunk: &mut Cutter<'q>) -> &'q [Entity] {
        chunk.column()
    }

    fn values<'q>(slice: Self::Slice<'q>) -> Self::Values<'q> {
        slice.iter().copied()
    }
}

impl<C: Column> Columns for C {
    type Slices<'q> = C::Slice<'q>;
    type Row<'q> = C::Item<'q>;
    type Values<'q> = C::Values<'q>;
    const SCHEMAS: &'static [ColumnSchema] = &[C::SCHEMA];

    fn slices<'q>(chunk: &mut Cutter<'q>) -> C::Slice<'q> {
        C::slice(chunk)
    }

    fn values<'q>(slices: Self::Slices<'q>) -> Self::Values<'q> {
        C::values(slices)
    }

    fn next_row<'q>(values: &mut Self::Values<'q>) -> Option<C::Item<'q>> {
        values.next()
    }
}

macro_rules! columns_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: Column),*> Columns for ($($name,)*) {
            type Slices<'q> = ($($name::Slice<'q>,)*);
            type Row<'q> = ($($name::Item<'q>,)*);
            type Values<'q> = ($($name::Values<'q>,)*);
            const SCHEMAS: &'static [ColumnSchema] = &[$($name::SCHEMA),*];

            fn slices<'q>(chunk: &mut Cutter<'q>) -> Self::Slices<'q> {
                ($($name::slice(chunk),)*)
            }

            #[expect(non_snake_case, reason = "the names are the types")]
            fn values<'q>(($($name,)*): Self::Slices<'q>) -> Self::Values<'q> {
                ($($name::values($name),)*)
            }

            #[expect(non_snake_case, reason = "the names are the types")]
            fn next_row<'q>(($($name,)*): &mut Self::Values<'q>) -> Option<Self::Row<'q>> {
                Some(($($name.next()?,)*))
            }
        }
    };
}

for_tuples!(columns_of_tuple);

impl Columns for () {
    type Slices<'q> = ();
    type Row<'q> = ();
    type Values<'q> = ();
    const SCHEMAS: &'static [ColumnSchema] = &[];

    fn slices<'q>(_: &mut Cutter<'q>) {}

    fn values<'q>(_: Self::Slices<'q>) -> Self::Values<'q> {}

    fn next_row<'q>(_: &mut Self::Values<'q>) -> Option<Self::Row<'q>> {
        Some(())
    }
}

/// Whether a column is optional.
pub(super) const fn has_optional(columns: &[ColumnSchema]) -> bool {
    let mut index = 0;
    while index < columns.len() {
        if columns[index].is_optional {
            return true;
        }
        index += 1;
    }
    false
}

/// The column whose values are `T`.
pub(super) const fn column_to_read<C: Columns, T: ModType>() -> ColumnIndex {
    match index_of(&ColumnSchema::of::<T>(AccessMode::Read), C::SCHEMAS) {
        Some(index) => index,
        None => panic!("the query has no column of this type: add `&T` or `&mut T` to it"),
    }
}

/// The column whose values are `T`, if the query writes it.
pub(super) const fn column_to_write<C: Columns, T: ModType>() -> ColumnIndex {
    match index_of(&ColumnSchema::of::<T>(AccessMode::Write), C::SCHEMAS) {
        Some(index) => index,
        None => panic!("the query does not write this type: add `&mut T` to it"),
    }
}

const fn index_of(wanted: &ColumnSchema, columns: &[ColumnSchema]) -> Option<ColumnIndex> {
    let mut index = 0;
    while index < columns.len() {
        if columns[index].covers(wanted) {
            return Some(ColumnIndex(index as u32));
        }
        index += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use tinkerbox_sdk::mod_type;

    use super::*;

    #[mod_type("test:Odd")]
    #[derive(Debug, PartialEq)]
    struct Odd([u8; 3]);

    #[mod_type("test:Wide")]
    #[derive(Debug, PartialEq)]
    struct Wide(u64);

    /// The same id with the layout of an older version of the game.
    #[mod_type("test:Wide")]
    struct Wider([u64; 2]);

    type All = (Entity, &'static Wide, Option<&'static Odd>, &'static mut Wide, Option<&'static mut Wider>);

    #[test]
    fn schemas_name_component_access_and_layout() {
        let [entity, wide, odd, ..] = <All as Columns>::SCHEMAS else { panic!("five columns") };
        assert_eq!((entity.component, entity.access, entity.layout), ("entity", AccessMode::Read, "u64"));
        assert_eq!((wide.component, wide.access, wide.layout), ("test:Wide", AccessMode::Read, "{ 0: u64 }"));
        assert_eq!((odd.component, odd.is_optional, odd.size), ("test:Odd", true, 3));
    }

    #[test]
    fn a_column_is_found_by_its_type_and_use() {
        assert_eq!(const { column_to_read::<All, Odd>() }, ColumnIndex(2));
        assert_eq!(const { column_to_read::<All, Wide>() }, ColumnIndex(1));
        assert_eq!(const { column_to_write::<All, Wide>() }, ColumnIndex(3));
        assert_eq!(const { column_to_read::<All, Wider>() }, ColumnIndex(4));
        assert_eq!(index_of(&ColumnSchema::of::<Odd>(AccessMode::Write), All::SCHEMAS), None);
        assert_eq!(index_of(&ColumnSchema::of::<Wider>(AccessMode::Read), <&Wide>::SCHEMAS), None);
    }

    /// The address of the tests' buffers.
    const ADDRESS: u32 = 0x1_0008;

    fn word(low_bytes: [u8; 6]) -> u64 {
        let mut bytes = [0; 8];
        bytes[..6].copy_from_slice(&low_bytes);
        u64::from_ne_bytes(bytes)
    }

    #[test]
    fn columns_are_cut_where_the_host_says() {
        let mut buffer = [word([1, 2, 3, 4, 5, 6]), 77, 8, 9, 99];
        let mut cutter = Cutter::new(&mut buffer, ADDRESS, 2, &[ADDRESS, ADDRESS + 16]);
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
        let addresses = [ADDRESS, 0, ADDRESS + 16, 0, ADDRESS + 24];
        let mut cutter = Cutter::new(&mut buffer, ADDRESS, 2, &addresses);
        let (ids, none, odd, nothing, wide) = Asked::slices(&mut cutter);
        assert_eq!(ids, [Entity::from_bits(5), Entity::from_bits(6)]);
        assert_eq!(odd, Some(&[Odd([1, 2, 3]), Odd([4, 5, 6])][..]));
        assert_eq!(wide, [Wide(8), Wide(9)]);
        assert!(none.is_none() && nothing.is_none());

        let addresses = [ADDRESS, ADDRESS + 8, 0, ADDRESS + 16, ADDRESS + 24];
        let mut cutter = Cutter::new(&mut buffer, ADDRESS, 1, &addresses);
        let (_, wide, odd, last, _) = Asked::slices(&mut cutter);
        assert_eq!((wide, odd), (Some(&mut [Wide(6)][..]), None));
        assert_eq!(last.map(|last| last.len()), Some(1));
    }
}
