//! Host functions that were added to a store, and what guest code knows each by.

use std::sync::Arc;

use super::func::HostFunc;
use crate::base::layout::{HOST_OWNER, VmFuncRef, VmHostFunc};
use crate::vm::code::signatures::Signature;
use crate::vm::store::funcref::{FuncPlace, StoreFunc};
use crate::vm::store::store_core::StoreCore;

/// A host function of a store.
pub(in crate::vm) struct HostEntry {
    pub(in crate::vm) func: Arc<HostFunc>,
    known_as: Box<KnownAs>,
    // Its trampolines, through which machine code calls it.
    _signature: Arc<Signature>,
}

/// What machine code knows a host function by. It holds the addresses of both.
struct KnownAs {
    func_ref: VmFuncRef,
    context: VmHostFunc,
}

impl HostEntry {
    pub(in crate::vm) fn func_ref(&self) -> *const VmFuncRef {
        &self.known_as.func_ref
    }
}

impl StoreCore {
    /// Adds a host function.
    ///
    /// # Errors
    /// Its trampolines cannot be compiled.
    pub fn add_host_func(&mut self, func: Arc<HostFunc>) -> anyhow::Result<StoreFunc> {
        let index = u32::try_from(self.host_funcs.len())?;
        let signature = func.signature.get(&func.ty, &self.engine.core.signatures);
        let (call, address) = (func.call as *const (), Arc::as_ptr(&func).cast());
        let context = VmHostFunc { store: self.vm(), call, func: address };
        let func_ref = VmFuncRef {
            code: signature.trampolines(&self.engine.core.target)?.leave(),
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
        Ok(StoreFunc::of_host(index))
    }

    /// A function of the host; `None` if it is one of an instance.
    pub(in crate::vm) fn host_func(&self, func: StoreFunc) -> Option<Arc<HostFunc>> {
        match func.place() {
            FuncPlace::Host(at) => Some(self.host_funcs[at].func.clone()),
            FuncPlace::Instance(..) => None,
        }
    }

    /// Adds a host function of a linker, once, however often it is linked.
    ///
    /// # Errors
    /// Its trampolines cannot be compiled.
    pub fn link_host_func(&mut self, func: &Arc<HostFunc>) -> anyhow::Result<StoreFunc> {
        let address = Arc::as_ptr(func).addr();
        if let Some(id) = self.linked.get(&address) {
            return Ok(*id);
        }
        let id = self.add_host_func(func.clone())?;
        self.linked.insert(address, id);
        Ok(id)
    }
}
