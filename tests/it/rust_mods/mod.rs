//! Small mods in Rust, built as the tool's template builds them: how large they are, and what they do.

mod built;
mod panics;
mod rows;
mod sizes;
mod sources;
