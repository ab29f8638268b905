//! Moving the parts of a store that a call needs into the processor's cache, ahead of the call.
//!
//! A host that calls thousands of stores, one after the other, waits for memory most of the time: each call follows pointers
//! from one cold place to the next. If it asks some calls ahead, for one pointer at a time, they arrive meanwhile.
//!
//! ```text
//! 0  store ─┬─> 1  the host's data
//!           └─> 1  instances ─> 2  context of the instance, where its functions are known
//! ```

use super::store_box::StoreBox;
use crate::base::indices::EscapedIndex;
use crate::vm::machine::processor::prefetch_lines;

/// The part of a store that a call needs, which comes first in it.
const STORE_LINES: usize = 5;
/// Most hosts' data is hardly larger than this.
const DATA_LINES: usize = 2;

impl StoreBox {
    /// Loads what is this many pointers away. What is fewer pointers away should have arrived by now.
    #[inline]
    pub fn prefetch(&self, pointers: usize) {
        match pointers {
            0 => prefetch_lines(self.address(), STORE_LINES),
            1 => {
                prefetch_lines(self.data.address(), DATA_LINES);
                prefetch_lines(self.instances.as_ptr(), 1);
            }
            _ => {
                if let Some(instance) = self.instances.first() {
                    prefetch_lines(instance.vm(), 1);
                    prefetch_lines(instance.escaped(EscapedIndex(0)), 1);
                }
            }
        }
    }
}
