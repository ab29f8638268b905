//! What systems see of the world, and what they write into it: columns, single entities, resources, mirrored types.

mod access;
mod change_ticks;
mod changed;
mod mirrors;
mod queries;
mod resources;
mod views;
