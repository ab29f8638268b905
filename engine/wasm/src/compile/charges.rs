//! THE SANDBOX RESTS ON THIS FILE: where fuel is charged, decided on the operators alone.
//!
//! A function is cut into segments: runs of operators that are entered at the top and left at the
//! bottom only, unless they trap. The whole segment is charged before its first operator runs,
//! where the counter does not cover it the call stops there, and nothing of the segment has run.
//!
//! ```text
//!            operators              segment   charged        spent when it traps
//!   entry    local.get 0          ┐ 1         entry + 4  ->  refund at the load: 2
//!            i32.load             │                          (add and br_if have not run)
//!            i32.const 1          │
//!            br_if 0              ┘
//!            call $f              ] 2         1              callee charges for itself
//!            i32.div_u            ┐ 3         2          ->  refund at the division: 1
//!            drop, local.tee ...  ┘
//! ```
//!
//! A segment ends with every operator that can go elsewhere or let somebody look at the counter:
//! branches, calls of functions and of the runtime (of these, bulk operations charge by length before
//! they run), `else` and `end`. So the count is exact at every call, return and stop; at a trap inside a
//! segment the refund table says what was charged ahead and has not run.
//!
//! The compiler may make one instruction of a load and the operator that uses its result, at that
//! operator's place. So the trap of an access carries what its segment has spent up to it: the refund
//! does not depend on where the instruction stands.

use wasmparser::Operator;

use super::prices;

/// No segment costs more, so this is the most that lies between two checks; and what a segment has spent
/// fits into a trap code.
pub const LONGEST_SEGMENT: u32 = 200;

/// The plan for one function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ChargePlan {
    /// What is charged before the operator of this index; sorted by index.
    charges: Vec<(u32, u32)>,
    /// What was charged for operators that come after the one of this index, in its segment.
    refunds: Vec<u32>,
}

impl ChargePlan {
    /// Plans the charges of a function's operators.
    pub fn new(operators: &[(Operator<'_>, u64)]) -> ChargePlan {
        let mut plan = ChargePlan { charges: Vec::new(), refunds: vec![0; operators.len()] };
        let (mut start, mut cost) = (0, prices::ENTRY);
        for (index, (operator, _)) in operators.iter().enumerate() {
            cost += prices::price(operator);
            // Until the segment is closed, this is the cost up to here, this operator included.
            plan.refunds[index] = cost;
            if ends_segment(operator) || cost >= LONGEST_SEGMENT {
                plan.close(start, index + 1, cost);
                (start, cost) = (index + 1, 0);
            }
        }
        plan.close(start, operators.len(), cost);
        plan
    }

    fn close(&mut self, start: usize, end: usize, cost: u32) {
        for spent in &mut self.refunds[start..end] {
            *spent = cost - *spent;
        }
        if cost > 0 {
            self.charges.push((start as u32, cost));
        }
    }

    /// What is charged before this operator, if anything. Calls come with rising indices.
    pub fn charge_before(&self, operator: usize) -> Option<u32> {
        let at = self.charges.binary_search_by_key(&(operator as u32), |(index, _)| *index).ok()?;
        Some(self.charges[at].1)
    }

    /// What a trap in this operator gives back.
    pub fn refund(&self, operator: usize) -> u32 {
        self.refunds[operator]
    }

    /// What the operator's segment has spent up to it, itself included.
    pub fn spent(&self, operator: usize) -> u32 {
        self.segment_cost(operator) - self.refund(operator)
    }

    /// What a trap gives back in the segment of this operator after so much was spent.
    pub fn refund_after(&self, operator: usize, spent: u32) -> u32 {
        self.segment_cost(operator).checked_sub(spent).expect("instructions stay within their segment")
    }

    fn segment_cost(&self, operator: usize) -> u32 {
        let after = self.charges.partition_point(|(start, _)| *start as usize <= operator);
        after.checked_sub(1).map_or(0, |segment| self.charges[segment].1)
    }
}

/// Whether control can go elsewhere at the operator, or somebody can look at the counter.
pub fn ends_segment(operator: &Operator<'_>) -> bool {
    match operator {
        Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Else
        | Operator::End
        | Operator::Br { .. }
        | Operator::BrIf { .. }
        | Operator::BrTable { .. }
        | Operator::Return
        | Operator::Unreachable
        | Operator::Call { .. }
        | Operator::CallIndirect { .. }
        | Operator::DataDrop { .. }
        | Operator::ElemDrop { .. } => true,
        _ => is_bulk(operator),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(operators: Vec<Operator<'static>>) -> ChargePlan {
        ChargePlan::new(&operators.into_iter().map(|op| (op, 0)).collect::<Vec<_>>())
    }

    #[test]
    fn a_segment_is_charged_at_its_start_and_refunds_what_has_not_run() {
        let plan = plan(vec![
            Operator::I32Const { value: 1 },
            Operator::I32Const { value: 0 },
            Operator::I32DivU,
            Operator::Drop,
            Operator::I32Const { value: 1 },
            Operator::Call { function_index: 0 },
            Operator::End,
        ]);
        assert_eq!(plan.charges, [(0, 6)]);
        assert_eq!((plan.refund(2), plan.refund(5)), (2, 0));
    }

    #[test]
    fn what_was_spent_tells_the_refund_from_anywhere_in_the_segment() {
        let plan = plan(vec![
            Operator::I32Clz,
            Operator::Drop,
            Operator::I32Ctz,
            Operator::Call { function_index: 0 },
            Operator::I32Clz,
            Operator::I32Ctz,
            Operator::I32Clz,
            Operator::End,
        ]);
        assert_eq!([0, 2, 5].map(|operator| plan.spent(operator)), [2, 3, 2]);
        assert_eq!(plan.refund_after(3, plan.spent(0)), 2);
        assert_eq!(plan.refund_after(3, plan.spent(2)), 1);
        assert_eq!(plan.refund_after(7, plan.spent(5)), 1);
    }

    #[test]
    fn long_straight_code_is_cut() {
        let plan = plan(vec![Operator::I32Clz; 3_000]);
        assert!(plan.charges.iter().all(|(_, cost)| *cost <= LONGEST_SEGMENT));
        assert_eq!(plan.charges.iter().map(|(_, cost)| cost).sum::<u32>(), 3_001);
    }
}
