//! Values that cross the doors, in slots: only references to functions are not the same on both sides.
//!
//! The host knows a function by name, machine code by its address. Everything else crosses as it is.

use super::store_core::InstanceId;
use super::store_core::StoreCore;
use crate::base::layout::HOST_OWNER;
use crate::base::layout::VmFuncRef;
use crate::base::layout::{Slot, VmRef};
use crate::base::types::FuncType;
use crate::base::types::ValType;

/// A function by its owner, an instance or the host, and its place there: among the functions of the instance
/// that have escaped, since only these can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FuncId {
    owner: u32,
    index: u32,
}

impl FuncId {
    /// A host function, by its place among those of its store.
    pub(in crate::vm) fn of_host(index: u32) -> FuncId {
        FuncId { owner: HOST_OWNER, index }
    }

    /// As a slot holds it between the doors and the host: 0 is null.
    pub fn to_bits(id: Option<FuncId>) -> u64 {
        id.map_or(0, |id| (u64::from(id.owner) << 32 | u64::from(id.index)) + 1)
    }

    pub fn from_bits(bits: u64) -> Option<FuncId> {
        let bits = bits.checked_sub(1)?;
        Some(FuncId { owner: (bits >> 32) as u32, index: bits as u32 })
    }
}

impl FuncId {
    pub(in crate::vm) fn is_host(self) -> bool {
        self.owner == HOST_OWNER
    }

    pub(in crate::vm) fn owner(self) -> usize {
        self.owner as usize
    }

    pub(in crate::vm) fn index(self) -> usize {
        self.index as usize
    }
}

impl StoreCore {
    /// What machine code knows a function by.
    pub(in crate::vm) fn func_ref(&self, func: Option<FuncId>) -> *const VmFuncRef {
        match func {
            None => std::ptr::null(),
            Some(FuncId { owner: HOST_OWNER, index }) => self.host_funcs[index as usize].func_ref(),
            Some(FuncId { owner, index }) => self.instances[owner as usize].escaped(index as usize),
        }
    }

    /// A copy of what machine code knows a function by.
    pub(in crate::vm) fn func_ref_of(&self, func: FuncId) -> VmFuncRef {
        // SAFETY: (2) it is a function of this store, so its reference is there and stays.
        unsafe { *self.func_ref(Some(func)) }
    }

    /// The function behind a reference from a slot, global or table of this store.
    pub(in crate::vm) fn func_id(&self, func_ref: *const VmFuncRef) -> Option<FuncId> {
        // SAFETY: (5) references in a store are null or point to one that lives as long as it.
        let func_ref = unsafe { func_ref.as_ref()? };
        Some(FuncId { owner: func_ref.owner, index: func_ref.index })
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

    pub fn func_of(&self, instance: InstanceId, func: u32) -> Option<FuncId> {
        self.func_id(self.instance(instance).func_ref(func))
    }

    /// A value of machine code as the host has it: references to functions by name instead of by address.
    pub fn to_host(&self, ty: ValType, value: Slot) -> Slot {
        if !ty.is_func_ref() {
            return value;
        }
        Slot([FuncId::to_bits(self.func_id(VmRef(value.0[0]).func())), 0])
    }

    /// A value of the host as machine code has it.
    pub fn to_guest(&self, ty: ValType, value: Slot) -> Slot {
        if !ty.is_func_ref() {
            return value;
        }
        Slot([VmRef::to_func(self.func_ref(FuncId::from_bits(value.0[0]))).0, 0])
    }

    /// Values of machine code as the host has them: of these, only references to functions differ.
    pub(in crate::vm) fn funcs_to_host(&self, places: &[usize], slots: &mut [Slot]) {
        for &at in places {
            slots[at] = self.to_host(ValType::FUNCREF, slots[at]);
        }
    }

    /// Values of the host as machine code has them.
    pub(in crate::vm) fn funcs_to_guest(&self, places: &[usize], slots: &mut [Slot]) {
        for &at in places {
            slots[at] = self.to_guest(ValType::FUNCREF, slots[at]);
        }
    }
}
