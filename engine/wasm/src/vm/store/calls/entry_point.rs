//! What the door in needs to enter a function: where it is, and how much of a stack it may take.

use crate::compile::trampoline::Enter;

/// The way into a function.
#[derive(Clone, Copy)]
pub struct EntryPoint {
    pub(in crate::vm) enter: Enter,
    pub(in crate::vm) code: *const u8,
    pub(in crate::vm) context: *mut u8,
}

/// What a guest may take of the stack.
#[derive(Clone, Copy)]
pub struct GuestStack {
    /// As counted, in bytes.
    pub(in crate::vm) left: u64,
    /// The address below which its frames must not reach: further down than what is counted.
    pub(in crate::vm) limit: usize,
}
