//! What a fault leaves behind: nothing in the world, the mod's saved state, and the other mods.

mod containment;
mod state;
mod sweep;
