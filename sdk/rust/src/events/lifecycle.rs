//! What happens to components of entities, for which a system is called as for events.

use std::fmt;
use std::marker::PhantomData;

use tinkerbox_abi::{ModEntity as Entity, ModType};

use super::{Handled, read_handled};
use crate::schema::{HandledSchema, Lifecycle};

/// That a component `T` was added to an entity that did not have it, or that an entity was spawned with it, by the game or by
/// any mod.
///
/// A [`system`](macro@crate::system) with a parameter `&[Added<T>]` is called only in ticks after which there are some, with all
/// of them in their order. The entity may have changed again since, or be gone. What was there before the mod was loaded is not
/// told: a query finds it.
///
/// As the second parameter of a [`Query`](crate::Query) it matches the entities whose `T` was added, by the game or any mod, since
/// the system last ran; in its first run, all that have one. A `T` that is inserted in place of another one counts as changed, and
/// not as added.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Energy, Position, Sheep};
///
/// #[system]
/// fn announce(born: &[Added<Sheep>], all: Query<&Position>) {
///     for sheep in born {
///         if let Some(position) = all.get::<Position>(sheep.entity()) {
///             info!("a sheep at {position:?}");
///         }
///     }
/// }
///
/// #[system]
/// fn greet(mut lambs: Query<&mut Energy, Added<Sheep>>) {
///     lambs.for_each(|energy| energy.joules += 1.0);
/// }
/// ```
pub struct Added<T> {
    entity: Entity,
    component: PhantomData<fn() -> T>,
}

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

/// That an entity with a `T` was despawned, by the game or by any mod.
///
/// A [`system`](macro@crate::system) with a parameter `&[Despawned<T>]` is called only in ticks after which there are some,
/// with all of them in their order. Unlike [`Removed`] it is not told of a `T` that was removed from an entity which lives on.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::Sheep;
///
/// #[system]
/// fn count(dead: &[Despawned<Sheep>]) {
///     info!("{} sheep have died", dead.len());
/// }
/// ```
pub struct Despawned<T> {
    entity: Entity,
    component: PhantomData<fn() -> T>,
}

macro_rules! told {
    ($($Told:ident: $words:literal,)*) => {$(
        impl<T> $Told<T> {
            /// The entity.
            ///
            /// ```no_run
            /// # use tinkerbox_sdk::prelude::*;
            #[doc = concat!("# fn first(told: &[", stringify!($Told), "<meadow::Sheep>]) -> Entity {")]
            /// told[0].entity()
            /// # }
            /// ```
            pub fn entity(&self) -> Entity {
                self.entity
            }
        }

        impl<T: ModType> Handled for $Told<T> {
            const SCHEMA: HandledSchema = HandledSchema::lifecycle::<T>(Lifecycle::$Told);

            fn read() -> Vec<$Told<T>> {
                let entities: Vec<Entity> = read_handled();
                entities.into_iter().map(|entity| $Told { entity, component: PhantomData }).collect()
            }
        }

        impl<T> Clone for $Told<T> {
            fn clone(&self) -> $Told<T> {
                *self
            }
        }

        impl<T> Copy for $Told<T> {}

        impl<T: ModType> fmt::Debug for $Told<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{} ", $words, " {:?}"), T::ID, self.entity)
            }
        }
    )*};
}

told! { Added: "added to", Removed: "removed from", Despawned: "despawned with", }
