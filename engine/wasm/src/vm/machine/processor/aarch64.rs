//! aarch64: the stack pointer, FPCR, and the caches.

use std::arch::asm;

/// An address near the top of the caller's stack.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reading the stack pointer changes nothing.
    unsafe { asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// FPCR.
pub type FloatControl = u64;

/// Nothing set.
pub const STANDARD_FLOAT_CONTROL: FloatControl = 0;

/// The flags of exceptions that were raised are in another register.
#[inline(always)]
pub fn is_standard_float_control(control: FloatControl) -> bool {
    control == STANDARD_FLOAT_CONTROL
}

#[inline(always)]
pub fn float_control() -> FloatControl {
    let control: FloatControl;
    // SAFETY: reading the register changes nothing.
    unsafe { asm!("mrs {}, fpcr", out(reg) control, options(nomem, nostack, preserves_flags)) };
    control
}

#[inline(always)]
pub fn set_float_control(control: FloatControl) {
    // SAFETY: the register had this value before, or has the value that the language expects.
    unsafe { asm!("msr fpcr, {}", in(reg) control, options(nostack, preserves_flags)) };
}

/// Whether the standard mode is set.
#[inline(always)]
pub fn floats_are_standard() -> bool {
    is_standard_float_control(float_control())
}

/// Makes code that was written visible to all cores, since this machine fetches instructions through a cache that does not
/// see writes.
///
/// # Safety
/// The bytes are mapped.
#[cfg(target_os = "macos")]
pub unsafe fn code_written(start: *const u8, len: usize) {
    unsafe extern "C" {
        fn sys_icache_invalidate(start: *mut libc::c_void, len: usize);
    }
    // SAFETY: the caller vouches for the bytes, and nothing is written to them.
    unsafe { sys_icache_invalidate(start.cast_mut().cast(), len) };
}

/// Makes code that was written visible to all cores, since this machine fetches instructions through a cache that does not
/// see writes.
///
/// # Safety
/// The bytes are mapped.
#[cfg(target_os = "linux")]
pub unsafe fn code_written(start: *const u8, len: usize) {
    let sizes: u64;
    // SAFETY: reading the sizes of cache lines changes nothing.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) sizes, options(nomem, nostack, preserves_flags)) };
    let instruction_line = 4 << (sizes & 15);
    let data_line = 4 << (sizes >> 16 & 15);
    let lines = |line: usize| (start as usize & !(line - 1)..start as usize + len).step_by(line);
    for address in lines(data_line) {
        // SAFETY: the caller vouches for the address; nothing is written to it.
        unsafe { asm!("dc cvau, {}", in(reg) address, options(nostack, preserves_flags)) };
    }
    // SAFETY: a barrier changes nothing.
    unsafe { asm!("dsb ish", options(nostack, preserves_flags)) };
    for address in lines(instruction_line) {
        // SAFETY: the caller vouches for the address; nothing is written to it.
        unsafe { asm!("ic ivau, {}", in(reg) address, options(nostack, preserves_flags)) };
    }
    // SAFETY: barriers change nothing.
    unsafe { asm!("dsb ish", "isb", options(nostack, preserves_flags)) };
    synchronize_other_cores();
}

/// Makes the other threads of the process discard instructions that they fetched before. Kernels older than 4.16 cannot do
/// that on request; there a thread must have been switched to since, which the locks around publishing make likely but not
/// certain.
#[cfg(target_os = "linux")]
fn synchronize_other_cores() {
    static REGISTER: std::sync::Once = std::sync::Once::new();
    let ask = |command: libc::c_int| {
        // SAFETY: this call of the system takes three numbers and changes no memory.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) };
    };
    REGISTER.call_once(|| ask(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE));
    ask(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE);
}

/// The standard library has no stable intrinsic for this on this machine.
#[inline]
pub fn prefetch_lines<T>(_: *const T, _: usize) {}
