//! Whatever has a velocity moves.
//!
//! The point of this mod: a loop over plain slices runs at nearly the speed of the game's own code. The compiler sees
//! that rows are independent of each other, and moves two at a time; the host is asked for a chunk, not for a row.
#![forbid(unsafe_code)]

use meadow::{Position, Velocity};
use tinkerbox_sdk::prelude::*;

#[system]
fn drift(mut things: Query<(&mut Position, &Velocity)>) {
    let seconds = delta();
    while let Some(chunk) = things.next() {
        let (position, velocity) = chunk.columns;
        for (position, velocity) in position.iter_mut().zip(velocity) {
            position.x += velocity.x * seconds;
            position.y += velocity.y * seconds;
        }
    }
}
