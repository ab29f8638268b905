//! THE SANDBOX RESTS ON THIS FILE: where a store lies in memory.
//!
//! ```text
//! ┌ context ──────────────────────────┬ core ────────────────────────────────────────┐
//! │ machine code reads and writes it, │ the host has references to it:               │
//! │ the host through a pointer only   │ what every call needs, then what it does not │
//! └───────────────────────────────────┴──────────────────────────────────────────────┘
//! ```
//! Both lie in one allocation, so that what a call needs of a store is in a few adjacent lines of the processor's cache. They
//! are separate parts of it, since a reference to the core must not cover what machine code changes.

use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::context::VmStoreContext;
use super::engine::Engine;
use super::store_core::StoreCore;

#[repr(C, align(64))]
struct Parts {
    context: VmStoreContext,
    core: StoreCore,
}

/// An owned store: a box of a [`StoreCore`], with its context beside it.
pub struct StoreBox(NonNull<Parts>);

// SAFETY: (1) it owns a core and its context, which may go to another thread together.
unsafe impl Send for StoreBox {}
// SAFETY: (1) shared references give shared references to the core only.
unsafe impl Sync for StoreBox {}

impl StoreBox {
    pub fn new<T: 'static>(engine: Engine, data: T) -> StoreBox {
        let parts = NonNull::from(Box::leak(Box::<Parts>::new_uninit())).cast::<Parts>();
        // SAFETY: (2) both are parts of an allocation that was just made and is freed when this is dropped.
        unsafe {
            let (context, core) = (&raw mut (*parts.as_ptr()).context, &raw mut (*parts.as_ptr()).core);
            context.write(VmStoreContext::new(&engine));
            core.write(StoreCore::new(engine, data, NonNull::new_unchecked(context)));
        }
        StoreBox(parts)
    }

    /// The address of the store.
    pub(in crate::vm) fn address(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }
}

impl Deref for StoreBox {
    type Target = StoreCore;

    #[inline]
    fn deref(&self) -> &StoreCore {
        // SAFETY: (1, 2) the core exists until this is dropped.
        unsafe { &(*self.0.as_ptr()).core }
    }
}

impl DerefMut for StoreBox {
    #[inline]
    fn deref_mut(&mut self) -> &mut StoreCore {
        // SAFETY: (1, 2) as above, and `&mut self` is exclusive.
        unsafe { &mut (*self.0.as_ptr()).core }
    }
}

impl Drop for StoreBox {
    fn drop(&mut self) {
        // SAFETY: (2) the core was written when this was made. The context has nothing to be dropped, and no guest code
        // of this store runs any more; the core needs it until it has cancelled the suspended call.
        unsafe {
            (&raw mut (*self.0.as_ptr()).core).drop_in_place();
            drop(Box::from_raw(self.0.cast::<MaybeUninit<Parts>>().as_ptr()));
        }
    }
}
