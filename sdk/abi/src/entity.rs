//! An entity's id as it passes between the host and a mod.

use bytemuck::{Pod, Zeroable};

/// An entity's id. Mods compare ids, name entities in commands with them, and keep them in fields of shared types, whose
/// layout calls them `entity`.
///
/// An id can be kept from tick to tick. Once its entity is despawned, the id refers to nothing, and it is never given to
/// another entity of the same run. An id that comes from a mod can be any number, so check that the entity exists before
/// you use it.
///
/// ```
/// use tinkerbox_abi::ModEntity;
/// assert_eq!(ModEntity::from_bits(7).to_bits(), 7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(transparent)]
pub struct ModEntity(u64);

impl ModEntity {
    /// The id as a number; Bevy's `Entity` has the same bits.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The entity whose id was kept as a number.
    pub const fn from_bits(bits: u64) -> ModEntity {
        ModEntity(bits)
    }
}
