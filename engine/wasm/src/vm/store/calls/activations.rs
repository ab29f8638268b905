//! THE SANDBOX RESTS ON THIS FILE: the calls into guest code that have not returned yet.
//!
//! What is known about the innermost one is in the store's context. When another begins inside it, that is put aside here, and
//! put back when the inner one ends.
//!
//! ```text
//! activations.outer         [ first │ second │ ... ]    what was in the context when the next one began
//! the store's context       landing, caller, exit frame and stack of the innermost one
//! ```

use super::frames::ActivationFrames;
use crate::base::layout::{VmInstance, VmLanding, VmStore};

/// The activations of a store.
#[derive(Default)]
pub struct Activations {
    count: usize,
    outer: Vec<Activation>,
}

/// What is put aside of an activation that has another one inside it.
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

    /// All but the innermost one, outermost first.
    pub(in crate::vm) fn outer(&self) -> &[Activation] {
        &self.outer
    }

    /// Begins an activation. The first one has none around it, so calls from outside guest code do not pay for this.
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
        let outer = self.outer.pop().expect("it was put aside when the one that ends began");
        vm.landing = outer.landing;
        vm.caller = outer.caller;
        vm.exit_fp = outer.exit_fp;
        vm.stack = outer.stack;
        vm.stack_limit = outer.stack_limit;
    }
}

impl Activation {
    /// Where the frames of this activation begin and end.
    pub(in crate::vm) fn frames(&self) -> ActivationFrames {
        ActivationFrames { exit_fp: self.exit_fp, entry_fp: self.landing.fp }
    }
}
