//! Filters: which of the entities that have a query's columns it matches.

use std::marker::PhantomData;

use tinkerbox_abi::ModType;

use crate::events::Added;
use crate::schema::{FilterKind, FilterSchema};
use crate::tuples::for_tuples;

/// Matches entities that have a `T`, without reading its value.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use meadow::{Grass, Position, Sheep, Velocity, Wolf};
/// #[system]
/// fn look(mut animals: Query<&Position, (With<Velocity>, Without<Wolf>, Changed<Position>)>) {}
/// ```
pub struct With<T>(PhantomData<T>);

/// Matches entities that have no `T`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// #[system]
/// fn look(mut rest: Query<&meadow::Position, Without<meadow::Grass>>) {}
/// ```
pub struct Without<T>(PhantomData<T>);

/// Matches entities whose `T` was added or changed, by the game or any mod, since this system last ran; in its first run,
/// all that have one.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::Energy;
///
/// #[system]
/// fn watch(mut fed: Query<(Entity, &Energy), Changed<Energy>>) {
///     while let Some(chunk) = fed.next() {
///         debug!("{} have eaten", chunk.len());
///     }
/// }
/// ```
pub struct Changed<T>(PhantomData<T>);

/// The second parameter of a [`Query`](crate::Query): [`With`], [`Without`], [`Changed`], [`Added`], or a tuple of up to
/// twelve of them, all of which must match.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Position, Sheep, Velocity};
/// use tinkerbox_sdk::Filter;
///
/// type Moving = (With<Sheep>, Changed<Velocity>);
///
/// fn first<F: Filter>(query: &mut Query<&Position, F>) -> Option<Position> {
///     query.next().map(|chunk| chunk.columns[0])
/// }
///
/// #[system]
/// fn look(mut sheep: Query<&Position, Moving>) {
///     info!("{:?}", first(&mut sheep));
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter",
    label = "not a filter",
    note = "a filter is `With<T>`, `Without<T>`, `Changed<T>`, `Added<T>`, or a tuple of up to twelve of them"
)]
pub trait Filter {
    /// What it declares in the schema.
    #[doc(hidden)]
    const SCHEMAS: &'static [FilterSchema];
}

/// A filter that is not a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter",
    note = "a filter is `With<T>`, `Without<T>`, `Changed<T>`, `Added<T>`, or a tuple of up to twelve of them"
)]
pub trait SingleFilter {
    /// What it declares in the schema.
    #[doc(hidden)]
    const SCHEMA: FilterSchema;
}

impl<T: ModType> SingleFilter for With<T> {
    const SCHEMA: FilterSchema = FilterSchema::of::<T>(FilterKind::With);
}

impl<T: ModType> SingleFilter for Without<T> {
    const SCHEMA: FilterSchema = FilterSchema::of::<T>(FilterKind::Without);
}

impl<T: ModType> SingleFilter for Changed<T> {
    const SCHEMA: FilterSchema = FilterSchema::of::<T>(FilterKind::Changed);
}

impl<T: ModType> SingleFilter for Added<T> {
    const SCHEMA: FilterSchema = FilterSchema::of::<T>(FilterKind::Added);
}

impl<F: SingleFilter> Filter for F {
    const SCHEMAS: &'static [FilterSchema] = &[F::SCHEMA];
}

macro_rules! filter_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: SingleFilter),*> Filter for ($($name,)*) {
            const SCHEMAS: &'static [FilterSchema] = &[$($name::SCHEMA),*];
        }
    };
}

for_tuples!(filter_of_tuple);

impl Filter for () {
    const SCHEMAS: &'static [FilterSchema] = &[];
}
