//! THE SANDBOX RESTS ON THIS FILE: the way out. Guest code calls a host function, or stops.
//!
//! Everything here is called by stubs and trampolines. A panic must not unwind into them: it is caught, kept as pending, and
//! continues where the host called the guest.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::layout::{Slot, VmHostFunc};
use crate::base::trap::Trap;
use crate::base::types::FuncType;
use crate::vm::code::registry;
use crate::vm::code::signatures::{LinkedSignature, func_refs};
use crate::vm::machine::float_mode;
use crate::vm::store::calls::backtrace::WasmBacktrace;
use crate::vm::store::context::{Pending, VmStoreContext};
use crate::vm::store::host::func::{CallHost, HostCode, HostFunc};
use crate::vm::store::indices::StoreInstance;
use crate::vm::store::store_core::StoreCore;

impl HostFunc {
    /// A host function of this type, which runs `code`.
    pub fn new<F: HostCode>(ty: FuncType, code: F) -> HostFunc {
        let slots = ty.params().len().max(ty.results().len());
        let (func_params, func_results) = (func_refs(ty.params()), func_refs(ty.results()));
        let as_it_is = func_params.is_empty() && func_results.is_empty();
        let call: CallHost = if as_it_is { call_host::<F> } else { call_host_with_funcs };
        let (code, signature) = (Box::new(code), LinkedSignature::default());
        HostFunc { ty, code, async_code: None, slots, func_params, func_results, call, signature }
    }
}

/// Calls a host function without references to functions among its parameters and results. It is generic over the code, so
/// that a call of a small function takes a few instructions.
///
/// # Safety
/// Only the exit trampoline of the function's signature calls it, for a function whose code is an `F`.
pub(super) unsafe extern "C" fn call_host<F: HostCode>(func: *mut VmHostFunc, slots: *mut Slot) -> u64 {
    let call = |func: &HostFunc, core: &mut StoreCore, caller, slots: &mut [Slot]| {
        // SAFETY: (5) the code is an `F`: `HostFunc::new` has put both into the function.
        let code = unsafe { &*(&raw const *func.code).cast::<F>() };
        code(core, caller, slots)
    };
    // SAFETY: (5) only the trampoline calls this.
    unsafe { leave_guest(func, slots, call) }
}

/// Calls any host function, and translates references to functions on the way.
///
/// # Safety
/// Only the exit trampoline of the function's signature calls it.
pub(super) unsafe extern "C" fn call_host_with_funcs(func: *mut VmHostFunc, slots: *mut Slot) -> u64 {
    let call = |func: &HostFunc, core: &mut StoreCore, caller, slots: &mut [Slot]| {
        core.funcs_to_host(&func.func_params, slots);
        (func.code)(core, caller, slots)?;
        core.funcs_to_guest(&func.func_results, slots);
        Ok(())
    };
    // SAFETY: (5) only the trampoline calls this.
    unsafe { leave_guest(func, slots, call) }
}

/// Lends the store to a host function while the guest waits.
///
/// # Safety
/// As for [`call_host_with_funcs`].
#[inline(always)]
unsafe fn leave_guest(
    func: *mut VmHostFunc,
    slots: *mut Slot,
    call: impl FnOnce(&HostFunc, &mut StoreCore, Option<StoreInstance>, &mut [Slot]) -> anyhow::Result<()>,
) -> u64 {
    // SAFETY: (2, 3) the first field of every context is its store.
    let (context, func) =
        unsafe { ((*func).store.cast::<VmStoreContext>(), (*func).func.cast::<HostFunc>()) };
    // SAFETY: (2, 3) host functions stay as long as their store, which outlives this call.
    let func = unsafe { &*func };
    // SAFETY: (5) the trampoline has reserved that many.
    let slots = unsafe { std::slice::from_raw_parts_mut(slots, func.slots) };
    // SAFETY: (1) the way in waits, and does not use the store meanwhile.
    let core = unsafe { &mut *(*context).core };
    // SAFETY: (2) the context is valid as long as its store.
    let caller = core.caller(unsafe { (*context).vm.caller });
    let scope = core.enter_scope();
    // SAFETY: (2) as above.
    unsafe { float_mode::enter_host(&raw mut (*context).host_mode) };
    let result = catch_unwind(AssertUnwindSafe(|| call(func, core, caller, slots)));
    // SAFETY: (2) as above.
    unsafe { float_mode::leave_host(&raw mut (*context).host_mode) };
    // SAFETY: (1) the host function has returned, so its borrow of the store has ended.
    let core = unsafe { &mut *(*context).core };
    core.exit_scope(scope);
    match result {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => core.fail(Pending::Error(error)),
        Err(payload) => core.fail(Pending::Panic(payload)),
    }
}

/// Records where the guest was when it stopped with an error of the runtime or of a host function. `pc` is the stub's return
/// address.
///
/// # Safety
/// Only the stub of this name calls it.
pub unsafe extern "C" fn raised(context: *mut VmStoreContext, pc: usize, fp: usize) {
    // SAFETY: (1) guest code called the stub, so nothing else uses the store.
    let core = unsafe { &mut *(*context).core };
    core.note_backtrace(pc, fp);
}

/// Records the trap that the table has for an instruction, and where the guest was. The instruction has faulted, or it follows
/// the call of the stub for traps.
///
/// # Safety
/// Only that stub and the one that the fault handler diverts to call it.
pub unsafe extern "C" fn trapped(context: *mut VmStoreContext, pc: usize, fp: usize) {
    // SAFETY: (1) guest code has stopped, so nothing else uses the store.
    let core = unsafe { &mut *(*context).core };
    let site = registry::lookup(pc, |described, offset| described.code.trap_at(offset)).flatten();
    let site = site.expect("the handler diverts at known sites, and the compiler calls the stub at such");
    core.pending = Some(Pending::Trap { trap: site.trap, refund: site.refund });
    // The instruction has not been executed: the guest is in it, as it is in one in front of a return address.
    core.note_backtrace(pc + 1, fp);
}

impl StoreCore {
    /// Makes the guest land: the exit trampoline sees the 1.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, pending: Pending) -> u64 {
        self.pending = Some(pending);
        1
    }

    /// Makes a trap pending, where the fuel counter is exact.
    pub(super) fn note_trap(&mut self, trap: Trap) {
        self.pending = Some(Pending::Trap { trap, refund: 0 });
    }

    /// Records the backtrace of a guest that has stopped.
    pub(super) fn note_backtrace(&mut self, pc: usize, fp: usize) {
        self.backtrace = WasmBacktrace::of_stopped(self, pc, fp);
    }
}
