//! What the harbour exposes to mods: components, resources, events and functions.
//!
//! The game and its mods both depend on this crate, so that they agree on every byte. Bevy is there for the game alone, which
//! derives its traits with the feature `bevy`.
//!
//! Two things that mods can name are not here, since they are Bevy's or contain an entity of Bevy's: `bevy:Transform`, where
//! everything is, and `harbor:MooredAt`, the berth of a ship. They are in the interface file `harbor.interface.toml`.

#![forbid(unsafe_code)]

mod components;
mod events;
mod resources;

pub use components::{Berth, Flagged, Heading, Hold, Hull, Papers};
pub use events::{Docked, Fined, Whistle};
pub use resources::{Tariff, Tide, Treasury};

tinkerbox_sdk::game_functions! {
    "harbor";
    /// How deep the water is at a place now, in metres. It follows the tide.
    pub fn depth_at(x: f32, y: f32) -> f32;
    /// What is due for so many crates, in coins.
    pub fn toll(crates: u32, coins_per_crate: u32) -> u32;
    /// Rings the bell of the harbour.
    pub fn ring_bell(times: u32);
    /// Goes to another screen: 0 is the menu, 1 sailing, 2 the pause.
    pub fn go_to(screen: u32);
}
