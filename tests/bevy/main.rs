//! Types of Bevy's own, and types that are exposed by their reflection.
//!
//! They need other features of Bevy's crates than all other tests: `cargo test -p tinkerbox-tests --features bevy --test bevy`.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[macro_use]
mod reflected_types;

mod bevys_types;
mod leaves;
