//! Arithmetic and comparisons on lanes of integers.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8X16, I16X8, I32, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use cranelift_frontend::FunctionBuilder;
use wasmparser::Operator;

use crate::compile::translate::translator::Translator;

impl<'b> Translator<'_, 'b> {
    pub(super) fn vector_integers(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match operator {
            O::I8x16Abs => self.map(I8X16, |b, x| b.ins().iabs(x)),
            O::I8x16Neg => self.map(I8X16, |b, x| b.ins().ineg(x)),
            O::I8x16Popcnt => self.map(I8X16, |b, x| b.ins().popcnt(x)),
            O::I8x16AllTrue => self.all_true(I8X16),
            O::I8x16Bitmask => self.bitmask(I8X16),
            O::I8x16Shl => self.shift(I8X16, |b, x, y| b.ins().ishl(x, y)),
            O::I8x16ShrS => self.shift(I8X16, |b, x, y| b.ins().sshr(x, y)),
            O::I8x16ShrU => self.shift(I8X16, |b, x, y| b.ins().ushr(x, y)),
            O::I8x16Add => self.zip(I8X16, |b, x, y| b.ins().iadd(x, y)),
            O::I8x16AddSatS => self.zip(I8X16, |b, x, y| b.ins().sadd_sat(x, y)),
            O::I8x16AddSatU => self.zip(I8X16, |b, x, y| b.ins().uadd_sat(x, y)),
            O::I8x16Sub => self.zip(I8X16, |b, x, y| b.ins().isub(x, y)),
            O::I8x16SubSatS => self.zip(I8X16, |b, x, y| b.ins().ssub_sat(x, y)),
            O::I8x16SubSatU => self.zip(I8X16, |b, x, y| b.ins().usub_sat(x, y)),
            O::I8x16MinS => self.zip(I8X16, |b, x, y| b.ins().smin(x, y)),
            O::I8x16MinU => self.zip(I8X16, |b, x, y| b.ins().umin(x, y)),
            O::I8x16MaxS => self.zip(I8X16, |b, x, y| b.ins().smax(x, y)),
            O::I8x16MaxU => self.zip(I8X16, |b, x, y| b.ins().umax(x, y)),
            O::I8x16AvgrU => self.zip(I8X16, |b, x, y| b.ins().avg_round(x, y)),

            O::I16x8Abs => self.map(I16X8, |b, x| b.ins().iabs(x)),
            O::I16x8Neg => self.map(I16X8, |b, x| b.ins().ineg(x)),
            O::I16x8AllTrue => self.all_true(I16X8),
            O::I16x8Bitmask => self.bitmask(I16X8),
            O::I16x8Shl => self.shift(I16X8, |b, x, y| b.ins().ishl(x, y)),
            O::I16x8ShrS => self.shift(I16X8, |b, x, y| b.ins().sshr(x, y)),
            O::I16x8ShrU => self.shift(I16X8, |b, x, y| b.ins().ushr(x, y)),
            O::I16x8Add => self.zip(I16X8, |b, x, y| b.ins().iadd(x, y)),
            O::I16x8AddSatS => self.zip(I16X8, |b, x, y| b.ins().sadd_sat(x, y)),
            O::I16x8AddSatU => self.zip(I16X8, |b, x, y| b.ins().uadd_sat(x, y)),
            O::I16x8Sub => self.zip(I16X8, |b, x, y| b.ins().isub(x, y)),
            O::I16x8SubSatS => self.zip(I16X8, |b, x, y| b.ins().ssub_sat(x, y)),
            O::I16x8SubSatU => self.zip(I16X8, |b, x, y| b.ins().usub_sat(x, y)),
            O::I16x8Mul => self.zip(I16X8, |b, x, y| b.ins().imul(x, y)),
            O::I16x8MinS => self.zip(I16X8, |b, x, y| b.ins().smin(x, y)),
            O::I16x8MinU => self.zip(I16X8, |b, x, y| b.ins().umin(x, y)),
            O::I16x8MaxS => self.zip(I16X8, |b, x, y| b.ins().smax(x, y)),
            O::I16x8MaxU => self.zip(I16X8, |b, x, y| b.ins().umax(x, y)),
            O::I16x8AvgrU => self.zip(I16X8, |b, x, y| b.ins().avg_round(x, y)),
            O::I16x8Q15MulrSatS => self.zip(I16X8, |b, x, y| b.ins().sqmul_round_sat(x, y)),
            O::I16x8ExtAddPairwiseI8x16S => {
                self.add_pairs(I8X16, |b, x| (b.ins().swiden_low(x), b.ins().swiden_high(x)))
            }
            O::I16x8ExtAddPairwiseI8x16U => {
                self.add_pairs(I8X16, |b, x| (b.ins().uwiden_low(x), b.ins().uwiden_high(x)))
            }
            O::I16x8ExtMulLowI8x16S => self.multiply_wide(I8X16, |b, x| b.ins().swiden_low(x)),
            O::I16x8ExtMulHighI8x16S => self.multiply_wide(I8X16, |b, x| b.ins().swiden_high(x)),
            O::I16x8ExtMulLowI8x16U => self.multiply_wide(I8X16, |b, x| b.ins().uwiden_low(x)),
            O::I16x8ExtMulHighI8x16U => self.multiply_wide(I8X16, |b, x| b.ins().uwiden_high(x)),

            O::I32x4Abs => self.map(I32X4, |b, x| b.ins().iabs(x)),
            O::I32x4Neg => self.map(I32X4, |b, x| b.ins().ineg(x)),
            O::I32x4AllTrue => self.all_true(I32X4),
            O::I32x4Bitmask => self.bitmask(I32X4),
            O::I32x4Shl => self.shift(I32X4, |b, x, y| b.ins().ishl(x, y)),
            O::I32x4ShrS => self.shift(I32X4, |b, x, y| b.ins().sshr(x, y)),
            O::I32x4ShrU => self.shift(I32X4, |b, x, y| b.ins().ushr(x, y)),
            O::I32x4Add => self.zip(I32X4, |b, x, y| b.ins().iadd(x, y)),
            O::I32x4Sub => self.zip(I32X4, |b, x, y| b.ins().isub(x, y)),
            O::I32x4Mul => self.zip(I32X4, |b, x, y| b.ins().imul(x, y)),
            O::I32x4MinS => self.zip(I32X4, |b, x, y| b.ins().smin(x, y)),
            O::I32x4MinU => self.zip(I32X4, |b, x, y| b.ins().umin(x, y)),
            O::I32x4MaxS => self.zip(I32X4, |b, x, y| b.ins().smax(x, y)),
            O::I32x4MaxU => self.zip(I32X4, |b, x, y| b.ins().umax(x, y)),
            O::I32x4ExtAddPairwiseI16x8S => {
                self.add_pairs(I16X8, |b, x| (b.ins().swiden_low(x), b.ins().swiden_high(x)))
            }
            O::I32x4ExtAddPairwiseI16x8U => {
                self.add_pairs(I16X8, |b, x| (b.ins().uwiden_low(x), b.ins().uwiden_high(x)))
            }
            O::I32x4DotI16x8S => self.dot(),
            O::I32x4ExtMulLowI16x8S => self.multiply_wide(I16X8, |b, x| b.ins().swiden_low(x)),
            O::I32x4ExtMulHighI16x8S => self.multiply_wide(I16X8, |b, x| b.ins().swiden_high(x)),
            O::I32x4ExtMulLowI16x8U => self.multiply_wide(I16X8, |b, x| b.ins().uwiden_low(x)),
            O::I32x4ExtMulHighI16x8U => self.multiply_wide(I16X8, |b, x| b.ins().uwiden_high(x)),

            O::I64x2Abs => self.map(I64X2, |b, x| b.ins().iabs(x)),
            O::I64x2Neg => self.map(I64X2, |b, x| b.ins().ineg(x)),
            O::I64x2AllTrue => self.all_true(I64X2),
            O::I64x2Bitmask => self.bitmask(I64X2),
            O::I64x2Shl => self.shift(I64X2, |b, x, y| b.ins().ishl(x, y)),
            O::I64x2ShrS => self.shift(I64X2, |b, x, y| b.ins().sshr(x, y)),
            O::I64x2ShrU => self.shift(I64X2, |b, x, y| b.ins().ushr(x, y)),
            O::I64x2Add => self.zip(I64X2, |b, x, y| b.ins().iadd(x, y)),
            O::I64x2Sub => self.zip(I64X2, |b, x, y| b.ins().isub(x, y)),
            O::I64x2Mul => self.zip(I64X2, |b, x, y| b.ins().imul(x, y)),
            O::I64x2ExtMulLowI32x4S => self.multiply_wide(I32X4, |b, x| b.ins().swiden_low(x)),
            O::I64x2ExtMulHighI32x4S => self.multiply_wide(I32X4, |b, x| b.ins().swiden_high(x)),
            O::I64x2ExtMulLowI32x4U => self.multiply_wide(I32X4, |b, x| b.ins().uwiden_low(x)),
            O::I64x2ExtMulHighI32x4U => self.multiply_wide(I32X4, |b, x| b.ins().uwiden_high(x)),
            _ => return false,
        }
        true
    }

    pub(super) fn vector_compare(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match operator {
            O::I8x16Eq => self.compare_lanes(I8X16, IntCC::Equal),
            O::I8x16Ne => self.compare_lanes(I8X16, IntCC::NotEqual),
            O::I8x16LtS => self.compare_lanes(I8X16, IntCC::SignedLessThan),
            O::I8x16LtU => self.compare_lanes(I8X16, IntCC::UnsignedLessThan),
            O::I8x16GtS => self.compare_lanes(I8X16, IntCC::SignedGreaterThan),
            O::I8x16GtU => self.compare_lanes(I8X16, IntCC::UnsignedGreaterThan),
            O::I8x16LeS => self.compare_lanes(I8X16, IntCC::SignedLessThanOrEqual),
            O::I8x16LeU => self.compare_lanes(I8X16, IntCC::UnsignedLessThanOrEqual),
            O::I8x16GeS => self.compare_lanes(I8X16, IntCC::SignedGreaterThanOrEqual),
            O::I8x16GeU => self.compare_lanes(I8X16, IntCC::UnsignedGreaterThanOrEqual),

            O::I16x8Eq => self.compare_lanes(I16X8, IntCC::Equal),
            O::I16x8Ne => self.compare_lanes(I16X8, IntCC::NotEqual),
            O::I16x8LtS => self.compare_lanes(I16X8, IntCC::SignedLessThan),
            O::I16x8LtU => self.compare_lanes(I16X8, IntCC::UnsignedLessThan),
            O::I16x8GtS => self.compare_lanes(I16X8, IntCC::SignedGreaterThan),
            O::I16x8GtU => self.compare_lanes(I16X8, IntCC::UnsignedGreaterThan),
            O::I16x8LeS => self.compare_lanes(I16X8, IntCC::SignedLessThanOrEqual),
            O::I16x8LeU => self.compare_lanes(I16X8, IntCC::UnsignedLessThanOrEqual),
            O::I16x8GeS => self.compare_lanes(I16X8, IntCC::SignedGreaterThanOrEqual),
            O::I16x8GeU => self.compare_lanes(I16X8, IntCC::UnsignedGreaterThanOrEqual),

            O::I32x4Eq => self.compare_lanes(I32X4, IntCC::Equal),
            O::I32x4Ne => self.compare_lanes(I32X4, IntCC::NotEqual),
            O::I32x4LtS => self.compare_lanes(I32X4, IntCC::SignedLessThan),
            O::I32x4LtU => self.compare_lanes(I32X4, IntCC::UnsignedLessThan),
            O::I32x4GtS => self.compare_lanes(I32X4, IntCC::SignedGreaterThan),
            O::I32x4GtU => self.compare_lanes(I32X4, IntCC::UnsignedGreaterThan),
            O::I32x4LeS => self.compare_lanes(I32X4, IntCC::SignedLessThanOrEqual),
            O::I32x4LeU => self.compare_lanes(I32X4, IntCC::UnsignedLessThanOrEqual),
            O::I32x4GeS => self.compare_lanes(I32X4, IntCC::SignedGreaterThanOrEqual),
            O::I32x4GeU => self.compare_lanes(I32X4, IntCC::UnsignedGreaterThanOrEqual),

            O::I64x2Eq => self.compare_lanes(I64X2, IntCC::Equal),
            O::I64x2Ne => self.compare_lanes(I64X2, IntCC::NotEqual),
            O::I64x2LtS => self.compare_lanes(I64X2, IntCC::SignedLessThan),
            O::I64x2GtS => self.compare_lanes(I64X2, IntCC::SignedGreaterThan),
            O::I64x2LeS => self.compare_lanes(I64X2, IntCC::SignedLessThanOrEqual),
            O::I64x2GeS => self.compare_lanes(I64X2, IntCC::SignedGreaterThanOrEqual),
            _ => return false,
        }
        true
    }

    /// Sets all bits of each lane where the condition holds.
    fn compare_lanes(&mut self, lanes: Type, condition: IntCC) {
        self.zip(lanes, |b, x, y| b.ins().icmp(condition, x, y));
    }

    /// Whether no lane is zero.
    fn all_true(&mut self, lanes: Type) {
        let vector = self.pop_vector(lanes);
        let all = self.builder.ins().vall_true(vector);
        let all = self.builder.ins().uextend(I32, all);
        self.push(all);
    }

    /// The highest bit of each lane.
    fn bitmask(&mut self, lanes: Type) {
        let vector = self.pop_vector(lanes);
        let bits = self.builder.ins().vhigh_bits(I32, vector);
        self.push(bits);
    }

    /// Shifts all lanes by the same number, modulo the number of bits of a lane.
    fn shift(&mut self, lanes: Type, op: impl FnOnce(&mut FunctionBuilder<'b>, Value, Value) -> Value) {
        let by = self.pop();
        self.map(lanes, |b, x| op(b, x, by));
    }

    /// Adds neighbouring lanes, after `halves` has widened them.
    fn add_pairs(
        &mut self,
        lanes: Type,
        halves: impl FnOnce(&mut FunctionBuilder<'b>, Value) -> (Value, Value),
    ) {
        self.map(lanes, |b, x| {
            let (low, high) = halves(b, x);
            b.ins().iadd_pairwise(low, high)
        });
    }

    /// Multiplies the halves that `widen` selects and widens.
    fn multiply_wide(&mut self, lanes: Type, widen: impl Fn(&mut FunctionBuilder<'b>, Value) -> Value) {
        self.zip(lanes, |b, x, y| {
            let (x, y) = (widen(b, x), widen(b, y));
            b.ins().imul(x, y)
        });
    }

    /// Multiplies signed lanes, and adds neighbouring products.
    fn dot(&mut self) {
        self.zip(I16X8, |b, x, y| {
            let (x_low, y_low) = (b.ins().swiden_low(x), b.ins().swiden_low(y));
            let (x_high, y_high) = (b.ins().swiden_high(x), b.ins().swiden_high(y));
            let (low, high) = (b.ins().imul(x_low, y_low), b.ins().imul(x_high, y_high));
            b.ins().iadd_pairwise(low, high)
        });
    }
}
