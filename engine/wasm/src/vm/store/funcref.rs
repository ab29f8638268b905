//! Values that cross the doors, in slots: only references to functions are not the same on both sides.
//!
//! The host knows a function by name, machine code by its address. Everything else crosses as it is.

use super::store_core::{FuncId, StoreCore};
use crate::base::layout::{Slot, VmRef};
use crate::base::types::ValType;

impl StoreCore {
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
