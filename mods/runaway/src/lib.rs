//! A mod that never returns.
//!
//! The point of this mod: it does no harm. It uses nothing but its own fuel, is suspended in the
//! middle of its run frame after frame, and ends in quarantine. The other mods and the frame rate are
//! not affected.
#![forbid(unsafe_code)]

use tinkerbox_sdk::prelude::*;

/// Looks for an odd perfect number: one that equals the sum of its divisors. None is known, and there is
/// none that is small enough to be found here.
#[system]
fn search() {
    let found = (3u64..).step_by(2).find(|&number| sum_of_divisors(number) == number);
    info!("an odd perfect number, at last: {found:?}");
}

fn sum_of_divisors(number: u64) -> u64 {
    (1..=number / 3).filter(|divisor| number.is_multiple_of(*divisor)).sum()
}
