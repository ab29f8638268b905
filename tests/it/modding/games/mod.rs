//! The games of these tests, their mods as text, and what is compared of a world and of the log.

pub mod exposed;
pub mod game;
pub mod log_lines;
pub mod script;
pub mod snapshot;
pub mod wider_game;
