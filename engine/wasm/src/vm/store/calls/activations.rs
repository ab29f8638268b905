//! The calls into guest code that have not returned yet: what the door in keeps of each, and puts back when the one
//! inside it ends.
//!
//! ```text
//! activations.outer         [ first │ second │ ... ]    what stood in the store's context when the next one began
//! the store's context       landing, caller, exit frame and stack of the innermost one
//! ```

use super::frames::ActivationFrames;
use crate::base::layout::{VmInstance, VmLanding, VmStore};

/// The calls into guest code that have not returned yet. Of all but the innermost, whose are in the store's
/// context, it is kept what was there.
#[derive(Default)]
pub struct Activations {
    count: usize,
    outer: Vec<Activation>,
}

/// What is kept of an activation around another one.
pub struct Activation {
    landing: VmLanding,
    caller: *const VmInstance,
    exit_fp: usize,
    stack: u64,
    stack_limit: usize,
}

impl Activations {
    #[inline]
    pub(in crate::vm) fn count(&self) -> usize {
        self.count
    }

    /// Those around the innermost, which comes after the last of them.
    pub(in crate::vm) fn outer(&self) -> &[Activation] {
        &self.outer
    }

    /// Around the first there is nothing to keep: calls from outside pay for none of this.
    #[inline]
    pub(in crate::vm) fn begin(&mut self, vm: &VmStore) {
        if self.count > 0 {
            self.keep(vm);
        }
        self.count += 1;
    }

    #[inline]
    pub(in crate::vm) fn end(&mut self, vm: &mut VmStore) {
        self.count -= 1;
        if self.count > 0 {
            self.put_back(vm);
        }
    }

    #[inline(never)]
    fn keep(&mut self, vm: &VmStore) {
        let VmStore { landing, stack, stack_limit, caller, exit_fp, .. } = *vm;
        self.outer.push(Activation { landing, caller, exit_fp, stack, stack_limit });
    }

    #[inline(never)]
    fn put_back(&mut self, vm: &mut VmStore) {
        let outer = self.outer.pop().expect("it was kept when the one that ends began");
        vm.landing = outer.landing;
        vm.caller = outer.caller;
        vm.exit_fp = outer.exit_fp;
        vm.stack = outer.stack;
        vm.stack_limit = outer.stack_limit;
    }
}

impl Activation {
    /// The frames between the door in and the door out of this activation.
    pub(in crate::vm) fn frames(&self) -> ActivationFrames {
        ActivationFrames { exit_fp: self.exit_fp, entry_fp: self.landing.fp }
    }
}
