//! Queries: the rows that a system reads and writes, lent chunk by chunk as plain slices.
//!
//! ```text
//!   next() -> view_next -> host: reads the last chunk's written columns back from the buffer,
//!                                writes the next rows to it, and their addresses to `View`
//!          <- Chunk { columns }, borrowed from the query until the next next()
//!   get(), set()        -> host: one value of one entity, independent of the chunks
//! ```

mod buffer;
mod columns;
mod cutter;
mod filter;
mod lent;
mod refused;
mod rows;

use std::marker::PhantomData;

use tinkerbox_abi::{AbiError, ModEntity as Entity, ModType};

use crate::imports::{self, QueryIndex};
use crate::parameter::Parameter;
use crate::schema::{AccessMode, ColumnSchema, ParameterSchema, QuerySchema};

use buffer::buffer_words;
use columns::{column_to_read, column_to_write, has_optional};
use lent::Lent;
use refused::panic_refused;

pub use columns::{Column, Columns};
pub use filter::{Changed, Filter, With, Without};
pub use rows::Rows;

/// All entities that have the [`Columns`] `C` and match the [`Filter`] `F`.
///
/// A query is a parameter of a [`system`](macro@crate::system), and runs once, from its first row to its last. Chunks show
/// the world as it was when the system started. Values that are written to a chunk take effect in the world when the system
/// has finished, and not at all if it panics.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use meadow::{Position, Velocity};
///
/// #[system]
/// fn drift(mut things: Query<(&mut Position, &Velocity)>) {
///     let dt = delta(); // once, not for each row
///     while let Some(chunk) = things.next() {
///         let (positions, velocities) = chunk.columns; // &mut [Position], &[Velocity]
///         for (position, velocity) in positions.iter_mut().zip(velocities) {
///             position.x += velocity.x * dt;
///             position.y += velocity.y * dt;
///         }
///     }
/// }
/// ```
pub struct Query<C: Columns, F: Filter = ()> {
    lent: Lent,
    types: PhantomData<fn() -> (C, F)>,
}

/// Some rows of a query, column by column. All slices have the same length.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// # use meadow::Position;
/// #[system]
/// fn first(mut things: Query<(Entity, &Position)>) {
///     if let Some(chunk) = things.next() {
///         let rows = chunk.len();
///         let (ids, positions) = chunk.columns;
///         info!("{:?} at {:?} and {} others", ids[0], positions[0], rows - 1);
///     }
/// }
/// ```
pub struct Chunk<'q, C: Columns> {
    /// The columns in the query's order: a slice, or a tuple of slices.
    pub columns: C::Slices<'q>,
    rows: usize,
}

impl<C: Columns> Chunk<'_, C> {
    /// The number of rows; never 0.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn rows(mut sheep: Query<(), With<meadow::Sheep>>) -> usize {
    /// sheep.next().map_or(0, |chunk| chunk.len())
    /// # }
    /// ```
    #[expect(clippy::len_without_is_empty, reason = "a chunk has at least one row")]
    pub fn len(&self) -> usize {
        self.rows
    }
}

impl<C: Columns, F: Filter> Query<C, F> {
    /// The next rows, or `None` after the last. This ends the borrow of the previous chunk.
    ///
    /// # Panics
    /// If the host refuses, which is a bug of the SDK or of the game.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// # fn lift(mut things: Query<&mut meadow::Position>) {
    /// while let Some(chunk) = things.next() {
    ///     chunk.columns.iter_mut().for_each(|position| position.y += 1.0);
    /// }
    /// # }
    /// ```
    #[expect(clippy::should_implement_trait, reason = "a chunk borrows the query, which no iterator can say")]
    pub fn next(&mut self) -> Option<Chunk<'_, C>> {
        match self.lent.next(const { buffer_words(C::SCHEMAS) }) {
            0 => None,
            rows => Some(Chunk { columns: C::slices(&mut self.lent.cutter(rows)), rows }),
        }
    }

    /// Calls `each` for each row that is left. It does the same as two loops, over the chunks and over the rows of each.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// use meadow::{Position, Velocity};
    ///
    /// #[system]
    /// fn drift(mut things: Query<(&mut Position, &Velocity)>) {
    ///     let dt = delta();
    ///     things.for_each(|(position, velocity)| {
    ///         position.x += velocity.x * dt;
    ///         position.y += velocity.y * dt;
    ///     });
    /// }
    /// ```
    ///
    /// # Panics
    /// As [`Query::next`] does.
    pub fn for_each(&mut self, mut each: impl FnMut(C::Row<'_>)) {
        while let Some(chunk) = self.next() {
            for row in chunk {
                each(row);
            }
        }
    }

    /// The only row; `None` if there is no row, or more than one. The query has run then.
    ///
    /// It does not compile for a query that has optional columns and writes to some: the host lends rows that lack a column
    /// in another chunk, and has to take the first one back before it says whether there is another.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// use meadow::{Energy, Position, Wolf};
    ///
    /// #[system]
    /// fn feed(mut wolves: Query<(&Position, &mut Energy), With<Wolf>>) {
    ///     if let Some((position, energy)) = wolves.single() {
    ///         energy.joules += position.y;
    ///     }
    /// }
    ///
    /// #[system]
    /// fn report(mut wolves: Query<(&Position, Option<&Energy>), With<Wolf>>) {
    ///     match wolves.single() {
    ///         Some((position, Some(energy))) => info!("the wolf at {position:?} has {energy:?}"),
    ///         Some((position, None)) => info!("the wolf at {position:?} has no energy"),
    ///         None => info!("there is not one wolf"),
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    /// As [`Query::next`] does.
    pub fn single(&mut self) -> Option<C::Row<'_>> {
        const {
            assert!(
                !has_optional(C::SCHEMAS) || !writes(C::SCHEMAS),
                "a query with optional columns that writes to some has no `single`: loop over its rows"
            );
        }
        let rows = self.lent.next(const { buffer_words(C::SCHEMAS) });
        // A buffer has room for two rows, so a second row would be in the same chunk if it has the same columns.
        if rows != 1 || const { has_optional(C::SCHEMAS) } && !self.lent.is_last() {
            return None;
        }
        let chunk: Chunk<'_, C> = Chunk { columns: C::slices(&mut self.lent.cutter(rows)), rows };
        chunk.into_iter().next()
    }

    /// The values of these entities in the column whose type is `T`, with their entities. Entities that the query does not
    /// match, or that lack the optional column, are left out. Each is looked up as by [`get`](Query::get).
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// use meadow::Energy;
    ///
    /// # fn strongest(all: Query<&Energy>, pack: &[Entity]) -> Option<Entity> {
    /// let energies = all.iter_many::<Energy>(pack);
    /// energies.max_by(|(_, a), (_, b)| a.joules.total_cmp(&b.joules)).map(|(entity, _)| entity)
    /// # }
    /// ```
    ///
    /// # Panics
    /// As [`get`](Query::get) does.
    pub fn iter_many<T: ModType>(&self, entities: &[Entity]) -> impl Iterator<Item = (Entity, T)> {
        entities.iter().filter_map(|entity| self.get::<T>(*entity).map(|value| (*entity, value)))
    }

    /// The value of one entity in the column whose type is `T`. It works for any entity of this query, at any time, and
    /// returns `None` if the query does not match the entity, or if the column is optional and the entity lacks it.
    ///
    /// It sees the values that this system has [`set`](Query::set), but not those written to chunks, which the host reads
    /// back later. While a chunk is in use, its own query is borrowed; add a second one as a parameter.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// use meadow::{Position, Velocity};
    ///
    /// # #[mod_type("meadow:Hunts")]
    /// # struct Hunts { prey: Entity }
    /// #[system]
    /// fn chase(mut wolves: Query<(&Hunts, &Position, &mut Velocity)>, all: Query<&Position>) {
    ///     while let Some(chunk) = wolves.next() {
    ///         let (hunts, positions, velocities) = chunk.columns;
    ///         for ((hunts, position), velocity) in hunts.iter().zip(positions).zip(velocities) {
    ///             if let Some(prey) = all.get::<Position>(hunts.prey) {
    ///                 *velocity = position.way_to(prey);
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// It does not compile for a type that is not one of the query's columns:
    ///
    /// ```compile_fail,E0080
    /// # use tinkerbox_sdk::prelude::*;
    /// # use meadow::{Energy, Position};
    /// fn weigh(all: Query<&Position>) {
    ///     all.get::<Energy>(Entity::from_bits(1));
    /// }
    /// # let _used: fn(Query<&Position>) = weigh;
    /// ```
    ///
    /// # Panics
    /// If the host refuses for any other reason, which is a bug of the SDK or of the game.
    pub fn get<T: ModType>(&self, entity: Entity) -> Option<T> {
        match imports::get(self.lent.index, const { column_to_read::<C, T>() }, entity) {
            Ok(value) => value,
            Err(AbiError::Gone) => None,
            Err(error) => panic_refused("a value", error),
        }
    }

    /// Sets the value of one entity in the column whose type is `T`, which must be `&mut T` in the query. Returns `false`
    /// if nothing was set: the query does not match the entity (any more), or the entity lacks the optional column.
    ///
    /// The world is changed when the system has finished. Until then [`get`](Query::get) sees the new value, and chunks do
    /// not. So change a value either this way or in a chunk, not both ways in one run.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// use meadow::Energy;
    ///
    /// # fn share(mut animals: Query<&mut Energy>, rich: Entity, poor: Entity) {
    /// if let (Some(a), Some(b)) = (animals.get::<Energy>(rich), animals.get::<Energy>(poor)) {
    ///     let each = Energy { joules: (a.joules + b.joules) / 2.0 };
    ///     animals.set(rich, each);
    ///     animals.set(poor, each);
    /// }
    /// # }
    /// ```
    ///
    /// It does not compile for a column that is only read:
    ///
    /// ```compile_fail,E0080
    /// # use tinkerbox_sdk::prelude::*;
    /// # use meadow::Energy;
    /// fn feed(mut all: Query<&Energy>) {
    ///     all.set(Entity::from_bits(1), Energy { joules: 1.0 });
    /// }
    /// # let _used: fn(Query<&Energy>) = feed;
    /// ```
    ///
    /// # Panics
    /// If the host refuses for any other reason, which is a bug of the SDK or of the game.
    pub fn set<T: ModType>(&mut self, entity: Entity, value: T) -> bool {
        match imports::set(self.lent.index, const { column_to_write::<C, T>() }, entity, &value) {
            Ok(()) => true,
            Err(AbiError::Gone) => false,
            Err(error) => panic_refused("a value", error),
        }
    }

    /// The number of rows that are left. A query without columns, `Query<(), With<Sheep>>`, costs the least.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// #[system]
    /// fn census(sheep: Query<(), With<meadow::Sheep>>) {
    ///     info!("{} sheep", sheep.count());
    /// }
    /// ```
    pub fn count(mut self) -> usize {
        let mut rows = 0;
        while let Some(chunk) = self.next() {
            rows += chunk.len();
        }
        rows
    }
}

impl<C: Columns, F: Filter> Parameter for Query<C, F> {
    const SCHEMA: ParameterSchema =
        ParameterSchema::Query(QuerySchema { columns: C::SCHEMAS, filters: F::SCHEMAS });

    fn open(index: u32) -> Query<C, F> {
        Query { lent: Lent::new(QueryIndex(index)), types: PhantomData }
    }
}

impl<C: Columns, F: Filter> Drop for Query<C, F> {
    fn drop(&mut self) {
        self.lent.end(const { writes(C::SCHEMAS) });
    }
}

const fn writes(columns: &[ColumnSchema]) -> bool {
    let mut index = 0;
    while index < columns.len() {
        if matches!(columns[index].access, AccessMode::Write) {
            return true;
        }
        index += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use tinkerbox_sdk::mod_type;

    use super::*;

    #[mod_type("test:Huge")]
    struct Huge([u64; 6000], [u8; 8]);

    #[test]
    fn only_written_chunks_have_to_be_returned() {
        assert!(!writes(<(Entity, &Huge, Option<&Huge>)>::SCHEMAS));
        assert!(writes(<(&Huge, Option<&mut Huge>)>::SCHEMAS));
    }
}
