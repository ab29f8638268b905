//! The rows of a chunk, one by one.

use super::Chunk;
use super::columns::Columns;

/// The rows of a [`Chunk`], each as what it has of the query's columns.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// use tinkerbox_sdk::Rows;
///
/// # fn second(mut things: Query<&meadow::Position>) {
/// if let Some(chunk) = things.next() {
///     let mut rows: Rows<_> = chunk.into_iter();
///     info!("{:?}", rows.nth(1));
/// }
/// # }
/// ```
pub struct Rows<'q, C: Columns> {
    values: C::Values<'q>,
    left: usize,
}

impl<'q, C: Columns> Iterator for Rows<'q, C> {
    type Item = C::Row<'q>;

    #[inline]
    fn next(&mut self) -> Option<C::Row<'q>> {
        self.left = self.left.checked_sub(1)?;
        C::next_row(&mut self.values)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<C: Columns> ExactSizeIterator for Rows<'_, C> {}

/// `for (position, velocity) in chunk`.
impl<'q, C: Columns> IntoIterator for Chunk<'q, C> {
    type Item = C::Row<'q>;
    type IntoIter = Rows<'q, C>;

    #[inline]
    fn into_iter(self) -> Rows<'q, C> {
        Rows { values: C::values(self.columns), left: self.rows }
    }
}

#[cfg(test)]
mod tests {
    use tinkerbox_sdk::{Entity, mod_type};

    use super::*;
    use crate::query::cutter::Cutter;

    #[mod_type("test:Wide")]
    #[derive(Debug, PartialEq)]
    struct Wide(u64);

    /// The address of the tests' buffers.
    const ADDRESS: u32 = 0x1_0008;

    fn chunk<'q, C: Columns>(buffer: &'q mut [u64], addresses: &'q [u32], rows: usize) -> Chunk<'q, C> {
        let mut cutter = Cutter::new(buffer, ADDRESS, rows, addresses);
        Chunk { columns: C::slices(&mut cutter), rows }
    }

    #[test]
    fn every_row_has_its_values() {
        for rows in 0..9 {
            let mut buffer: Vec<u64> = (1..=2 * rows as u64).collect();
            let addresses = [ADDRESS, ADDRESS + 8 * rows];
            let chunk = chunk::<(Entity, &mut Wide)>(&mut buffer, &addresses, rows as usize);
            let all = chunk.into_iter();
            assert_eq!(all.len(), rows as usize);
            let mut count = 0;
            for (entity, wide) in all {
                assert_eq!(entity.to_bits() + u64::from(rows), wide.0);
                wide.0 = 100 + entity.to_bits();
                count += 1;
            }
            assert_eq!(count, rows);
            let expected: Vec<u64> = (1..=u64::from(rows)).chain(101..101 + u64::from(rows)).collect();
            assert_eq!(buffer, expected);
        }
    }

    #[test]
    fn rows_without_an_optional_column_end_with_the_others() {
        type Both<'a> = (Option<&'a Wide>, Option<&'a mut Wide>);
        let mut buffer = [7, 8];
        let rows: Vec<_> = chunk::<Both>(&mut buffer, &[0, ADDRESS], 2).into_iter().collect();
        assert_eq!(rows, [(None, Some(&mut Wide(7))), (None, Some(&mut Wide(8)))]);
        assert_eq!(chunk::<Option<&Wide>>(&mut [], &[0], 3).into_iter().count(), 3);
        assert_eq!(chunk::<()>(&mut [], &[], 5).into_iter().count(), 5);
    }
}
