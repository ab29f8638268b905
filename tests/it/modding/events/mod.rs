//! Events into mods and out of them.

pub mod crossing;
mod waiting;
