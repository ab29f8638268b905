//! What ships and berths consist of.

#[cfg(feature = "bevy")]
use bevy_ecs::component::Component;
use tinkerbox_sdk::{Entity, ModMirror, mod_type};

/// Where a ship is going, in metres per second.
#[mod_type("harbor:Heading")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Heading {
    /// Out to the sea.
    pub x: f32,
    /// Along the quay.
    pub y: f32,
}

/// What a ship is built like. Mods can only read it.
#[mod_type("harbor:Hull")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Hull {
    /// How deep the water has to be for it, in metres.
    pub draught: f32,
}

/// Marks a place at the quay where a ship can moor.
#[mod_type("harbor:Berth")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Berth;

/// Customs hold a ship: it does not sail until the game has counted this down. Few ships have it, and not for long.
#[mod_type("harbor:Flagged")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
#[cfg_attr(feature = "bevy", component(storage = "SparseSet"))]
pub struct Flagged {
    /// How many ticks are left.
    pub ticks: u32,
}

/// What a ship carries.
#[derive(ModMirror, Clone, Debug, Default, PartialEq)]
#[mod_mirror("harbor:Hold")]
#[cfg_attr(feature = "bevy", derive(Component))]
pub enum Hold {
    /// Nothing.
    #[default]
    Empty,
    /// A catch, in kilograms. It is free of duty.
    Fish(u32),
    /// Goods.
    Crates {
        /// How many.
        count: u32,
        /// The ship that brought them.
        from: Entity,
    },
}

/// What a captain shows to customs.
#[derive(ModMirror, Clone, Debug, PartialEq)]
#[mod_mirror("harbor:Papers")]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Papers {
    /// Whether they say what is in the hold.
    pub in_order: bool,
    /// The berth at which they were stamped last.
    pub stamped_at: Option<Entity>,
    /// How often they were stamped; none if that is not legible.
    pub stamps: Option<u32>,
}
