//! Events into mods and out of them.

mod crossing;
mod waiting;
