//! Resumable calls, which wait in their store: the host can use it between two steps.

use std::ptr;

use crate::base::error::StoreError;
use crate::base::layout::Slot;
use crate::vm::store::calls::fiber::{Fiber, Pause, Signal, Wait};
use crate::vm::store::funcref::StoreFunc;
use crate::vm::store::store_core::StoreCore;

impl StoreCore {
    /// Slots for a call on a fiber.
    #[inline]
    pub fn take_slots(&mut self, count: usize) -> Vec<Slot> {
        if count == 0 {
            return Vec::new();
        }
        let mut slots = std::mem::take(&mut self.spare_slots);
        slots.resize(count, Slot::default());
        slots
    }

    /// Keeps the memory of slots whose contents were read, for the next call.
    #[inline]
    pub fn keep_slots(&mut self, mut slots: Vec<Slot>) {
        if slots.capacity() > 0 {
            slots.clear();
            self.spare_slots = slots;
        }
    }

    /// Starts a resumable call. `None` if it has returned, with its results in `slots`. If it waits, the slots are kept for
    /// it.
    ///
    /// # Errors
    /// As for a plain call; also if it is made from within a host function, since what runs inside that cannot be
    /// suspended.
    pub fn start_resumable(
        &mut self,
        func: StoreFunc,
        slots: &mut Vec<Slot>,
    ) -> anyhow::Result<Option<Wait>> {
        if self.is_suspended() || self.activations.count() > 0 || func.is_host() {
            return self.start_otherwise(func, slots);
        }
        self.prepare_thread()?;
        let fiber = self.new_fiber(func, slots)?;
        self.step(fiber, Signal::Begin, slots)
    }

    /// A resumable call that needs no fiber, or cannot have one.
    #[cold]
    fn start_otherwise(&mut self, func: StoreFunc, slots: &mut [Slot]) -> anyhow::Result<Option<Wait>> {
        if self.is_suspended() {
            return Err(StoreError::Suspended.into());
        }
        if self.activations.count() > 0 {
            return Err(StoreError::ResumableWithin.into());
        }
        let host_func = self.host_func(func).expect("functions of instances run on fibers");
        self.call_host_func(&host_func, None, slots)?;
        Ok(None)
    }

    /// Resumes a suspended call; returns as [`StoreCore::start_resumable`] does.
    ///
    /// # Errors
    /// As for a plain call; also if the call of this number is not suspended here.
    pub fn resume(&mut self, serial: u64, slots: &mut Vec<Slot>) -> anyhow::Result<Option<Wait>> {
        self.prepare_thread()?;
        let mut fiber = self.take_suspended(serial)?;
        *slots = std::mem::take(&mut fiber.slots);
        self.step(fiber, Signal::Resume, slots)
    }

    /// Ends a suspended call, whose guest frames are discarded.
    ///
    /// # Errors
    /// The call of this number is not suspended here.
    pub fn cancel(&mut self, serial: u64) -> Result<(), StoreError> {
        let mut fiber = self.take_suspended(serial)?;
        let mut slots = std::mem::take(&mut fiber.slots);
        let ended = self.step(fiber, Signal::Cancel, &mut slots);
        debug_assert!(ended.is_err(), "a cancelled call lands");
        Ok(())
    }

    /// Ends the call that is suspended in this store, for a store that is being dropped.
    pub(super) fn cancel_suspended(&mut self) {
        self.cancel(self.link().serial).expect("a call is suspended");
    }

    fn take_suspended(&mut self, serial: u64) -> Result<Box<Fiber>, StoreError> {
        let latest = self.link().serial;
        self.suspended.take_if(|_| serial == latest).ok_or(StoreError::NotSuspended)
    }

    /// Inlined, since the processor mispredicts each return after a switch.
    #[inline(always)]
    fn step(
        &mut self,
        mut fiber: Box<Fiber>,
        signal: Signal,
        slots: &mut Vec<Slot>,
    ) -> anyhow::Result<Option<Wait>> {
        let context = self.context.as_ptr();
        // SAFETY: (1) the pointer is used while this function waits for the fiber and not after.
        unsafe { (*context).core = self };
        // SAFETY: (1, 8) the core was set, and this store's guest runs nowhere else.
        match unsafe { fiber.switch(context, signal, ptr::null()) } {
            Pause::Waits(wait) => {
                fiber.slots = std::mem::take(slots);
                self.suspended = Some(fiber);
                Ok(Some(wait))
            }
            Pause::Ended { landed } => self.end(fiber, landed, slots).map(|()| None),
        }
    }

    /// Returns the outcome of a call that has ended, and gives its fiber back.
    ///
    /// # Errors
    /// As for a plain call.
    #[inline(always)]
    pub(super) fn end(
        &mut self,
        mut fiber: Box<Fiber>,
        landed: bool,
        slots: &mut [Slot],
    ) -> anyhow::Result<()> {
        let translates = fiber.translates.take();
        self.engine.core.fibers.give_back(fiber);
        match translates {
            _ if landed => Err(self.take_pending()),
            Some(func) => self.translate_results(func, slots),
            None => Ok(()),
        }
    }
}
