//! THE SANDBOX RESTS ON THIS FILE: a store's context, the part of a store that machine code and the doors reach through a raw
//! pointer.
//!
//! It stays where it is as long as its store (invariant 2). The host never holds a reference to it over a place where guest
//! code may run.

use super::calls::fiber::FiberLink;
use super::engine::Engine;
use super::store_core::StoreCore;
use crate::base::frames::Frames;
use crate::base::layout::{VmLanding, VmStore};
use crate::base::trap::Trap;
use crate::vm::machine::float_mode::HostMode;

/// A store's context: what machine code reads, then what the runtime adds for itself.
#[repr(C)]
pub struct VmStoreContext {
    pub(in crate::vm) vm: VmStore,
    /// Valid while guest code of this store runs (1).
    pub(in crate::vm) core: *mut StoreCore,
    pub(in crate::vm) host_mode: HostMode,
    pub(in crate::vm) link: FiberLink,
    /// The largest frames of functions of the store's modules.
    pub(in crate::vm) frames: Frames,
    /// How much of a stack they may use with such frames, and what has to be below that.
    pub(in crate::vm) whole_stack: usize,
}

impl VmStoreContext {
    /// The context of a new store, whose guest code has never run.
    pub fn new(engine: &Engine) -> VmStoreContext {
        let vm = VmStore {
            fuel: !0,
            landing: VmLanding::default(),
            stack: !0,
            stack_limit: 0,
            caller: std::ptr::null(),
            exit_fp: 0,
            builtins: &engine.core.upcalls.builtins,
        };
        let host_mode = HostMode::new(engine.core.config.signals_based_traps);
        let (link, frames, whole_stack) = (FiberLink::default(), Frames::default(), engine.core.whole_stack);
        VmStoreContext { vm, core: std::ptr::null_mut(), host_mode, link, frames, whole_stack }
    }
}

/// Why the guest landed.
pub(in crate::vm) enum Pending {
    Trap { trap: Trap, refund: u32 },
    Error(anyhow::Error),
    Panic(Box<dyn std::any::Any + Send>),
}

impl StoreCore {
    /// Gives calls that begin from now on a stack that is large enough for such frames.
    pub(in crate::vm) fn expect_frames(&mut self, frames: Frames) {
        let context = self.context.as_ptr();
        // SAFETY: (2) the context lives as long as the store, and machine code does not read these.
        unsafe {
            (*context).frames = (*context).frames.and(frames);
            (*context).whole_stack = self.engine.core.config.whole_stack((*context).frames);
        }
    }

    /// The frames for which calls that begin now need a stack.
    pub(in crate::vm) fn expected_frames(&self) -> Frames {
        // SAFETY: (2) the context lives as long as the store.
        unsafe { (*self.context.as_ptr()).frames }
    }
}
