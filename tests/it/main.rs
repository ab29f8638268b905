//! Behaviour, tested through text and files: calls into and out of the runtime, its refusals, and mods in a world.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod cargo_mods;
mod doors;
mod features;
mod fuel;
mod hostile;
mod languages;
mod meadow;
mod modding;
mod nans;
mod references;
mod runtime;
mod rust_mods;
#[path = "../unpaid/mod.rs"]
mod unpaid;
