//! Moves everything that has a velocity.
//!
//! The point of this mod: a loop over plain slices runs at nearly the speed of the game's own code. The compiler sees
//! that the rows are independent and moves two at a time; and the host is asked for a chunk, not for each row.
#![forbid(unsafe_code)]

use tinkerbox_sdk::prelude::*;

// The game's types come from its interface file.
mod meadow {
    tinkerbox_sdk::game!("../../../assets/meadow/meadow.interface.toml");
}
use meadow::{Position, Velocity};

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
