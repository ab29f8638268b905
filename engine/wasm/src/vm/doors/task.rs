//! THE SANDBOX RESTS ON THIS FILE: calls that a task polls, as futures over fibers, and host functions that are futures.
//!
//! ```text
//! task ── poll ──> Polled ══ switch ══> guest ──> way out ──> host function ── poll ──> its future
//!      <─ Pending ─       <═ suspend ══  out of fuel │ pending <───────────────────────
//! ```
//! The task's future owns the fiber and borrows the store until the call has ended. So a host function's future may hold its
//! `Caller` while it waits: nothing else can reach the store. It is dropped on its own stack, when the task's future is dropped.
//! If that one is forgotten, the stack and the future are leaked, and the store can make no other call.

use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::fibers::suspend;
use crate::base::error::StoreError;
use crate::base::layout::Slot;
use crate::base::types::FuncType;
use crate::vm::machine::float_mode;
use crate::vm::store::calls::fiber::{Fiber, Pause, Signal, Wait};
use crate::vm::store::context::VmStoreContext;
use crate::vm::store::funcref::StoreFunc;
use crate::vm::store::gc::roots::Scope;
use crate::vm::store::host::func::{AsyncHostCode, HostFunc, HostFuture};
use crate::vm::store::indices::StoreInstance;
use crate::vm::store::store_core::StoreCore;

/// A call that a task polls. It has the store to itself until it has ended.
struct Polled<'store> {
    context: NonNull<VmStoreContext>,
    /// `None` once it has ended.
    fiber: Option<Box<Fiber>>,
    slots: Vec<Slot>,
    has_begun: bool,
    store: PhantomData<&'store mut StoreCore>,
}

// SAFETY: (8) what is on the fiber may be resumed on another thread, and a store may be used there.
unsafe impl Send for Polled<'_> {}

impl StoreCore {
    /// Calls a function so that it can be suspended: it yields as the store is configured to, and waits for host functions.
    ///
    /// From within a host function that guest code has called, this is a plain call.
    ///
    /// # Errors
    /// As for a plain call.
    pub async fn call_async(
        &mut self,
        func: StoreFunc,
        caller: Option<StoreInstance>,
        mut slots: Vec<Slot>,
    ) -> anyhow::Result<Vec<Slot>> {
        if self.is_suspended() {
            return Err(StoreError::Suspended.into());
        }
        if let Some(host_func) = self.host_func(func) {
            self.await_host_func(&host_func, caller, &mut slots).await?;
            return Ok(slots);
        }
        if self.activations.count() > 0 {
            self.call(func, &mut slots)?;
            return Ok(slots);
        }
        let (fiber, context) = (Some(self.new_fiber(func, &mut slots)?), self.context);
        // SAFETY: (1) the pointer is used while the future has the store and not after.
        unsafe { (*context.as_ptr()).core = self };
        Polled { context, fiber, slots, has_begun: false, store: PhantomData }.await
    }

    /// Runs the start function of an instance, if its module has one.
    ///
    /// # Errors
    /// As for [`StoreCore::call_async`].
    pub async fn start_async(&mut self, id: StoreInstance) -> anyhow::Result<()> {
        if let Some(start) = self.start_func(id) {
            self.call_async(start, Some(id), Vec::new()).await?;
        }
        Ok(())
    }

    /// Calls a host function from the host. That needs no fiber: the task polls its future itself.
    async fn await_host_func(
        &mut self,
        func: &HostFunc,
        caller: Option<StoreInstance>,
        slots: &mut [Slot],
    ) -> anyhow::Result<()> {
        let Some(code) = &func.async_code else { return self.call_host_func(func, caller, slots) };
        let scoped = Scoped { scope: self.enter_scope(), core: self };
        code(&mut *scoped.core, caller, slots).await
    }

    /// Waits for the future of a host function that guest code on a fiber has called.
    ///
    /// # Errors
    /// What the future returns; the call is cancelled; or no task polls the call.
    fn wait_for<'a>(
        &'a mut self,
        start: impl FnOnce(&'a mut StoreCore) -> HostFuture<'a>,
    ) -> anyhow::Result<()> {
        if !self.can_suspend() || !self.is_polled() {
            return Err(StoreError::AsyncHostFunction.into());
        }
        let context = self.context.as_ptr();
        let mut future = start(self);
        loop {
            // SAFETY: (2, 8) the task waits for this fiber while it polls, so the waker is valid until the fiber is suspended.
            let waker = unsafe { (*context).link.waker() };
            if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(waker)) {
                return result;
            }
            // SAFETY: (8) the fiber can be suspended, with the future that has the store; the other frames on it are
            // those of the runtime and the guest.
            let signal = unsafe {
                float_mode::leave_host(&raw mut (*context).host_mode);
                let signal = suspend(context, Wait::Host, None);
                float_mode::enter_host(&raw mut (*context).host_mode);
                signal
            };
            if signal.is_cancelled() {
                return Err(StoreError::Cancelled.into());
            }
        }
    }
}

impl HostFunc {
    /// A host function that may wait.
    pub fn new_async(ty: FuncType, code: Box<AsyncHostCode>) -> HostFunc {
        let code: Arc<AsyncHostCode> = code.into();
        let awaited = code.clone();
        let waiting = move |core: &mut StoreCore, caller, slots: &mut [Slot]| {
            core.wait_for(|core| awaited(core, caller, slots))
        };
        let mut func = HostFunc::new(ty, waiting);
        func.async_code = Some(code);
        func
    }
}

/// Ends a scope of references, also if a future is dropped in the middle.
struct Scoped<'a> {
    core: &'a mut StoreCore,
    scope: Scope,
}

impl Drop for Scoped<'_> {
    fn drop(&mut self) {
        self.core.exit_scope(self.scope);
    }
}

impl Polled<'_> {
    fn switch(&mut self, signal: Signal, waker: &std::task::Waker) -> Pause {
        let fiber = self.fiber.as_mut().expect("a call that has ended is not polled again");
        // SAFETY: (1) the core was set, and the store belongs to this future, which uses it only on the fiber until that
        // has returned. (8) the waker is valid during this call.
        unsafe { fiber.switch(self.context.as_ptr(), signal, waker) }
    }

    fn end(&mut self, landed: bool) -> anyhow::Result<Vec<Slot>> {
        let fiber = self.fiber.take().expect("the call has just run on it");
        // SAFETY: (1) the fiber has returned, so only this future uses the store.
        unsafe { &mut *(*self.context.as_ptr()).core }.end(fiber, landed, &mut self.slots)?;
        Ok(std::mem::take(&mut self.slots))
    }
}

impl Future for Polled<'_> {
    type Output = anyhow::Result<Vec<Slot>>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: (1) the core was set, and the store belongs to this future.
        if let Err(error) = unsafe { &*(*self.context.as_ptr()).core }.prepare_thread() {
            return Poll::Ready(Err(error.into()));
        }
        let begun = std::mem::replace(&mut self.has_begun, true);
        let signal = if begun { Signal::Resume } else { Signal::Begin };
        match self.switch(signal, task.waker()) {
            Pause::Ended { landed } => return Poll::Ready(self.end(landed)),
            Pause::Waits(Wait::Host) => {}
            // It is polled again after the others that wait for this thread.
            Pause::Waits(Wait::Yield | Wait::Fuel) => task.waker().wake_by_ref(),
        }
        Poll::Pending
    }
}

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        if !self.has_begun || self.fiber.is_none() {
            return;
        }
        match self.switch(Signal::Cancel, std::task::Waker::noop()) {
            // If dropping a host function's future panics, the panic continues here.
            Pause::Ended { landed } => drop(self.end(landed)),
            Pause::Waits(_) => unreachable!("a call that is cancelled does not wait again"),
        }
    }
}
