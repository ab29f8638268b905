//! The games of the behaviour tests, for what is measured here.

#[path = "../../it/modding/games/mod.rs"]
pub mod games;
