//! How IR reaches the structs of `base/layout.rs`.

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;

/// The offset of a field, as instructions take it.
pub fn field(offset: usize) -> i32 {
    i32::try_from(offset).expect("contexts are smaller than 2 GiB")
}

/// Flags of memory that is always mapped and never changes while a function runs.
pub fn constant() -> MemFlagsData {
    MemFlagsData::trusted().with_readonly().with_can_move()
}

/// Loads a word of a struct. It is loaded where it is used: hoisted, it would hold a register in hot loops.
pub fn load_field(b: &mut FunctionBuilder<'_>, base: Value, offset: usize) -> Value {
    b.ins().load(types::I64, MemFlagsData::trusted(), base, field(offset))
}

/// Stores a word of a struct.
pub fn store_field(b: &mut FunctionBuilder<'_>, base: Value, offset: usize, value: Value) {
    b.ins().store(MemFlagsData::trusted(), value, base, field(offset));
}
