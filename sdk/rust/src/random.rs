//! Random numbers, the same in every run with the same world seed.

use std::ops::Range;

use tinkerbox_abi::RANDOM_STREAMS;

use crate::imports;

/// A random number from 0 up to, but not including, 1, from stream 0.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// let is_heads = random() < 0.5;
/// ```
pub fn random() -> f32 {
    stream(0).random()
}

/// A random number from `range.start` up to `range.end`, from stream 0.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// let angle = random_range(-180.0..180.0);
/// ```
pub fn random_range(range: Range<f32>) -> f32 {
    stream(0).random_range(range)
}

/// One of the mod's 64 streams of random numbers. The streams are independent: the numbers that one part of a mod draws
/// from its stream do not change those that another part draws from another stream.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// const WEATHER: Stream = stream(1);
///
/// let wind = WEATHER.random_range(-2.0..2.0);
/// let is_storm = WEATHER.random() < 0.01;
/// let seed = WEATHER.bits();
/// ```
///
/// # Panics
/// If `number` is 64 or more.
pub const fn stream(number: u32) -> Stream {
    assert!(number < RANDOM_STREAMS, "a mod has 64 streams of random numbers: use a number from 0 to 63");
    Stream { number }
}

/// A [`stream`] of random numbers. The host keeps its position.
///
/// ```no_run
/// # use tinkerbox_sdk::prelude::*;
/// fn roll(dice: Stream) -> u64 {
///     1 + dice.bits() % 6
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    number: u32,
}

impl Stream {
    /// A random number from 0 up to, but not including, 1.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// let is_heads = stream(2).random() < 0.5;
    /// ```
    pub fn random(self) -> f32 {
        unit(self.bits())
    }

    /// A random number from `range.start` up to `range.end`.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// let angle = stream(2).random_range(-180.0..180.0);
    /// ```
    pub fn random_range(self, range: Range<f32>) -> f32 {
        range.start + (range.end - range.start) * self.random()
    }

    /// 64 random bits.
    ///
    /// ```no_run
    /// # use tinkerbox_sdk::prelude::*;
    /// let card = stream(2).bits() % 52;
    /// ```
    pub fn bits(self) -> u64 {
        imports::random(self.number)
    }
}

/// Uses the upper 24 bits: an `f32` holds as many exactly, so the result never rounds up to 1.0.
fn unit(bits: u64) -> f32 {
    (bits >> 40) as f32 / (1u32 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_interval_is_half_open() {
        assert_eq!(unit(0), 0.0);
        assert_eq!(unit(1 << 63), 0.5);
        assert!(unit(u64::MAX) < 1.0);
    }

    #[test]
    fn there_are_as_many_streams_as_the_host_has() {
        assert_eq!(stream(RANDOM_STREAMS - 1).number, 63);
        assert!(std::panic::catch_unwind(|| stream(RANDOM_STREAMS)).is_err());
    }
}
