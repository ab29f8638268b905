//! Values on their way into the processor's cache, ahead of their use. What of a store is worth that is said in
//! `store/prefetch.rs`.

use super::processor::{LINE_BYTES, prefetch_lines};

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
    prefetch_lines(value, size_of::<T>().div_ceil(LINE_BYTES).min(4));
}
