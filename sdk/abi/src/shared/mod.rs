//! Types that the game and its mods share: how they lie in memory, what their fields can be, and what is said about them.
//!
//! `#[mod_type]` fills it in, and everything is constant.

pub mod docs;
pub mod shape;
pub mod text;

pub mod field;

pub mod mod_type;

pub mod expansion;

pub mod mirror;

pub mod flat;
