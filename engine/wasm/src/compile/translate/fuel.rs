//! THE SANDBOX RESTS ON THIS FILE: charging fuel, as the plan of charges says.
//!
//! The counter lives in the pinned register and counts down; nothing is charged that it does not
//! cover. The path on which it does not is cold and calls a stub that keeps every register, so that
//! the hot path is laid out as if there were no call.
//!
//! ```text
//!        left = pinned - cost ── left < 0 ──> store.fuel = pinned; out_of_fuel(store, cost)
//!               │                             left = store.fuel - cost  (the stub returned, so >= 0)
//!               ▼                                    │
//!        pinned = left <─────────────────────────────┘
//! ```

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, MemFlagsData, Value, types};
use std::mem::offset_of;

use super::{Translator, field};
use crate::base::layout::{VmBuiltins, VmStore};
use crate::compile::signature;

impl Translator<'_, '_> {
    /// Charges a constant cost.
    pub(super) fn charge(&mut self, cost: u32) {
        let cost = self.builder.ins().iconst(types::I64, i64::from(cost));
        self.charge_value(cost);
    }

    /// Charges `count` units, an unsigned 32-bit operand; nothing where fuel is not counted.
    pub(super) fn charge_count(&mut self, count: Value) {
        if self.charges.is_some() {
            let cost = self.builder.ins().uextend(types::I64, count);
            self.charge_value(cost);
        }
    }

    fn charge_value(&mut self, cost: Value) {
        let cold = self.create_block([]);
        let go = self.create_block([types::I64]);
        self.builder.set_cold_block(cold);

        let fuel = self.builder.ins().get_pinned_reg(types::I64);
        let left = self.builder.ins().isub(fuel, cost);
        let short = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        self.builder.ins().brif(short, cold, &[], go, &[BlockArg::Value(left)]);

        self.builder.switch_to_block(cold);
        self.builder.seal_block(cold);
        let offset = field(offset_of!(VmStore, fuel));
        let fuel = self.builder.ins().get_pinned_reg(types::I64);
        self.builder.ins().store(MemFlagsData::trusted(), fuel, self.store, offset);
        self.call_stub(offset_of!(VmBuiltins, out_of_fuel), &[self.store, cost]);
        let fuel = self.builder.ins().load(types::I64, MemFlagsData::trusted(), self.store, offset);
        let left = self.builder.ins().isub(fuel, cost);
        self.builder.ins().jump(go, &[BlockArg::Value(left)]);

        self.builder.switch_to_block(go);
        self.builder.seal_block(go);
        let left = self.builder.block_params(go)[0];
        self.builder.ins().set_pinned_reg(left);
    }

    /// Calls one of the stubs that keep every register.
    pub(super) fn call_stub(&mut self, builtin: usize, args: &[Value]) {
        let signature = self.builder.import_signature(signature::stub(args.len()));
        let address = self.builtin_address(builtin);
        self.builder.ins().call_indirect(signature, address, args);
    }

    /// The address is loaded where it is used: hoisted, it would hold a register in hot loops.
    pub(super) fn builtin_address(&mut self, builtin: usize) -> Value {
        let here = MemFlagsData::trusted();
        let table = field(offset_of!(VmStore, builtins));
        let table = self.builder.ins().load(types::I64, here, self.store, table);
        self.builder.ins().load(types::I64, here, table, field(builtin))
    }
}
