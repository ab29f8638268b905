//! Behaviour, through text and files: the runtime's doors, its refusals, and mods in a world.

mod doors;
mod features;
mod meadow;
mod modding;
mod references;
mod runtime;
