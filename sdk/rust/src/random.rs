//! Chance that is the same in every run with the same world seed.

use crate::imports;
use std::ops::Range;

/// A number from 0 up to, but not including, 1.
pub fn random() -> f32 {
    unit(imports::random())
}

/// A number from `range.start` up to `range.end`.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// let angle = random_range(-180.0..180.0);
/// ```
pub fn random_range(range: Range<f32>) -> f32 {
    range.start + (range.end - range.start) * random()
}

/// The 24 upper bits: as many as an `f32` holds exactly, so that 1.0 is never reached.
fn unit(bits: u64) -> f32 {
    (bits >> 40) as f32 / (1u32 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn the_unit_interval_is_half_open() {
        assert_eq!(unit(0), 0.0);
        assert_eq!(unit(1 << 63), 0.5);
        assert!(unit(u64::MAX) < 1.0);
    }
}
