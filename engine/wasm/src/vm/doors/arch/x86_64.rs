//! THE SANDBOX RESTS ON THIS FILE: x86-64, System V: the stubs that guest code calls, and the registers of a fault.
//!
//! ```text
//! guest, cold path ── call out_of_fuel ──> saves every register, calls the runtime
//!                                          restores them, returns; or jumps to the landing
//! guest            ── call raise, trap ──> records the backtrace, jumps to the landing
//! fault handler    ── returns into fault > the same, with the faulting instruction's address
//! landing: rsp, rbp and rip as the innermost entry trampoline left them in the store
//!
//! out_of_fuel's frame                        raise's and trap's frame       fault's frame
//! ┌──────────────────────────────┐           ┌────────────────────────┐     ┌────────────────────────┐
//! │ guest frame                  │           │ guest frame            │     │ guest frame            │
//! │ (a word, at some call sites) │           ├────────────────────────┤     ├ rsp, rounded down ─────┤
//! ├──────────────────────────────┤           │ return address         │     │ return address         │
//! │ return address: pc           │ rbp + 8   │ the guest's rbp        │ rbp │ the runtime's frames   │
//! │ the guest's rbp              │ rbp       │ rdi: the store         │     └────────────────────────┘
//! │ rax rcx rdx rsi rdi r8 ─ r11 │ rbp - 72  │ (a word)               │     rbx keeps the store, which
//! │ (a word, where needed)       │           ├────────────────────────┤     the handler put into rdi; rbp
//! │ xmm0 ─ xmm15, 256 bytes      │ rsp       │ return address         │     is still the guest's
//! ├──────────────────────────────┤           │ the runtime's frames   │
//! │ return address, pushed       │           └────────────────────────┘
//! │ the runtime's frames         │
//! └──────────────────────────────┘
//! rbx, rbp and r12 ─ r15 are kept by the runtime's functions; r15 holds the fuel, and gets its new value from rdx
//! ```

use std::arch::naked_asm;
use std::mem::offset_of;

use crate::base::layout::{VmLanding, VmStore};
use crate::vm::doors::{out_of_fuel, way_out};
use crate::vm::machine::processor::{FloatControl, STANDARD_FLOAT_CONTROL, behind_the_sums};
use crate::vm::store::context::VmStoreContext;

const LANDING_PC: usize = offset_of!(VmStore, landing) + offset_of!(VmLanding, pc);
const LANDING_SP: usize = offset_of!(VmStore, landing) + offset_of!(VmLanding, sp);
const LANDING_FP: usize = offset_of!(VmStore, landing) + offset_of!(VmLanding, fp);

/// Called by guest code as `preserve_all (charge)` when it has overflowed the counter: keeps every register but
/// the flags and the counter.
///
/// # Safety
/// Only guest code may call it, between a landing and a charge.
#[unsafe(naked)]
pub unsafe extern "C" fn out_of_fuel() {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rax",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "sub rsp, 256",
        // Some callers have pushed a word, others have not.
        "and rsp, -16",
        "movups [rsp + 0x00], xmm0",
        "movups [rsp + 0x10], xmm1",
        "movups [rsp + 0x20], xmm2",
        "movups [rsp + 0x30], xmm3",
        "movups [rsp + 0x40], xmm4",
        "movups [rsp + 0x50], xmm5",
        "movups [rsp + 0x60], xmm6",
        "movups [rsp + 0x70], xmm7",
        "movups [rsp + 0x80], xmm8",
        "movups [rsp + 0x90], xmm9",
        "movups [rsp + 0xa0], xmm10",
        "movups [rsp + 0xb0], xmm11",
        "movups [rsp + 0xc0], xmm12",
        "movups [rsp + 0xd0], xmm13",
        "movups [rsp + 0xe0], xmm14",
        "movups [rsp + 0xf0], xmm15",
        // rdi is the charge; then the guest's pc, its frame and its counter.
        "mov rsi, [rbp + 8]",
        "mov rdx, [rbp]",
        "mov rcx, r15",
        // The processor predicts that a return goes to where the last call was. Stacks are switched in between here, so
        // the call and the return are jumps, which saves a third of a suspension.
        "lea rax, [rip + 3f]",
        "push rax",
        "jmp {runtime}",
        "3:",
        "mov r15, rdx",
        "test rax, rax",
        "jnz 2f",
        "movups xmm0, [rsp + 0x00]",
        "movups xmm1, [rsp + 0x10]",
        "movups xmm2, [rsp + 0x20]",
        "movups xmm3, [rsp + 0x30]",
        "movups xmm4, [rsp + 0x40]",
        "movups xmm5, [rsp + 0x50]",
        "movups xmm6, [rsp + 0x60]",
        "movups xmm7, [rsp + 0x70]",
        "movups xmm8, [rsp + 0x80]",
        "movups xmm9, [rsp + 0x90]",
        "movups xmm10, [rsp + 0xa0]",
        "movups xmm11, [rsp + 0xb0]",
        "movups xmm12, [rsp + 0xc0]",
        "movups xmm13, [rsp + 0xd0]",
        "movups xmm14, [rsp + 0xe0]",
        "movups xmm15, [rsp + 0xf0]",
        "lea rsp, [rbp - 72]",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rax",
        "pop rbp",
        "lea rsp, [rsp + 8]",
        "jmp [rsp - 8]",
        "2:",
        "mov rdi, rax",
        "jmp {land}",
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
        "push rbp",
        "mov rbp, rsp",
        "push rdi",
        "sub rsp, 8",
        "mov rsi, [rbp + 8]",
        "mov rdx, [rbp]",
        "call {runtime}",
        "mov rdi, [rbp - 8]",
        "jmp {land}",
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
        "push rbp",
        "mov rbp, rsp",
        "push rdi",
        "sub rsp, 8",
        "mov rsi, [rbp + 8]",
        "mov rdx, [rbp]",
        "call {runtime}",
        "mov rdi, [rbp - 8]",
        "jmp {land}",
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
        "and rsp, -16",
        "mov rbx, rdi",
        "call {runtime}",
        "mov rdi, rbx",
        "jmp {land}",
        runtime = sym way_out::trapped,
        land = sym land,
    )
}

/// Jumps to the landing of the store in `rdi`.
#[unsafe(naked)]
unsafe extern "C" fn land() {
    naked_asm!(
        "mov rsp, [rdi + {sp}]",
        "mov rbp, [rdi + {fp}]",
        "jmp [rdi + {pc}]",
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

    pub fn pc(&self) -> usize {
        self.0.uc_mcontext.gregs[libc::REG_RIP as usize] as usize
    }

    /// Makes the thread continue behind the addition of `floats_are_standard`, without a sum, if that has raised an
    /// exception.
    pub fn skip_sums(&mut self) -> bool {
        // SAFETY: the thread has executed the instruction.
        let Some(next) = (unsafe { behind_the_sums(self.pc()) }) else { return false };
        self.0.uc_mcontext.gregs[libc::REG_RIP as usize] = next as i64;
        true
    }

    /// Makes the thread continue in the standard mode; returns the mode that it had.
    pub fn mask_floats(&mut self) -> Option<FloatControl> {
        // SAFETY: the pointer is null, or valid because the system has saved these registers.
        let floats = unsafe { self.0.uc_mcontext.fpregs.as_mut()? };
        Some(std::mem::replace(&mut floats.mxcsr, STANDARD_FLOAT_CONTROL))
    }

    /// Makes the thread continue in [`fault`] instead of repeating the instruction. The pinned register, which holds the
    /// fuel, is not changed.
    pub fn divert(&mut self, store: *mut VmStoreContext) {
        let registers = &mut self.0.uc_mcontext.gregs;
        registers[libc::REG_RDI as usize] = store as i64;
        registers[libc::REG_RSI as usize] = registers[libc::REG_RIP as usize];
        registers[libc::REG_RDX as usize] = registers[libc::REG_RBP as usize];
        registers[libc::REG_RIP as usize] = fault as *const () as i64;
    }
}
