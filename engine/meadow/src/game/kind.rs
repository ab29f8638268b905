//! The kinds of things that live in Meadow.

use meadow::{Grass, Sheep, Wolf};
use tinkerbox_abi::ModType;

/// A kind of thing, told by the component that marks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Tufts of grass.
    Grass,
    /// Sheep.
    Sheep,
    /// Wolves.
    Wolf,
}

impl Kind {
    /// All kinds, in the order in which they eat each other.
    pub const ALL: [Kind; 3] = [Kind::Grass, Kind::Sheep, Kind::Wolf];

    /// The id of the component that marks it.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Grass => Grass::ID,
            Kind::Sheep => Sheep::ID,
            Kind::Wolf => Wolf::ID,
        }
    }

    /// What many of them are called.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Grass => "grass",
            Kind::Sheep => "sheep",
            Kind::Wolf => "wolves",
        }
    }
}
