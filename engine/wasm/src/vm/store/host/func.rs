//! Host functions as stores have them: what is called, by the host as a closure, by guest code through the door out.
//!
//! Made in `api/` from what users give, and in `task.rs` where they may wait. It knows no store that one is in.

use std::sync::Arc;

use crate::base::layout::Slot;
use crate::base::types::FuncType;
use crate::vm::code::signatures::{LinkedSignature, func_refs};
use crate::vm::doors::task::AsyncHostCode;
use crate::vm::doors::way_out::{CallHost, call_host, call_host_with_funcs};
use crate::vm::store::store_core::{InstanceId, StoreCore};

/// What a host function is called with: its store, the instance that called it if one did, and its
/// arguments, in place of which it leaves its results.
pub trait HostCode:
    Fn(&mut StoreCore, Option<InstanceId>, &mut [Slot]) -> anyhow::Result<()> + Send + Sync + 'static
{
}

impl<F> HostCode for F where
    F: Fn(&mut StoreCore, Option<InstanceId>, &mut [Slot]) -> anyhow::Result<()> + Send + Sync + 'static
{
}

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

impl HostFunc {
    pub fn new<F: HostCode>(ty: FuncType, code: F) -> HostFunc {
        let slots = ty.params().len().max(ty.results().len());
        let (func_params, func_results) = (func_refs(ty.params()), func_refs(ty.results()));
        let as_it_is = func_params.is_empty() && func_results.is_empty();
        let call: CallHost = if as_it_is { call_host::<F> } else { call_host_with_funcs };
        let (code, signature) = (Box::new(code), LinkedSignature::default());
        HostFunc { ty, code, async_code: None, slots, func_params, func_results, call, signature }
    }
}
