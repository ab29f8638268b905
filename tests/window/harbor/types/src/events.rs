//! What happens.

#[cfg(feature = "bevy")]
use bevy_ecs::message::Message;
use tinkerbox_sdk::{Entity, mod_type};

/// A ship has moored. The game sends it, and mods can only hear it.
#[mod_type("harbor:Docked")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Message))]
pub struct Docked {
    /// Which ship.
    pub ship: Entity,
    /// Where.
    pub berth: Entity,
}

/// A pilot's whistle. Mods can only send it: the game writes it into the logbook.
#[mod_type("harbor:Whistle")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Message))]
pub struct Whistle {
    /// The ship that comes in.
    pub ship: Entity,
    /// How many ships the pilot has brought in, with this one.
    pub ships: u32,
    /// How fast it came, in metres per second.
    pub speed: f32,
}

/// Customs have fined a ship. Mods send and hear it.
#[mod_type("harbor:Fined")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Message))]
pub struct Fined {
    /// Which ship.
    pub ship: Entity,
    /// How many crates were taken.
    pub crates: u32,
    /// What it had to pay.
    pub coins: u32,
}
