//! Shared types that depend on the plugin alone, as a game does: the macros find the contract there.

#[path = "../../shared.rs"]
pub mod shared;

/// Where the types take the contract from.
mod contract {
    pub use tinkerbox::ModEntity as Entity;
    pub use tinkerbox::game_functions;
    pub use tinkerbox::prelude::*;
}
