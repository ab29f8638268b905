//! Behaviour, through text and files: the runtime's doors, its refusals, and mods in a world.

mod doors;
mod features;
mod fuel;
mod hostile;
mod meadow;
mod modding;
mod nans;
mod references;
mod runtime;
#[path = "../unpaid/mod.rs"]
mod unpaid;
