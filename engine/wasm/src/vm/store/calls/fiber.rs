//! THE SANDBOX RESTS ON THIS FILE: fibers, the stacks of calls that can be suspended, and what a store knows of the call on one.
//!
//! A fiber runs one call after the other, of any store of its engine, which keeps it between calls (`spare_fibers.rs`). Its stack
//! has room for the guest's limit and, below that, a reserve for host functions; it is larger if a store's functions have
//! larger frames than what is counted for them. Switching to it and back is `vm/doors/fibers.rs`, which also hands down what runs
//! on it.

use std::cell::Cell;
use std::ptr;
use std::task::Waker;

use anyhow::Context as _;
use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, Yielder};

use super::entry_point::EntryPoint;
use super::frames::GuestFrame;
use crate::base::config::Config;
use crate::base::error::StoreError;
use crate::base::frames::Frames;
use crate::base::layout::Slot;
use crate::vm::machine::address_space;
use crate::vm::store::context::VmStoreContext;
use crate::vm::store::funcref::StoreFunc;
use crate::vm::store::store_core::StoreCore;

/// What a store and the code on its fiber know of each other. It is in the store's context, so that neither side has to borrow
/// the store.
pub struct FiberLink {
    pub(in crate::vm) status: Status,
    /// Counts calls on fibers, so that the handle of an old call is not taken for that of a new one.
    pub(in crate::vm) serial: u64,
    pub(in crate::vm) yielder: *const Yielder<Signal, Pause>,
    /// Wakes the task that polls the call now; null if no task does.
    pub(in crate::vm) waker: *const Waker,
    /// Where the guest was when it last ran out of fuel; `None` while it waits for a host function.
    pub(in crate::vm) waited_at: Option<GuestFrame>,
}

impl Default for FiberLink {
    fn default() -> FiberLink {
        let (yielder, waker) = (ptr::null(), ptr::null());
        FiberLink { status: Status::Idle, serial: 0, yielder, waker, waited_at: None }
    }
}

impl FiberLink {
    /// The waker of the task that polls the running call.
    ///
    /// # Safety
    /// A task polls the call, and the waker is not used after the fiber is suspended.
    pub(in crate::vm) unsafe fn waker<'a>(&self) -> &'a Waker {
        // SAFETY: the caller vouches for it: the task waits for the fiber while it polls.
        unsafe { &*self.waker }
    }
}

/// What the outermost call of a store on a fiber is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Idle,
    Running,
    Suspended,
}

/// A stack, and the call that runs on it.
pub struct Fiber {
    pub(in crate::vm) coroutine: Coroutine<Signal, Pause, (), DefaultStack>,
    /// The call that it begins next, which what runs on the stack reads.
    pub(in crate::vm) work: Box<Cell<Option<Work>>>,
    /// The function of the call, if its results have to be translated.
    pub(in crate::vm) translates: Option<StoreFunc>,
    /// The slots of a call that waits.
    pub(in crate::vm) slots: Vec<Slot>,
    /// The frames for which its stack is large enough.
    frames: Frames,
}

// SAFETY: (8) what lies on its stack is bound to no thread.
unsafe impl Send for Fiber {}

/// A call that a fiber begins.
#[derive(Clone, Copy)]
pub struct Work {
    pub(in crate::vm) context: *mut VmStoreContext,
    pub(in crate::vm) entry: EntryPoint,
    pub(in crate::vm) slots: *mut Slot,
    /// What is left of the stack for its guest, as counted.
    pub(in crate::vm) left: u64,
}

/// What a fiber is told when it is switched to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Begin the call in `work`.
    Begin,
    /// Continue the suspended call.
    Resume,
    /// Land with the suspended call.
    Cancel,
    /// Return: there will be no more calls.
    Leave,
}

impl Signal {
    pub(in crate::vm) fn is_cancelled(self) -> bool {
        self == Signal::Cancel
    }
}

/// Why a fiber has switched back.
pub enum Pause {
    /// Its call waits.
    Waits(Wait),
    /// Its call has returned, or landed.
    Ended { landed: bool },
}

/// What a suspended call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For fuel, without which it cannot continue.
    Fuel,
    /// For being resumed: it has yielded, as the store is configured to.
    Yield,
    /// For the future of a host function.
    Host,
}

/// What runs on a fiber: one call after the other, each begun by a signal. The address is the limit of the stack for guests.
/// The cell must stay as long as the fiber.
pub type RunCalls = unsafe fn(&Yielder<Signal, Pause>, *const Cell<Option<Work>>, usize, Signal);

impl StoreCore {
    pub(in crate::vm) fn link(&self) -> &FiberLink {
        // SAFETY: (1, 2) the context lives as long as the store, and nothing changes the link while the store is borrowed.
        unsafe { &(*self.context.as_ptr()).link }
    }

    #[inline]
    pub(in crate::vm) fn is_suspended(&self) -> bool {
        self.link().status == Status::Suspended
    }

    /// Whether a call of this store is running on a fiber.
    #[inline]
    pub(in crate::vm) fn on_fiber(&self) -> bool {
        self.link().status == Status::Running
    }

    /// Whether the running guest code can be suspended: it is on a fiber, and no host function is in between.
    pub(in crate::vm) fn can_suspend(&self) -> bool {
        self.on_fiber() && self.activations.count() == 1
    }

    /// Whether a task polls the call that runs on the fiber. If so, the call has the store to itself.
    pub(in crate::vm) fn is_polled(&self) -> bool {
        !self.link().waker.is_null()
    }

    /// The innermost frame of the guest that waits now, if it waits for fuel.
    pub(in crate::vm) fn waits_at(&self) -> Option<GuestFrame> {
        self.link().waited_at.filter(|_| self.is_suspended())
    }

    /// The number of the call that is suspended, or was last.
    pub fn suspended_serial(&self) -> u64 {
        self.link().serial
    }
}

impl Fiber {
    /// A fiber that waits for its first call, with a stack for guests with such frames, and for host functions below it.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub(in crate::vm) fn new(config: &Config, frames: Frames, run_calls: RunCalls) -> anyhow::Result<Fiber> {
        let guest = config.guest_stack(config.counted_stack(), frames);
        let size = guest.saturating_add(config.fiber_stack_below_limit());
        let stack = Some(size).filter(|size| *size <= isize::MAX as usize).ok_or(0).and_then(|size| {
            let stack = DefaultStack::new(size.next_multiple_of(address_space::page_size()));
            stack.map_err(|error| error.raw_os_error().unwrap_or(0))
        });
        let stack = stack.map_err(StoreError::OutOfMemory).with_context(|| {
            format!(
                "a call needs a stack of {size} bytes ({} for each of max_wasm_stack, and more that is not counted)",
                frames.ratio
            )
        })?;
        let limit = stack.limit().get() + config.fiber_stack_below_limit();
        let work = Box::new(Cell::new(None));
        let place = &raw const *work;
        let coroutine = Coroutine::with_stack(stack, move |yielder, signal| {
            // SAFETY: (2) the box is dropped with the fiber, after the coroutine has ended. What a call works on is set by
            // the door that begins it.
            unsafe { run_calls(yielder, place, limit, signal) }
        });
        Ok(Fiber { coroutine, work, translates: None, slots: Vec::new(), frames })
    }

    /// The frames for which its stack is large enough.
    #[inline]
    pub(in crate::vm) fn frames(&self) -> Frames {
        self.frames
    }
}

impl Drop for Fiber {
    fn drop(&mut self) {
        // A fiber is dropped only while it waits for a call: a suspended call is cancelled first.
        if self.coroutine.started() && !self.coroutine.done() {
            self.coroutine.resume(Signal::Leave);
        }
    }
}
