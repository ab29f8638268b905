//! THE SANDBOX RESTS ON THIS FILE: running calls on fibers, which can be suspended: switching to a fiber and back.
//!
//! ```text
//!          begin                   out of fuel, a yield               resume             returns or lands
//!   (idle) ──────> running(fiber) ──────────────> suspended(fiber) ──────> running(fiber) ────────> (idle)
//!     └── leave, when the engine is dropped              └── cancel: continues once more, lands at the entry
//! ```
//! A suspension never crosses the frame of a synchronous host function: only the outermost activation of a fiber can be
//! suspended. A resumable call's fiber waits in its store, which can be used between two steps (`resumable.rs`). One that a
//! task polls waits in a future, which has the store to itself (`task.rs`).

use std::cell::Cell;
use std::ptr;
use std::task::Waker;

use corosensei::{CoroutineResult, Yielder};

use super::{signals, way_in};
use crate::base::layout::Slot;
use crate::base::trap::Trap;
use crate::vm::machine::float_mode;
use crate::vm::store::calls::entry_point::{EntryPoint, GuestStack};
use crate::vm::store::calls::fiber::{Fiber, Pause, Signal, Status, Wait, Work};
use crate::vm::store::calls::frames::GuestFrame;
use crate::vm::store::context::VmStoreContext;
use crate::vm::store::funcref::StoreFunc;
use crate::vm::store::store_core::StoreCore;

impl StoreCore {
    /// Prepares a call on a fiber. It begins when the fiber is told to.
    ///
    /// # Errors
    /// There is no memory for a stack, or the function's trampolines cannot be compiled.
    #[inline]
    pub(super) fn new_fiber(&mut self, func: StoreFunc, slots: &mut [Slot]) -> anyhow::Result<Box<Fiber>> {
        let (entry, translates) = match self.known_entry(func, slots.len()) {
            Some(entry) => (entry, None),
            None => (self.prepare(func, slots)?, Some(func)),
        };
        let left = self.stack_left_within(signals::current()).ok_or(Trap::StackOverflow)?;
        let core = &self.engine.core;
        let mut fiber = core.fibers.take(&core.config, self.expected_frames())?;
        fiber.translates = translates;
        fiber.work.set(Some(Work { context: self.context.as_ptr(), entry, slots: slots.as_mut_ptr(), left }));
        // SAFETY: (1, 2) as in `link`.
        unsafe { (*self.context.as_ptr()).link.serial += 1 };
        Ok(fiber)
    }

    /// Runs a call on a fiber from beginning to end. True if it has landed.
    ///
    /// # Errors
    /// There is no memory for a stack.
    ///
    /// # Safety
    /// The entry point is that of a function of this store, and there are slots for all its parameters and results. The context's
    /// core is set.
    pub(super) unsafe fn run_apart(
        &mut self,
        entry: EntryPoint,
        slots: *mut Slot,
        left: u64,
    ) -> anyhow::Result<bool> {
        let context = self.context.as_ptr();
        let engine = self.engine.core.clone();
        let mut fiber = engine.fibers.take(&engine.config, self.expected_frames())?;
        fiber.work.set(Some(Work { context, entry, slots, left }));
        // SAFETY: (2) the context is valid, here and after the call.
        let around = unsafe { (*context).link.yielder };
        let result = fiber.coroutine.resume(Signal::Begin);
        // SAFETY: (2) as above.
        unsafe { (*context).link.yielder = around };
        let CoroutineResult::Yield(Pause::Ended { landed }) = result else {
            unreachable!("only a call on the outermost fiber of a store, as its link says, is suspended")
        };
        engine.fibers.give_back(fiber);
        Ok(landed)
    }
}

impl Fiber {
    /// Runs the call until it waits or has ended.
    ///
    /// # Safety
    /// The context is that of the store whose call it is, and its core is set (1). Nothing else uses the store until
    /// this returns; the waker is null, or valid until then.
    #[inline(always)]
    pub(super) unsafe fn switch(
        &mut self,
        context: *mut VmStoreContext,
        signal: Signal,
        waker: *const Waker,
    ) -> Pause {
        // SAFETY: (2) the context is valid, and the borrow ends before the switch.
        let link = unsafe { &mut (*context).link };
        (link.status, link.waker) = (Status::Running, waker);
        let previous = signals::enter_thread(context);
        // SAFETY: (2) as above. On the fiber runs guest code, or code of the runtime that it called.
        unsafe { float_mode::leave_host(&raw mut (*context).host_mode) };
        let result = self.coroutine.resume(signal);
        // SAFETY: (2) as above.
        unsafe { float_mode::enter_host(&raw mut (*context).host_mode) };
        signals::leave_thread(previous);
        let CoroutineResult::Yield(pause) = result else { unreachable!("the fiber was not told to leave") };
        // SAFETY: (2) as above, after the switch back.
        let link = unsafe { &mut (*context).link };
        link.waker = ptr::null();
        link.status = match pause {
            Pause::Waits(_) => Status::Suspended,
            Pause::Ended { .. } => Status::Idle,
        };
        pause
    }
}

/// What runs on a fiber: one call after the other, whose guests may go down to `stack_limit`.
///
/// # Safety
/// `work` is valid as long as the fiber. The core of a call's context is set when the call begins, and its slots stay
/// where they are until it has ended.
pub(super) unsafe fn run_calls(
    yielder: &Yielder<Signal, Pause>,
    work: *const Cell<Option<Work>>,
    stack_limit: usize,
    mut signal: Signal,
) {
    while signal == Signal::Begin {
        // SAFETY: (1, 2) the caller vouches for the fiber's box and for what its call works on.
        let landed = unsafe {
            let Work { context, entry, slots, left } = (*work).get().expect("it was set before");
            (*context).link.yielder = yielder;
            way_in::activate(context, entry, slots, GuestStack { left, limit: stack_limit })
        };
        signal = yielder.suspend(Pause::Ended { landed });
    }
}

/// Suspends the running fiber; returns what it is told when it is switched to again. `at` is where its guest is, or `None` if it
/// waits for a host function.
///
/// # Safety
/// `can_suspend` was true, and no reference into the store is used across this call, except by a future for which the call
/// waits.
pub(super) unsafe fn suspend(context: *mut VmStoreContext, wait: Wait, at: Option<GuestFrame>) -> Signal {
    // SAFETY: (2) the context is valid, and the borrow ends before the switch.
    let link = unsafe { &mut (*context).link };
    link.waited_at = at;
    // SAFETY: (8) the yielder lives on the fiber's own stack, which is running.
    unsafe { (*link.yielder).suspend(Pause::Waits(wait)) }
}
