//! Reloads in depth: versions that belong together.

mod together;
