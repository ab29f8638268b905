//! THE SANDBOX RESTS ON THIS FILE: loads and stores of vectors.
//!
//! Every access goes through `Translator::address`, as the accesses of numbers do, with the number of bytes that it
//! touches.

use cranelift_codegen::ir::types::{I8X16, I16X8, I32X4, I64, I64X2};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value};
use cranelift_frontend::FunctionBuilder;
use wasmparser::{MemArg, Operator};

use crate::compile::translate::translator::Translator;

impl<'b> Translator<'_, 'b> {
    pub(super) fn vector_memory(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match operator {
            O::V128Load { memarg } => self.load(I8X16, memarg),
            O::V128Store { memarg } => self.store(memarg),

            O::V128Load8x8S { memarg } => {
                self.load_half(memarg, |b, flags, p, at| b.ins().sload8x8(flags, p, at))
            }
            O::V128Load8x8U { memarg } => {
                self.load_half(memarg, |b, flags, p, at| b.ins().uload8x8(flags, p, at))
            }
            O::V128Load16x4S { memarg } => {
                self.load_half(memarg, |b, flags, p, at| b.ins().sload16x4(flags, p, at))
            }
            O::V128Load16x4U { memarg } => {
                self.load_half(memarg, |b, flags, p, at| b.ins().uload16x4(flags, p, at))
            }
            O::V128Load32x2S { memarg } => {
                self.load_half(memarg, |b, flags, p, at| b.ins().sload32x2(flags, p, at))
            }
            O::V128Load32x2U { memarg } => {
                self.load_half(memarg, |b, flags, p, at| b.ins().uload32x2(flags, p, at))
            }

            O::V128Load8Splat { memarg } => self.load_splat(I8X16, memarg),
            O::V128Load16Splat { memarg } => self.load_splat(I16X8, memarg),
            O::V128Load32Splat { memarg } => self.load_splat(I32X4, memarg),
            O::V128Load64Splat { memarg } => self.load_splat(I64X2, memarg),
            O::V128Load32Zero { memarg } => self.load_first(I32X4, memarg),
            O::V128Load64Zero { memarg } => self.load_first(I64X2, memarg),

            O::V128Load8Lane { memarg, lane } => self.load_lane(I8X16, *lane, memarg),
            O::V128Load16Lane { memarg, lane } => self.load_lane(I16X8, *lane, memarg),
            O::V128Load32Lane { memarg, lane } => self.load_lane(I32X4, *lane, memarg),
            O::V128Load64Lane { memarg, lane } => self.load_lane(I64X2, *lane, memarg),
            O::V128Store8Lane { memarg, lane } => self.store_lane(I8X16, *lane, memarg),
            O::V128Store16Lane { memarg, lane } => self.store_lane(I16X8, *lane, memarg),
            O::V128Store32Lane { memarg, lane } => self.store_lane(I32X4, *lane, memarg),
            O::V128Store64Lane { memarg, lane } => self.store_lane(I64X2, *lane, memarg),
            _ => return false,
        }
        true
    }

    /// Loads 64 bits, and widens their lanes.
    fn load_half(
        &mut self,
        arg: &MemArg,
        op: impl FnOnce(&mut FunctionBuilder<'b>, MemFlagsData, Value, i32) -> Value,
    ) {
        let (address, offset) = self.address(arg, I64.bytes());
        let flags = self.guest_memory();
        let vector = op(&mut self.builder, flags, address, offset);
        self.push_vector(vector);
    }

    /// Loads a lane, and copies it into all lanes.
    fn load_splat(&mut self, lanes: Type, arg: &MemArg) {
        self.load(lanes.lane_type(), arg);
        self.splat(lanes);
    }

    /// Loads the first lane; the others are zero.
    fn load_first(&mut self, lanes: Type, arg: &MemArg) {
        self.load(lanes.lane_type(), arg);
        let lane = self.pop();
        let vector = self.builder.ins().scalar_to_vector(lanes, lane);
        self.push_vector(vector);
    }

    fn load_lane(&mut self, lanes: Type, lane: u8, arg: &MemArg) {
        let vector = self.pop();
        self.load(lanes.lane_type(), arg);
        let loaded = self.pop();
        self.push(vector);
        self.push(loaded);
        self.replace_lane(lanes, lane);
    }

    fn store_lane(&mut self, lanes: Type, lane: u8, arg: &MemArg) {
        self.extract_lane(lanes, lane);
        self.store(arg);
    }
}
