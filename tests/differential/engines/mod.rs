//! Modules on three engines behind one interface.

pub mod machine;
pub mod other;
pub mod ours;
pub mod referee;
