//! Reloads in depth: broken versions, versions that belong together, and many reloads in a row.

mod broken;
mod states;
mod thousand;
mod together;
