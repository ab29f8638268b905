//! What each operator costs in fuel: wasmtime's prices.
//!
//! One unit for most operators, none for those that only shape the control flow, one for entering a
//! function. Bulk operations cost one more for each byte or element, charged before they run.

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
