//! Where the stack of the current thread ends, as the system knows it.
//!
//! The way in asks, so that a guest on a thread with a small stack ends with a trap as it does elsewhere, and does not end
//! the process. This file knows no fibers, whose ends are known to those who run them.

use std::cell::Cell;
use std::ops::Range;

thread_local!(static STACK: Cell<Option<(usize, usize)>> = const { Cell::new(None) });

/// Whether `sp` is on the thread's own stack, with this many bytes of it below. False before the first call of [`around`].
#[inline]
pub fn has_below(sp: usize, bytes: usize) -> bool {
    STACK.get().is_some_and(|(start, end)| (start..end).contains(&sp) && sp - start >= bytes)
}

/// The thread's own stack. `None` if the system does not say where it is, or if `sp` is on another stack.
pub fn around(sp: usize) -> Option<Range<usize>> {
    let (start, end) = STACK.get().unwrap_or_else(ask);
    (start..end).contains(&sp).then_some(start..end)
}

#[cold]
fn ask() -> (usize, usize) {
    let Range { start, end } = of_this_thread().unwrap_or(0..0);
    STACK.set(Some((start, end)));
    (start, end)
}

#[cfg(target_os = "linux")]
fn of_this_thread() -> Option<Range<usize>> {
    let (mut start, mut len) = (std::ptr::null_mut(), 0);
    // SAFETY: (1) the calls are about this thread, and fill in what they are given.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return None;
        }
        let found = libc::pthread_attr_getstack(&attributes, &mut start, &mut len);
        libc::pthread_attr_destroy(&mut attributes);
        (found == 0).then(|| start.addr()..start.addr().saturating_add(len))
    }
}

#[cfg(target_os = "macos")]
fn of_this_thread() -> Option<Range<usize>> {
    // SAFETY: (1) the calls are about this thread and change nothing.
    let (end, len) = unsafe {
        let thread = libc::pthread_self();
        (libc::pthread_get_stackaddr_np(thread).addr(), libc::pthread_get_stacksize_np(thread))
    };
    Some(end.checked_sub(len)?..end)
}
