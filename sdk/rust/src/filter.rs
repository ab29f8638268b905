//! Which entities a query is about, beyond having its columns.

use crate::ModComponent;
use std::marker::PhantomData;

/// Only entities that have a `T`; its value is not read.
pub struct With<T>(PhantomData<T>);

/// Only entities that have no `T`.
pub struct Without<T>(PhantomData<T>);

/// What can stand as the second parameter of a [`Query`](crate::Query): [`With`], [`Without`],
/// or a tuple of up to twelve of them, all of which must hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter",
    label = "not a filter",
    note = "a filter is `With<T>`, `Without<T>`, or a tuple of up to twelve of them"
)]
pub trait Filter {
    /// The conditions.
    #[doc(hidden)]
    const CONDITIONS: &'static [Condition];
}

/// A filter that is not a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter",
    note = "a filter is `With<T>`, `Without<T>`, or a tuple of up to twelve of them"
)]
pub trait SingleFilter {
    /// The condition.
    #[doc(hidden)]
    const CONDITION: Condition;
}

/// One condition, as the schema states it.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum Condition {
    With(&'static str),
    Without(&'static str),
}

impl<T: ModComponent> SingleFilter for With<T> {
    const CONDITION: Condition = Condition::With(T::ID);
}

impl<T: ModComponent> SingleFilter for Without<T> {
    const CONDITION: Condition = Condition::Without(T::ID);
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
