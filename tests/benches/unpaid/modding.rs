//! The games of the behaviour tests, used by these measurements.

#[path = "../../it/modding/games/mod.rs"]
pub mod games;
