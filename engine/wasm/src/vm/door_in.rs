//! The door in: the host calls a function of a store.
//!
//! ```text
//! host frames │ enter │ entry trampoline │ guest frames │ exit trampoline │ call_host │ host function │ enter ...
//!             └ one activation: landing, caller and exit frame of the one around it are kept in
//!               `activations` and put back when it ends ┘
//! ```

use std::panic::resume_unwind;

use super::arch::stack_pointer;
use super::backtrace::WasmBacktrace;
use super::float_mode;
use super::frames::ActivationFrames;
use super::signals;
use super::signatures::Doors;
use super::store::{FuncId, InstanceId, Pending, StoreContext, StoreCore};
use super::thread_stack;
use crate::base::error::StoreError;
use crate::base::frames::Frames;
use crate::base::layout::{Slot, VmInstance, VmLanding, VmStore};
use crate::base::trap::Trap;
use crate::compile::prices::stack;
use crate::compile::trampoline::Enter;

/// The calls into guest code that have not returned yet. Of all but the innermost, whose are in the store's
/// context, it is kept what was there.
#[derive(Default)]
pub struct Activations {
    count: usize,
    outer: Vec<Activation>,
}

/// What is kept of an activation around another one.
pub struct Activation {
    landing: VmLanding,
    caller: *const VmInstance,
    exit_fp: usize,
    stack: u64,
    stack_limit: usize,
}

/// What a guest may take of the stack.
#[derive(Clone, Copy)]
pub(super) struct GuestStack {
    /// As counted, in bytes.
    pub(super) left: u64,
    /// The address below which its frames must not reach: further down than what is counted.
    pub(super) limit: usize,
}

impl Activations {
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Those around the innermost, which comes after the last of them.
    pub(super) fn outer(&self) -> &[Activation] {
        &self.outer
    }

    /// Around the first there is nothing to keep: calls from outside pay for none of this.
    #[inline]
    fn begin(&mut self, vm: &VmStore) {
        if self.count > 0 {
            self.keep(vm);
        }
        self.count += 1;
    }

    #[inline]
    fn end(&mut self, vm: &mut VmStore) {
        self.count -= 1;
        if self.count > 0 {
            self.put_back(vm);
        }
    }

    #[inline(never)]
    fn keep(&mut self, vm: &VmStore) {
        let VmStore { landing, stack, stack_limit, caller, exit_fp, .. } = *vm;
        self.outer.push(Activation { landing, caller, exit_fp, stack, stack_limit });
    }

    #[inline(never)]
    fn put_back(&mut self, vm: &mut VmStore) {
        let outer = self.outer.pop().expect("it was kept when the one that ends began");
        vm.landing = outer.landing;
        vm.caller = outer.caller;
        vm.exit_fp = outer.exit_fp;
        vm.stack = outer.stack;
        vm.stack_limit = outer.stack_limit;
    }
}

impl Activation {
    /// The frames between the door in and the door out of this activation.
    pub(super) fn frames(&self) -> ActivationFrames {
        ActivationFrames { exit_fp: self.exit_fp, entry_fp: self.landing.fp }
    }
}

/// The way into a function.
#[derive(Clone, Copy)]
pub(super) struct Way {
    enter: Enter,
    code: *const u8,
    context: *mut u8,
}

impl StoreCore {
    /// Calls a function with arguments in `slots`, which take the results. References in them are
    /// functions of this store, as bits of [`FuncId`].
    ///
    /// # Errors
    /// A trap, an error of a host function, or the store has a suspended call.
    ///
    /// # Panics
    /// There are fewer slots than parameters or results, or a host function panicked.
    #[inline]
    pub fn call(&mut self, func: FuncId, slots: &mut [Slot]) -> anyhow::Result<()> {
        self.ready_for_a_call()?;
        let Some(way) = self.known_way(func, slots.len()) else { return self.call_slowly(func, slots) };
        // SAFETY: (5) the way is the function's, and there are slots enough.
        if unsafe { self.enter(way, slots.as_mut_ptr()) } { Err(self.take_pending()) } else { Ok(()) }
    }

    /// The way into a function that was called before, if nothing has to be translated on it.
    #[inline]
    pub(super) fn known_way(&self, func: FuncId, slots: usize) -> Option<Way> {
        if func.is_host() {
            return None;
        }
        // SAFETY: (2) references to functions stay as long as their store.
        let known = unsafe { &*self.instances[func.owner()].escaped(func.index()) };
        if known.enter.is_null() || slots < known.slots as usize {
            return None;
        }
        // SAFETY: (3, 4) it was set to the way in of the function's signature, which its module keeps.
        let enter = unsafe { std::mem::transmute::<*const (), Enter>(known.enter) };
        Some(Way { enter, code: known.code, context: known.context })
    }

    #[cold]
    fn call_slowly(&mut self, func: FuncId, slots: &mut [Slot]) -> anyhow::Result<()> {
        if func.is_host() {
            return self.call_host_func(func, None, slots);
        }
        let way = self.prepare(func, slots)?;
        // SAFETY: (5) the call was prepared with these slots.
        if unsafe { self.enter(way, slots.as_mut_ptr()) } {
            return Err(self.take_pending());
        }
        self.translate_results(func, slots)
    }

    /// A host function that no guest code calls needs no machine code. Mostly it has no caller.
    pub(super) fn call_host_func(
        &mut self,
        func: FuncId,
        caller: Option<InstanceId>,
        slots: &mut [Slot],
    ) -> anyhow::Result<()> {
        let func = self.host_func(func);
        if func.async_code.is_some() {
            return Err(StoreError::AsyncHostFunction.into());
        }
        let scope = self.enter_scope();
        let result = (func.code)(self, caller, slots);
        self.exit_scope(scope);
        result
    }

    #[inline]
    pub(super) fn ready_for_a_call(&self) -> Result<(), StoreError> {
        if self.is_suspended() || self.fuel.yields() { self.may_call() } else { Ok(()) }
    }

    /// Whoever wants calls to yield must not make one that cannot. What host functions call does not yield anyhow.
    #[cold]
    fn may_call(&self) -> Result<(), StoreError> {
        if self.is_suspended() {
            return Err(StoreError::Suspended);
        }
        if self.activations.count() == 0 { Err(StoreError::AsyncRequired) } else { Ok(()) }
    }

    /// Finds the doors, and turns references to functions into what machine code knows.
    pub(super) fn prepare(&mut self, func: FuncId, slots: &mut [Slot]) -> anyhow::Result<Way> {
        let target = self.func_ref_of(func);
        let doors = self.doors_of(func)?;
        assert!(slots.len() >= doors.slots(), "a call has slots for all parameters and results");
        self.funcs_to_guest(&doors.func_params, slots);
        let enter = doors.enter();
        if doors.func_params.is_empty() && doors.func_results.is_empty() {
            let known = self.instances[func.owner()].escaped(func.index());
            // SAFETY: (1, 2) the reference stays as long as the store, and machine code does not read these.
            unsafe {
                (*known).slots = u32::try_from(doors.slots())?;
                (*known).enter = enter as *const ();
            }
        }
        Ok(Way { enter, code: target.code, context: target.context })
    }

    /// The doors of a function of an instance.
    fn doors_of(&self, func: FuncId) -> anyhow::Result<&Doors> {
        self.instances[func.owner()].module().doors_of(func.index())
    }

    /// Turns what a function has returned into what the host knows.
    pub(super) fn translate_results(&mut self, func: FuncId, slots: &mut [Slot]) -> anyhow::Result<()> {
        let doors = self.doors_of(func)?;
        self.funcs_to_host(&doors.func_results, slots);
        Ok(())
    }

    /// Runs guest code. True if it landed because of what is pending now.
    ///
    /// It stays on this thread: only the outermost activation of a fiber can be suspended, and that is
    /// not entered here.
    ///
    /// # Safety
    /// The way leads to a function of this store, and there are slots for all its parameters and results.
    #[inline]
    unsafe fn enter(&mut self, way: Way, slots: *mut Slot) -> bool {
        if let Err(error) = self.prepare_thread() {
            self.pending = Some(Pending::Error(error.into()));
            return true;
        }
        let context = self.context.as_ptr();
        // SAFETY: (1) the pointer is used while this function waits for the guest and not after.
        unsafe { (*context).core = self };
        let previous = signals::set_current_of_thread(context);
        // SAFETY: (2) the store's pointer is valid.
        let host = unsafe { float_mode::leave_host(context) };
        let landed = match self.stack_within(previous) {
            // SAFETY: (1, 5) the store's pointer is valid, and the caller vouches for the rest.
            Some(stack) => unsafe { activate(context, way, slots, stack) },
            // SAFETY: (1, 5) as above.
            None => unsafe { self.activate_apart(previous, way, slots) },
        };
        // SAFETY: (2) as above.
        unsafe { float_mode::return_to_host(context, host) };
        signals::set_current_of_thread(previous);
        landed
    }

    /// Makes sure that this thread can run guest code.
    ///
    /// # Errors
    /// The operating system refuses the memory for its signals.
    #[inline]
    pub(super) fn prepare_thread(&self) -> Result<(), StoreError> {
        if self.engine.core.config.signals_based_traps { signals::prepare_thread() } else { Ok(()) }
    }

    /// Runs guest code on a fiber, since too little is left of the stack that this runs on. It is not suspended.
    ///
    /// # Safety
    /// As for [`StoreCore::enter`].
    #[cold]
    unsafe fn activate_apart(&mut self, around: *mut StoreContext, way: Way, slots: *mut Slot) -> bool {
        let Some(left) = self.stack_left_within(around) else {
            self.note_trap(Trap::StackOverflow);
            return true;
        };
        // SAFETY: (1, 5) the caller vouches for it.
        unsafe { self.run_apart(way, slots, left) }.unwrap_or_else(|error| {
            self.pending = Some(Pending::Error(error));
            true
        })
    }

    /// What the guest may take of this stack. `None` where nothing is left to it, as counted, or this stack has less.
    #[inline]
    fn stack_within(&self, around: *mut StoreContext) -> Option<GuestStack> {
        let (sp, config) = (stack_pointer(), &self.engine.core.config);
        // SAFETY: (2) the context lives as long as the store.
        let (frames, whole) =
            unsafe { ((*self.context.as_ptr()).frames, (*self.context.as_ptr()).whole_stack) };
        // Mostly it is the first, and all is there.
        if around.is_null() && self.activations.count() == 0 && thread_stack::has_below(sp, whole) {
            let left = config.counted_stack();
            return Some(GuestStack { left, limit: sp - config.guest_stack(left, frames) });
        }
        let left = self.stack_left_within(around)?;
        let limit = sp.checked_sub(config.guest_stack(left, frames))?;
        (limit >= self.end_of_stack(sp, around)?).then_some(GuestStack { left, limit })
    }

    /// What is left of the stack to the guest, as counted. One that is called while others wait has what is left to
    /// these, this store's or the thread's, less what the host takes between them.
    pub(super) fn stack_left_within(&self, around: *mut StoreContext) -> Option<u64> {
        let mut left = self.engine.core.config.counted_stack();
        if self.activations.count() > 0 {
            // SAFETY: (2) the context lives as long as the store.
            left = left.min(unsafe { !(*self.vm()).stack }.checked_sub(stack::ACTIVATION)?);
        }
        if !around.is_null() {
            // SAFETY: (2) that store's guest waits for this call, so its context is there.
            left = left.min(unsafe { !(*around).vm.stack }.checked_sub(stack::ACTIVATION)?);
        }
        Some(left)
    }

    /// Where the part of this stack ends that guests may use; `None` on a stack of which that is not known.
    #[cold]
    fn end_of_stack(&self, sp: usize, around: *mut StoreContext) -> Option<usize> {
        if let Some(stack) = thread_stack::around(sp) {
            return stack.start.checked_add(self.engine.core.config.stack_below_limit());
        }
        // SAFETY: (2) as above.
        let StoreContext { vm, whole_stack, .. } = unsafe { around.as_ref()? };
        let end = vm.stack_limit;
        // The host may run on a stack of its own by now.
        (end..end.saturating_add(*whole_stack)).contains(&sp).then_some(end)
    }

    /// Sees to it that calls which begin from now on have a stack that is large enough for such frames.
    pub(super) fn expect_frames(&mut self, frames: Frames) {
        let context = self.context.as_ptr();
        // SAFETY: (2) the context lives as long as the store, and machine code knows nothing of these.
        unsafe {
            (*context).frames = (*context).frames.and(frames);
            (*context).whole_stack = self.engine.core.config.whole_stack((*context).frames);
        }
    }

    /// What calls that begin now must have stack for.
    pub(super) fn expected_frames(&self) -> Frames {
        // SAFETY: (2) the context lives as long as the store.
        unsafe { (*self.context.as_ptr()).frames }
    }

    pub(super) fn take_pending(&mut self) -> anyhow::Error {
        let backtrace = self.backtrace.take();
        let error = match self.pending.take().expect("guest code lands with a reason") {
            Pending::Trap { trap, .. } => anyhow::Error::new(trap),
            Pending::Error(error) => error,
            Pending::Panic(payload) => resume_unwind(payload),
        };
        match backtrace {
            // An error that came through several activations keeps the innermost backtrace.
            Some(backtrace) if error.downcast_ref::<WasmBacktrace>().is_none() => error.context(backtrace),
            _ => error,
        }
    }
}

/// Enters guest code as a new activation. Only raw pointers: it may be suspended in the middle and go
/// on when the store is elsewhere and on another thread.
///
/// # Safety
/// The context's core is valid, and stays so or is renewed at each resumption (1). The way leads to a function
/// with as many parameters and results as there are slots, which stay where they are (5).
#[inline]
pub(super) unsafe fn activate(
    context: *mut StoreContext,
    way: Way,
    slots: *mut Slot,
    stack: GuestStack,
) -> bool {
    // SAFETY: (1) nothing else uses the core until the guest runs.
    let core = unsafe { &mut *(*context).core };
    // SAFETY: (2) the context is valid as long as its store.
    let vm = unsafe { &mut (*context).vm };
    if stack_pointer() < stack.limit {
        core.pending = Some(Pending::Trap { trap: Trap::StackOverflow, refund: 0 });
        return true;
    }
    core.activations.begin(vm);
    vm.stack = !stack.left;
    vm.stack_limit = stack.limit;
    // SAFETY: (5, 6) the doors are those of the function's signature; the context is the callee's.
    let landed = unsafe { (way.enter)(way.context, way.code, slots, context.cast()) } != 0;

    // The store may have moved to another thread, and its core pointer was renewed.
    // SAFETY: (1) the guest has returned, so nothing else uses the core.
    let core = unsafe { &mut *(*context).core };
    // SAFETY: (2) as above.
    let vm = unsafe { &mut (*context).vm };
    core.activations.end(vm);
    if landed && let Some(Pending::Trap { refund, .. }) = &core.pending {
        let refund = u64::from(*refund);
        core.refund(refund);
    }
    landed
}
