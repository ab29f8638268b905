//! THE SANDBOX RESTS ON THIS FILE: the way in. The host calls a function of a store.
//!
//! ```text
//! host frames │ enter │ entry trampoline │ guest frames │ exit trampoline │ call_host │ host function │ enter ...
//!             └ one activation: landing, caller and exit frame of the one around it are kept in
//!               `activations` and put back when it ends ┘
//! ```
//! A function that was called before has its entry point beside its address, so that a call looks nothing up
//! (`StoreCore::known_entry`); the first call finds it (`prepare`).

use std::panic::resume_unwind;

use super::signals;
use crate::base::error::StoreError;
use crate::base::layout::Slot;
use crate::base::trap::Trap;
use crate::compile::trampoline::Enter;
use crate::vm::machine::float_mode;
use crate::vm::machine::processor::stack_pointer;
use crate::vm::store::calls::backtrace::WasmBacktrace;
use crate::vm::store::calls::entry_point::{EntryPoint, GuestStack};
use crate::vm::store::context::{Pending, VmStoreContext};
use crate::vm::store::funcref::{FuncPlace, StoreFunc};
use crate::vm::store::host::func::HostFunc;
use crate::vm::store::indices::StoreInstance;
use crate::vm::store::store_core::StoreCore;

impl StoreCore {
    /// Calls a function with the arguments in `slots`, and leaves the results there. References to functions are bits of
    /// a [`StoreFunc`] of this store.
    ///
    /// # Errors
    /// A trap, an error of a host function, or the store has a suspended call.
    ///
    /// # Panics
    /// There are fewer slots than parameters or results, or a host function panicked.
    #[inline]
    pub fn call(&mut self, func: StoreFunc, slots: &mut [Slot]) -> anyhow::Result<()> {
        self.ready_for_a_call()?;
        let Some(entry) = self.known_entry(func, slots.len()) else { return self.call_slowly(func, slots) };
        // SAFETY: (5) the entry point is the function's, and there are enough slots.
        if unsafe { self.enter(entry, slots.as_mut_ptr()) } { Err(self.take_pending()) } else { Ok(()) }
    }

    /// Runs the start function, if the module has one. The instance is the caller, also of a host function that it
    /// imported.
    ///
    /// # Errors
    /// As for [`StoreCore::call`].
    pub fn start(&mut self, id: StoreInstance) -> anyhow::Result<()> {
        let Some(start) = self.start_func(id) else { return Ok(()) };
        if let Some(host_func) = self.host_func(start) {
            self.ready_for_a_call()?;
            return self.call_host_func(&host_func, Some(id), &mut []);
        }
        self.call(start, &mut [])
    }

    /// The entry point of a function that was called before, if no value has to be translated.
    #[inline]
    pub(super) fn known_entry(&self, func: StoreFunc, slots: usize) -> Option<EntryPoint> {
        let FuncPlace::Instance(instance, escaped) = func.place() else { return None };
        // SAFETY: (2) references to functions stay as long as their store.
        let known = unsafe { &*self.instance(instance).escaped(escaped) };
        if known.enter.is_null() || slots < known.slots as usize {
            return None;
        }
        // SAFETY: (3, 4) it was set to the entry trampoline of the function's signature, which its module keeps.
        let enter = unsafe { std::mem::transmute::<*const (), Enter>(known.enter) };
        Some(EntryPoint { enter, code: known.code, context: known.context })
    }

    #[cold]
    fn call_slowly(&mut self, func: StoreFunc, slots: &mut [Slot]) -> anyhow::Result<()> {
        if let Some(host_func) = self.host_func(func) {
            return self.call_host_func(&host_func, None, slots);
        }
        let entry = self.prepare(func, slots)?;
        // SAFETY: (5) the call was prepared with these slots.
        if unsafe { self.enter(entry, slots.as_mut_ptr()) } {
            return Err(self.take_pending());
        }
        self.translate_results(func, slots)
    }

    /// Calls a host function from the host, which needs no machine code. It has a caller only as a start function.
    pub(super) fn call_host_func(
        &mut self,
        func: &HostFunc,
        caller: Option<StoreInstance>,
        slots: &mut [Slot],
    ) -> anyhow::Result<()> {
        if func.async_code.is_some() {
            return Err(StoreError::AsyncHostFunction.into());
        }
        let scope = self.enter_scope();
        let result = (func.code)(self, caller, slots);
        self.exit_scope(scope);
        result
    }

    /// Checks that a call that cannot be suspended may be made.
    ///
    /// # Errors
    /// A call is suspended in this store, or calls have to yield.
    #[inline]
    pub(super) fn ready_for_a_call(&self) -> Result<(), StoreError> {
        if self.is_suspended() || self.fuel.yields() { self.may_call() } else { Ok(()) }
    }

    /// A host that wants calls to yield must not make one that cannot. Calls made by host functions never yield.
    #[cold]
    fn may_call(&self) -> Result<(), StoreError> {
        if self.is_suspended() {
            return Err(StoreError::Suspended);
        }
        if self.activations.count() == 0 { Err(StoreError::AsyncRequired) } else { Ok(()) }
    }

    /// Finds the entry point of a function, and translates its arguments for machine code.
    ///
    /// # Errors
    /// The trampolines cannot be compiled.
    pub(super) fn prepare(&mut self, func: StoreFunc, slots: &mut [Slot]) -> anyhow::Result<EntryPoint> {
        let target = self.func_ref_of(func);
        let trampolines = self.trampolines_of(func)?;
        assert!(slots.len() >= trampolines.slots(), "a call has slots for all parameters and results");
        self.funcs_to_guest(&trampolines.func_params, slots);
        let enter = trampolines.enter();
        if trampolines.func_params.is_empty() && trampolines.func_results.is_empty() {
            let known = self.func_ref(Some(func)).cast_mut();
            // SAFETY: (1, 2) the reference stays as long as the store, and machine code does not read these.
            unsafe {
                (*known).slots = u32::try_from(trampolines.slots())?;
                (*known).enter = enter as *const ();
            }
        }
        Ok(EntryPoint { enter, code: target.code, context: target.context })
    }

    /// Translates the results of a function for the host.
    ///
    /// # Errors
    /// The trampolines cannot be compiled.
    pub(super) fn translate_results(&mut self, func: StoreFunc, slots: &mut [Slot]) -> anyhow::Result<()> {
        let trampolines = self.trampolines_of(func)?;
        self.funcs_to_host(&trampolines.func_results, slots);
        Ok(())
    }

    /// Runs guest code. True if it landed; then the reason is pending.
    ///
    /// The call stays on this thread: only the outermost activation of a fiber can be suspended, and that one is not
    /// entered here.
    ///
    /// # Safety
    /// The entry point is that of a function of this store, and there are slots for all its parameters and results.
    #[inline]
    unsafe fn enter(&mut self, entry: EntryPoint, slots: *mut Slot) -> bool {
        if let Err(error) = self.prepare_thread() {
            self.pending = Some(Pending::Error(error.into()));
            return true;
        }
        let context = self.context.as_ptr();
        // SAFETY: (1) the pointer is used while this function waits for the guest and not after.
        unsafe { (*context).core = self };
        let previous = signals::set_current_of_thread(context);
        // SAFETY: (2) the store's pointer is valid.
        let host = unsafe { float_mode::leave_host(&raw mut (*context).host_mode) };
        let landed = match self.stack_within(previous) {
            // SAFETY: (1, 5) the store's pointer is valid, and the caller vouches for the rest.
            Some(stack) => unsafe { activate(context, entry, slots, stack) },
            // SAFETY: (1, 5) as above.
            None => unsafe { self.activate_apart(previous, entry, slots) },
        };
        // SAFETY: (2) as above.
        unsafe { float_mode::return_to_host(&raw mut (*context).host_mode, host) };
        signals::set_current_of_thread(previous);
        landed
    }

    /// Prepares this thread for running guest code.
    ///
    /// # Errors
    /// The operating system refuses the memory for its signals.
    #[inline]
    pub(super) fn prepare_thread(&self) -> Result<(), StoreError> {
        if self.engine.core.config.signals_based_traps { signals::prepare_thread() } else { Ok(()) }
    }

    /// The error with which a call ends that has landed.
    ///
    /// # Panics
    /// A host function has panicked: its panic continues here.
    pub(super) fn take_pending(&mut self) -> anyhow::Error {
        let backtrace = self.backtrace.take();
        let error = match self.pending.take().expect("guest code lands with a reason") {
            Pending::Trap { trap, .. } => anyhow::Error::new(trap),
            Pending::Error(error) => error,
            Pending::Panic(payload) => resume_unwind(payload),
        };
        match backtrace {
            // An error that has crossed several activations keeps the innermost backtrace.
            Some(backtrace) if error.downcast_ref::<WasmBacktrace>().is_none() => error.context(backtrace),
            _ => error,
        }
    }
}

/// Enters guest code as a new activation. It uses raw pointers only, since it may be suspended in the middle, and resumed on
/// another thread after the store has moved.
///
/// # Safety
/// The context's core is valid, and stays so or is renewed at each resumption (1). The entry point is that of a
/// function with as many parameters and results as there are slots, which stay where they are (5).
#[inline]
pub(super) unsafe fn activate(
    context: *mut VmStoreContext,
    entry: EntryPoint,
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
    // SAFETY: (5, 6) the trampoline is that of the function's signature; the context is the callee's.
    let landed = unsafe { (entry.enter)(entry.context, entry.code, slots, context.cast()) } != 0;

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
