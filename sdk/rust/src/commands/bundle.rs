//! Bundles: the components that an entity is spawned with, or that are inserted or removed. One, or a tuple of them.
//!
//! The compiler cannot rule out that a tuple implements [`ModType`] itself, since that trait is another crate's. So each
//! trait here has a parameter, `Shape`, that tells the two cases apart. It is always inferred.

use tinkerbox_abi::command::push_component;
use tinkerbox_abi::{ModType, component_key};

use crate::tuples::for_tuples;

/// A component, or a tuple of up to twelve of them.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Position, Sheep};
/// use tinkerbox_sdk::Bundle;
///
/// fn spawn_many<Shape>(commands: &mut Commands, count: usize, components: impl Bundle<Shape> + Copy) {
///     (0..count).for_each(|_| drop(commands.spawn(components)));
/// }
///
/// #[system]
/// fn settle(mut commands: Commands) {
///     spawn_many(&mut commands, 9, (Position { x: 3.0, y: 4.0 }, Sheep));
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a component nor a tuple of up to twelve components",
    label = "not components",
    note = "a component has `#[mod_type]`"
)]
pub trait Bundle<Shape> {
    /// The number of components.
    #[doc(hidden)]
    const COUNT: u32;

    /// Adds the components to the record that was begun last.
    #[doc(hidden)]
    fn push(&self, records: &mut Vec<u64>);
}

/// The type of a component, or a tuple of up to twelve of them.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Energy, Velocity};
/// use tinkerbox_sdk::Types;
///
/// fn strip<Shape, T: Types<Shape>>(commands: &mut Commands, entities: &[Entity]) {
///     for entity in entities {
///         commands.remove::<T>(*entity);
///     }
/// }
/// # fn petrify(commands: &mut Commands, entities: &[Entity]) {
/// strip::<_, (Energy, Velocity)>(commands, entities);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a component's type nor a tuple of up to twelve such types",
    label = "not types of components",
    note = "a component has `#[mod_type]`"
)]
pub trait Types<Shape> {
    /// The types' keys.
    #[doc(hidden)]
    const KEYS: &'static [u64];
}

/// The shape of one component.
pub struct Single;

/// The shape of a tuple of components.
pub struct Tuple;

impl<T: ModType> Bundle<Single> for T {
    const COUNT: u32 = 1;

    fn push(&self, records: &mut Vec<u64>) {
        push_component(records, const { component_key(T::ID) }, bytemuck::bytes_of(self));
    }
}

impl<T: ModType> Types<Single> for T {
    const KEYS: &'static [u64] = &[component_key(T::ID)];
}

macro_rules! bundle_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: ModType),*> Bundle<Tuple> for ($($name,)*) {
            const COUNT: u32 = <Self as Types<Tuple>>::KEYS.len() as u32;

            #[expect(non_snake_case, reason = "the names are the types")]
            fn push(&self, records: &mut Vec<u64>) {
                let ($($name,)*) = self;
                $(Bundle::push($name, records);)*
            }
        }

        impl<$($name: ModType),*> Types<Tuple> for ($($name,)*) {
            const KEYS: &'static [u64] = &[$(component_key($name::ID)),*];
        }
    };
}

for_tuples!(bundle_of_tuple);
