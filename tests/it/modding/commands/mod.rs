//! What mods change in the world by commands: entities, components and relationships; and the hooks and observers that
//! these changes set off.

mod hooks;
mod relationships;
mod spawning;
mod structure;
