//! The games of these tests, their mods as text, and the parts of a world and of the log that tests compare.

pub mod exposed;
pub mod game;
pub mod log_lines;
pub mod script;
pub mod snapshot;
pub mod wider_game;
