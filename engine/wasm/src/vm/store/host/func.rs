//! Host functions as stores have them: what is called, by the host as a closure, by guest code through the door out.
//!
//! Made in `api/` from what users give, and in `task.rs` where they may wait. It knows no store that one is in.

use std::sync::Arc;

use crate::base::layout::Slot;
use crate::base::layout::VmHostFunc;
use crate::base::types::FuncType;
use crate::vm::code::signatures::LinkedSignature;
use crate::vm::store::indices::StoreInstance;
use crate::vm::store::store_core::StoreCore;
use std::pin::Pin;

/// What a host function is called with: its store, the instance that called it if one did, and its
/// arguments, in place of which it leaves its results.
pub trait HostCode:
    Fn(&mut StoreCore, Option<StoreInstance>, &mut [Slot]) -> anyhow::Result<()> + Send + Sync + 'static
{
}

impl<F> HostCode for F where
    F: Fn(&mut StoreCore, Option<StoreInstance>, &mut [Slot]) -> anyhow::Result<()> + Send + Sync + 'static
{
}

/// What a host function does, as a future: with its store, the instance that called it if one did, and its arguments,
/// in place of which it leaves its results.
pub type AsyncHostCode =
    dyn for<'a> Fn(&'a mut StoreCore, Option<StoreInstance>, &'a mut [Slot]) -> HostFuture<'a> + Send + Sync;

/// A host function at work.
pub type HostFuture<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>>;

/// What guest code calls a host function by, through the exit trampoline: its context, and the arguments that the
/// trampoline has put into slots. 1 where an error is pending.
pub type CallHost = unsafe extern "C" fn(*mut VmHostFunc, *mut Slot) -> u64;

/// A host function, usable in any store of its engine.
pub struct HostFunc {
    pub ty: FuncType,
    pub code: Box<dyn HostCode>,
    /// The same as a future, where it may wait: then `code` waits for that on a fiber.
    pub(in crate::vm) async_code: Option<Arc<AsyncHostCode>>,
    /// How many slots it is called with.
    pub(in crate::vm) slots: usize,
    /// Which parameters and results are references to functions, which the host knows by name.
    pub(in crate::vm) func_params: Box<[usize]>,
    pub(in crate::vm) func_results: Box<[usize]>,
    /// What guest code calls it by, which is made for the type that `code` has.
    pub(in crate::vm) call: CallHost,
    pub(in crate::vm) signature: LinkedSignature,
}
