//! x86-64, System V: the stubs that guest code calls, and the registers of a fault.
//!
//! ```text
//! guest, cold path ── call out_of_fuel ──> saves every register, asks the runtime
//!                                          restores them, returns; or jumps to the landing
//! guest            ── call raise, trap ──> notes the backtrace, jumps to the landing
//! fault handler    ── returns into fault > the same, with the faulting instruction's address
//! landing: rsp, rbp and rip as the innermost entry trampoline left them in the store
//! ```

use std::arch::naked_asm;
use std::mem::offset_of;

use crate::base::layout::{VmLanding, VmStore};
use crate::vm::doors::{builtins, signals, way_out};

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
        // Some callers have pushed a word, others none.
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
        // The processor foresees a return where the last call was. Here stacks are switched in between, so the
        // call and the return are jumps: that saves a third of a suspension.
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
        runtime = sym builtins::out_of_fuel,
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

/// Called by guest code as `preserve_all (store)` at a trap that is no fault; never returns. The table has
/// the trap at the return address.
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

/// Where the fault handler lets the thread go on: (store, pc, fp) of the faulting instruction.
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

/// An address near the top of the caller's stack.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reading the stack pointer changes nothing.
    unsafe { std::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// MXCSR.
pub type FloatControl = u32;

/// All exceptions masked, and nothing else set.
pub const STANDARD_FLOAT_CONTROL: FloatControl = 0x1f80;

/// What was raised since somebody last looked is no mode.
#[inline(always)]
pub fn is_standard_float_control(control: FloatControl) -> bool {
    const RAISED: u32 = 0x3f;
    control & !RAISED == STANDARD_FLOAT_CONTROL
}

#[inline(always)]
pub fn float_control() -> FloatControl {
    let mut control = 0;
    // SAFETY: reading the register changes only the place that is written to.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack, preserves_flags));
    }
    control
}

#[inline(always)]
pub fn set_float_control(control: FloatControl) {
    // SAFETY: the register had this value before, or has the value that the language expects.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags));
    }
}

/// Numbers and what they add up to in the standard mode: 1 and a little more, 1 and a little less, a difference that is
/// smaller than normal numbers are, and such a number as it is.
#[repr(C, align(16))]
struct Sums {
    some: [u32; 4],
    others: [u32; 4],
    sums: [u32; 4],
}

static SUMS: Sums = Sums {
    some: [0x3f80_0000, 0x3f80_0000, 0x00c0_0000, 0x0040_0000],
    others: [0x3080_0000, 0xb080_0000, 0x8080_0000, 0],
    sums: [0x3f80_0000, 0x3f80_0000, 0x0040_0000, 0x0040_0000],
};

/// Whether additions give what they do in the standard mode. True where there are exceptions that none of these raises;
/// one that is raised is for the fault handler, and then the answer is no.
#[inline(always)]
pub fn floats_are_standard() -> bool {
    let equal: u32;
    // SAFETY: it only computes, and what it reads is there.
    unsafe {
        std::arch::asm!(
            "movaps xmm0, [rip + {sums}]",
            "addps xmm0, [rip + {sums} + 16]",
            "pcmpeqd xmm0, [rip + {sums} + 32]",
            "movmskps {equal:e}, xmm0",
            sums = sym SUMS,
            equal = lateout(reg) equal,
            out("xmm0") _,
            options(nostack, preserves_flags),
        );
    }
    equal == 0b1111
}

/// Makes code that was written visible to all cores: here they see to it themselves.
///
/// # Safety
/// None; on other machines the bytes must be mapped.
pub unsafe fn code_written(_start: *const u8, _len: usize) {}

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

    /// Lets the thread go on behind the addition of [`floats_are_standard`], without a sum, if that has raised an exception.
    pub fn skip_sums(&mut self) -> bool {
        const ADDPS_XMM0: [u8; 3] = [0x0f, 0x58, 0x05];
        let pc = self.pc();
        let mut at = (pc..).map(std::ptr::with_exposed_provenance::<u8>);
        // SAFETY: the thread has executed the instruction. One that begins with each of these has the next byte, too.
        if !ADDPS_XMM0.iter().zip(&mut at).all(|(byte, at)| unsafe { at.read() } == *byte) {
            return false;
        }
        // SAFETY: as above: an instruction with these bytes has four more.
        let target =
            unsafe { std::ptr::with_exposed_provenance::<i32>(pc + ADDPS_XMM0.len()).read_unaligned() };
        let next = pc + ADDPS_XMM0.len() + size_of::<i32>();
        let found = next.wrapping_add_signed(target as isize) == (&raw const SUMS.others).addr();
        if found {
            self.0.uc_mcontext.gregs[libc::REG_RIP as usize] = next as i64;
        }
        found
    }

    /// Lets the thread go on in the standard mode; returns its own.
    pub fn mask_floats(&mut self) -> Option<FloatControl> {
        // SAFETY: where the system has saved these registers, the pointer is valid.
        let floats = unsafe { self.0.uc_mcontext.fpregs.as_mut()? };
        Some(std::mem::replace(&mut floats.mxcsr, STANDARD_FLOAT_CONTROL))
    }

    /// Lets the thread go on in [`fault`] instead of repeating the instruction. The pinned register
    /// stays as it is: it holds the fuel.
    pub fn divert(&mut self, store: *mut signals::Current) {
        let registers = &mut self.0.uc_mcontext.gregs;
        registers[libc::REG_RDI as usize] = store as i64;
        registers[libc::REG_RSI as usize] = registers[libc::REG_RIP as usize];
        registers[libc::REG_RDX as usize] = registers[libc::REG_RBP as usize];
        registers[libc::REG_RIP as usize] = fault as *const () as i64;
    }
}
