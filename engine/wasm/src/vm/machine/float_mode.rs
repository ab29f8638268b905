//! How a thread computes with floats: the mode of the host, and the one that WebAssembly specifies.
//!
//! A thread can round in another direction, flush small numbers to zero, or raise exceptions: audio code and game engines do
//! that. WebAssembly specifies the result of each operation, and mods must not see what else runs on their thread.
//!
//! ```text
//!         host's mode          │ standard mode            │ host's mode      │ standard mode
//! host ── call, resume, poll ──> guest ── host function, ──> its code ────────> guest ── returns, traps, ──> host
//!                                 limiter                                        suspended, cancelled
//! ```
//! The host's mode is recorded at each way in and set again at each way out; in between it is in the store's context. So a
//! host function that changes the mode changes it for the host, as in any other call. The flags, which say what operations
//! have raised, are not part of the mode.
//!
//! Reading the mode takes as long as a call, and setting it longer. So a door adds a few numbers, and their sums say whether
//! the mode has to be read, which is rare. Exceptions that are only raised do not show in the sums: when the first one is,
//! the fault handler records the host's mode, and the guest continues in the standard one. Where there is no handler, the
//! mode is always read.
//!
//! The compiler and readers of text compute with floats too: [`in_standard_mode`] is for them.

use super::processor;

/// How a thread computes with floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatMode(processor::FloatControl);

/// The mode of the host around the guest code that runs, or waits for a host function.
pub struct HostMode {
    mode: FloatMode,
    /// Whether there is a handler for exceptions that guests raise.
    handled: bool,
}

impl FloatMode {
    /// Rounds to nearest, keeps small numbers, raises nothing.
    pub const STANDARD: FloatMode = FloatMode(processor::STANDARD_FLOAT_CONTROL);

    fn of_thread() -> FloatMode {
        FloatMode(processor::float_control())
    }

    fn is_standard(self) -> bool {
        processor::is_standard_float_control(self.0)
    }

    fn set(self) {
        processor::set_float_control(self.0);
    }
}

impl HostMode {
    /// The mode of a host that has called no guest yet. `handled` says whether there is a fault handler.
    pub fn new(handled: bool) -> HostMode {
        HostMode { mode: FloatMode::STANDARD, handled }
    }

    /// Records the mode in which a guest has raised an exception.
    pub(in crate::vm) fn note(&mut self, control: processor::FloatControl) {
        self.mode = FloatMode(control);
    }

    #[cold]
    #[inline(never)]
    fn read(&mut self) {
        self.mode = FloatMode::of_thread();
        if !self.mode.is_standard() {
            FloatMode::STANDARD.set();
        }
    }

    #[cold]
    #[inline(never)]
    fn give_back(&self) {
        self.mode.set();
    }
}

/// Changes from the host's code to the guest's; returns the mode that was recorded before.
///
/// # Safety
/// `host` is valid, and guest code of its store runs on this thread next.
#[inline]
pub(in crate::vm) unsafe fn leave_host(host: *mut HostMode) -> FloatMode {
    // SAFETY: the caller vouches for it, and the borrow ends here.
    let host = unsafe { &mut *host };
    let before = std::mem::replace(&mut host.mode, FloatMode::STANDARD);
    if !(host.handled && processor::floats_are_standard()) {
        host.read();
    }
    before
}

/// Changes from guest code to the host's.
///
/// # Safety
/// `host` is valid, and guest code of its store ran on this thread until now.
#[inline]
pub(in crate::vm) unsafe fn enter_host(host: *mut HostMode) {
    // SAFETY: the caller vouches for it, and the borrow ends here.
    let host = unsafe { &*host };
    if host.mode != FloatMode::STANDARD {
        host.give_back();
    }
}

/// Changes from guest code to the host that called it, and restores what was recorded before that call.
///
/// # Safety
/// As for [`enter_host`].
#[inline]
pub(in crate::vm) unsafe fn return_to_host(host: *mut HostMode, before: FloatMode) {
    // SAFETY: the caller vouches for it.
    unsafe {
        enter_host(host);
        (*host).mode = before;
    }
}

/// Runs `f` in the standard mode. Threads that it starts inherit the mode.
pub fn in_standard_mode<R>(f: impl FnOnce() -> R) -> R {
    struct Back(FloatMode);
    impl Drop for Back {
        fn drop(&mut self) {
            if !self.0.is_standard() {
                self.0.set();
            }
        }
    }
    let back = Back(FloatMode::of_thread());
    if !back.0.is_standard() {
        FloatMode::STANDARD.set();
    }
    f()
}
