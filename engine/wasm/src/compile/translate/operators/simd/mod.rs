//! Vectors of 128 bits. WebAssembly has one type for them, Cranelift one for each kind of lane.
//!
//! On the operand stack, in locals, in globals and across calls a vector has sixteen lanes of 8 bits.
//! Each operator casts its operands to the lanes that it works on, and its result back to bytes; casts cost nothing. All
//! operators are deterministic; relaxed ones are refused. Each family has a file with a match of its own, which says
//! whether the operator belongs to it.

mod conversions;
mod floats;
mod integers;
mod lanes;
mod memory;

use cranelift_codegen::ir::types::I8X16;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Type, Value};
use cranelift_frontend::FunctionBuilder;
use wasmparser::Operator;

use crate::compile::translate::translator::Translator;

impl<'b> Translator<'_, 'b> {
    /// Translates an operator on vectors. Returns false for any other operator.
    pub(super) fn vector(&mut self, operator: &Operator<'_>) -> bool {
        self.vector_memory(operator)
            || self.vector_lanes(operator)
            || self.vector_integers(operator)
            || self.vector_compare(operator)
            || self.vector_floats(operator)
            || self.vector_conversions(operator)
    }

    fn pop_vector(&mut self, lanes: Type) -> Value {
        let bytes = self.pop();
        self.cast(bytes, lanes)
    }

    fn pop2_vectors(&mut self, lanes: Type) -> (Value, Value) {
        let right = self.pop_vector(lanes);
        (self.pop_vector(lanes), right)
    }

    fn push_vector(&mut self, vector: Value) {
        let bytes = self.cast(vector, I8X16);
        self.push(bytes);
    }

    /// The same 128 bits as other lanes; the first lane is in the lowest bits.
    fn cast(&mut self, vector: Value, lanes: Type) -> Value {
        if self.builder.func.dfg.value_type(vector) == lanes {
            return vector;
        }
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.builder.ins().bitcast(lanes, flags, vector)
    }

    fn map(&mut self, lanes: Type, op: impl FnOnce(&mut FunctionBuilder<'b>, Value) -> Value) {
        let operand = self.pop_vector(lanes);
        let result = op(&mut self.builder, operand);
        self.push_vector(result);
    }

    fn zip(&mut self, lanes: Type, op: impl FnOnce(&mut FunctionBuilder<'b>, Value, Value) -> Value) {
        let (left, right) = self.pop2_vectors(lanes);
        let result = op(&mut self.builder, left, right);
        self.push_vector(result);
    }
}
