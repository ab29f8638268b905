//! Reloads in depth: broken versions, and versions that belong together.

mod broken;
mod together;
