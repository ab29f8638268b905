//! What the doors hand down to an engine when it is made: functions that guest code or a store has to reach, and that this room
//! must not name.
//!
//! Guest code calls the builtins through its store's context; the others are one indirect call for a fiber, and
//! one for a store that is dropped while a call in it is suspended.

use super::calls::fiber::RunCalls;
use super::store_core::StoreCore;
use crate::base::layout::VmBuiltins;

/// Functions of the doors: one table for the process.
pub struct Upcalls {
    /// What machine code calls; each store's context points to it.
    pub builtins: VmBuiltins,
    /// What runs on every fiber.
    pub run_calls: RunCalls,
    /// Ends the call that is suspended in a store, which is about to be dropped.
    pub cancel_suspended: fn(&mut StoreCore),
}

// SAFETY: (3) the table is constant: addresses of functions, which any thread may read.
unsafe impl Sync for VmBuiltins {}
// SAFETY: (3) as above.
unsafe impl Send for VmBuiltins {}
