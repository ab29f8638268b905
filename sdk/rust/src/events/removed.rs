//! Removals of components, for which a system is called as for events.

use std::fmt;
use std::marker::PhantomData;

use tinkerbox_abi::{ModEntity as Entity, ModType};

use super::{Handled, read_handled};
use crate::schema::HandledSchema;

/// That a component `T` was removed from an entity, or that an entity with a `T` was despawned, by the game or by any mod.
///
/// A [`system`](macro@crate::system) with a parameter `&[Removed<T>]` is called only in ticks after which there are some,
/// with all of them in their order. What the component contained is gone by then, and the entity may be, too.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Position, Sheep};
///
/// #[system]
/// fn mourn(gone: &[Removed<Sheep>], all: Query<&Position>) {
///     for sheep in gone {
///         match all.get::<Position>(sheep.entity()) {
///             Some(position) => info!("a sheep has become something else at {position:?}"),
///             None => info!("a sheep has died"),
///         }
///     }
/// }
/// ```
pub struct Removed<T> {
    entity: Entity,
    component: PhantomData<fn() -> T>,
}

impl<T> Removed<T> {
    /// The entity that had the component.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn first(gone: &[Removed<meadow::Sheep>]) -> Entity {
    /// gone[0].entity()
    /// # }
    /// ```
    pub fn entity(&self) -> Entity {
        self.entity
    }
}

impl<T: ModType> Handled for Removed<T> {
    const SCHEMA: HandledSchema = HandledSchema::removed::<T>();

    fn read() -> Vec<Removed<T>> {
        let entities: Vec<Entity> = read_handled();
        entities.into_iter().map(|entity| Removed { entity, component: PhantomData }).collect()
    }
}

impl<T> Clone for Removed<T> {
    fn clone(&self) -> Removed<T> {
        *self
    }
}

impl<T> Copy for Removed<T> {}

impl<T: ModType> fmt::Debug for Removed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} removed from {:?}", T::ID, self.entity)
    }
}
