//! The engine's spare fibers: between two calls they wait here, for whichever store has one next.
//!
//! One is taken and given back without a lock: where calls come one after the other it is always the same, its stack
//! warm in the cache.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use super::fiber::Fiber;
use crate::base::config::Config;
use crate::base::error::StoreError;

/// Only so many are kept: each holds the pages that were touched.
const SPARE_FIBERS: usize = 64;

/// Fibers of one engine that run no call.
#[derive(Default)]
pub struct SpareFibers {
    /// From a box, or null.
    next: AtomicPtr<Fiber>,
    #[expect(clippy::vec_box, reason = "they come and go in their boxes")]
    rest: Mutex<Vec<Box<Fiber>>>,
}

impl SpareFibers {
    /// A fiber for a call.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    #[inline]
    pub(super) fn take(&self, config: &Config) -> Result<Box<Fiber>, StoreError> {
        let next = self.next.swap(ptr::null_mut(), Ordering::Acquire);
        if next.is_null() {
            return self.another(config);
        }
        // SAFETY: (1) it came from a box, and whoever swaps it out is the only one to have it.
        Ok(unsafe { Box::from_raw(next) })
    }

    #[cold]
    fn another(&self, config: &Config) -> Result<Box<Fiber>, StoreError> {
        let spare = self.rest.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.map_or_else(|| Fiber::new(config).map(Box::new), Ok)
    }

    /// Keeps a fiber for the next call.
    #[inline]
    pub(super) fn give_back(&self, fiber: Box<Fiber>) {
        let fiber = Box::into_raw(fiber);
        let before = self.next.compare_exchange(ptr::null_mut(), fiber, Ordering::Release, Ordering::Relaxed);
        if before.is_err() {
            // SAFETY: (1) it came from the box above, and nobody else has seen it.
            self.keep(unsafe { Box::from_raw(fiber) });
        }
    }

    #[cold]
    fn keep(&self, fiber: Box<Fiber>) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        if rest.len() < SPARE_FIBERS {
            rest.push(fiber);
        }
    }
}

impl Drop for SpareFibers {
    fn drop(&mut self) {
        let next = *self.next.get_mut();
        if !next.is_null() {
            // SAFETY: (1) it came from a box, and the engine is going.
            drop(unsafe { Box::from_raw(next) });
        }
    }
}
