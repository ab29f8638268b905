//! THE SANDBOX RESTS ON THIS FILE: functions of a store, as the host names them and as machine code has them.
//!
//! The host names a function by where it is defined ([`StoreFunc`]), machine code knows it by an address. These are the only
//! values that are not the same on both sides, so they are translated at each border: in slots, globals and tables.

use super::indices::StoreInstance;
use super::store_core::StoreCore;
use crate::base::indices::{EscapedIndex, FuncIndex};
use crate::base::layout::{HOST_OWNER, Slot, VmFuncRef, VmRef};
use crate::base::types::{FuncType, ValType};

/// A function of a store: one of the host, or one of an instance that has escaped, since only these can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreFunc {
    /// An instance, or [`HOST_OWNER`].
    owner: u32,
    index: u32,
}

/// Where a function of a store is defined.
pub(in crate::vm) enum FuncPlace {
    /// Among the host functions that were added to the store.
    Host(usize),
    Instance(StoreInstance, EscapedIndex),
}

impl StoreFunc {
    /// A host function, by its place among those of its store.
    pub(super) fn of_host(index: u32) -> StoreFunc {
        StoreFunc { owner: HOST_OWNER, index }
    }

    #[inline]
    pub(in crate::vm) fn place(self) -> FuncPlace {
        match self.owner {
            HOST_OWNER => FuncPlace::Host(self.index as usize),
            owner => FuncPlace::Instance(StoreInstance(owner), EscapedIndex(self.index)),
        }
    }

    #[inline]
    pub(in crate::vm) fn is_host(self) -> bool {
        self.owner == HOST_OWNER
    }

    /// As a slot of the host holds it: 0 is null.
    pub fn to_bits(func: Option<StoreFunc>) -> u64 {
        func.map_or(0, |func| (u64::from(func.owner) << 32 | u64::from(func.index)) + 1)
    }

    pub fn from_bits(bits: u64) -> Option<StoreFunc> {
        let bits = bits.checked_sub(1)?;
        Some(StoreFunc { owner: (bits >> 32) as u32, index: bits as u32 })
    }
}

impl StoreCore {
    /// What machine code knows a function by; null for none.
    pub(in crate::vm) fn func_ref(&self, func: Option<StoreFunc>) -> *const VmFuncRef {
        match func.map(StoreFunc::place) {
            None => std::ptr::null(),
            Some(FuncPlace::Host(at)) => self.host_funcs[at].func_ref(),
            Some(FuncPlace::Instance(instance, escaped)) => self.instance(instance).escaped(escaped),
        }
    }

    /// A copy of what machine code knows a function by.
    pub(in crate::vm) fn func_ref_of(&self, func: StoreFunc) -> VmFuncRef {
        // SAFETY: (2) it is a function of this store, so its reference is there and stays.
        unsafe { *self.func_ref(Some(func)) }
    }

    /// The function behind a reference from a slot, global or table of this store.
    pub(in crate::vm) fn func_id(&self, func_ref: *const VmFuncRef) -> Option<StoreFunc> {
        // SAFETY: (5) references in a store are null or point to one that lives as long as it.
        let func_ref = unsafe { func_ref.as_ref()? };
        Some(StoreFunc { owner: func_ref.owner, index: func_ref.index })
    }

    /// The type of a function.
    ///
    /// # Panics
    /// The function does not belong to this store.
    pub fn func_type(&self, func: StoreFunc) -> FuncType {
        match func.place() {
            FuncPlace::Host(at) => self.host_funcs[at].func.ty.clone(),
            FuncPlace::Instance(instance, escaped) => {
                let info = &self.instance(instance).module().info;
                info.func_type(info.escaped_funcs[escaped.index()]).clone()
            }
        }
    }

    /// A function of an instance. `None` if nothing can refer to it.
    pub fn func_of(&self, instance: StoreInstance, func: FuncIndex) -> Option<StoreFunc> {
        self.func_id(self.instance(instance).func_ref(func))
    }

    /// A value of machine code as the host has it: references to functions by name instead of by address.
    pub fn to_host(&self, ty: ValType, value: Slot) -> Slot {
        if !ty.is_func_ref() {
            return value;
        }
        Slot([StoreFunc::to_bits(self.func_id(VmRef(value.0[0]).func())), 0])
    }

    /// A value of the host as machine code has it.
    pub fn to_guest(&self, ty: ValType, value: Slot) -> Slot {
        if !ty.is_func_ref() {
            return value;
        }
        Slot([VmRef::to_func(self.func_ref(StoreFunc::from_bits(value.0[0]))).0, 0])
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
