//! THE SANDBOX RESTS ON THIS FILE: charging fuel as the plan of charges says.
//!
//! The counter lives in the pinned register, which holds the complement of what is left: charging adds, and an
//! addition that overflows was not covered. Then a stub is called, which keeps every other register and returns once
//! the charge is covered. The IR mostly has no call there: see `compile/stops.rs`. Where it must have one:
//!
//! ```text
//!        pinned = pinned + cost ── pinned < cost ──> out_of_fuel(charge)   cold
//!               │                                        │
//!               ▼ <──────────────────────────────────────┘
//! ```

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::FunctionBuilder;
use std::mem::offset_of;

use super::fields::load_field;
use super::translator::{FuelStops, Translator};
use crate::base::layout::{Charge, VmBuiltins, VmInstance, VmStore};
use crate::compile::charges::Adjustment;
use crate::compile::marks::OVERFLOW;
use crate::compile::signature;

/// Whether a charge is an addition of one byte. The form of a charge depends on it, and `compile/stops.rs` expects that form.
pub fn is_small(cost: u32) -> bool {
    i8::try_from(cost).is_ok()
}

impl Translator<'_, '_> {
    pub(super) fn adjust(&mut self, adjustment: Adjustment) {
        match adjustment {
            Adjustment::Charge(charge) => self.charge(charge),
            Adjustment::GiveBack(fuel) => {
                let counter = self.builder.ins().get_pinned_reg(types::I64);
                let counter = self.builder.ins().iadd_imm_s(counter, -i64::from(fuel));
                self.builder.ins().set_pinned_reg(counter);
            }
        }
    }

    fn charge(&mut self, charge: Charge) {
        if self.stops == FuelStops::Calls {
            let cost = self.builder.ins().iconst(types::I64, i64::from(charge.cost));
            let bits = charge.to_bits();
            return self.charge_by_call(cost, |b| b.ins().iconst(types::I64, bits as i64));
        }
        self.builder.set_srcloc(self.marks.charge(self.at, charge));
        let counter = self.builder.ins().get_pinned_reg(types::I64);
        if is_small(charge.cost) {
            self.builder.ins().trapnz(counter, OVERFLOW);
        } else {
            let room = self.builder.ins().iconst(types::I64, i64::from(charge.cost));
            self.builder.ins().uadd_overflow_trap(counter, room, OVERFLOW);
        }
        self.builder.set_srcloc(self.marks.operator(self.at));
        self.fence();
    }

    /// Makes the code generator forget what was loaded before a stop. While a call is stopped the host has the store: it
    /// may write to memories, tables and globals, and memories and tables may move. To the code generator a charge looks
    /// like a trap, after which nothing can have changed, so it would use values, bases and lengths that were loaded
    /// before. This emits no code.
    ///
    /// A stop that is a call needs no fence: the code generator assumes nothing after a call.
    fn fence(&mut self) {
        self.builder.ins().sequence_point();
    }

    /// Charges `count` units, an unsigned 32-bit operand. Does nothing where fuel is not counted.
    pub(super) fn charge_count(&mut self, count: Value) {
        if self.charges.is_some() {
            let cost = self.builder.ins().uextend(types::I64, count);
            // Nothing is charged ahead at bulk operators, so the bits of the charge are its cost.
            self.charge_by_call(cost, |_| cost);
        }
    }

    fn charge_by_call(&mut self, cost: Value, bits: impl FnOnce(&mut FunctionBuilder<'_>) -> Value) {
        let [cold, go] = std::array::from_fn(|_| self.create_block([]));
        self.builder.set_cold_block(cold);
        let counter = self.builder.ins().get_pinned_reg(types::I64);
        let counter = self.builder.ins().iadd(counter, cost);
        self.builder.ins().set_pinned_reg(counter);
        let overflowed = self.builder.ins().icmp(IntCC::UnsignedLessThan, counter, cost);
        self.builder.ins().brif(overflowed, cold, &[], go, &[]);

        self.builder.switch_to_block(cold);
        self.builder.seal_block(cold);
        let bits = bits(&mut self.builder);
        self.call_stub(offset_of!(VmBuiltins, out_of_fuel), &[bits]);
        self.builder.ins().jump(go, &[]);

        self.builder.switch_to_block(go);
        self.builder.seal_block(go);
    }

    /// Calls one of the stubs that keep every register.
    pub(super) fn call_stub(&mut self, builtin: usize, args: &[Value]) {
        let signature = self.builder.import_signature(signature::stub(args.len()));
        let address = self.builtin_address(builtin);
        self.builder.ins().call_indirect(signature, address, args);
    }

    pub(super) fn builtin_address(&mut self, builtin: usize) -> Value {
        let store = self.store_address();
        let table = load_field(&mut self.builder, store, offset_of!(VmStore, builtins));
        load_field(&mut self.builder, table, builtin)
    }

    pub(super) fn store_address(&mut self) -> Value {
        load_field(&mut self.builder, self.context, offset_of!(VmInstance, store))
    }
}
