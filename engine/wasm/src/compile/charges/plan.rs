//! The plan of a function's charges: what happens to the fuel counter at each operator.

use std::cmp::Ordering;

use super::ahead;
use super::graph::{self, Block, EdgeKind, Exit};
use crate::base::layout::Charge;
use crate::base::limits::fuel::{LONGEST_BLOCK, MOST_AHEAD};
use crate::compile::body::Operators;
use crate::compile::prices::fuel;

// An operator that stands for an inlined call costs what the call and entering the function cost together.
const _: () = assert!(2 * LONGEST_BLOCK + 2 * fuel::ENTRY + fuel::MOST <= MOST_AHEAD);

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
    /// After the operator of this index; sorted by index.
    pub(super) behind: Vec<(u32, Adjustment)>,
    /// On the edge of this kind that leaves the operator of this index; sorted.
    pub(super) on_edges: Vec<((u32, EdgeKind), Adjustment)>,
    /// What was charged ahead for what runs after the operator of this index.
    ahead: Vec<u32>,
}

impl ChargePlan {
    /// Plans the charges of a function's operators.
    pub fn new(operators: &Operators<'_>) -> ChargePlan {
        let blocks = graph::blocks(operators);
        let decided = ahead::decide(&blocks);
        let mut plan = ChargePlan { ahead: vec![0; operators.len()], ..ChargePlan::default() };
        // What was charged ahead where each block is entered.
        let mut entered: Vec<u32> = decided.iter().map(|ahead| ahead.entered).collect();
        entered[0] = 0;
        for (block, decided) in blocks.iter().zip(&decided) {
            for edge in &block.edges {
                let to = edge.to as usize;
                if blocks[to].has_one_entry() {
                    entered[to] = decided.left;
                } else if let Some(adjustment) = adjustment(decided.left, entered[to]) {
                    plan.on_edges.push(((block.end - 1, edge.kind), adjustment));
                }
            }
        }
        for (at, block) in blocks.iter().enumerate() {
            // At `unreachable` something may be left over: the table of traps says how much is given back.
            let keeps = block.exit == Exit::Trap;
            let start = if keeps { decided[at].start.max(entered[at]) } else { decided[at].start };
            plan.start_block(block, adjustment(entered[at], start));
            plan.run_block(operators, block, start);
        }
        plan.behind.sort_unstable_by_key(|(operator, _)| *operator);
        plan.on_edges.sort_unstable_by_key(|(edge, _)| *edge);
        plan
    }

    fn start_block(&mut self, block: &Block, adjustment: Option<Adjustment>) {
        match block.opened_by {
            None => self.at_entry = adjustment,
            Some(operator) => self.behind.extend(adjustment.map(|adjustment| (operator, adjustment))),
        }
    }

    fn run_block(&mut self, operators: &Operators<'_>, block: &Block, start: u32) {
        // Entering the function is paid for before its first operator.
        let mut ahead = if block.opened_by.is_none() { start - fuel::ENTRY } else { start };
        for at in block.start..block.end {
            ahead -= operators[at as usize].price;
            self.ahead[at as usize] = ahead;
        }
    }

    /// What happens when the function is entered.
    pub fn at_entry(&self) -> Option<Adjustment> {
        self.at_entry
    }

    /// What happens after an operator, where a block begins.
    pub fn behind(&self, operator: usize) -> Option<Adjustment> {
        let at = self.behind.binary_search_by_key(&(operator as u32), |(index, _)| *index).ok()?;
        Some(self.behind[at].1)
    }

    /// What happens on an edge from an operator to a block that other edges lead to as well.
    pub fn on_edge(&self, operator: usize, kind: EdgeKind) -> Option<Adjustment> {
        let at = self.on_edges.binary_search_by_key(&(operator as u32, kind), |(edge, _)| *edge).ok()?;
        Some(self.on_edges[at].1)
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
