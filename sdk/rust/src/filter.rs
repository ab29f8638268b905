//! Which entities a query is about, beyond having its columns.

use std::marker::PhantomData;
use tinkerbox_abi::ModType;

/// Only entities that have a `T`; its value is not read.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use meadow::{Grass, Position, Sheep, Velocity, Wolf};
/// #[system]
/// fn look(mut animals: Query<&Position, (With<Velocity>, Without<Wolf>, Changed<Position>)>) {}
/// ```
pub struct With<T>(PhantomData<T>);

/// Only entities that have no `T`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// #[system]
/// fn look(mut rest: Query<&meadow::Position, Without<meadow::Grass>>) {}
/// ```
pub struct Without<T>(PhantomData<T>);

/// Only entities whose `T` was added or changed, by whomever, since this system ran last; in its first run, all that
/// have one.
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

/// What can stand as the second parameter of a [`Query`](crate::Query): [`With`], [`Without`], [`Changed`],
/// or a tuple of up to twelve of them, all of which must hold.
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
    note = "a filter is `With<T>`, `Without<T>`, `Changed<T>`, or a tuple of up to twelve of them"
)]
pub trait Filter {
    /// The conditions.
    #[doc(hidden)]
    const CONDITIONS: &'static [Condition];
}

/// A filter that is not a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter",
    note = "a filter is `With<T>`, `Without<T>`, `Changed<T>`, or a tuple of up to twelve of them"
)]
pub trait SingleFilter {
    /// The condition.
    #[doc(hidden)]
    const CONDITION: Condition;
}

/// One condition, as the schema states it.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Condition {
    pub kind: ConditionKind,
    pub component: &'static str,
}

#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum ConditionKind {
    With,
    Without,
    Changed,
}

impl<T: ModType> SingleFilter for With<T> {
    const CONDITION: Condition = Condition { kind: ConditionKind::With, component: T::ID };
}

impl<T: ModType> SingleFilter for Without<T> {
    const CONDITION: Condition = Condition { kind: ConditionKind::Without, component: T::ID };
}

impl<T: ModType> SingleFilter for Changed<T> {
    const CONDITION: Condition = Condition { kind: ConditionKind::Changed, component: T::ID };
}

impl<F: SingleFilter> Filter for F {
    const CONDITIONS: &'static [Condition] = &[F::CONDITION];
}

macro_rules! filter_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: SingleFilter),*> Filter for ($($name,)*) {
            const CONDITIONS: &'static [Condition] = &[$($name::CONDITION),*];
        }
    };
}

crate::tuples::for_tuples!(filter_of_tuple);
impl Filter for () {
    const CONDITIONS: &'static [Condition] = &[];
}
