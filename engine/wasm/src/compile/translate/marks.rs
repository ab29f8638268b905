//! What machine code is told that it belongs to.
//!
//! Cranelift carries a number from each instruction of its IR to the machine code that it becomes. Here are the
//! numbers, and what they stand for: operators, and charges of fuel, which belong to the operator that they stand
//! before or behind. Accesses to memory carry one more, in their trap code: the compiler may make one instruction
//! of a load and what uses its result, at that place, and new instructions carry nothing. So the trap of an access
//! says itself what it gives back.

use cranelift_codegen::ir::{SourceLoc, TrapCode};

use crate::base::layout::Charge;
use crate::base::limits::fuel::MOST_AHEAD;

/// The trap code of an access is this and what it gives back.
const FIRST_ACCESS: u32 = 50;

const _: () = assert!(TrapCode::user((FIRST_ACCESS + MOST_AHEAD) as u8).is_some());

/// The marks of one function.
#[derive(Default)]
pub struct Marks {
    /// How many operators it has: marks below stand for them, by index.
    operators: u32,
    /// Each with the index of the operator that it belongs to.
    charges: Vec<(u32, Charge)>,
}

impl Marks {
    pub fn new(operators: usize) -> Marks {
        Marks { operators: operators as u32, ..Marks::default() }
    }

    pub fn operator(&self, at: usize) -> SourceLoc {
        SourceLoc::new(at as u32)
    }

    pub fn charge(&mut self, at: usize, charge: Charge) -> SourceLoc {
        self.charges.push((at as u32, charge));
        SourceLoc::new(self.operators + self.charges.len() as u32 - 1)
    }

    /// The operator that a mark belongs to.
    pub fn operator_of(&self, mark: SourceLoc) -> usize {
        match self.charge_number(mark) {
            Some(number) => self.charge_of(number).0,
            None => mark.bits() as usize,
        }
    }

    /// How many charges there are.
    pub fn charges(&self) -> usize {
        self.charges.len()
    }

    /// Which charge a mark stands for; none if it stands for an operator.
    pub fn charge_number(&self, mark: SourceLoc) -> Option<usize> {
        let number = mark.bits().checked_sub(self.operators)? as usize;
        (number < self.charges.len()).then_some(number)
    }

    /// A charge, and the operator that it belongs to.
    pub fn charge_of(&self, number: usize) -> (usize, Charge) {
        let (operator, charge) = self.charges[number];
        (operator as usize, charge)
    }
}

/// The trap code of an access that gives back so much.
pub fn access(refund: u32) -> TrapCode {
    TrapCode::unwrap_user((FIRST_ACCESS + refund) as u8)
}

/// What an access with this trap code gives back; none if it is not the code of one.
pub fn refund_of_access(code: TrapCode) -> Option<u32> {
    let refund = u32::from(code.as_raw().get()).checked_sub(FIRST_ACCESS)?;
    (refund <= MOST_AHEAD).then_some(refund)
}
