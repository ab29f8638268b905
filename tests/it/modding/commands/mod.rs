//! Changes that mods make in the world by commands, to entities, components and relationships; and the hooks and
//! observers that these changes trigger.

mod hooks;
mod ownership;
mod relationships;
mod spawning;
mod structure;
