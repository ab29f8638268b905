//! A mod that never returns.
//!
//! The point of this mod: the game does not care. It takes nothing but its own fuel, is
//! suspended in the middle frame after frame, and is given up for broken after a while. The other
//! mods and the frame rate feel nothing of it.
#![forbid(unsafe_code)]

use tinkerbox_sdk::prelude::*;

/// Looks for an odd perfect number: one that equals the sum of its divisors. Nobody has found
/// one yet, and none is short enough to be met here.
#[system]
fn search() {
    let found = (3u64..).step_by(2).find(|&number| sum_of_divisors(number) == number);
    info!("an odd perfect number, at last: {found:?}");
}

fn sum_of_divisors(number: u64) -> u64 {
    (1..=number / 3).filter(|divisor| number.is_multiple_of(*divisor)).sum()
}
