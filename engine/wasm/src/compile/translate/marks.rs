//! What machine code is told that it belongs to.
//!
//! Cranelift carries a number from each instruction of its IR to the machine code that it becomes. Here are the
//! numbers, and what they stand for: operators, and charges of fuel, which belong to the operator that they stand
//! before or behind. Accesses to memory carry one more, in their trap code: the compiler may make one instruction
//! of a load and what uses its result, at that place, and new instructions carry nothing. It does not go far, so a
//! number that comes round again after many is enough to know an access by.

use cranelift_codegen::ir::{SourceLoc, TrapCode};

use crate::base::layout::Charge;

/// Trap codes of accesses are this and a number.
const FIRST_ACCESS: u8 = 50;
const ACCESS_NUMBERS: usize = 200;

/// The marks of one function.
#[derive(Default)]
pub struct Marks {
    /// How many operators it has: marks below stand for them, by index.
    operators: u32,
    /// Each with the index of the operator that it belongs to.
    charges: Vec<(u32, Charge)>,
    /// The operators that access memory, in order, each as often as it does.
    accesses: Vec<u32>,
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

    pub fn access(&mut self, at: usize) -> TrapCode {
        self.accesses.push(at as u32);
        let number = (self.accesses.len() - 1) % ACCESS_NUMBERS;
        TrapCode::unwrap_user(FIRST_ACCESS + number as u8)
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

    /// The operator that has made the access of this number, somewhere near two operators: where the compiler made
    /// something new of operators the machine code says nothing, and these are its neighbours'. Nothing where each
    /// tells another one, unless loads stay where they are: then it is the nearer one.
    pub fn access_of(&self, number: usize, near: [usize; 2], loads_move: bool) -> Option<usize> {
        let [one, other] = near.map(|operator| self.nearest(number, operator));
        let (_, access) = one.min(other);
        (one.1 == other.1 || !loads_move).then(|| self.accesses[access] as usize)
    }

    /// How far away it is, and which.
    fn nearest(&self, number: usize, operator: usize) -> (usize, usize) {
        let here = self.accesses.partition_point(|access| *access as usize <= operator);
        let all = (number..self.accesses.len()).step_by(ACCESS_NUMBERS);
        all.map(|access| (here.abs_diff(access + 1), access)).min().expect("numbers are given to accesses")
    }
}

/// The number that an access has.
pub fn number_of_access(code: TrapCode) -> Option<usize> {
    let number = usize::from(code.as_raw().get().checked_sub(FIRST_ACCESS)?);
    (number < ACCESS_NUMBERS).then_some(number)
}

const _: () = assert!(TrapCode::user(FIRST_ACCESS + (ACCESS_NUMBERS - 1) as u8).is_some());
