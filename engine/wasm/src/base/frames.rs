//! How large the frames of functions are on this machine's stack, compared with their prices.
//!
//! Compiling notes it for each module, stores keep the maximum of their modules, and the way in asks the settings how much
//! stack that takes. No rule of the game depends on it: it may differ between machines.

use serde::{Deserialize, Serialize};

use super::limits::stack::UNCOUNTED_FRAME_BYTES;

/// The most that functions take of the machine's stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frames {
    /// Bytes of the machine's stack for each byte that is counted: a power of two, so that few sizes of stacks are needed.
    pub ratio: u32,
    /// What the largest frame that is not counted takes beyond the room for it on every stack.
    pub excess: u32,
}

impl Default for Frames {
    /// The frames of almost all code.
    fn default() -> Frames {
        Frames { ratio: 1, excess: 0 }
    }
}

impl Frames {
    /// The frame of a function of this price.
    pub fn counted(price: u32, bytes: u32) -> Frames {
        Frames { ratio: bytes.div_ceil(price).next_power_of_two(), excess: 0 }
    }

    /// The frame of a function that is not counted: at most one of them is on a stack.
    pub fn uncounted(bytes: u32) -> Frames {
        let excess = bytes.saturating_sub(UNCOUNTED_FRAME_BYTES);
        Frames { ratio: 1, excess: excess.next_multiple_of(UNCOUNTED_FRAME_BYTES) }
    }

    /// The maximum of both.
    pub fn and(self, other: Frames) -> Frames {
        Frames { ratio: self.ratio.max(other.ratio), excess: self.excess.max(other.excess) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_room() {
        for (price, bytes, ratio) in [(64, 16, 1), (64, 64, 1), (64, 65, 2), (64, 129, 4), (100, 401, 8)] {
            assert_eq!(Frames::counted(price, bytes), Frames { ratio, excess: 0 });
        }
        let room = UNCOUNTED_FRAME_BYTES;
        for (bytes, excess) in [(16, 0), (room, 0), (room + 1, room), (3 * room, 2 * room)] {
            assert_eq!(Frames::uncounted(bytes), Frames { ratio: 1, excess });
        }
        let both = Frames::counted(64, 65).and(Frames::uncounted(2 * room));
        assert_eq!(both, Frames { ratio: 2, excess: room });
        assert_eq!(both.and(Frames::default()), both);
    }
}
