//! Host functions as stores have them: what the host calls as a closure, and guest code through the way out.
//!
//! They are made in `api/` from what users give: `vm/doors/way_out.rs` makes the part that guest code calls, and `vm/doors/task.rs`
//! those that may wait. Knows no store to which one was added.

use std::sync::Arc;

use crate::base::layout::{Slot, VmHostFunc};
use crate::base::types::FuncType;
use crate::vm::code::signatures::LinkedSignature;
use crate::vm::store::indices::StoreInstance;
use crate::vm::store::store_core::StoreCore;
use std::pin::Pin;

/// The code of a host function. It gets its store, the instance that called it, if any, and its arguments, which it replaces
/// by its results.
pub trait HostCode:
    Fn(&mut StoreCore, Option<StoreInstance>, &mut [Slot]) -> anyhow::Result<()> + Send + Sync + 'static
{
}

impl<F> HostCode for F where
    F: Fn(&mut StoreCore, Option<StoreInstance>, &mut [Slot]) -> anyhow::Result<()> + Send + Sync + 'static
{
}

/// The code of a host function that may wait: it gets the same, and returns a future.
pub type AsyncHostCode =
    dyn for<'a> Fn(&'a mut StoreCore, Option<StoreInstance>, &'a mut [Slot]) -> HostFuture<'a> + Send + Sync;

/// A host function that runs or waits.
pub type HostFuture<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>>;

/// What the exit trampoline calls for a host function, with its context, and with slots for arguments and results. Returns 1
/// if an error is pending.
pub type CallHost = unsafe extern "C" fn(*mut VmHostFunc, *mut Slot) -> u64;

/// A host function, usable in any store of its engine.
pub struct HostFunc {
    pub ty: FuncType,
    pub code: Box<dyn HostCode>,
    /// The code of a function that may wait; then `code` waits for its future on a fiber.
    pub(in crate::vm) async_code: Option<Arc<AsyncHostCode>>,
    /// The number of slots that it is called with.
    pub(in crate::vm) slots: usize,
    /// Which parameters and results are references to functions, which the host knows by name.
    pub(in crate::vm) func_params: Box<[usize]>,
    pub(in crate::vm) func_results: Box<[usize]>,
    /// What the exit trampoline calls; it is made for the type of `code`.
    pub(in crate::vm) call: CallHost,
    pub(in crate::vm) signature: LinkedSignature,
}
