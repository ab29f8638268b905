//! THE SANDBOX RESTS ON THIS FILE: a store without its `T`, the part that the host reaches through `&mut`.
//!
//! What it holds is looked after by the other files of this room; calls are made by `vm/doors/`.

use std::collections::BTreeMap;
use std::ptr::NonNull;

use super::calls::activations::Activations;
use super::calls::backtrace::WasmBacktrace;
use super::context::{Pending, VmStoreContext};
use super::engine::Engine;
use super::fuel::FuelAccount;
use super::funcref::StoreFunc;
use super::gc::Collector;
use super::host::added::HostEntry;
use super::host::data::HostData;
use super::host::lend::Lent;
use super::indices::{StoreId, StoreInstance};
use super::instance::Instance;
use super::items::GlobalEntry;
use crate::base::error::StoreError;
use crate::base::layout::{Slot, VmInstance, VmStore};
use crate::base::limiter::ResourceLimiter;
use crate::vm::memory::linear::LinearMemory;
use crate::vm::memory::table::RefTable;
use crate::vm::store::calls::fiber::Fiber;

type Limiter = Box<dyn (for<'a> FnMut(&'a mut HostData) -> &'a mut dyn ResourceLimiter) + Send + Sync>;

/// A store without its `T`. What every call needs comes first, so that it takes few lines of the processor's cache.
#[repr(C)]
pub struct StoreCore {
    id: StoreId,
    pub engine: Engine,
    pub data: HostData,
    pub(in crate::vm) context: NonNull<VmStoreContext>,
    pub(in crate::vm) instances: Vec<Instance>,
    pub(in crate::vm) activations: Activations,
    pub(in crate::vm) fuel: FuelAccount,
    /// The resumable call that waits in this store.
    pub(in crate::vm) suspended: Option<Box<Fiber>>,
    /// The innermost of the values that are lent now, or null.
    pub(in crate::vm) lent: *const Lent,
    /// The slots of the last call on a fiber, emptied, for the next one.
    pub(in crate::vm) spare_slots: Vec<Slot>,
    /// Why guest code landed, from the landing to the return of the way in.
    pub(in crate::vm) pending: Option<Pending>,
    pub limiter: Option<Limiter>,
    pub(in crate::vm) host_funcs: Vec<HostEntry>,
    /// Host functions that were linked, by the address of what `host_funcs` keeps alive.
    pub(in crate::vm) linked: BTreeMap<usize, StoreFunc>,
    pub(in crate::vm) memories: Vec<LinearMemory>,
    pub(in crate::vm) tables: Vec<RefTable>,
    pub(in crate::vm) globals: Vec<GlobalEntry>,
    pub(in crate::vm) collector: Collector,
    pub(in crate::vm) backtrace: Option<WasmBacktrace>,
}

// SAFETY: (1, 2) what it points to is its own and bound to no thread, a suspended stack included
// (8). Its data and limiter are sent only within a `Store<T>`, which is `Send` only where `T` is.
unsafe impl Send for StoreCore {}
// SAFETY: (1) shared references change nothing: guest code only runs through `&mut`.
unsafe impl Sync for StoreCore {}

impl StoreCore {
    /// A store whose context is at this place, and stays there as long as the store.
    pub(in crate::vm) fn new<T: 'static>(
        engine: Engine,
        data: T,
        context: NonNull<VmStoreContext>,
    ) -> StoreCore {
        StoreCore {
            id: StoreId::next(),
            engine,
            data: HostData::new(data),
            limiter: None,
            context,
            instances: Vec::new(),
            host_funcs: Vec::new(),
            linked: BTreeMap::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            collector: Collector::default(),
            activations: Activations::default(),
            pending: None,
            backtrace: None,
            fuel: FuelAccount::default(),
            suspended: None,
            spare_slots: Vec::new(),
            lent: std::ptr::null(),
        }
    }

    pub fn id(&self) -> StoreId {
        self.id
    }

    pub(in crate::vm) fn vm(&self) -> *mut VmStore {
        self.context.as_ptr().cast()
    }

    pub(in crate::vm) fn limits(&mut self) -> Option<&mut dyn ResourceLimiter> {
        let data = &mut self.data;
        self.limiter.as_mut().map(|limiter| limiter(data))
    }

    /// The instance of a context that guest code left as the caller.
    #[inline]
    pub(in crate::vm) fn caller(&self, context: *const VmInstance) -> Option<StoreInstance> {
        // SAFETY: (2) it is null or the context of an instance of this store.
        let context = unsafe { context.as_ref()? };
        Some(StoreInstance(context.index as u32))
    }
}

impl Drop for StoreCore {
    fn drop(&mut self) {
        if self.suspended.is_some() {
            (self.engine.core.upcalls.cancel_suspended)(self);
        }
    }
}

/// Checks that a store may have one more of something.
///
/// # Errors
/// It has `most` already.
pub(in crate::vm) fn one_more(count: usize, most: usize, what: &'static str) -> Result<(), StoreError> {
    if count < most { Ok(()) } else { Err(StoreError::LimitExceeded(what)) }
}
