//! The name of one thing in the world, as it crosses the line.

use bytemuck::{Pod, Zeroable};

/// An entity's id: good for comparing, for commands, and as a field of shared types, whose layout calls it `entity`.
///
/// It may be kept from tick to tick; when the entity has gone, the id means nothing any more and
/// is never given to another entity of the same run. Any number can stand in it: who uses one that came from a mod
/// asks whether there is such an entity.
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
    /// The id as it crosses the line; Bevy's `Entity` has the same bits.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// An entity of an id that was kept as a number.
    pub const fn from_bits(bits: u64) -> ModEntity {
        ModEntity(bits)
    }
}
