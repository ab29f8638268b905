//! The door out: guest code calls a host function, or stops.
//!
//! Everything here is called by stubs and trampolines. A panic must not unwind into them: it is caught,
//! kept as what is pending, and goes on where the host had called the guest.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::backtrace::WasmBacktrace;
use super::registry;
use super::store::{HostFunc, Pending, StoreContext, StoreCore};
use crate::base::layout::{Slot, VmHostFunc};
use crate::base::trap::Trap;

/// Calls a host function with the arguments that the trampoline has put into `slots`.
///
/// # Safety
/// Only the exit trampoline of the function's signature calls it.
pub unsafe extern "C" fn call_host(func: *mut VmHostFunc, slots: *mut Slot) -> u64 {
    // SAFETY: (2, 3) the first field of every context is its store.
    let (context, func) = unsafe { ((*func).store.cast::<StoreContext>(), (*func).func.cast::<HostFunc>()) };
    // SAFETY: (1) the door in waits, and lends its store to this door.
    let core = unsafe { &mut *(*context).core };
    // SAFETY: (2) the context is valid as long as its store.
    let caller = core.caller(unsafe { (*context).vm.caller });
    // SAFETY: (2, 3) host functions stay as long as their store, which outlives this call.
    let func = unsafe { &*func };
    // SAFETY: (5) the trampoline has reserved that many.
    let slots = unsafe { std::slice::from_raw_parts_mut(slots, func.slots) };
    let scope = core.enter_scope();
    let result = catch_unwind(AssertUnwindSafe(|| {
        core.funcs_to_host(&func.func_params, slots);
        (func.code)(core, caller, slots)?;
        core.funcs_to_guest(&func.func_results, slots);
        anyhow::Ok(())
    }));
    // SAFETY: (1) the host function has returned, so its borrow of the store has ended.
    let core = unsafe { &mut *(*context).core };
    core.exit_scope(scope);
    match result {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => {
            core.pending = Some(Pending::Error(error));
            1
        }
        Err(payload) => {
            core.pending = Some(Pending::Panic(payload));
            1
        }
    }
}

/// Notes where the guest was when it stopped with an error of the runtime or of a host function: `pc` is
/// the stub's return address.
///
/// # Safety
/// Only the stub of this name calls it.
pub unsafe extern "C" fn raised(context: *mut StoreContext, pc: usize, fp: usize) {
    // SAFETY: (1) guest code called the stub, so nothing else uses the store.
    let core = unsafe { &mut *(*context).core };
    core.note_backtrace(pc, fp);
}

/// Notes which trap an instruction stands for, and where the guest was. The instruction has faulted, or it
/// stands behind the call of the stub for traps.
///
/// # Safety
/// Only that stub and the one that the fault handler diverts to call it.
pub unsafe extern "C" fn trapped(context: *mut StoreContext, pc: usize, fp: usize) {
    // SAFETY: (1) guest code has stopped, so nothing else uses the store.
    let core = unsafe { &mut *(*context).core };
    let site = registry::lookup(pc, |described, offset| described.code.trap_at(offset)).flatten();
    let site = site.expect("the handler diverts for known sites, and the compiler calls the stub at such");
    core.pending = Some(Pending::Trap { trap: site.trap, refund: site.refund });
    // Nothing was done yet: the guest is in this instruction, as it is in one that comes before a return address.
    core.note_backtrace(pc + 1, fp);
}

impl StoreCore {
    /// Notes a trap that guest code is told of by a stub; the fuel counter is exact there.
    pub(super) fn note_trap(&mut self, trap: Trap) {
        self.pending = Some(Pending::Trap { trap, refund: 0 });
    }

    pub(super) fn note_backtrace(&mut self, pc: usize, fp: usize) {
        self.backtrace = WasmBacktrace::of_stopped(self, pc, fp);
    }
}
