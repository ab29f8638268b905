//! A store's memory on its way into the processor's cache, ahead of a call.
//!
//! A host that calls one store after the other, thousands of them, waits for memory most of the time: each call follows
//! pointers from one cold place to the next. Asked for some calls ahead, one place at a time, they come meanwhile.
//!
//! ```text
//! 0  store ─┬─> 1  the host's data
//!           └─> 1  instances ─> 2  context of the instance, where its functions are known
//! ```

use crate::vm::store::store_box::OwnedStore;

const LINE_BYTES: usize = 64;
/// Of the store only what a call needs, which stands first in it; the others are hardly larger than this.
const STORE_LINES: usize = 5;
const DATA_LINES: usize = 2;

impl OwnedStore {
    /// Asks for what is this many pointers away. What was asked for before should be there by now.
    #[inline]
    pub fn prefetch(&self, pointers: usize) {
        match pointers {
            0 => ask_for(self.address(), STORE_LINES),
            1 => {
                ask_for(self.data.address(), DATA_LINES);
                ask_for(self.instances.as_ptr(), 1);
            }
            _ => {
                if let Some(instance) = self.instances.first() {
                    ask_for(instance.vm(), 1);
                    ask_for(instance.escaped(0), 1);
                }
            }
        }
    }
}

/// Asks the processor for a value that will be needed soon: its first 256 bytes. What
/// [`Store::prefetch`](crate::Store::prefetch) is for stores, this is for what a host keeps beside them.
///
/// ```
/// let mods = vec![[0u64; 32]; 100];
/// let mut sum = 0;
/// for turn in 0..mods.len() {
///     mods.get(turn + 4).map(tinkerbox_wasm::prefetch);
///     sum += mods[turn][0];
/// }
/// assert_eq!(sum, 0);
/// ```
#[inline]
pub fn prefetch<T>(value: &T) {
    ask_for(value, size_of::<T>().div_ceil(LINE_BYTES).min(4));
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn ask_for<T>(start: *const T, lines: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    for line in 0..lines {
        // SAFETY: asking is allowed for any address, and changes nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.cast::<i8>().wrapping_add(line * LINE_BYTES)) };
    }
}

/// Other machines have no stable way to ask.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn ask_for<T>(_: *const T, _: usize) {}
