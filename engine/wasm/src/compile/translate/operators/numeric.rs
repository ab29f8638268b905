//! Arithmetic, conversions and `select`: shapes that many operators share.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value, types};
use cranelift_frontend::FunctionBuilder;

use crate::base::error::InvalidModule;
use crate::compile::parse;
use crate::compile::translate::translator::Translator;

impl<'b> Translator<'_, 'b> {
    pub(super) fn unary(&mut self, op: impl FnOnce(&mut FunctionBuilder<'b>, Value) -> Value) {
        let operand = self.pop();
        let result = op(&mut self.builder, operand);
        self.push(result);
    }

    pub(super) fn binary(&mut self, op: impl FnOnce(&mut FunctionBuilder<'b>, Value, Value) -> Value) {
        let (left, right) = self.pop2();
        let result = op(&mut self.builder, left, right);
        self.push(result);
    }

    /// A division whose result always fits, whatever the operands: unsigned, or a remainder.
    pub(super) fn divide(&mut self, op: impl FnOnce(&mut FunctionBuilder<'b>, Value, Value) -> Value) {
        self.check_divisor();
        self.binary(op);
    }

    pub(super) fn divide_signed(&mut self) {
        self.check_divisor();
        self.check_quotient();
        self.binary(|b, left, right| b.ins().sdiv(left, right));
    }

    /// Converts a float to the integer part of its value.
    pub(super) fn truncate_signed(&mut self, ty: Type) {
        if self.module.target.traps_are_faults() {
            return self.unary(|b, float| b.ins().fcvt_to_sint(ty, float));
        }
        let limit = 2f64.powi(ty.bits() as i32 - 1);
        self.check_integer_part(-limit, limit);
        self.unary(|b, float| b.ins().fcvt_to_sint_sat(ty, float));
    }

    /// Converts a float to the integer part of its value, which must not be negative.
    pub(super) fn truncate_unsigned(&mut self, ty: Type) {
        if self.module.target.traps_are_faults() {
            return self.unary(|b, float| b.ins().fcvt_to_uint(ty, float));
        }
        self.check_integer_part(0.0, 2f64.powi(ty.bits() as i32));
        self.unary(|b, float| b.ins().fcvt_to_uint_sat(ty, float));
    }

    pub(super) fn compare(&mut self, condition: IntCC) {
        self.binary(|b, left, right| {
            let result = b.ins().icmp(condition, left, right);
            b.ins().uextend(types::I32, result)
        });
    }

    pub(super) fn compare_floats(&mut self, condition: FloatCC) {
        self.binary(|b, left, right| {
            let result = b.ins().fcmp(condition, left, right);
            b.ins().uextend(types::I32, result)
        });
    }

    pub(super) fn is_zero(&mut self) {
        self.unary(|b, operand| {
            let result = b.ins().icmp_imm_u(IntCC::Equal, operand, 0);
            b.ins().uextend(types::I32, result)
        });
    }

    /// Takes the low bits as a signed number and extends them again.
    pub(super) fn sign_extend(&mut self, narrow: Type, wide: Type) {
        self.unary(|b, operand| {
            let low = b.ins().ireduce(narrow, operand);
            b.ins().sextend(wide, low)
        });
    }

    pub(super) fn reinterpret(&mut self, ty: Type) {
        self.unary(|b, operand| b.ins().bitcast(ty, MemFlagsData::new(), operand));
    }

    pub(super) fn select(&mut self) {
        let (first, second, condition) = self.pop3();
        let result = self.builder.ins().select(condition, first, second);
        self.push(result);
    }

    /// The form of `select` with a type, which references need.
    pub(super) fn typed_select(&mut self, ty: wasmparser::ValType) -> Result<(), InvalidModule> {
        self.select();
        let result = self.pop();
        self.push_typed(result, parse::val_type(ty, 0)?);
        Ok(())
    }
}
