//! Moving values into the processor's cache before they are used. `vm/store/prefetch.rs` says which parts of a store are worth it.

use super::processor::{LINE_BYTES, prefetch_lines};

/// Loads a value that will be needed soon into the processor's cache: its first 256 bytes. It does for values that a host
/// keeps beside its stores what [`Store::prefetch`](crate::Store::prefetch) does for these.
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
    prefetch_lines(value, size_of::<T>().div_ceil(LINE_BYTES).min(4));
}
