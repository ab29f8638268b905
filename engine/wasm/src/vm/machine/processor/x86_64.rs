//! x86-64: the stack pointer, MXCSR, and the cache.

use std::arch::asm;

/// An address near the top of the caller's stack.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reading the stack pointer changes nothing.
    unsafe { asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// MXCSR.
pub type FloatControl = u32;

/// All exceptions masked, and nothing else set.
pub const STANDARD_FLOAT_CONTROL: FloatControl = 0x1f80;

/// The flags of exceptions that were raised are not part of the mode.
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
        asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack, preserves_flags));
    }
    control
}

#[inline(always)]
pub fn set_float_control(control: FloatControl) {
    // SAFETY: the register had this value before, or has the value that the language expects.
    unsafe {
        asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags));
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

/// Whether additions give the results of the standard mode. Also true if the mode raises exceptions but these additions
/// raise none; if one is raised, the fault handler skips the addition, and the result is false.
#[inline(always)]
pub fn floats_are_standard() -> bool {
    let equal: u32;
    // SAFETY: it only computes, and what it reads is there.
    unsafe {
        asm!(
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

/// Makes code that was written visible to all cores, which this machine does itself.
///
/// # Safety
/// On this machine there is nothing to be kept; on others the bytes must be mapped.
pub unsafe fn code_written(_start: *const u8, _len: usize) {}

/// Where the thread continues behind the addition of [`floats_are_standard`], if `pc` is that.
///
/// # Safety
/// The thread has executed the instruction at `pc`.
pub unsafe fn behind_the_sums(pc: usize) -> Option<usize> {
    const ADDPS_XMM0: [u8; 3] = [0x0f, 0x58, 0x05];
    let mut at = (pc..).map(std::ptr::with_exposed_provenance::<u8>);
    // SAFETY: the caller vouches for the instruction. One that begins with each of these has the next byte, too.
    if !ADDPS_XMM0.iter().zip(&mut at).all(|(byte, at)| unsafe { at.read() } == *byte) {
        return None;
    }
    // SAFETY: as above: an instruction with these bytes has four more.
    let target = unsafe { std::ptr::with_exposed_provenance::<i32>(pc + ADDPS_XMM0.len()).read_unaligned() };
    let next = pc + ADDPS_XMM0.len() + size_of::<i32>();
    (next.wrapping_add_signed(target as isize) == (&raw const SUMS.others).addr()).then_some(next)
}

/// Loads some lines of the processor's cache.
#[inline]
pub fn prefetch_lines<T>(start: *const T, lines: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    for line in 0..lines {
        // SAFETY: prefetching is allowed for any address, and changes nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.cast::<i8>().wrapping_add(line * super::LINE_BYTES)) };
    }
}
