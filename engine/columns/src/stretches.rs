//! Which rows of a column have changed, in stretches of neighbouring rows.
//!
//! It compares bytes, many rows at a time. It must not know where they come from.

/// Calls `found(first row, rows, their new values)` for each stretch of neighbouring rows that differ.
pub(crate) fn changed_stretches<E>(
    size: usize,
    old: &[u8],
    new: &[u8],
    found: impl FnMut(usize, usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    // If the size of a value is known at compile time, comparing many rows takes few instructions.
    match size {
        0 => Ok(()),
        4 => stretches_of::<4, E>(old, new, found),
        8 => stretches_of::<8, E>(old, new, found),
        12 => stretches_of::<12, E>(old, new, found),
        16 => stretches_of::<16, E>(old, new, found),
        _ => {
            let differs = |row: usize| {
                let value = row * size..(row + 1) * size;
                old[value.clone()] != new[value]
            };
            let masks = (0..old.len() / size).step_by(BLOCK).map(|start| {
                let rows = (old.len() / size - start).min(BLOCK);
                (0..rows).fold(0, |mask, row| mask | u64::from(differs(start + row)) << row)
            });
            stretches(masks, old.len() / size, size, new, found)
        }
    }
}

/// How many rows are compared at a time: the bits of a mask.
const BLOCK: usize = u64::BITS as usize;

fn stretches_of<const SIZE: usize, E>(
    old: &[u8],
    new: &[u8],
    found: impl FnMut(usize, usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (old, rows) = (old.as_chunks::<SIZE>().0, new.as_chunks::<SIZE>().0);
    let mut mask = 0;
    let masks = old.chunks(BLOCK).zip(rows.chunks(BLOCK)).map(|(old, new)| {
        // A block is mostly like the one before it, which can be checked many rows at a time.
        let is_like_before = match mask {
            0 => old == new,
            u64::MAX => old.len() == BLOCK && all_differ(old, new),
            _ => false,
        };
        if !is_like_before {
            mask = mask_of(old, new);
        }
        mask
    });
    stretches(masks, rows.len(), SIZE, new, found)
}

/// A bit for each row that differs.
fn mask_of<const SIZE: usize>(old: &[[u8; SIZE]], new: &[[u8; SIZE]]) -> u64 {
    let rows = old.iter().zip(new).enumerate();
    rows.fold(0, |mask, (row, (old, new))| mask | u64::from(old != new) << row)
}

/// Whether all rows differ. It has no branch, so that one instruction can compare several rows.
fn all_differ<const SIZE: usize>(old: &[[u8; SIZE]], new: &[[u8; SIZE]]) -> bool {
    old.iter().zip(new).fold(true, |all, (old, new)| all & (old != new))
}

/// Calls `found` for each stretch of set bits in `masks`, which have a bit for each row that differs.
fn stretches<E>(
    masks: impl Iterator<Item = u64>,
    rows: usize,
    size: usize,
    new: &[u8],
    mut found: impl FnMut(usize, usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut end_at = |first: usize, end: usize| found(first, end - first, &new[first * size..end * size]);
    let mut open = None;
    for (block, mask) in masks.enumerate() {
        let mut at = 0;
        while at < BLOCK {
            // The bits from `at` on that end what is open, or open a stretch.
            let turns = if open.is_none() { mask >> at } else { !mask >> at };
            let Some(next) = (turns != 0).then(|| at + turns.trailing_zeros() as usize) else { break };
            match open.take() {
                None => open = Some(block * BLOCK + next),
                Some(first) => end_at(first, block * BLOCK + next)?,
            }
            at = next + 1;
        }
    }
    match open {
        Some(first) => end_at(first, rows),
        None => Ok(()),
    }
}
