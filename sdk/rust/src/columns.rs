//! What a query reads and writes: its columns, and what a chunk lends for each.

use crate::cutter::Cutter;
use bytemuck::Pod;
use std::mem::{align_of, size_of};
use tinkerbox_abi::{ALIGNMENT, ENTITY, ModEntity as Entity, ModType};

/// One column of a query: `&T` to read it, `&mut T` to change it, an `Option` of one where not every entity has it,
/// and [`Entity`] for the entities' ids.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Energy, Position};
///
/// #[system]
/// fn rest(mut things: Query<(Entity, &Position, Option<&mut Energy>)>) {
///     while let Some(chunk) = things.next() {
///         let (_ids, positions, energies) = chunk.columns;
///         let Some(energies) = energies else { continue }; // these things live on nothing
///         for (position, energy) in positions.iter().zip(energies) {
///             energy.joules += position.y;
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column",
    note = "a column is `&T`, `&mut T`, an `Option` of one, or `Entity`, where `T` derives `ModType` and \
            `bytemuck::Pod`"
)]
pub trait Column {
    /// What a chunk lends for it.
    type Slice<'q>;

    #[doc(hidden)]
    const TERM: Term;

    #[doc(hidden)]
    fn slice<'q>(chunk: &mut Cutter<'q>) -> Self::Slice<'q>;
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
    note = "columns are `&T`, `&mut T`, an `Option` of one, `Entity`, or a tuple of up to twelve of them, where \
            `T` derives `ModType` and `bytemuck::Pod`"
)]
pub trait Columns {
    /// What a chunk lends for them: a slice, or a tuple of slices, in the same order.
    type Slices<'q>;

    #[doc(hidden)]
    const TERMS: &'static [Term];

    #[doc(hidden)]
    fn slices<'q>(chunk: &mut Cutter<'q>) -> Self::Slices<'q>;
}

/// What the schema says about a column.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Term {
    pub component: &'static str,
    pub access: Access,
    pub is_optional: bool,
    pub layout: &'static str,
    pub size: usize,
}

/// What a system does with something of the game.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

impl Access {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
        }
    }
}

impl Term {
    const ENTITY: Term = Term {
        component: ENTITY,
        access: Access::Read,
        is_optional: false,
        layout: "u64",
        size: size_of::<Entity>(),
    };

    const fn of<T: ModType>(access: Access) -> Term {
        assert!(size_of::<T>() > 0, "a marker has no values to lend: name it in `With<T>` instead");
        assert!(align_of::<T>() <= ALIGNMENT, "a component's alignment is at most 8 bytes");
        Term { component: T::ID, access, is_optional: false, layout: T::LAYOUT, size: size_of::<T>() }
    }

    const fn optional(self) -> Term {
        Term { is_optional: true, ..self }
    }

    /// Whether this column's values are of the wanted type, and may be written if that is wanted.
    const fn covers(&self, wanted: &Term) -> bool {
        let is_allowed = matches!((self.access, wanted.access), (Access::Write, _) | (_, Access::Read));
        is_allowed
            && self.size == wanted.size
            && is_same(self.component, wanted.component)
            && is_same(self.layout, wanted.layout)
    }
}

impl<T: ModType + Pod> Column for &T {
    type Slice<'q> = &'q [T];
    const TERM: Term = Term::of::<T>(Access::Read);

    fn slice<'q>(chunk: &mut Cutter<'q>) -> &'q [T] {
        chunk.column()
    }
}

impl<T: ModType + Pod> Column for &mut T {
    type Slice<'q> = &'q mut [T];
    const TERM: Term = Term::of::<T>(Access::Write);

    fn slice<'q>(chunk: &mut Cutter<'q>) -> &'q mut [T] {
        chunk.column()
    }
}

/// `None` in chunks of entities that have no `T`.
impl<T: ModType + Pod> Column for Option<&T> {
    type Slice<'q> = Option<&'q [T]>;
    const TERM: Term = Term::of::<T>(Access::Read).optional();

    fn slice<'q>(chunk: &mut Cutter<'q>) -> Option<&'q [T]> {
        chunk.optional_column().map(|column| &*column)
    }
}

/// `None` in chunks of entities that have no `T`.
impl<T: ModType + Pod> Column for Option<&mut T> {
    type Slice<'q> = Option<&'q mut [T]>;
    const TERM: Term = Term::of::<T>(Access::Write).optional();

    fn slice<'q>(chunk: &mut Cutter<'q>) -> Option<&'q mut [T]> {
        chunk.optional_column()
    }
}

impl Column for Entity {
    type Slice<'q> = &'q [Entity];
    const TERM: Term = Term::ENTITY;

    fn slice<'q>(chunk: &mut Cutter<'q>) -> &'q [Entity] {
        chunk.column()
    }
}

impl<C: Column> Columns for C {
    type Slices<'q> = C::Slice<'q>;
    const TERMS: &'static [Term] = &[C::TERM];

    fn slices<'q>(chunk: &mut Cutter<'q>) -> C::Slice<'q> {
        C::slice(chunk)
    }
}

macro_rules! columns_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: Column),*> Columns for ($($name,)*) {
            type Slices<'q> = ($($name::Slice<'q>,)*);
            const TERMS: &'static [Term] = &[$($name::TERM),*];

            fn slices<'q>(chunk: &mut Cutter<'q>) -> Self::Slices<'q> {
                ($($name::slice(chunk),)*)
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

/// The place of the column whose values are `T`.
pub(crate) const fn column_to_read<C: Columns, T: ModType>() -> u32 {
    match place_of(&Term::of::<T>(Access::Read), C::TERMS) {
        Some(place) => place,
        None => panic!("the query has no column of this type: ask for `&T` or `&mut T` in it"),
    }
}

/// The place of the column whose values are `T`, and which is written.
pub(crate) const fn column_to_write<C: Columns, T: ModType>() -> u32 {
    match place_of(&Term::of::<T>(Access::Write), C::TERMS) {
        Some(place) => place,
        None => panic!("the query does not write this type: ask for `&mut T` in it"),
    }
}

const fn place_of(wanted: &Term, terms: &[Term]) -> Option<u32> {
    let mut at = 0;
    while at < terms.len() {
        if terms[at].covers(wanted) {
            return Some(at as u32);
        }
        at += 1;
    }
    None
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[derive(Clone, Copy, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:Odd")]
    struct Odd([u8; 3]);

    #[derive(Clone, Copy, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:Wide")]
    struct Wide(u64);

    /// What somebody has written down for an older version of the game.
    #[derive(Clone, Copy, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:Wide")]
    struct Wider([u64; 2]);

    type All = (Entity, &'static Wide, Option<&'static Odd>, &'static mut Wide, Option<&'static mut Wider>);

    #[test]
    fn terms_name_component_access_and_layout() {
        let [entity, wide, odd, ..] = <All as Columns>::TERMS else { panic!("five columns") };
        assert_eq!((entity.component, entity.access, entity.layout), ("entity", Access::Read, "u64"));
        assert_eq!((wide.component, wide.access, wide.layout), ("test:Wide", Access::Read, "{ 0: u64 }"));
        assert_eq!((odd.component, odd.is_optional, odd.size), ("test:Odd", true, 3));
    }

    #[test]
    fn a_column_is_found_by_its_type_and_use() {
        assert_eq!(const { column_to_read::<All, Odd>() }, 2);
        assert_eq!(const { column_to_read::<All, Wide>() }, 1);
        assert_eq!(const { column_to_write::<All, Wide>() }, 3);
        assert_eq!(const { column_to_read::<All, Wider>() }, 4);
        assert_eq!(place_of(&Term::of::<Odd>(Access::Write), All::TERMS), None);
        assert_eq!(place_of(&Term::of::<Wider>(Access::Read), <&Wide>::TERMS), None);
    }

    #[test]
    fn texts_are_compared_whole() {
        assert!(is_same("", "") && is_same("ab", "ab"));
        assert!(!is_same("ab", "a") && !is_same("a", "ab") && !is_same("ab", "ac"));
    }
}
