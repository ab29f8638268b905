//! The spare fibers of an engine, which wait here between two calls for the next store that needs one.
//!
//! ```text
//! one for each thread, its stack warm in the cache ─> one that any thread can take without a lock ─> the rest
//! ```
//! Fibers with larger stacks, which few stores need, are kept apart.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::fiber::{Fiber, RunCalls};
use crate::base::config::Config;
use crate::base::frames::Frames;

/// The most fibers that are kept, since each holds the pages that were touched. Fibers with larger stacks count as many times
/// as their stack is larger.
const SPARE_FIBERS: usize = 64;

thread_local! {
    /// The fiber that this thread used last, and its engine's id. It stays until the thread ends, even if the engine is dropped.
    static WARM: Cell<Option<(u64, Box<Fiber>)>> = const { Cell::new(None) };
}

/// Fibers of one engine that run no call.
pub struct SpareFibers {
    /// Distinguishes the engine's fibers from those of others.
    id: u64,
    run_calls: RunCalls,
    /// A fiber that came from a box, or null.
    next: AtomicPtr<Fiber>,
    #[expect(clippy::vec_box, reason = "fibers are moved in their boxes")]
    rest: Mutex<Vec<Box<Fiber>>>,
    #[expect(clippy::vec_box, reason = "fibers are moved in their boxes")]
    larger: Mutex<Vec<Box<Fiber>>>,
}

impl SpareFibers {
    /// No fibers yet. All that are made will run `run_calls`.
    pub(in crate::vm) fn new(run_calls: RunCalls) -> SpareFibers {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let (next, rest, larger) = (AtomicPtr::default(), Mutex::default(), Mutex::default());
        SpareFibers { id, run_calls, next, rest, larger }
    }

    /// Takes or makes a fiber for guests with such frames.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    #[inline]
    pub(in crate::vm) fn take(&self, config: &Config, frames: Frames) -> anyhow::Result<Box<Fiber>> {
        if frames != Frames::default() {
            return self.take_larger(config, frames);
        }
        // The thread's own cannot be accessed while the thread ends.
        let warm = WARM.try_with(|warm| {
            let (id, fiber) = warm.take()?;
            if id == self.id {
                return Some(fiber);
            }
            warm.set(Some((id, fiber)));
            None
        });
        warm.ok().flatten().map_or_else(|| self.take_shared(config), Ok)
    }

    #[cold]
    fn take_larger(&self, config: &Config, frames: Frames) -> anyhow::Result<Box<Fiber>> {
        let mut larger = self.larger.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = larger.iter().position(|fiber| fiber.frames() == frames);
        let spare = fits.map(|at| larger.swap_remove(at));
        drop(larger);
        spare.map_or_else(|| Fiber::new(config, frames, self.run_calls).map(Box::new), Ok)
    }

    fn take_shared(&self, config: &Config) -> anyhow::Result<Box<Fiber>> {
        let next = self.next.swap(ptr::null_mut(), Ordering::Acquire);
        if next.is_null() {
            return self.another(config);
        }
        // SAFETY: (1) it came from a box, and the swap has made it ours alone.
        Ok(unsafe { Box::from_raw(next) })
    }

    #[cold]
    fn another(&self, config: &Config) -> anyhow::Result<Box<Fiber>> {
        let spare = self.rest.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.map_or_else(|| Fiber::new(config, Frames::default(), self.run_calls).map(Box::new), Ok)
    }

    /// Keeps a fiber for the next call.
    #[inline]
    pub(in crate::vm) fn give_back(&self, fiber: Box<Fiber>) {
        if fiber.frames() != Frames::default() {
            return self.keep_larger(fiber);
        }
        let mut fiber = Some(fiber);
        let _ = WARM.try_with(|warm| match warm.take() {
            None => warm.set(fiber.take().map(|fiber| (self.id, fiber))),
            other => warm.set(other),
        });
        if let Some(fiber) = fiber {
            self.give_back_shared(fiber);
        }
    }

    fn give_back_shared(&self, fiber: Box<Fiber>) {
        let fiber = Box::into_raw(fiber);
        let before = self.next.compare_exchange(ptr::null_mut(), fiber, Ordering::Release, Ordering::Relaxed);
        if before.is_err() {
            // SAFETY: (1) it came from the box above, and no other thread has seen it.
            self.keep(unsafe { Box::from_raw(fiber) });
        }
    }

    #[cold]
    fn keep_larger(&self, fiber: Box<Fiber>) {
        let mut larger = self.larger.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: u32 = larger.iter().map(|fiber| fiber.frames().ratio).sum();
        if kept + fiber.frames().ratio <= SPARE_FIBERS as u32 {
            larger.push(fiber);
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
            // SAFETY: (1) it came from a box, and the engine is being dropped.
            drop(unsafe { Box::from_raw(next) });
        }
    }
}
