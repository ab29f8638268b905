//! Modules on three engines, each of which answers the same questions.

pub mod machine;
pub mod other;
pub mod ours;
pub mod referee;
