//! THE SANDBOX RESTS ON THIS FILE: how much of the stack a guest may take, and a fiber with more where that is too little.
//!
//! There are two measures. What is *counted* is part of the rules, equal on every machine. What the machine's stack has must
//! be more than that, and is compared here before guest code begins.

use crate::base::layout::Slot;
use crate::base::trap::Trap;
use crate::compile::prices::stack;
use crate::vm::machine::processor::stack_pointer;
use crate::vm::machine::thread_stack;
use crate::vm::store::calls::entry_point::{EntryPoint, GuestStack};
use crate::vm::store::context::{Pending, VmStoreContext};
use crate::vm::store::store_core::StoreCore;

impl StoreCore {
    /// Runs guest code on a fiber, since this stack has too little left. The call is not suspended.
    ///
    /// # Safety
    /// As for [`StoreCore::enter`].
    #[cold]
    pub(super) unsafe fn activate_apart(
        &mut self,
        around: *mut VmStoreContext,
        entry: EntryPoint,
        slots: *mut Slot,
    ) -> bool {
        let Some(left) = self.stack_left_within(around) else {
            self.note_trap(Trap::StackOverflow);
            return true;
        };
        // SAFETY: (1, 5) the caller vouches for it.
        unsafe { self.run_apart(entry, slots, left) }.unwrap_or_else(|error| {
            self.pending = Some(Pending::Error(error));
            true
        })
    }

    /// What a guest may take of this stack. `None` if nothing is left as counted, or if this stack has less than that.
    #[inline]
    pub(super) fn stack_within(&self, around: *mut VmStoreContext) -> Option<GuestStack> {
        let (sp, config) = (stack_pointer(), &self.engine.core.config);
        // SAFETY: (2) the context lives as long as the store.
        let (frames, whole) =
            unsafe { ((*self.context.as_ptr()).frames, (*self.context.as_ptr()).whole_stack) };
        // In most calls, no other activation is on the stack, and the whole limit is available.
        if around.is_null() && self.activations.count() == 0 && thread_stack::has_below(sp, whole) {
            let left = config.counted_stack();
            return Some(GuestStack { left, limit: sp - config.guest_stack(left, frames) });
        }
        let left = self.stack_left_within(around)?;
        let limit = sp.checked_sub(config.guest_stack(left, frames))?;
        (limit >= self.end_of_stack(sp, around)?).then_some(GuestStack { left, limit })
    }

    /// What is left of the stack for a guest, as counted. If it is called while others wait, of this store or on this
    /// thread, it has what they have left, less the price of the host between them.
    pub(super) fn stack_left_within(&self, around: *mut VmStoreContext) -> Option<u64> {
        let mut left = self.engine.core.config.counted_stack();
        if self.activations.count() > 0 {
            // SAFETY: (2) the context lives as long as the store.
            left = left.min(unsafe { !(*self.vm()).stack }.checked_sub(stack::ACTIVATION)?);
        }
        if !around.is_null() {
            // SAFETY: (2) that store's guest waits for this call, so its context exists.
            left = left.min(unsafe { !(*around).vm.stack }.checked_sub(stack::ACTIVATION)?);
        }
        Some(left)
    }

    /// Where the part of this stack that guests may use ends. `None` if that is not known of this stack.
    #[cold]
    fn end_of_stack(&self, sp: usize, around: *mut VmStoreContext) -> Option<usize> {
        if let Some(stack) = thread_stack::around(sp) {
            return stack.start.checked_add(self.engine.core.config.stack_below_limit());
        }
        // SAFETY: (2) as above.
        let VmStoreContext { vm, whole_stack, .. } = unsafe { around.as_ref()? };
        let end = vm.stack_limit;
        // The host may have switched to a stack of its own.
        (end..end.saturating_add(*whole_stack)).contains(&sp).then_some(end)
    }
}
