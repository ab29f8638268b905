//! THE SANDBOX RESTS ON THIS FILE: aarch64, Linux and macOS: the stubs that guest code calls, and the registers of a fault.
//!
//! ```text
//! guest, cold path ── blr out_of_fuel ──> saves every register, calls the runtime
//!                                         restores them, returns; or jumps to the landing
//! guest            ── blr raise, trap ──> records the backtrace, jumps to the landing
//! fault handler    ── returns into fault  the same, with the faulting instruction's address
//! landing: sp, x29 and pc as the innermost entry trampoline left them in the store
//!
//! registers: x0 .. x7 arguments, x21 fuel, x29 frame pointer, x30 return address; x16 and x17 are
//!            scratch of the code generator, x18 is the system's
//! out_of_fuel's frame, from sp up: x0 .. x17 (144 bytes), q0 .. q31 (512 bytes), x29, x30
//! ```

use std::arch::naked_asm;
use std::mem::offset_of;

use crate::base::layout::{VmLanding, VmStore};
use crate::vm::doors::{out_of_fuel, way_out};
use crate::vm::machine::processor::FloatControl;
use crate::vm::store::context::VmStoreContext;

const LANDING_PC: usize = offset_of!(VmStore, landing) + offset_of!(VmLanding, pc);
const LANDING_SP: usize = offset_of!(VmStore, landing) + offset_of!(VmLanding, sp);
const LANDING_FP: usize = offset_of!(VmStore, landing) + offset_of!(VmLanding, fp);

/// Called by guest code as `preserve_all (charge)` when it has overflowed the counter: keeps every register but
/// the flags, x30 and the counter. What the runtime itself keeps, x19 to x28, is not saved; of the vectors it
/// would keep halves only.
///
/// # Safety
/// Only guest code may call it, between a landing and a charge.
#[unsafe(naked)]
pub unsafe extern "C" fn out_of_fuel() {
    naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "sub sp, sp, #656",
        "stp x0, x1, [sp, #0]",
        "stp x2, x3, [sp, #16]",
        "stp x4, x5, [sp, #32]",
        "stp x6, x7, [sp, #48]",
        "stp x8, x9, [sp, #64]",
        "stp x10, x11, [sp, #80]",
        "stp x12, x13, [sp, #96]",
        "stp x14, x15, [sp, #112]",
        "stp x16, x17, [sp, #128]",
        "stp q0, q1, [sp, #144]",
        "stp q2, q3, [sp, #176]",
        "stp q4, q5, [sp, #208]",
        "stp q6, q7, [sp, #240]",
        "stp q8, q9, [sp, #272]",
        "stp q10, q11, [sp, #304]",
        "stp q12, q13, [sp, #336]",
        "stp q14, q15, [sp, #368]",
        "stp q16, q17, [sp, #400]",
        "stp q18, q19, [sp, #432]",
        "stp q20, q21, [sp, #464]",
        "stp q22, q23, [sp, #496]",
        "stp q24, q25, [sp, #528]",
        "stp q26, q27, [sp, #560]",
        "stp q28, q29, [sp, #592]",
        "stp q30, q31, [sp, #624]",
        // x0 is the charge; then the guest's pc, its frame and its counter.
        "mov x1, x30",
        "ldr x2, [x29]",
        "mov x3, x21",
        "bl {runtime}",
        "mov x21, x1",
        "cbnz x0, 2f",
        "ldp q0, q1, [sp, #144]",
        "ldp q2, q3, [sp, #176]",
        "ldp q4, q5, [sp, #208]",
        "ldp q6, q7, [sp, #240]",
        "ldp q8, q9, [sp, #272]",
        "ldp q10, q11, [sp, #304]",
        "ldp q12, q13, [sp, #336]",
        "ldp q14, q15, [sp, #368]",
        "ldp q16, q17, [sp, #400]",
        "ldp q18, q19, [sp, #432]",
        "ldp q20, q21, [sp, #464]",
        "ldp q22, q23, [sp, #496]",
        "ldp q24, q25, [sp, #528]",
        "ldp q26, q27, [sp, #560]",
        "ldp q28, q29, [sp, #592]",
        "ldp q30, q31, [sp, #624]",
        "ldp x0, x1, [sp, #0]",
        "ldp x2, x3, [sp, #16]",
        "ldp x4, x5, [sp, #32]",
        "ldp x6, x7, [sp, #48]",
        "ldp x8, x9, [sp, #64]",
        "ldp x10, x11, [sp, #80]",
        "ldp x12, x13, [sp, #96]",
        "ldp x14, x15, [sp, #112]",
        "ldp x16, x17, [sp, #128]",
        "add sp, sp, #656",
        "ldp x29, x30, [sp], #16",
        "ret",
        "2:",
        "b {land}",
        runtime = sym out_of_fuel::out_of_fuel,
        land = sym land,
    )
}

/// Called by guest code as `preserve_all (store)` when an error is pending; never returns.
///
/// # Safety
/// As for [`out_of_fuel`].
#[unsafe(naked)]
pub unsafe extern "C" fn raise() {
    naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "mov x19, x0",
        "mov x1, x30",
        "ldr x2, [x29]",
        "bl {runtime}",
        "mov x0, x19",
        "b {land}",
        runtime = sym way_out::raised,
        land = sym land,
    )
}

/// Called by guest code as `preserve_all (store)` at a trap that is not a fault; never returns. The table has the trap at the
/// return address.
///
/// # Safety
/// As for [`out_of_fuel`].
#[unsafe(naked)]
pub unsafe extern "C" fn trap() {
    naked_asm!(
        "stp x29, x30, [sp, #-16]!",
        "mov x29, sp",
        "mov x19, x0",
        "mov x1, x30",
        "ldr x2, [x29]",
        "bl {runtime}",
        "mov x0, x19",
        "b {land}",
        runtime = sym way_out::trapped,
        land = sym land,
    )
}

/// Where the thread continues after the fault handler: (store, pc, fp) of the faulting instruction.
///
/// # Safety
/// Only [`Registers::divert`] leads here.
#[unsafe(naked)]
unsafe extern "C" fn fault() {
    naked_asm!(
        "mov x19, x0",
        "bl {runtime}",
        "mov x0, x19",
        "b {land}",
        runtime = sym way_out::trapped,
        land = sym land,
    )
}

/// Jumps to the landing of the store in `x0`.
#[unsafe(naked)]
unsafe extern "C" fn land() {
    naked_asm!(
        "ldr x9, [x0, #{sp}]",
        "mov sp, x9",
        "ldr x29, [x0, #{fp}]",
        "ldr x9, [x0, #{pc}]",
        "br x9",
        sp = const LANDING_SP,
        fp = const LANDING_FP,
        pc = const LANDING_PC,
    )
}

/// The registers of a thread that faulted, in its signal context.
pub struct Registers<'a>(&'a mut libc::ucontext_t);

impl<'a> Registers<'a> {
    /// # Safety
    /// `context` is what the system gave to a `SA_SIGINFO` handler that has not returned.
    pub unsafe fn new(context: *mut libc::c_void) -> Registers<'a> {
        // SAFETY: the caller vouches for the pointer.
        Registers(unsafe { &mut *context.cast() })
    }

    /// On this machine the mode is always read.
    pub fn skip_sums(&mut self) -> bool {
        false
    }

    /// On this machine guests raise nothing, since the mode is always read.
    pub fn mask_floats(&mut self) -> Option<FloatControl> {
        None
    }
}

#[cfg(target_os = "linux")]
impl Registers<'_> {
    pub fn pc(&self) -> usize {
        self.0.uc_mcontext.pc as usize
    }

    /// Makes the thread continue in [`fault`] instead of repeating the instruction. The pinned register, which holds the
    /// fuel, is not changed.
    pub fn divert(&mut self, store: *mut VmStoreContext) {
        let registers = &mut self.0.uc_mcontext;
        registers.regs[0] = store as u64;
        registers.regs[1] = registers.pc;
        registers.regs[2] = registers.regs[29];
        registers.pc = fault as *const () as u64;
    }
}

#[cfg(target_os = "macos")]
impl Registers<'_> {
    pub fn pc(&self) -> usize {
        // SAFETY: the system gave a whole context, whose registers are behind a pointer.
        unsafe { (*self.0.uc_mcontext).__ss.__pc as usize }
    }

    /// Makes the thread continue in [`fault`] instead of repeating the instruction. The pinned register, which holds the
    /// fuel, is not changed.
    pub fn divert(&mut self, store: *mut VmStoreContext) {
        // SAFETY: the system gave a whole context, whose registers are behind a pointer.
        let registers = unsafe { &mut (*self.0.uc_mcontext).__ss };
        registers.__x[0] = store as u64;
        registers.__x[1] = registers.__pc;
        registers.__x[2] = registers.__fp;
        registers.__pc = fault as *const () as u64;
    }
}
