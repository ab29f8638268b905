//! The species that live in Meadow.

use meadow::{Grass, Sheep, Wolf};
use tinkerbox_abi::ModType;

/// A species. A component marks its entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Species {
    /// Tufts of grass.
    Grass,
    /// Sheep.
    Sheep,
    /// Wolves.
    Wolf,
}

impl Species {
    /// All species, in the order of the food chain.
    pub const ALL: [Species; 3] = [Species::Grass, Species::Sheep, Species::Wolf];

    /// The id of the component that marks its entities.
    pub fn id(self) -> &'static str {
        match self {
            Species::Grass => Grass::ID,
            Species::Sheep => Sheep::ID,
            Species::Wolf => Wolf::ID,
        }
    }

    /// Its name in the plural.
    pub fn plural(self) -> &'static str {
        match self {
            Species::Grass => "grass",
            Species::Sheep => "sheep",
            Species::Wolf => "wolves",
        }
    }
}
