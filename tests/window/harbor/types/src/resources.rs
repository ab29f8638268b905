//! What there is one of.

#[cfg(feature = "bevy")]
use bevy_ecs::resource::Resource;
use tinkerbox_sdk::mod_type;

/// The tide. Mods can only read it.
#[mod_type("harbor:Tide")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Resource))]
pub struct Tide {
    /// How far the water is above its mean, in metres.
    pub height: f32,
}

/// What customs ask for.
#[mod_type("harbor:Tariff")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Resource))]
pub struct Tariff {
    /// The duty.
    pub coins_per_crate: u32,
}

/// What the harbour has earned.
#[mod_type("harbor:Treasury")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Resource))]
pub struct Treasury {
    /// In all.
    pub coins: u32,
}
