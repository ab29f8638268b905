//! The games of the behaviour tests, for what is measured here.

#[path = "../../it/modding/exposed.rs"]
pub mod exposed;
#[path = "../../it/modding/game.rs"]
pub mod game;
#[path = "../../it/modding/wider_game.rs"]
pub mod wider_game;
