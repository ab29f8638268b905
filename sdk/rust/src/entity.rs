//! The name of one thing in the world.

use bytemuck::{Pod, Zeroable};

/// An entity's id: given by a chunk, good for comparing and for commands.
///
/// It may be kept from tick to tick; when the entity has gone, the id means nothing any more and
/// is never given to another entity of the same run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
#[repr(transparent)]
pub struct Entity(u64);

impl Entity {
    /// The id as it crosses the line.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// An entity of an id that was kept as a number.
    pub const fn from_bits(bits: u64) -> Entity {
        Entity(bits)
    }
}
