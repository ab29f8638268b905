//! What each operator costs in fuel: wasmtime's prices.
//!
//! | operators | units |
//! | --- | --- |
//! | structure, which says only where code begins and ends: `nop` `block` `loop` `else` `end` `return` `unreachable` | 0 |
//! | `drop` | 0 |
//! | branches: `if` `br` `br_if` `br_table` | 1 |
//! | calls, of any function: `call` `call_indirect` | 1 |
//! | entering a function of a module, however it was called | 1 |
//! | locals and globals: `local.*` `global.*` | 1 |
//! | `select` with and without a type | 1 |
//! | numbers: constants, loads and stores, arithmetic, comparisons, conversions: `i32.*` `i64.*` `f32.*` `f64.*` | 1 |
//! | vectors, loads and stores and lanes among them: `v128.*` `i8x16.*` `i16x8.*` `i32x4.*` `i64x2.*` `f32x4.*` `f64x2.*` | 1 |
//! | references: `ref.*` | 1 |
//! | single elements and sizes: `table.get` `table.set` `table.size` `memory.size` | 1 |
//! | segments given up: `data.drop` `elem.drop` | 1 |
//! | more memory, however many pages: `memory.grow` | 1 |
//! | bytes in bulk: `memory.fill` `memory.copy` `memory.init` | 1 + length |
//! | elements in bulk: `table.grow` `table.fill` `table.copy` `table.init` | 1 + length |
//!
//! - What runs is paid, up to and including an operator that traps; what is jumped over costs nothing.
//! - A loop costs nothing by itself: its rounds pay for the branch back.
//! - The length is an operand, in bytes or elements. It is paid before the operation begins, also where it traps or, as
//!   `table.grow` can, fails. What is not covered does not begin.
//! - Host functions cost what their call costs; what they do is theirs to charge.
//! - Instantiation is free, but for the start function.
//!
//! A test reads this table and tries every operator (`tests/it/fuel`).

use wasmparser::Operator;

/// The number of this table. One more whenever a price or a rule changes: compiled modules of other
/// prices are then refused, since peers must count the same.
pub const VERSION: u32 = 2;

/// Entering a function.
pub const ENTRY: u32 = 1;

/// The most that any operator costs, without what a bulk operation costs by length.
pub const MOST: u32 = 1;

/// The price of an operator, without what a bulk operation costs by length.
pub fn price(operator: &Operator<'_>) -> u32 {
    match operator {
        Operator::Nop
        | Operator::Drop
        | Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::Unreachable
        | Operator::Return
        | Operator::Else
        | Operator::End => 0,
        _ => 1,
    }
}
