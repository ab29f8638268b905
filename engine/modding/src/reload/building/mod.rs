//! From what has changed to builds, without a frame that waits for them.
//!
//! ```text
//! root: a folder of mods is watched, changes are debounced ─> builder: one request at a time ─> answer: list, build
//! ```

pub(super) mod answer;
pub(super) mod builder;
pub(super) mod root;
