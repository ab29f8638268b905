//! Calls that can be suspended: they run on a stack of their own, which waits when fuel runs out.
//!
//! ```text
//!           start                 out of fuel              resume               returns or lands
//!   (none) ───────> running(fiber) ─────────> suspended(fiber) ──────> running ────────> (none)
//!                                                  └── cancel: resumed once more, lands at the entry
//! ```
//! A suspension never crosses a host function's frame: only the outermost activation of a fiber can
//! be suspended. A fiber's stack is the guest's limit and, below it, a reserve for host functions.

use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::door_in::{self, Call};
use super::frames::GuestFrame;
use super::signals;
use super::store::{FuncId, StoreContext, StoreCore};
use crate::base::error::StoreError;
use crate::base::layout::Slot;

/// The resumable call of a store, if there is one.
#[derive(Default)]
pub struct Fiber {
    state: State,
    /// Counts resumable calls, so that a handle of an old one is told from that of a new one.
    serial: u64,
    yielder: Option<*const Yielder<Signal, ()>>,
    /// Where its guest was when it last had to wait.
    waited_at: Option<GuestFrame>,
}

#[derive(Default)]
enum State {
    #[default]
    None,
    Running,
    Suspended(Box<Suspended>),
}

struct Suspended {
    coroutine: Coroutine<Signal, (), bool, DefaultStack>,
    call: Box<FiberCall>,
}

/// What the fiber works on; it stays at its address while the call lasts.
struct FiberCall {
    call: Call,
    slots: Vec<Slot>,
}

/// What a fiber is told when it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    GoOn,
    Cancel,
}

impl Signal {
    pub fn is_cancelled(self) -> bool {
        self == Signal::Cancel
    }
}

/// How far a resumable call has come.
pub enum Step {
    /// It returned; these are its results.
    Finished(Vec<Slot>),
    /// It is out of fuel and waits. The number names the call.
    Suspended(u64),
}

impl Fiber {
    pub fn is_suspended(&self) -> bool {
        matches!(self.state, State::Suspended(_))
    }

    /// Notes where the guest is, just before it is suspended.
    pub(super) fn note_wait(&mut self, frame: GuestFrame) {
        self.waited_at = Some(frame);
    }

    /// The innermost frame of the guest that is suspended now.
    pub(super) fn waits_at(&self) -> Option<GuestFrame> {
        self.waited_at.filter(|_| self.is_suspended())
    }
}

impl StoreCore {
    /// Starts a resumable call.
    ///
    /// # Errors
    /// As for a plain call; also when it is made from within a host function, or by a host function's
    /// handle: these cannot be suspended.
    pub fn start_resumable(&mut self, func: FuncId, mut slots: Vec<Slot>) -> anyhow::Result<Step> {
        self.ready_for_a_call()?;
        if !self.activations.is_empty() {
            return Err(StoreError::ResumableWithin.into());
        }
        if func.is_host() {
            self.call(func, &mut slots)?;
            return Ok(Step::Finished(slots));
        }
        let call = self.prepare(func, &mut slots)?;
        let mut call = Box::new(FiberCall { call, slots });
        let stack = self.engine.core.take_stack()?;
        let limit = stack.limit().get() + self.engine.core.config.stack_below_limit();
        let (context, work) = (self.context.as_ptr(), &raw mut *call);
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<Signal, ()>, _| {
            // SAFETY: (1, 2) whoever resumes the fiber has set the core, and `call` stays in its box.
            unsafe {
                (*(*context).core).fiber.yielder = Some(yielder);
                let slots = (*work).slots.as_mut_ptr();
                door_in::activate(context, (*work).call.way, slots, limit)
            }
        });
        self.fiber.serial += 1;
        self.run(Box::new(Suspended { coroutine, call }), Signal::GoOn)
    }

    /// Lets a suspended call go on.
    ///
    /// # Errors
    /// As for a plain call; also when the call of this number is not suspended here.
    pub fn resume(&mut self, serial: u64) -> anyhow::Result<Step> {
        let suspended = self.take_suspended(serial)?;
        self.run(suspended, Signal::GoOn)
    }

    /// Ends a suspended call: its guest frames are given up.
    ///
    /// # Errors
    /// The call of this number is not suspended here.
    pub fn cancel(&mut self, serial: u64) -> Result<(), StoreError> {
        let suspended = self.take_suspended(serial)?;
        let ended = self.run(suspended, Signal::Cancel);
        debug_assert!(ended.is_err(), "a cancelled call lands");
        Ok(())
    }

    /// Ends whatever call is suspended.
    pub(super) fn cancel_suspended(&mut self) {
        if self.fiber.is_suspended() {
            self.cancel(self.fiber.serial).expect("it is suspended");
        }
    }

    fn take_suspended(&mut self, serial: u64) -> Result<Box<Suspended>, StoreError> {
        if serial != self.fiber.serial || !self.fiber.is_suspended() {
            return Err(StoreError::NotSuspended);
        }
        match std::mem::take(&mut self.fiber.state) {
            State::Suspended(suspended) => Ok(suspended),
            _ => unreachable!("it is suspended"),
        }
    }

    fn run(&mut self, mut fiber: Box<Suspended>, signal: Signal) -> anyhow::Result<Step> {
        if self.engine.core.config.signals_based_traps {
            signals::prepare_thread();
        }
        let context = self.context.as_ptr();
        self.fiber.state = State::Running;
        // SAFETY: (1) the pointer is used while this function waits for the fiber and not after.
        unsafe { (*context).core = self };
        let previous = signals::set_current(context);
        let result = fiber.coroutine.resume(signal);
        signals::set_current(previous);
        match result {
            CoroutineResult::Yield(()) => {
                self.fiber.state = State::Suspended(fiber);
                Ok(Step::Suspended(self.fiber.serial))
            }
            CoroutineResult::Return(landed) => {
                self.fiber.state = State::None;
                self.fiber.yielder = None;
                let Suspended { coroutine, call } = *fiber;
                self.engine.core.return_stack(coroutine.into_stack());
                let FiberCall { call, mut slots } = *call;
                self.finish(&call, landed, &mut slots)?;
                Ok(Step::Finished(slots))
            }
        }
    }

    /// Whether the running guest code may wait: it is on a fiber, and no host function is between.
    pub(super) fn can_suspend(&self) -> bool {
        matches!(self.fiber.state, State::Running) && self.activations.len() == 1
    }
}

/// Suspends the running fiber; returns what it is told when it goes on.
///
/// # Safety
/// `can_suspend` was true, and no reference into the store is used across this call.
pub unsafe fn suspend(context: *mut StoreContext) -> Signal {
    // SAFETY: (1) the borrow ends before the switch.
    let yielder = unsafe { (*(*context).core).fiber.yielder };
    let yielder = yielder.expect("a running fiber has noted its yielder");
    // SAFETY: (8) the yielder lives on the fiber's own stack, which is running.
    unsafe { (*yielder).suspend(()) }
}
