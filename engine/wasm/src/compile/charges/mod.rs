//! THE SANDBOX RESTS ON THIS FOLDER: where fuel is charged, decided on the operators alone, before translation.
//!
//! A function is cut into blocks (`graph.rs`). Operators that certainly run are charged for as far ahead as possible
//! (`ahead.rs`), so that most branches and many blocks need no charge of their own. The result is a plan (`plan.rs`):
//!
//! ```text
//!            operators              charged here           ahead after it = given back if it traps
//!   entry                           entry + 3 + 2  = 6
//!            local.get 0                                   4
//!            i32.load                                      3
//!            if                                            2   what follows the end is certain
//!                                   2                      4
//!              local.get 0                                 3
//!              i32.clz, drop                               2
//!            end                                           2
//!            i32.const 1                                   1
//!            call $f                                       0   the host may look: the count is exact
//!            drop, end                                     0
//! ```
//!
//! Every charge is checked: a call stops where the counter does not cover the charge, and what was charged ahead is given
//! back while it is stopped. So fuel never goes below zero; the count is exact at every call, return and stop, and at a
//! trap a table says what was charged and has not run. A run that returns needs no more fuel than it consumes.

mod graph;

mod ahead;

mod plan;
#[cfg(test)]
pub mod tests;

pub use graph::EdgeKind;
pub use plan::{Adjustment, ChargePlan};
