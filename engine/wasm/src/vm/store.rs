//! A store without its `T`: everything that instances and host functions are made of.
//!
//! Handles are pairs of the store's id and an index into one of the lists here. Nothing is ever
//! removed from them, so an index stays valid as long as the store.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::backtrace::WasmBacktrace;
use super::builtins::BUILTINS;
use super::data::HostData;
use super::door_in::Activations;
use super::engine::Engine;
use super::fiber::{Fiber, FiberLink};
use super::float_mode::HostMode;
use super::fuel::FuelAccount;
use super::gc::Collector;
use super::host_func::HostFunc;
use super::image::Image;
use super::instance::Instance;
use super::lend::Lent;
use super::memory::LinearMemory;
use super::signatures::Signature;
use super::table::RefTable;
use crate::base::error::StoreError;
use crate::base::frames::Frames;
use crate::base::layout::{HOST_OWNER, Slot, VmFuncRef, VmHostFunc, VmInstance, VmLanding, VmRef, VmStore};
use crate::base::limiter::ResourceLimiter;
use crate::base::limits::MOST_OF_A_KIND;
use crate::base::trap::Trap;
use crate::base::types::{FuncType, GlobalType, MemoryType, Mutability, TableType};

/// Tells the handles of one store from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreId(NonZeroU64);

/// An instance by its place in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceId(pub u32);

/// A function by its owner, an instance or the host, and its place there: among the functions of the instance
/// that have escaped, since only these can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FuncId {
    owner: u32,
    index: u32,
}

impl FuncId {
    /// As a slot holds it between the doors and the host: 0 is null.
    pub fn to_bits(id: Option<FuncId>) -> u64 {
        id.map_or(0, |id| (u64::from(id.owner) << 32 | u64::from(id.index)) + 1)
    }

    pub fn from_bits(bits: u64) -> Option<FuncId> {
        let bits = bits.checked_sub(1)?;
        Some(FuncId { owner: (bits >> 32) as u32, index: bits as u32 })
    }
}

pub(super) struct HostEntry {
    pub(super) func: Arc<HostFunc>,
    known_as: Box<KnownAs>,
    // Machine code calls it through these.
    _signature: Arc<Signature>,
}

/// What machine code knows a host function by; it holds both addresses.
struct KnownAs {
    func_ref: VmFuncRef,
    context: VmHostFunc,
}

pub(super) struct GlobalEntry {
    pub(super) slot: NonNull<Slot>,
    pub(super) ty: GlobalType,
    // Globals made by the host have a slot of their own.
    _own: Option<Box<Slot>>,
}

/// Why the guest landed.
pub(super) enum Pending {
    Trap { trap: Trap, refund: u32 },
    Error(anyhow::Error),
    Panic(Box<dyn std::any::Any + Send>),
}

/// A store's context: what machine code reads, then what the runtime adds for itself.
#[repr(C)]
pub struct StoreContext {
    pub(super) vm: VmStore,
    /// Valid while guest code of this store runs (1).
    pub(super) core: *mut StoreCore,
    pub(super) host_mode: HostMode,
    pub(super) link: FiberLink,
    /// The most that functions of the store's modules take of the machine's stack.
    pub(super) frames: Frames,
    /// What they may use of a stack with such frames, and what is to be below that.
    pub(super) whole_stack: usize,
}

impl StoreContext {
    /// Of a new store, whose guest code has never run.
    pub fn new(engine: &Engine) -> StoreContext {
        let vm = VmStore {
            fuel: !0,
            landing: VmLanding::default(),
            stack: !0,
            stack_limit: 0,
            caller: std::ptr::null(),
            exit_fp: 0,
            builtins: &BUILTINS,
        };
        let host_mode = HostMode::new(engine.core.config.signals_based_traps);
        let (link, frames, whole_stack) = (FiberLink::default(), Frames::default(), engine.core.whole_stack);
        StoreContext { vm, core: std::ptr::null_mut(), host_mode, link, frames, whole_stack }
    }
}

type Limiter = Box<dyn (for<'a> FnMut(&'a mut HostData) -> &'a mut dyn ResourceLimiter) + Send + Sync>;

/// A store without its `T`. What every call needs stands first, so that it takes few lines of the processor's cache.
#[repr(C)]
pub struct StoreCore {
    id: StoreId,
    pub engine: Engine,
    pub data: HostData,
    pub(super) context: NonNull<StoreContext>,
    pub(super) instances: Vec<Instance>,
    pub(super) activations: Activations,
    pub(super) fuel: FuelAccount,
    /// The resumable call that waits in this store.
    pub(super) suspended: Option<Box<Fiber>>,
    /// The innermost of what is lent now, or null.
    pub(super) lent: *const Lent,
    /// Of the last call on a fiber, empty, for the next one.
    pub(super) spare_slots: Vec<Slot>,
    pub(super) pending: Option<Pending>,
    pub limiter: Option<Limiter>,
    pub(super) host_funcs: Vec<HostEntry>,
    /// Host functions that were linked, by the address of what `host_funcs` keeps alive.
    linked: BTreeMap<usize, FuncId>,
    pub(super) memories: Vec<LinearMemory>,
    pub(super) tables: Vec<RefTable>,
    pub(super) globals: Vec<GlobalEntry>,
    pub(super) collector: Collector,
    pub(super) backtrace: Option<WasmBacktrace>,
}

// SAFETY: (1, 2) what it points to is its own and bound to no thread, a suspended stack included
// (8). Its data and limiter are sent only within a `Store<T>`, which is `Send` only where `T` is.
unsafe impl Send for StoreCore {}
// SAFETY: (1) shared references change nothing: guest code only runs through `&mut`.
unsafe impl Sync for StoreCore {}

impl StoreCore {
    /// A store, whose context stays where it is as long as the store.
    pub(super) fn new<T: 'static>(engine: Engine, data: T, context: NonNull<StoreContext>) -> StoreCore {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        StoreCore {
            id: StoreId(NonZeroU64::new(id).expect("the count starts at one")),
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

    pub(super) fn vm(&self) -> *mut VmStore {
        self.context.as_ptr().cast()
    }

    pub(super) fn instance(&self, id: InstanceId) -> &Instance {
        &self.instances[id.0 as usize]
    }

    /// Adds a host function.
    ///
    /// # Errors
    /// Its doors cannot be compiled.
    pub fn add_host_func(&mut self, func: Arc<HostFunc>) -> anyhow::Result<FuncId> {
        let index = u32::try_from(self.host_funcs.len())?;
        let signature = func.signature.get(&func.ty, &self.engine.core.signatures);
        let (call, address) = (func.call as *const (), Arc::as_ptr(&func).cast());
        let context = VmHostFunc { store: self.vm(), call, func: address };
        let func_ref = VmFuncRef {
            code: signature.doors(&self.engine.core.target)?.leave(),
            context: std::ptr::null_mut(),
            signature: signature.id(),
            owner: HOST_OWNER,
            index,
            slots: 0,
            enter: std::ptr::null(),
        };
        let mut known_as = Box::new(KnownAs { func_ref, context });
        known_as.func_ref.context = (&raw mut known_as.context).cast();
        self.host_funcs.push(HostEntry { func, known_as, _signature: signature });
        Ok(FuncId { owner: HOST_OWNER, index })
    }

    pub(super) fn host_func(&self, func: FuncId) -> Arc<HostFunc> {
        self.host_funcs[func.index()].func.clone()
    }

    /// A host function of a linker, which is added only once however often it is linked.
    ///
    /// # Errors
    /// Its doors cannot be compiled.
    pub fn link_host_func(&mut self, func: &Arc<HostFunc>) -> anyhow::Result<FuncId> {
        let address = Arc::as_ptr(func).addr();
        if let Some(id) = self.linked.get(&address) {
            return Ok(*id);
        }
        let id = self.add_host_func(func.clone())?;
        self.linked.insert(address, id);
        Ok(id)
    }

    /// Adds a memory after asking the limiter.
    ///
    /// # Errors
    /// The limiter or the operating system refuses.
    pub fn add_memory(&mut self, ty: MemoryType, image: Option<&Arc<Image>>) -> anyhow::Result<u32> {
        let count = self.memories.len();
        let (minimum, maximum) = (bytes(ty.minimum()), ty.maximum().map(bytes));
        match self.limits() {
            None => one_more(count, MOST_OF_A_KIND, "memory")?,
            Some(limiter) => {
                one_more(count, limiter.memories(), "memory")?;
                let allowed = limiter.memory_growing(0, minimum, maximum)?;
                anyhow::ensure!(allowed, StoreError::LimitExceeded("memory"));
            }
        }
        self.memories.push(LinearMemory::new(ty, &self.engine.core.memories, image.cloned())?);
        Ok(u32::try_from(count)?)
    }

    /// Adds a table after asking the limiter.
    ///
    /// # Errors
    /// The limiter refuses, or there is no memory for it.
    pub fn add_table(&mut self, ty: TableType) -> anyhow::Result<u32> {
        let count = self.tables.len();
        let (minimum, maximum) = (ty.minimum() as usize, ty.maximum().map(|maximum| maximum as usize));
        match self.limits() {
            None => one_more(count, MOST_OF_A_KIND, "table")?,
            Some(limiter) => {
                one_more(count, limiter.tables(), "table")?;
                let allowed = limiter.table_growing(0, minimum, maximum)?;
                anyhow::ensure!(allowed, StoreError::LimitExceeded("table"));
            }
        }
        self.tables.push(RefTable::new(ty)?);
        Ok(u32::try_from(count)?)
    }

    /// Adds a global that belongs to no instance. The value is as the host has it.
    ///
    /// # Errors
    /// There are 4,294,967,296 of them.
    pub fn add_global(&mut self, ty: GlobalType, value: Slot) -> anyhow::Result<u32> {
        let mut own = Box::new(Slot::default());
        let slot = NonNull::from(&mut *own);
        self.globals.push(GlobalEntry { slot, ty, _own: Some(own) });
        let global = u32::try_from(self.globals.len() - 1)?;
        self.write_global(global, value);
        Ok(global)
    }

    pub(super) fn limits(&mut self) -> Option<&mut dyn ResourceLimiter> {
        let data = &mut self.data;
        self.limiter.as_mut().map(|limiter| limiter(data))
    }

    /// Grows a memory; `None` where its maximum or the limiter forbids it.
    ///
    /// # Errors
    /// The limiter fails, or the operating system refuses memory.
    pub fn grow_memory(&mut self, memory: u32, delta: u64) -> anyhow::Result<Option<u64>> {
        let memory = memory as usize;
        let (old, maximum) = (self.memories[memory].size(), self.memories[memory].maximum());
        let new = old.saturating_add(delta);
        let declared = self.memories[memory].ty().maximum().map(bytes);
        if let Some(limiter) = self.limits() {
            if !limiter.memory_growing(bytes(old), bytes(new), declared)? {
                return Ok(None);
            }
            if new > maximum && limiter.wants_grow_failures() {
                let problem = anyhow::format_err!("a memory of {maximum} pages at most cannot grow to {new}");
                limiter.memory_grow_failed(problem)?;
            }
        }
        if new > maximum {
            return Ok(None);
        }
        self.memories[memory].grow_to(new)?;
        Ok(Some(old))
    }

    /// Grows a table; `None` where its maximum or the limiter forbids it. `value` belongs to the store.
    ///
    /// # Errors
    /// The limiter fails, or there is no memory for them.
    pub fn grow_table(&mut self, table: u32, delta: u64, value: VmRef) -> anyhow::Result<Option<u64>> {
        let at = table as usize;
        let (old, maximum) = (self.tables[at].size(), self.tables[at].maximum());
        let new = (old as u64).saturating_add(delta);
        let declared = self.tables[at].ty().maximum().map(|maximum| maximum as usize);
        if let Some(limiter) = self.limits() {
            if !limiter.table_growing(old, new as usize, declared)? {
                return Ok(None);
            }
            if new > maximum && limiter.wants_grow_failures() {
                let problem =
                    anyhow::format_err!("a table of {maximum} elements at most cannot grow to {new}");
                limiter.table_grow_failed(problem)?;
            }
        }
        if new > maximum {
            return Ok(None);
        }
        self.tables[at].grow(delta as usize, value)?;
        Ok(Some(old as u64))
    }

    /// Whether guest code of this store that leaves a memory may fault at this address. Async-signal-safe.
    pub(super) fn may_fault_at(&self, address: usize) -> bool {
        self.memories.iter().any(|memory| memory.may_fault_at(address))
    }

    #[inline]
    pub fn memory(&self, memory: u32) -> &LinearMemory {
        &self.memories[memory as usize]
    }

    pub fn memory_mut(&mut self, memory: u32) -> &mut LinearMemory {
        &mut self.memories[memory as usize]
    }

    /// A memory's bytes and the host's data, side by side.
    pub fn memory_and_data(&mut self, memory: u32) -> (&mut [u8], &mut HostData) {
        (self.memories[memory as usize].data_mut(), &mut self.data)
    }

    pub fn table_type(&self, table: u32) -> &TableType {
        self.tables[table as usize].ty()
    }

    pub fn table_size(&self, table: u32) -> usize {
        self.tables[table as usize].size()
    }

    /// The elements of a table, as machine code has them.
    pub fn table_elements(&mut self, table: u32) -> &mut [VmRef] {
        self.tables[table as usize].elements_mut()
    }

    pub fn global_type(&self, global: u32) -> &GlobalType {
        &self.globals[global as usize].ty
    }

    /// A global's value, references as the host has them.
    pub fn read_global(&self, global: u32) -> Slot {
        let entry = &self.globals[global as usize];
        // SAFETY: (2) the slot lives as long as the store, and (1) nobody writes to it meanwhile.
        let value = unsafe { entry.slot.read() };
        self.to_host(*entry.ty.content(), value)
    }

    /// Sets a global, references as the host has them. Whether it is mutable is the caller's concern.
    pub fn write_global(&mut self, global: u32, value: Slot) {
        let entry = &self.globals[global as usize];
        let value = self.to_guest(*entry.ty.content(), value);
        // SAFETY: (2) as above.
        unsafe { entry.slot.write(value) };
    }

    pub(super) fn add_own_global(&mut self, slot: NonNull<Slot>, ty: GlobalType) -> u32 {
        self.globals.push(GlobalEntry { slot, ty, _own: None });
        (self.globals.len() - 1) as u32
    }

    /// What machine code knows a function by.
    pub(super) fn func_ref(&self, func: Option<FuncId>) -> *const VmFuncRef {
        match func {
            None => std::ptr::null(),
            Some(FuncId { owner: HOST_OWNER, index }) => &self.host_funcs[index as usize].known_as.func_ref,
            Some(FuncId { owner, index }) => self.instances[owner as usize].escaped(index as usize),
        }
    }

    /// A copy of what machine code knows a function by.
    pub(super) fn func_ref_of(&self, func: FuncId) -> VmFuncRef {
        // SAFETY: (2) it is a function of this store, so its reference is there and stays.
        unsafe { *self.func_ref(Some(func)) }
    }

    /// The function behind a reference from a slot, global or table of this store.
    pub(super) fn func_id(&self, func_ref: *const VmFuncRef) -> Option<FuncId> {
        // SAFETY: (5) references in a store are null or point to one that lives as long as it.
        let func_ref = unsafe { func_ref.as_ref()? };
        Some(FuncId { owner: func_ref.owner, index: func_ref.index })
    }

    pub fn func_of(&self, instance: InstanceId, func: u32) -> Option<FuncId> {
        self.func_id(self.instance(instance).func_ref(func))
    }

    /// # Panics
    /// The function is not of this store.
    pub fn func_type(&self, func: FuncId) -> FuncType {
        match func.owner {
            HOST_OWNER => self.host_funcs[func.index as usize].func.ty.clone(),
            owner => {
                let info = &self.instances[owner as usize].module().info;
                info.func_type(info.escaped_funcs[func.index as usize]).clone()
            }
        }
    }

    /// The instance behind a context that guest code noted.
    #[inline]
    pub(super) fn caller(&self, context: *const VmInstance) -> Option<InstanceId> {
        // SAFETY: (2) it is null or an instance of this store.
        let context = unsafe { context.as_ref()? };
        Some(InstanceId(context.index as u32))
    }
}

impl FuncId {
    pub(super) fn is_host(self) -> bool {
        self.owner == HOST_OWNER
    }

    pub(super) fn owner(self) -> usize {
        self.owner as usize
    }

    pub(super) fn index(self) -> usize {
        self.index as usize
    }
}

impl Drop for StoreCore {
    fn drop(&mut self) {
        self.cancel_suspended();
    }
}

/// Whether a store may have one more of something.
pub(super) fn one_more(count: usize, most: usize, what: &'static str) -> Result<(), StoreError> {
    if count < most { Ok(()) } else { Err(StoreError::LimitExceeded(what)) }
}

pub fn is_mutable(ty: &GlobalType) -> bool {
    ty.mutability() == Mutability::Var
}

fn bytes(pages: u64) -> usize {
    usize::try_from(pages.saturating_mul(crate::base::types::PAGE_SIZE)).unwrap_or(usize::MAX)
}
