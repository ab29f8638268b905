//! Shared types that depend on the SDK alone, as a crate of mods does: the macros find the contract there.

#[path = "../../shared.rs"]
pub mod shared;

/// Where the types take the contract from.
mod contract {
    pub use tinkerbox_sdk::game_functions;
    pub use tinkerbox_sdk::prelude::*;
}
