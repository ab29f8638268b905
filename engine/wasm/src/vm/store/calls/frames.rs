//! THE SANDBOX RESTS ON THIS FILE: the guest's frames on the stack, found by following frame pointers.
//!
//! ```text
//! older │ entry │ guest │ guest │ exit │ host function │ entry │ guest │ guest   <- where it stopped
//!       └ landing.fp              └ exit_fp            └ landing.fp
//!       └────────── kept in `activations` ──────────┘ └─ in the store's context ─┘
//! ```
//!
//! Backtraces and the search for roots start here. Knows no module: they look up what an address means.

use super::activations::Activation;
use crate::vm::store::store_core::StoreCore;

/// A frame of guest code or of a trampoline.
#[derive(Clone, Copy, Debug)]
pub(in crate::vm) struct GuestFrame {
    /// Where the frame's function continues: the address behind the instruction that it is in.
    pub(in crate::vm) pc: usize,
    /// Its frame pointer.
    pub(in crate::vm) fp: usize,
}

/// All frames of a store's guest code, of all its activations, innermost first.
pub(in crate::vm) struct GuestFrames<'store> {
    next: GuestFrame,
    /// The frame of the entry trampoline, where the activation's frames end.
    entry_fp: usize,
    outer: std::slice::Iter<'store, Activation>,
}

/// Where the frames of an activation that waits for a host function begin and end.
pub(in crate::vm) struct ActivationFrames {
    /// The frame of the exit trampoline.
    pub(in crate::vm) exit_fp: usize,
    /// The frame of the entry trampoline.
    pub(in crate::vm) entry_fp: usize,
}

impl StoreCore {
    /// The frames of a guest that has stopped in the frame `fp` and would continue at `pc`.
    pub(in crate::vm) fn frames_from(&self, pc: usize, fp: usize) -> GuestFrames<'_> {
        // SAFETY: (2) the context lives as long as the store.
        let entry_fp = unsafe { (*self.vm()).landing.fp };
        GuestFrames { next: GuestFrame { pc, fp }, entry_fp, outer: self.activations.outer().iter() }
    }

    /// The frames of the guest that waits for a host function or for fuel; none if no guest waits.
    pub(in crate::vm) fn waiting_frames(&self) -> GuestFrames<'_> {
        if self.activations.count() == 0 {
            return GuestFrames { next: GuestFrame { pc: 0, fp: 0 }, entry_fp: 0, outer: [].iter() };
        }
        let GuestFrame { pc, fp } = match self.waits_at() {
            Some(frame) => frame,
            // SAFETY: (2, 6) a host function runs, so the exit trampoline that noted its frame is on the stack.
            None => unsafe { caller_of((*self.vm()).exit_fp) },
        };
        self.frames_from(pc, fp)
    }
}

impl Iterator for GuestFrames<'_> {
    type Item = GuestFrame;

    fn next(&mut self) -> Option<GuestFrame> {
        while self.next.fp == self.entry_fp {
            let ActivationFrames { exit_fp, entry_fp } = self.outer.next_back()?.frames();
            // SAFETY: (6) the frames of an activation stay while a nested one runs.
            self.next = unsafe { caller_of(exit_fp) };
            self.entry_fp = entry_fp;
        }
        let frame = self.next;
        // SAFETY: (6, 8) frame pointers of guest frames form a chain to the entry trampoline's.
        self.next = unsafe { caller_of(frame.fp) };
        Some(frame)
    }
}

/// The frame that called the one at `fp`.
///
/// # Safety
/// `fp` is the frame pointer of a frame that is on the stack.
unsafe fn caller_of(fp: usize) -> GuestFrame {
    let frame = fp as *const [usize; 2];
    // SAFETY: the caller vouches for the frame; the two words lie at its pointer.
    let [fp, pc] = unsafe { *frame };
    GuestFrame { pc, fp }
}
