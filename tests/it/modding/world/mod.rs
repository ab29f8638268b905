//! How systems read and write the world: columns, single entities, resources, mirrored types.

mod access;
mod added;
mod change_ticks;
mod changed;
mod checked;
mod mirrors;
mod mirrors_by_world;
mod queries;
mod resources;
mod several_mirrors;
mod views;
