//! Calls that can be suspended: they run on a stack of their own, which waits when fuel runs out.
//!
//! ```text
//!          begin                   out of fuel, a yield               go on              returns or lands
//!   (idle) ──────> running(fiber) ──────────────> suspended(fiber) ──────> running(fiber) ────────> (idle)
//!     └── leave, when the engine goes                    └── cancel: goes on once more, lands at the entry
//! ```
//! A fiber runs one call after the other, of any store of its engine, which keeps it between them (`spare_fibers.rs`).
//! A suspension never crosses a synchronous host function's frame: only the outermost activation of a fiber can be
//! suspended. A fiber's stack is the guest's limit and, below it, a reserve for host functions. It is larger where a
//! store's functions have larger frames than what is counted for them.
//!
//! A resumable call's fiber waits in its store, which can be used between two steps. One that a task polls waits in
//! a future, which has the store to itself: see `task.rs`.

use std::cell::Cell;
use std::ptr;
use std::task::Waker;

use anyhow::Context as _;
use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::signals;
use super::way_in::{self, GuestStack, Way};
use crate::base::config::Config;
use crate::base::error::StoreError;
use crate::base::frames::Frames;
use crate::base::layout::Slot;
use crate::base::trap::Trap;
use crate::vm::machine::address_space;
use crate::vm::machine::float_mode;
use crate::vm::store::calls::frames::GuestFrame;
use crate::vm::store::store_core::{FuncId, StoreContext, StoreCore};

/// What a store and the code on its fiber know of each other. It lies in the store's context, so that neither side
/// borrows the store for it.
pub struct FiberLink {
    status: Status,
    /// Counts calls on fibers, so that a handle of an old one is told from that of a new one.
    serial: u64,
    yielder: *const Yielder<Signal, Pause>,
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
    pub(in crate::vm) unsafe fn waker<'a>(&self) -> &'a Waker {
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

/// A stack, and the call that runs on it.
pub struct Fiber {
    coroutine: Coroutine<Signal, Pause, (), DefaultStack>,
    /// The call that it begins next; what runs on the stack reads it.
    work: Box<Cell<Option<Work>>>,
    /// The function of the call, where its results have to be translated.
    translates: Option<FuncId>,
    /// Those of a call that waits.
    slots: Vec<Slot>,
    /// What its stack is large enough for.
    frames: Frames,
}

// SAFETY: (8) what lies on its stack is bound to no thread.
unsafe impl Send for Fiber {}

/// A call as the fiber begins it.
#[derive(Clone, Copy)]
struct Work {
    context: *mut StoreContext,
    way: Way,
    slots: *mut Slot,
    /// What is left of the stack to its guest, as counted.
    left: u64,
}

/// What a fiber is told when it goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::vm) enum Signal {
    /// There is a call in the context.
    Begin,
    GoOn,
    Cancel,
    /// There will be no more calls.
    Leave,
}

impl Signal {
    pub(in crate::vm) fn is_cancelled(self) -> bool {
        self == Signal::Cancel
    }
}

/// Why a fiber does not run any more.
pub(in crate::vm) enum Pause {
    /// Its call waits.
    Waits(Wait),
    /// Its call has returned, or landed.
    Ended { landed: bool },
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

impl StoreCore {
    fn link(&self) -> &FiberLink {
        // SAFETY: (1, 2) the context lives as long as the store, and whoever has the store changes nothing meanwhile.
        unsafe { &(*self.context.as_ptr()).link }
    }

    #[inline]
    pub(in crate::vm) fn is_suspended(&self) -> bool {
        self.link().status == Status::Suspended
    }

    /// Whether a fiber of this store is running, below whoever asks.
    #[inline]
    pub(in crate::vm) fn on_fiber(&self) -> bool {
        self.link().status == Status::Running
    }

    /// Whether the running guest code may wait: it is on a fiber, and no host function is between.
    pub(in crate::vm) fn can_suspend(&self) -> bool {
        self.on_fiber() && self.activations.count() == 1
    }

    /// Whether a task polls the call that runs on the fiber: then that has the store to itself.
    pub(in crate::vm) fn is_polled(&self) -> bool {
        !self.link().waker.is_null()
    }

    /// The innermost frame of the guest that waits now, if it waits for fuel.
    pub(in crate::vm) fn waits_at(&self) -> Option<GuestFrame> {
        self.link().waited_at.filter(|_| self.is_suspended())
    }

    /// Makes a call ready on a stack of its own. It begins when the fiber is told to.
    ///
    /// # Errors
    /// There is no memory for a stack, or the function's doors cannot be compiled.
    #[inline]
    pub(in crate::vm) fn new_fiber(
        &mut self,
        func: FuncId,
        slots: &mut [Slot],
    ) -> anyhow::Result<Box<Fiber>> {
        let (way, translates) = match self.known_way(func, slots.len()) {
            Some(way) => (way, None),
            None => (self.prepare(func, slots)?, Some(func)),
        };
        let left = self.stack_left_within(signals::current()).ok_or(Trap::StackOverflow)?;
        let core = &self.engine.core;
        let mut fiber = core.fibers.take(&core.config, self.expected_frames())?;
        fiber.translates = translates;
        fiber.work.set(Some(Work { context: self.context.as_ptr(), way, slots: slots.as_mut_ptr(), left }));
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
    /// The way leads to a function of this store, and there are slots for all its parameters and results. The context's
    /// core is set.
    pub(in crate::vm) unsafe fn run_apart(
        &mut self,
        way: Way,
        slots: *mut Slot,
        left: u64,
    ) -> anyhow::Result<bool> {
        let context = self.context.as_ptr();
        let engine = self.engine.core.clone();
        let mut fiber = engine.fibers.take(&engine.config, self.expected_frames())?;
        fiber.work.set(Some(Work { context, way, slots, left }));
        // SAFETY: (2) the context is valid, here and after the call.
        let around = unsafe { (*context).link.yielder };
        let result = fiber.coroutine.resume(Signal::Begin);
        // SAFETY: (2) as above.
        unsafe { (*context).link.yielder = around };
        let CoroutineResult::Yield(Pause::Ended { landed }) = result else {
            unreachable!(
                "only what is on the outermost fiber of a store, with the link saying so, is suspended"
            )
        };
        engine.fibers.give_back(fiber);
        Ok(landed)
    }

    /// So many slots for a call on a fiber.
    #[inline]
    pub fn take_slots(&mut self, count: usize) -> Vec<Slot> {
        if count == 0 {
            return Vec::new();
        }
        let mut slots = std::mem::take(&mut self.spare_slots);
        slots.resize(count, Slot::default());
        slots
    }

    /// Keeps the memory of slots that were read, for the next call.
    #[inline]
    pub fn keep_slots(&mut self, mut slots: Vec<Slot>) {
        if slots.capacity() > 0 {
            slots.clear();
            self.spare_slots = slots;
        }
    }

    /// Starts a resumable call. `None` where it has returned, its results in `slots`; where it waits these are kept for
    /// it.
    ///
    /// # Errors
    /// As for a plain call; also when it is made from within a host function: what runs below that cannot be suspended.
    pub fn start_resumable(&mut self, func: FuncId, slots: &mut Vec<Slot>) -> anyhow::Result<Option<Wait>> {
        if self.is_suspended() || self.activations.count() > 0 || func.is_host() {
            return self.start_otherwise(func, slots);
        }
        self.prepare_thread()?;
        let fiber = self.new_fiber(func, slots)?;
        self.step(fiber, Signal::Begin, slots)
    }

    /// A resumable call that needs no fiber, or may get none.
    #[cold]
    fn start_otherwise(&mut self, func: FuncId, slots: &mut [Slot]) -> anyhow::Result<Option<Wait>> {
        if self.is_suspended() {
            return Err(StoreError::Suspended.into());
        }
        if self.activations.count() > 0 {
            return Err(StoreError::ResumableWithin.into());
        }
        self.call_host_func(func, None, slots)?;
        Ok(None)
    }

    /// The number of the call that is suspended, or was last.
    pub fn suspended_serial(&self) -> u64 {
        self.link().serial
    }

    /// Lets a suspended call go on, as [`StoreCore::start_resumable`].
    ///
    /// # Errors
    /// As for a plain call; also when the call of this number is not suspended here.
    pub fn resume(&mut self, serial: u64, slots: &mut Vec<Slot>) -> anyhow::Result<Option<Wait>> {
        self.prepare_thread()?;
        let mut fiber = self.take_suspended(serial)?;
        *slots = std::mem::take(&mut fiber.slots);
        self.step(fiber, Signal::GoOn, slots)
    }

    /// Ends a suspended call: its guest frames are given up.
    ///
    /// # Errors
    /// The call of this number is not suspended here.
    pub fn cancel(&mut self, serial: u64) -> Result<(), StoreError> {
        let mut fiber = self.take_suspended(serial)?;
        let mut slots = std::mem::take(&mut fiber.slots);
        let ended = self.step(fiber, Signal::Cancel, &mut slots);
        debug_assert!(ended.is_err(), "a cancelled call lands");
        Ok(())
    }

    /// Ends the call that is suspended in this store, if there is one.
    pub(in crate::vm) fn cancel_suspended(&mut self) {
        if self.suspended.is_some() {
            self.cancel(self.link().serial).expect("it is suspended");
        }
    }

    fn take_suspended(&mut self, serial: u64) -> Result<Box<Fiber>, StoreError> {
        let latest = self.link().serial;
        self.suspended.take_if(|_| serial == latest).ok_or(StoreError::NotSuspended)
    }

    /// Inlined, since each return after a switch is one that the processor does not foresee.
    #[inline(always)]
    fn step(
        &mut self,
        mut fiber: Box<Fiber>,
        signal: Signal,
        slots: &mut Vec<Slot>,
    ) -> anyhow::Result<Option<Wait>> {
        let context = self.context.as_ptr();
        // SAFETY: (1) the pointer is used while this function waits for the fiber and not after.
        unsafe { (*context).core = self };
        // SAFETY: (1, 8) the core was set, and this store's guest runs nowhere else.
        match unsafe { fiber.switch(context, signal, ptr::null()) } {
            Pause::Waits(wait) => {
                fiber.slots = std::mem::take(slots);
                self.suspended = Some(fiber);
                Ok(Some(wait))
            }
            Pause::Ended { landed } => self.end(fiber, landed, slots).map(|()| None),
        }
    }

    /// What has become of a call that has ended; its fiber goes back.
    ///
    /// # Errors
    /// As for a plain call.
    #[inline(always)]
    pub(in crate::vm) fn end(
        &mut self,
        mut fiber: Box<Fiber>,
        landed: bool,
        slots: &mut [Slot],
    ) -> anyhow::Result<()> {
        let translates = fiber.translates.take();
        self.engine.core.fibers.give_back(fiber);
        match translates {
            _ if landed => Err(self.take_pending()),
            Some(func) => self.translate_results(func, slots),
            None => Ok(()),
        }
    }
}

impl Fiber {
    /// A fiber that waits for its first call, with a stack for guests with such frames and for what host functions may use
    /// below it.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub(in crate::vm) fn new(config: &Config, frames: Frames) -> anyhow::Result<Fiber> {
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
        let coroutine =
            Coroutine::with_stack(stack, move |yielder, signal| run_calls(yielder, place, limit, signal));
        Ok(Fiber { coroutine, work, translates: None, slots: Vec::new(), frames })
    }

    /// What its stack is large enough for.
    #[inline]
    pub(in crate::vm) fn frames(&self) -> Frames {
        self.frames
    }

    /// Runs the call until it waits or has ended.
    ///
    /// # Safety
    /// The context is that of the store whose call it is, and its core is set (1). Nobody uses the store until this
    /// returns; the waker is valid as long, or null.
    #[inline(always)]
    pub(in crate::vm) unsafe fn switch(
        &mut self,
        context: *mut StoreContext,
        signal: Signal,
        waker: *const Waker,
    ) -> Pause {
        // SAFETY: (2) the context is valid, and the borrow ends before the switch.
        let link = unsafe { &mut (*context).link };
        (link.status, link.waker) = (Status::Running, waker);
        let previous = signals::enter_thread(context);
        // SAFETY: (2) as above. On the fiber is guest code, or the runtime's below it.
        unsafe { float_mode::leave_host(&raw mut (*context).host_mode) };
        let result = self.coroutine.resume(signal);
        // SAFETY: (2) as above.
        unsafe { float_mode::enter_host(&raw mut (*context).host_mode) };
        signals::leave_thread(previous);
        let CoroutineResult::Yield(pause) = result else { unreachable!("it was not told to leave") };
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

impl Drop for Fiber {
    fn drop(&mut self) {
        // Only one that waits for a call is dropped: calls are cancelled before.
        if self.coroutine.started() && !self.coroutine.done() {
            self.coroutine.resume(Signal::Leave);
        }
    }
}

/// What runs on a fiber: one call after the other, whose guests may go down to `stack_limit`.
fn run_calls(
    yielder: &Yielder<Signal, Pause>,
    work: *const Cell<Option<Work>>,
    stack_limit: usize,
    mut signal: Signal,
) {
    while signal == Signal::Begin {
        // SAFETY: (1, 2) whoever let the call begin has set the core, and what it works on stays where it is, as
        // does the fiber's own box.
        let landed = unsafe {
            let Work { context, way, slots, left } = (*work).get().expect("it was set before");
            (*context).link.yielder = yielder;
            way_in::activate(context, way, slots, GuestStack { left, limit: stack_limit })
        };
        signal = yielder.suspend(Pause::Ended { landed });
    }
}

/// Suspends the running fiber; returns what it is told when it goes on. `at` is where its guest is, unless it waits
/// for a host function.
///
/// # Safety
/// `can_suspend` was true, and no reference into the store is used across this call, but by a future that `wait` names.
pub(in crate::vm) unsafe fn suspend(
    context: *mut StoreContext,
    wait: Wait,
    at: Option<GuestFrame>,
) -> Signal {
    // SAFETY: (2) the context is valid, and the borrow ends before the switch.
    let link = unsafe { &mut (*context).link };
    link.waited_at = at;
    // SAFETY: (8) the yielder lives on the fiber's own stack, which is running.
    unsafe { (*link.yielder).suspend(Pause::Waits(wait)) }
}
