//! The consequences of a fault: for the world (none), the mod's saved state, and the other mods.

mod containment;
mod state;
mod sweep;
