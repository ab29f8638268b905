//! Moving lanes, and operators on all bits regardless of lanes.

use cranelift_codegen::ir::types::{F32X4, F64X2, I8X16, I16X8, I32, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type};
use wasmparser::Operator;

use crate::compile::translate::translator::Translator;

impl Translator<'_, '_> {
    pub(super) fn vector_lanes(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match operator {
            O::V128Const { value } => {
                let vector = self.vector_const(value.bytes());
                self.push(vector);
            }
            O::V128Not => self.unary(|b, x| b.ins().bnot(x)),
            O::V128And => self.binary(|b, x, y| b.ins().band(x, y)),
            O::V128AndNot => self.binary(|b, x, y| b.ins().band_not(x, y)),
            O::V128Or => self.binary(|b, x, y| b.ins().bor(x, y)),
            O::V128Xor => self.binary(|b, x, y| b.ins().bxor(x, y)),
            O::V128Bitselect => self.bitselect(),
            O::V128AnyTrue => self.any_true(),

            O::I8x16Shuffle { lanes } => self.shuffle(lanes),
            O::I8x16Swizzle => self.binary(|b, x, y| b.ins().swizzle(x, y)),

            O::I8x16Splat => self.splat(I8X16),
            O::I16x8Splat => self.splat(I16X8),
            O::I32x4Splat => self.splat(I32X4),
            O::I64x2Splat => self.splat(I64X2),
            O::F32x4Splat => self.splat(F32X4),
            O::F64x2Splat => self.splat(F64X2),

            O::I8x16ExtractLaneS { lane } => self.extract_signed(I8X16, *lane),
            O::I8x16ExtractLaneU { lane } => self.extract_unsigned(I8X16, *lane),
            O::I16x8ExtractLaneS { lane } => self.extract_signed(I16X8, *lane),
            O::I16x8ExtractLaneU { lane } => self.extract_unsigned(I16X8, *lane),
            O::I32x4ExtractLane { lane } => self.extract_lane(I32X4, *lane),
            O::I64x2ExtractLane { lane } => self.extract_lane(I64X2, *lane),
            O::F32x4ExtractLane { lane } => self.extract_lane(F32X4, *lane),
            O::F64x2ExtractLane { lane } => self.extract_lane(F64X2, *lane),

            O::I8x16ReplaceLane { lane } => self.replace_lane(I8X16, *lane),
            O::I16x8ReplaceLane { lane } => self.replace_lane(I16X8, *lane),
            O::I32x4ReplaceLane { lane } => self.replace_lane(I32X4, *lane),
            O::I64x2ReplaceLane { lane } => self.replace_lane(I64X2, *lane),
            O::F32x4ReplaceLane { lane } => self.replace_lane(F32X4, *lane),
            O::F64x2ReplaceLane { lane } => self.replace_lane(F64X2, *lane),
            _ => return false,
        }
        true
    }

    fn bitselect(&mut self) {
        let (first, second, mask) = self.pop3();
        let vector = self.builder.ins().bitselect(mask, first, second);
        self.push(vector);
    }

    fn any_true(&mut self) {
        self.unary(|b, x| {
            let any = b.ins().vany_true(x);
            b.ins().uextend(I32, any)
        });
    }

    fn shuffle(&mut self, lanes: &[u8; 16]) {
        let lanes = self.builder.func.dfg.immediates.push(lanes.as_slice().into());
        self.binary(|b, x, y| b.ins().shuffle(x, y, lanes));
    }

    pub(super) fn splat(&mut self, lanes: Type) {
        self.narrow_to_lane(lanes);
        let lane = self.pop();
        let vector = self.builder.ins().splat(lanes, lane);
        self.push_vector(vector);
    }

    pub(super) fn extract_lane(&mut self, lanes: Type, lane: u8) {
        let vector = self.pop_vector(lanes);
        let lane = self.builder.ins().extractlane(vector, lane);
        self.push(lane);
    }

    fn extract_signed(&mut self, lanes: Type, lane: u8) {
        self.extract_lane(lanes, lane);
        self.unary(|b, x| b.ins().sextend(I32, x));
    }

    fn extract_unsigned(&mut self, lanes: Type, lane: u8) {
        self.extract_lane(lanes, lane);
        self.unary(|b, x| b.ins().uextend(I32, x));
    }

    pub(super) fn replace_lane(&mut self, lanes: Type, lane: u8) {
        self.narrow_to_lane(lanes);
        let value = self.pop();
        let vector = self.pop_vector(lanes);
        let vector = self.builder.ins().insertlane(vector, value, lane);
        self.push_vector(vector);
    }

    /// Narrows the operand on top to a lane of 8 or 16 bits. It has 32 bits unless it was loaded from memory.
    fn narrow_to_lane(&mut self, lanes: Type) {
        let lane = lanes.lane_type();
        self.unary(|b, x| if b.func.dfg.value_type(x) == lane { x } else { b.ins().ireduce(lane, x) });
    }
}
