//! Types of Bevy's own, and types that are exposed by their reflection.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[macro_use]
mod reflected_types;

mod bevys_types;
mod leaves;
mod outsider;
