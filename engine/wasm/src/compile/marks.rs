//! Numbers that link machine code to WebAssembly: words that translating, stopping and joining share.
//!
//! Cranelift carries two numbers from an instruction of its IR to the machine code that it becomes:
//!
//! - a **source location**, which stands for an operator or for a charge of fuel. A charge belongs to the operator before or
//!   after it;
//! - a **trap code**, which says what goes wrong there. The trap code of a memory access also says how much fuel the trap
//!   gives back. The source location cannot say it: the compiler may merge a load into the operator that uses its result,
//!   at that operator's location, and instructions that the compiler adds have no location.
//!
//! ```text
//! trap codes   1..   traps, by their number     49   a charge that overflowed, until it is replaced
//!                                               50.. an access, plus what it gives back
//! ```

use cranelift_codegen::ir::{SourceLoc, TrapCode};

use crate::base::layout::Charge;
use crate::base::limits::fuel::MOST_AHEAD;
use crate::base::trap::Trap;

/// The trap code of a charge that overflowed, until the trap is replaced.
pub const OVERFLOW: TrapCode = TrapCode::unwrap_user(49);

/// The trap code of an access is this plus what it gives back.
const FIRST_ACCESS: u32 = 50;

const _: () = assert!(TrapCode::user((FIRST_ACCESS + MOST_AHEAD) as u8).is_some());

/// The marks of one function.
#[derive(Default)]
pub struct Marks {
    /// How many operators there are: marks below stand for them, by index.
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

    /// The charge that a mark stands for; `None` if it stands for an operator.
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

/// The trap code of an access that gives back this much.
pub fn access(refund: u32) -> TrapCode {
    TrapCode::unwrap_user((FIRST_ACCESS + refund) as u8)
}

/// What an access with this trap code gives back; `None` if it is not the code of an access.
pub fn refund_of_access(code: TrapCode) -> Option<u32> {
    let refund = u32::from(code.as_raw().get()).checked_sub(FIRST_ACCESS)?;
    (refund <= MOST_AHEAD).then_some(refund)
}

/// The trap code of a trap.
pub fn trap_code(trap: Trap) -> TrapCode {
    match trap {
        Trap::StackOverflow => TrapCode::STACK_OVERFLOW,
        Trap::MemoryOutOfBounds => TrapCode::HEAP_OUT_OF_BOUNDS,
        Trap::IntegerOverflow => TrapCode::INTEGER_OVERFLOW,
        Trap::IntegerDivisionByZero => TrapCode::INTEGER_DIVISION_BY_ZERO,
        Trap::BadConversionToInteger => TrapCode::BAD_CONVERSION_TO_INTEGER,
        other => TrapCode::unwrap_user(other.code()),
    }
}

/// The trap that a trap code stands for.
pub fn trap_of(code: TrapCode) -> Trap {
    match code {
        TrapCode::STACK_OVERFLOW => Trap::StackOverflow,
        TrapCode::HEAP_OUT_OF_BOUNDS => Trap::MemoryOutOfBounds,
        TrapCode::INTEGER_OVERFLOW => Trap::IntegerOverflow,
        TrapCode::INTEGER_DIVISION_BY_ZERO => Trap::IntegerDivisionByZero,
        TrapCode::BAD_CONVERSION_TO_INTEGER => Trap::BadConversionToInteger,
        other if refund_of_access(other).is_some() => Trap::MemoryOutOfBounds,
        other => {
            Trap::from_code(other.as_raw().get()).expect("the translator only marks traps of the runtime")
        }
    }
}
