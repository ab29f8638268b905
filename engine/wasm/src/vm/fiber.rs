//! Calls that can be suspended: they run on a stack of their own, which waits when fuel runs out.
//!
//! ```text
//!           start                   out of fuel, a yield              resume               returns or lands
//!   (idle) ───────> running(fiber) ──────────────> suspended(fiber) ──────> running ────────> (idle)
//!                                                        └── cancel: resumed once more, lands at the entry
//! ```
//! A suspension never crosses a synchronous host function's frame: only the outermost activation of a fiber can be
//! suspended. A fiber's stack is the guest's limit and, below it, a reserve for host functions.
//!
//! A resumable call's fiber waits in its store, which can be used between two steps. One that a task polls waits in
//! a future, which has the store to itself: see `task.rs`.

use std::ptr;
use std::task::Waker;

use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::door_in::{self, Call};
use super::frames::GuestFrame;
use super::signals;
use super::store::{FuncId, StoreContext, StoreCore};
use crate::base::error::StoreError;
use crate::base::layout::Slot;

/// What a store and the code on its fiber know of each other. It lies in the store's context, so that neither side
/// borrows the store for it.
pub struct FiberLink {
    status: Status,
    /// Counts fibers, so that a handle of an old call is told from that of a new one.
    serial: u64,
    yielder: *const Yielder<Signal, Wait>,
    /// Wakes the task that polls the call just now; null where no task does.
    waker: *const Waker,
    /// Where the guest was when it last ran out of fuel; `None` while it waits for a host function.
    waited_at: Option<GuestFrame>,
}

impl Default for FiberLink {
    fn default() -> FiberLink {
        let (yielder, waker) = (ptr::null(), ptr::null());
        FiberLink { status: Status::Idle, serial: 0, yielder, waker, waited_at: None }
    }
}

impl FiberLink {
    /// What wakes the task that polls the running call.
    ///
    /// # Safety
    /// A task does, and the waker is not used after the fiber is suspended.
    pub(super) unsafe fn waker<'a>(&self) -> &'a Waker {
        // SAFETY: the caller vouches for it: whoever polls waits for the fiber.
        unsafe { &*self.waker }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Idle,
    Running,
    Suspended,
}

/// A call and the stack it runs on.
pub(super) struct Fiber {
    coroutine: Coroutine<Signal, Wait, bool, DefaultStack>,
    call: Call,
    slots: Vec<Slot>,
    /// Whether threads that run it must be ready for faults.
    faults: bool,
}

/// What a fiber is told when it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    GoOn,
    Cancel,
}

impl Signal {
    pub(super) fn is_cancelled(self) -> bool {
        self == Signal::Cancel
    }
}

/// What a suspended call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For fuel: without more it gets no further.
    Fuel,
    /// For its turn: it has yielded as the store is set to.
    Turn,
    /// For the future of a host function.
    Host,
}

/// How far a resumable call has come.
pub enum Step {
    /// It returned; these are its results.
    Finished(Vec<Slot>),
    /// It waits. The number names the call.
    Suspended(u64, Wait),
}

impl StoreCore {
    fn link(&self) -> &FiberLink {
        // SAFETY: (1, 2) the context lives as long as the store, and whoever has the store changes nothing meanwhile.
        unsafe { &(*self.context.as_ptr()).link }
    }

    #[inline]
    pub(super) fn is_suspended(&self) -> bool {
        self.link().status == Status::Suspended
    }

    /// Whether a fiber of this store is running, below whoever asks.
    #[inline]
    pub(super) fn on_fiber(&self) -> bool {
        self.link().status == Status::Running
    }

    /// Whether the running guest code may wait: it is on a fiber, and no host function is between.
    pub(super) fn can_suspend(&self) -> bool {
        self.on_fiber() && self.activations.len() == 1
    }

    /// Whether a task polls the call that runs on the fiber: then that has the store to itself.
    pub(super) fn is_polled(&self) -> bool {
        !self.link().waker.is_null()
    }

    /// The innermost frame of the guest that waits now, if it waits for fuel.
    pub(super) fn waits_at(&self) -> Option<GuestFrame> {
        self.link().waited_at.filter(|_| self.is_suspended())
    }

    /// Makes a call ready on a stack of its own. It begins at the first switch.
    ///
    /// # Errors
    /// There is no memory for a stack, or the function's doors cannot be compiled.
    pub(super) fn new_fiber(&mut self, func: FuncId, mut slots: Vec<Slot>) -> anyhow::Result<Box<Fiber>> {
        let call = self.prepare(func, &mut slots)?;
        let stack = self.engine.core.take_stack()?;
        let limit = stack.limit().get() + self.engine.core.config.fiber_stack_below_limit();
        let (context, way, values) = (self.context.as_ptr(), call.way, slots.as_mut_ptr());
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<Signal, Wait>, _| {
            // SAFETY: (1, 2) whoever resumes the fiber has set the core, and the slots stay where they are.
            unsafe {
                (*context).link.yielder = yielder;
                door_in::activate(context, way, values, limit)
            }
        });
        // SAFETY: (1, 2) as in `link`.
        unsafe { (*self.context.as_ptr()).link.serial += 1 };
        let faults = self.engine.core.config.signals_based_traps;
        Ok(Box::new(Fiber { coroutine, call, slots, faults }))
    }

    /// Starts a resumable call.
    ///
    /// # Errors
    /// As for a plain call; also when it is made from within a host function: what runs below that cannot be suspended.
    pub fn start_resumable(&mut self, func: FuncId, mut slots: Vec<Slot>) -> anyhow::Result<Step> {
        if self.is_suspended() {
            return Err(StoreError::Suspended.into());
        }
        if !self.activations.is_empty() {
            return Err(StoreError::ResumableWithin.into());
        }
        if func.is_host() {
            self.call_host_func(func, None, &mut slots)?;
            return Ok(Step::Finished(slots));
        }
        let fiber = self.new_fiber(func, slots)?;
        self.step(fiber, Signal::GoOn)
    }

    /// Lets a suspended call go on.
    ///
    /// # Errors
    /// As for a plain call; also when the call of this number is not suspended here.
    pub fn resume(&mut self, serial: u64) -> anyhow::Result<Step> {
        let fiber = self.take_suspended(serial)?;
        self.step(fiber, Signal::GoOn)
    }

    /// Ends a suspended call: its guest frames are given up.
    ///
    /// # Errors
    /// The call of this number is not suspended here.
    pub fn cancel(&mut self, serial: u64) -> Result<(), StoreError> {
        let fiber = self.take_suspended(serial)?;
        let ended = self.step(fiber, Signal::Cancel);
        debug_assert!(ended.is_err(), "a cancelled call lands");
        Ok(())
    }

    /// Ends the call that is suspended in this store, if there is one.
    pub(super) fn cancel_suspended(&mut self) {
        if self.suspended.is_some() {
            self.cancel(self.link().serial).expect("it is suspended");
        }
    }

    fn take_suspended(&mut self, serial: u64) -> Result<Box<Fiber>, StoreError> {
        let latest = self.link().serial;
        self.suspended.take_if(|_| serial == latest).ok_or(StoreError::NotSuspended)
    }

    fn step(&mut self, mut fiber: Box<Fiber>, signal: Signal) -> anyhow::Result<Step> {
        let context = self.context.as_ptr();
        // SAFETY: (1) the pointer is used while this function waits for the fiber and not after.
        unsafe { (*context).core = self };
        // SAFETY: (1, 8) the core was set, and this store's guest runs nowhere else.
        match unsafe { fiber.switch(context, signal, ptr::null()) } {
            CoroutineResult::Yield(wait) => {
                self.suspended = Some(fiber);
                Ok(Step::Suspended(self.link().serial, wait))
            }
            CoroutineResult::Return(landed) => Ok(Step::Finished(self.end(*fiber, landed)?)),
        }
    }

    /// What has become of a call whose fiber has returned; its stack goes back.
    ///
    /// # Errors
    /// As for a plain call.
    pub(super) fn end(&mut self, fiber: Fiber, landed: bool) -> anyhow::Result<Vec<Slot>> {
        let Fiber { coroutine, call, mut slots, .. } = fiber;
        self.engine.core.return_stack(coroutine.into_stack());
        self.finish(&call, landed, &mut slots)?;
        Ok(slots)
    }
}

impl Fiber {
    /// Runs the call until it waits or returns.
    ///
    /// # Safety
    /// The context is that of the fiber's store, and its core is set (1). Nobody uses the store until this returns; the
    /// waker is valid as long, or null.
    pub(super) unsafe fn switch(
        &mut self,
        context: *mut StoreContext,
        signal: Signal,
        waker: *const Waker,
    ) -> CoroutineResult<Wait, bool> {
        // SAFETY: (2) the context is valid, and the borrow ends before the switch.
        let link = unsafe { &mut (*context).link };
        (link.status, link.waker) = (Status::Running, waker);
        let previous = signals::enter_thread(context, self.faults);
        let result = self.coroutine.resume(signal);
        signals::leave_thread(previous);
        // SAFETY: (2) as above, after the switch back.
        let link = unsafe { &mut (*context).link };
        link.waker = ptr::null();
        link.status = match result {
            CoroutineResult::Yield(_) => Status::Suspended,
            CoroutineResult::Return(_) => Status::Idle,
        };
        result
    }

    /// Whether it has begun: before that nothing is to be ended.
    pub(super) fn has_begun(&self) -> bool {
        self.coroutine.started()
    }
}

/// Suspends the running fiber; returns what it is told when it goes on. `at` is where its guest is, unless it waits
/// for a host function.
///
/// # Safety
/// `can_suspend` was true, and no reference into the store is used across this call, but by a future that `wait` names.
pub(super) unsafe fn suspend(context: *mut StoreContext, wait: Wait, at: Option<GuestFrame>) -> Signal {
    // SAFETY: (2) the context is valid, and the borrow ends before the switch.
    let link = unsafe { &mut (*context).link };
    link.waited_at = at;
    // SAFETY: (8) the yielder lives on the fiber's own stack, which is running.
    unsafe { (*link.yielder).suspend(wait) }
}
