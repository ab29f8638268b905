//! THE SANDBOX RESTS ON THIS FOLDER: where fuel is charged, decided on the operators alone, before translation.
//!
//! A function is cut into blocks (`graph.rs`). What certainly runs is charged before it does, as far ahead as
//! possible (`ahead.rs`), so that most branches and many blocks need no charge of their own:
//!
//! ```text
//!            operators              charged here           ahead behind it = given back if it traps
//!   entry                           entry + 3 + 2  = 6
//!            local.get 0                                   4
//!            i32.load                                      3
//!            if                                            2   what follows the end is certain
//!                                   2                      4
//!              local.get 0                                 3
//!              i32.clz, drop                               2
//!            end                                           2
//!            i32.const 1                                   1
//!            call $f                                       0   somebody may look: the count is exact
//!            drop, end                                     0
//! ```
//!
//! Whatever is charged is checked: where the counter does not cover it the call stops there, and what was charged
//! ahead is given back to whoever looks meanwhile. So fuel never goes below zero; it is exact at every call, return
//! and stop, and at a trap the table says what was charged and has not run. A run that returns needs no more than
//! it consumes.

mod ahead;
mod graph;
#[cfg(test)]
pub mod tests;

use std::cmp::Ordering;

use wasmparser::Operator;

use self::graph::{Block, Exit};
use super::prices;
use super::translate::Operators;
use crate::base::layout::Charge;
use crate::base::limits::fuel::{LONGEST_BLOCK, MOST_AHEAD};

// What is inlined costs what the call and entering it cost at one place.
const _: () = assert!(2 * LONGEST_BLOCK + 2 * prices::ENTRY + prices::MOST <= MOST_AHEAD);

/// How control goes from an operator to somewhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// To the next operator, or where it always goes.
    On,
    /// As a branch of this depth that may be taken.
    Branch(u32),
    /// Where the condition of an `if` is zero.
    Otherwise,
}

/// What happens to the counter at some point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    Charge(Charge),
    GiveBack(u32),
}

/// The plan for one function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ChargePlan {
    at_entry: Option<Adjustment>,
    /// Behind the operator of this index; sorted by index.
    behind: Vec<(u32, Adjustment)>,
    /// On the way from the operator of this index to somewhere else; sorted.
    on_ways: Vec<((u32, Way), Adjustment)>,
    /// What was charged for what comes after the operator of this index.
    ahead: Vec<u32>,
}

impl ChargePlan {
    /// Plans the charges of a function's operators.
    pub fn new(operators: &Operators<'_>) -> ChargePlan {
        let blocks = graph::blocks(operators);
        let decided = ahead::decide(&blocks);
        let mut plan = ChargePlan { ahead: vec![0; operators.len()], ..ChargePlan::default() };
        // What was charged ahead when a block is entered.
        let mut entered: Vec<u32> = decided.iter().map(|ahead| ahead.entered).collect();
        entered[0] = 0;
        for (block, decided) in blocks.iter().zip(&decided) {
            for edge in &block.edges {
                let to = edge.to as usize;
                if blocks[to].has_one_way_in() {
                    entered[to] = decided.left;
                } else if let Some(adjustment) = adjustment(decided.left, entered[to]) {
                    plan.on_ways.push(((block.end - 1, edge.way), adjustment));
                }
            }
        }
        for (at, block) in blocks.iter().enumerate() {
            // At `unreachable` nobody minds what is left over: the table of traps has it.
            let keeps = block.exit == Exit::Trap;
            let start = if keeps { decided[at].start.max(entered[at]) } else { decided[at].start };
            plan.start_block(block, adjustment(entered[at], start));
            plan.run_block(operators, block, start);
        }
        plan.behind.sort_unstable_by_key(|(operator, _)| *operator);
        plan.on_ways.sort_unstable_by_key(|(way, _)| *way);
        plan
    }

    fn start_block(&mut self, block: &Block, adjustment: Option<Adjustment>) {
        match block.opened_by {
            None => self.at_entry = adjustment,
            Some(operator) => self.behind.extend(adjustment.map(|adjustment| (operator, adjustment))),
        }
    }

    fn run_block(&mut self, operators: &Operators<'_>, block: &Block, start: u32) {
        // Entering the function is paid before its first operator.
        let mut ahead = if block.opened_by.is_none() { start - prices::ENTRY } else { start };
        for at in block.start..block.end {
            ahead -= operators[at as usize].price;
            self.ahead[at as usize] = ahead;
        }
    }

    /// What happens when the function is entered.
    pub fn at_entry(&self) -> Option<Adjustment> {
        self.at_entry
    }

    /// What happens behind an operator, where a block begins.
    pub fn behind(&self, operator: usize) -> Option<Adjustment> {
        let at = self.behind.binary_search_by_key(&(operator as u32), |(index, _)| *index).ok()?;
        Some(self.behind[at].1)
    }

    /// What happens on a way from an operator to a place that others lead to, too.
    pub fn on_way(&self, operator: usize, way: Way) -> Option<Adjustment> {
        let at = self.on_ways.binary_search_by_key(&(operator as u32, way), |(way, _)| *way).ok()?;
        Some(self.on_ways[at].1)
    }

    /// What a trap in this operator gives back.
    pub fn refund(&self, operator: usize) -> u32 {
        self.ahead[operator]
    }
}

fn adjustment(entered: u32, start: u32) -> Option<Adjustment> {
    match start.cmp(&entered) {
        Ordering::Equal => None,
        Ordering::Greater => Some(Adjustment::Charge(Charge { cost: start - entered, ahead: entered })),
        Ordering::Less => Some(Adjustment::GiveBack(entered - start)),
    }
}

/// Whether somebody can look at the counter while the operator runs.
pub fn is_watched(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::DataDrop { .. }
            | Operator::ElemDrop { .. }
    ) || is_bulk(operator)
}

/// Whether control can go elsewhere at the operator, or somebody can look at the counter.
pub fn ends_segment(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable
    ) || is_watched(operator)
}

/// Whether the operator's work grows with an operand, and is charged by it.
pub fn is_bulk(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::MemoryGrow { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryInit { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
    )
}
