//! THE SANDBOX RESTS ON THIS FILE: how code stops at a trap.
//!
//! Where faults are traps, an instruction faults: the access or the division itself, or an instruction that serves no
//! other purpose. Where nothing may fault, operands are compared first, and a trap is the call of a stub on a cold path.
//! The instruction after the call is never reached. Its address is the stub's return address, for which the table of
//! traps says which trap it is, and how much fuel it gives back.
//!
//! ```text
//!   faults      compare ── outside ──> ud2                                the table has this `ud2`
//!   no faults   compare ── outside ──> call builtins.trap(store); ud2     and this one
//! ```

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, ArgumentPurpose, Function, GlobalValueData, InstBuilder, MemFlagsData, Value, types,
};
use cranelift_frontend::FunctionBuilder;
use std::mem::offset_of;

use super::fields::{constant, field, load_field};
use super::translator::Translator;
use crate::base::layout::{VmBuiltins, VmInstance, VmStore};
use crate::base::trap::Trap;
use crate::compile::marks::trap_code;
use crate::compile::signature::{self, POINTER};
use crate::compile::target::Target;

impl Translator<'_, '_> {
    pub(super) fn trap_if(&mut self, condition: Value, trap: Trap) {
        if self.module.target.traps_are_faults() {
            self.builder.ins().trapnz(condition, trap_code(trap));
        } else {
            call_trap_if(&mut self.builder, self.context, condition, trap);
        }
    }

    /// Ends the block.
    pub(super) fn trap(&mut self, trap: Trap) {
        if self.module.target.traps_are_faults() {
            self.builder.ins().trap(trap_code(trap));
        } else {
            call_trap(&mut self.builder, self.context, trap);
        }
    }

    /// The flags to read through an address that may be null, at an offset within the first page, which is never mapped.
    pub(super) fn not_null(&mut self, address: Value, trap: Trap) -> MemFlagsData {
        if self.module.target.traps_are_faults() {
            return MemFlagsData::new().with_aligned().with_trap_code(Some(trap_code(trap)));
        }
        let null = self.builder.ins().icmp_imm_u(IntCC::Equal, address, 0);
        call_trap_if(&mut self.builder, self.context, null, trap);
        MemFlagsData::trusted()
    }

    /// Checks that the operand on top is not zero. Divisions that may fault need no check.
    pub(super) fn check_divisor(&mut self) {
        if self.module.target.traps_are_faults() {
            return;
        }
        let divisor = self.peek(0);
        let zero = self.builder.ins().icmp_imm_u(IntCC::Equal, divisor, 0);
        call_trap_if(&mut self.builder, self.context, zero, Trap::IntegerDivisionByZero);
    }

    /// Checks that the quotient of the two operands on top fits: that it is not the least number divided by -1.
    pub(super) fn check_quotient(&mut self) {
        if self.module.target.traps_are_faults() {
            return;
        }
        let (dividend, divisor) = (self.peek(1), self.peek(0));
        let least = match self.builder.func.dfg.value_type(dividend) {
            types::I32 => i64::from(i32::MIN),
            _ => i64::MIN,
        };
        let least = self.builder.ins().icmp_imm_s(IntCC::Equal, dividend, least);
        let negates = self.builder.ins().icmp_imm_s(IntCC::Equal, divisor, -1);
        let overflows = self.builder.ins().band(least, negates);
        call_trap_if(&mut self.builder, self.context, overflows, Trap::IntegerOverflow);
    }

    /// Checks that the integer part of the float on top is at least `first` and less than `end`. Both are powers of two
    /// or zero, which floats of both sizes can represent.
    pub(super) fn check_integer_part(&mut self, first: f64, end: f64) {
        let float = self.peek(0);
        let b = &mut self.builder;
        let part = b.ins().trunc(float);
        let (first, end) = match b.func.dfg.value_type(float) {
            types::F32 => (b.ins().f32const(first as f32), b.ins().f32const(end as f32)),
            _ => (b.ins().f64const(first), b.ins().f64const(end)),
        };
        let [outside, go] = std::array::from_fn(|_| b.create_block());
        b.set_cold_block(outside);
        // Neither holds for a NaN.
        let from = b.ins().fcmp(FloatCC::GreaterThanOrEqual, part, first);
        let below = b.ins().fcmp(FloatCC::LessThan, part, end);
        let fits = b.ins().band(from, below);
        b.ins().brif(fits, go, &[], outside, &[]);

        b.switch_to_block(outside);
        b.seal_block(outside);
        let is_nan = b.ins().fcmp(FloatCC::Unordered, float, float);
        call_trap_if(b, self.context, is_nan, Trap::BadConversionToInteger);
        call_trap(b, self.context, Trap::IntegerOverflow);
        b.switch_to_block(go);
        b.seal_block(go);
    }

    /// At the entry of a function: subtracts its price from what is left of the stack, and traps where less is left.
    pub(super) fn count_stack(&mut self, bytes: u32) {
        let price = self.builder.ins().iconst(types::I64, i64::from(bytes));
        if self.module.target.traps_are_faults() {
            let overflow = trap_code(Trap::StackOverflow);
            self.stack_left = self.builder.ins().uadd_overflow_trap(self.stack_left, price, overflow);
            return;
        }
        self.stack_left = self.builder.ins().iadd(self.stack_left, price);
        let overflows = self.builder.ins().icmp(IntCC::UnsignedLessThan, self.stack_left, price);
        call_trap_if(&mut self.builder, self.context, overflows, Trap::StackOverflow);
    }

    fn peek(&self, below_top: usize) -> Value {
        self.stack[self.stack.len() - 1 - below_top]
    }
}

/// At the entry of a function: traps where its frame reaches below the store's limit.
pub fn guard_stack(b: &mut FunctionBuilder<'_>, context: Value, target: &Target) {
    if target.traps_are_faults() {
        return declare_stack_limit(b.func);
    }
    // The frame already has its full size here: see `function/frame.rs`.
    let sp = b.ins().get_stack_pointer(POINTER);
    let store = b.ins().load(POINTER, constant(), context, field(offset_of!(VmInstance, store)));
    let limit = b.ins().load(POINTER, constant(), store, field(offset_of!(VmStore, stack_limit)));
    let beyond = b.ins().icmp(IntCC::UnsignedLessThan, sp, limit);
    call_trap_if(b, context, beyond, Trap::StackOverflow);
}

/// The function's prologue compares the stack pointer with the store's limit, and faults beyond it.
fn declare_stack_limit(func: &mut Function) {
    let flags = func.dfg.mem_flags.insert(constant()).expect("the first flags always fit");
    let context = func.create_global_value(GlobalValueData::VMContext);
    let store = func.create_global_value(GlobalValueData::Load {
        base: context,
        offset: field(offset_of!(VmInstance, store)).into(),
        global_type: POINTER,
        flags,
    });
    let limit = func.create_global_value(GlobalValueData::Load {
        base: store,
        offset: field(offset_of!(VmStore, stack_limit)).into(),
        global_type: POINTER,
        flags,
    });
    func.stencil.stack_limit = Some(limit);
    // The context is the first parameter; Cranelift finds it by its purpose.
    func.signature.params[0] = AbiParam::special(POINTER, ArgumentPurpose::VMContext);
}

fn call_trap_if(b: &mut FunctionBuilder<'_>, context: Value, condition: Value, trap: Trap) {
    let [traps, go] = std::array::from_fn(|_| b.create_block());
    b.set_cold_block(traps);
    b.ins().brif(condition, traps, &[], go, &[]);
    b.switch_to_block(traps);
    b.seal_block(traps);
    call_trap(b, context, trap);
    b.switch_to_block(go);
    b.seal_block(go);
}

/// Calls the stub, and ends the block. Everything that the call needs is loaded here, so that hot paths hold nothing for
/// it.
fn call_trap(b: &mut FunctionBuilder<'_>, context: Value, trap: Trap) {
    let store = load_field(b, context, offset_of!(VmInstance, store));
    let builtins = load_field(b, store, offset_of!(VmStore, builtins));
    let stub = load_field(b, builtins, offset_of!(VmBuiltins, trap));
    let signature = b.import_signature(signature::stub(1));
    b.ins().call_indirect(signature, stub, &[store]);
    b.ins().trap(trap_code(trap));
}
