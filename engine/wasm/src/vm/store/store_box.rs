//! THE SANDBOX RESTS ON THIS FILE: where a store lies.
//!
//! ```text
//! ┌ context ──────────────────────────┬ core ────────────────────────────────────────┐
//! │ machine code reads and writes it, │ the host has references to it:               │
//! │ the host through a pointer only   │ what every call needs, then what it does not │
//! └───────────────────────────────────┴──────────────────────────────────────────────┘
//! ```
//! Both lie in one piece of memory, so that what a call needs of a store is a few lines of the processor's cache, one
//! after the other. They are two places in it, since a reference to the core must not cover what machine code changes.

use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::context::VmStoreContext;
use super::engine::Engine;
use super::store_core::StoreCore;

#[repr(C, align(64))]
struct Place {
    context: VmStoreContext,
    core: StoreCore,
}

/// A store that is owned: as a box of a [`StoreCore`], with its context beside it.
pub struct StoreBox(NonNull<Place>);

// SAFETY: (1) it owns a core and its context, which may go to another thread together.
unsafe impl Send for StoreBox {}
// SAFETY: (1) shared references give shared references to the core only.
unsafe impl Sync for StoreBox {}

impl StoreBox {
    pub fn new<T: 'static>(engine: Engine, data: T) -> StoreBox {
        let place = NonNull::from(Box::leak(Box::<Place>::new_uninit())).cast::<Place>();
        // SAFETY: (2) both are places in memory that was just allocated and is freed when this is dropped.
        unsafe {
            let (context, core) = (&raw mut (*place.as_ptr()).context, &raw mut (*place.as_ptr()).core);
            context.write(VmStoreContext::new(&engine));
            core.write(StoreCore::new(engine, data, NonNull::new_unchecked(context)));
        }
        StoreBox(place)
    }

    /// Where it begins.
    pub(in crate::vm) fn address(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }
}

impl Deref for StoreBox {
    type Target = StoreCore;

    #[inline]
    fn deref(&self) -> &StoreCore {
        // SAFETY: (1, 2) it is there until this is dropped.
        unsafe { &(*self.0.as_ptr()).core }
    }
}

impl DerefMut for StoreBox {
    #[inline]
    fn deref_mut(&mut self) -> &mut StoreCore {
        // SAFETY: (1, 2) as above, and whoever has `&mut self` is the only one to use it.
        unsafe { &mut (*self.0.as_ptr()).core }
    }
}

impl Drop for StoreBox {
    fn drop(&mut self) {
        // SAFETY: (2) the core was written when this was made. The context has nothing to be dropped, and no guest code of
        // this store runs any more; the core needs it until it has cancelled what is suspended.
        unsafe {
            (&raw mut (*self.0.as_ptr()).core).drop_in_place();
            drop(Box::from_raw(self.0.cast::<MaybeUninit<Place>>().as_ptr()));
        }
    }
}
