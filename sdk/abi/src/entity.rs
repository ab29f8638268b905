//! An entity's id as it passes between the host and a mod.
#![expect(unsafe_code, reason = "only an unsafe trait says that `Option<ModEntity>` is plain bytes")]

use core::num::NonZero;

use bytemuck::{PodInOption, ZeroableInOption};

/// An entity's id. Mods compare ids, name entities in commands with them, and keep them in fields of shared types, whose
/// layout calls them `entity`, or `entity?` for an `Option` of one.
///
/// An id can be kept from tick to tick. Once its entity is despawned, the id refers to nothing, and it is never given to
/// another entity of the same run. An id that comes from a mod can be any number but 0, so check that the entity exists
/// before you use it.
///
/// An `Option<ModEntity>` has 8 bytes too, all of them 0 if it is `None`.
///
/// ```
/// use tinkerbox_abi::ModEntity;
/// assert_eq!(ModEntity::from_bits(7).to_bits(), 7);
/// assert_eq!(ModEntity::try_from_bits(0), None);
/// assert_eq!(size_of::<Option<ModEntity>>(), 8);
/// ```
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, bytemuck::NoUninit, bytemuck::CheckedBitPattern,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(transparent)]
pub struct ModEntity(NonZero<u64>);

// SAFETY: `ModEntity` is a transparent wrapper around a number that is not 0, so `None` is the number 0.
unsafe impl ZeroableInOption for ModEntity {}
// SAFETY: as above; every other number is an id.
unsafe impl PodInOption for ModEntity {}

impl ModEntity {
    /// The id as a number; Bevy's `Entity` has the same bits, which are never 0.
    pub const fn to_bits(self) -> u64 {
        self.0.get()
    }

    /// The entity whose id was kept as a number.
    ///
    /// # Panics
    /// If the number is 0, which is no id.
    pub const fn from_bits(bits: u64) -> ModEntity {
        ModEntity::try_from_bits(bits).expect("0 is not the id of an entity")
    }

    /// The entity whose id was kept as a number, or `None` for 0.
    pub const fn try_from_bits(bits: u64) -> Option<ModEntity> {
        match NonZero::new(bits) {
            Some(bits) => Some(ModEntity(bits)),
            None => None,
        }
    }
}
