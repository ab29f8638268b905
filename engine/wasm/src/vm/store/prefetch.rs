//! A store's memory on its way into the processor's cache, ahead of a call.
//!
//! A host that calls one store after the other, thousands of them, waits for memory most of the time: each call follows
//! pointers from one cold place to the next. Asked for some calls ahead, one place at a time, they come meanwhile.
//!
//! ```text
//! 0  store ─┬─> 1  the host's data
//!           └─> 1  instances ─> 2  context of the instance, where its functions are known
//! ```

use super::store_box::StoreBox;
use crate::base::indices::EscapedIndex;
use crate::vm::machine::processor::prefetch_lines;

/// Of the store only what a call needs, which stands first in it; the others are hardly larger than this.
const STORE_LINES: usize = 5;
const DATA_LINES: usize = 2;

impl StoreBox {
    /// Asks for what is this many pointers away. What was asked for before should be there by now.
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
