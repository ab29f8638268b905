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
//! operator's place. So accesses of memory are numbered within their segment, and their traps carry
//! the number: which access has trapped does not depend on where its instruction stands.

use wasmparser::Operator;

use super::prices;

/// No segment costs more, so this is the most that lies between two checks.
pub const LONGEST_SEGMENT: u32 = 1_000;

/// No segment has more accesses of memory, so that a number for each fits into a trap code.
pub const MOST_ACCESSES: usize = 200;

/// The plan for one function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ChargePlan {
    /// What is charged before the operator of this index; sorted by index.
    charges: Vec<(u32, u32)>,
    /// What was charged for operators that come after the one of this index, in its segment.
    refunds: Vec<u32>,
    /// The operators that access memory; sorted.
    accesses: Vec<u32>,
}

impl ChargePlan {
    /// Plans the charges of a function's operators.
    pub fn new(operators: &[(Operator<'_>, u64)]) -> ChargePlan {
        let mut plan =
            ChargePlan { charges: Vec::new(), refunds: vec![0; operators.len()], accesses: Vec::new() };
        let (mut start, mut accesses) = (0, 0);
        let mut cost = prices::ENTRY;
        for (index, (operator, _)) in operators.iter().enumerate() {
            cost += prices::price(operator);
            // Until the segment is closed, this is the cost up to here, this operator included.
            plan.refunds[index] = cost;
            if accesses_memory(operator) {
                plan.accesses.push(index as u32);
                accesses += 1;
            }
            if ends_segment(operator) || cost >= LONGEST_SEGMENT || accesses == MOST_ACCESSES {
                plan.close(start, index + 1, cost);
                (start, cost, accesses) = (index + 1, 0, 0);
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

    /// The number of an operator that accesses memory, among those of its segment.
    pub fn access_number(&self, operator: usize) -> u8 {
        let before = self.accesses.partition_point(|access| (*access as usize) < operator);
        (before - self.accesses_before_segment(operator)) as u8
    }

    /// What a trap of the access of this number gives back, in the segment of this operator.
    pub fn refund_of_access(&self, operator: usize, number: u8) -> Option<u32> {
        let access = self.accesses.get(self.accesses_before_segment(operator) + usize::from(number))?;
        Some(self.refund(*access as usize))
    }

    fn accesses_before_segment(&self, operator: usize) -> usize {
        let segment = self.charges.partition_point(|(start, _)| *start as usize <= operator);
        let start = segment.checked_sub(1).map_or(0, |segment| self.charges[segment].0);
        self.accesses.partition_point(|access| *access < start)
    }
}

fn ends_segment(operator: &Operator<'_>) -> bool {
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

fn accesses_memory(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::I32Load { .. }
            | Operator::I64Load { .. }
            | Operator::F32Load { .. }
            | Operator::F64Load { .. }
            | Operator::I32Load8S { .. }
            | Operator::I32Load8U { .. }
            | Operator::I32Load16S { .. }
            | Operator::I32Load16U { .. }
            | Operator::I64Load8S { .. }
            | Operator::I64Load8U { .. }
            | Operator::I64Load16S { .. }
            | Operator::I64Load16U { .. }
            | Operator::I64Load32S { .. }
            | Operator::I64Load32U { .. }
            | Operator::I32Store { .. }
            | Operator::I64Store { .. }
            | Operator::F32Store { .. }
            | Operator::F64Store { .. }
            | Operator::I32Store8 { .. }
            | Operator::I32Store16 { .. }
            | Operator::I64Store8 { .. }
            | Operator::I64Store16 { .. }
            | Operator::I64Store32 { .. }
            | Operator::V128Load { .. }
            | Operator::V128Load8x8S { .. }
            | Operator::V128Load8x8U { .. }
            | Operator::V128Load16x4S { .. }
            | Operator::V128Load16x4U { .. }
            | Operator::V128Load32x2S { .. }
            | Operator::V128Load32x2U { .. }
            | Operator::V128Load8Splat { .. }
            | Operator::V128Load16Splat { .. }
            | Operator::V128Load32Splat { .. }
            | Operator::V128Load64Splat { .. }
            | Operator::V128Load32Zero { .. }
            | Operator::V128Load64Zero { .. }
            | Operator::V128Store { .. }
            | Operator::V128Load8Lane { .. }
            | Operator::V128Load16Lane { .. }
            | Operator::V128Load32Lane { .. }
            | Operator::V128Load64Lane { .. }
            | Operator::V128Store8Lane { .. }
            | Operator::V128Store16Lane { .. }
            | Operator::V128Store32Lane { .. }
            | Operator::V128Store64Lane { .. }
    )
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
    fn an_access_is_found_by_its_number_from_anywhere_in_its_segment() {
        let load = Operator::I32Load {
            memarg: wasmparser::MemArg {
                align: 0,
                max_align: 0,
                offset: 0,
                ordering: None,
                target: wasmparser::MemArgTarget::Memory(0),
            },
        };
        let plan = plan(vec![
            load.clone(),
            Operator::Drop,
            load.clone(),
            Operator::Call { function_index: 0 },
            Operator::I32Clz,
            load,
            Operator::I32Clz,
            Operator::End,
        ]);
        assert_eq!([0, 2, 5].map(|access| plan.access_number(access)), [0, 1, 0]);
        assert_eq!(plan.refund_of_access(3, 0), Some(2));
        assert_eq!(plan.refund_of_access(3, 1), Some(1));
        assert_eq!(plan.refund_of_access(6, 0), Some(1));
    }

    #[test]
    fn long_straight_code_is_cut() {
        let plan = plan(vec![Operator::I32Clz; 3_000]);
        assert!(plan.charges.iter().all(|(_, cost)| *cost <= LONGEST_SEGMENT));
        assert_eq!(plan.charges.iter().map(|(_, cost)| cost).sum::<u32>(), 3_001);
    }
}
