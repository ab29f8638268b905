//! What the way in needs to enter a function: where that is, and how much of the stack it may take.

use crate::compile::trampoline::Enter;

/// Where and how a function is entered.
#[derive(Clone, Copy)]
pub struct EntryPoint {
    pub(in crate::vm) enter: Enter,
    pub(in crate::vm) code: *const u8,
    pub(in crate::vm) context: *mut u8,
}

/// What a guest may take of the stack.
#[derive(Clone, Copy)]
pub struct GuestStack {
    /// What is left as counted, in bytes.
    pub(in crate::vm) left: u64,
    /// The address below which its frames must not reach. It lies below what is counted.
    pub(in crate::vm) limit: usize,
}
