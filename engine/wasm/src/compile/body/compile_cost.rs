//! What compiling a function takes, counted on its operators and refused where it is too much.
//!
//! Cranelift's time and memory grow with what is alive where control may leave or meet, so a small body can ask for
//! minutes. The count is made while the body is validated, before any other stage runs. It must not know how anything
//! is translated.

use wasmparser::{FuncValidator, Operator, ValType, ValidatorResources};

use super::operators;
use crate::base::config::Config;
use crate::base::error::InvalidModule;
use crate::base::limits::module as limits;
use crate::compile::prices;

/// What decides, besides a function itself, what compiling it takes.
#[derive(Clone, Copy)]
pub struct CodegenMode {
    /// References into the collected heap can reach functions from outside.
    pub collected: bool,
    /// Operators that may trap are preceded by a comparison, since nothing may fault.
    pub checked: bool,
}

impl CodegenMode {
    pub fn new(collected: bool, config: &Config) -> CodegenMode {
        CodegenMode { collected, checked: !config.signals_based_traps }
    }
}

/// Values that hardly any call of ordinary code exceeds.
const ORDINARY_PASSED_VALUES: usize = 16;

/// How many places a bulk operation counts as: it is charged twice, and asks whether it failed.
const PLACES_OF_BULK: usize = 3;

/// Counts a function's operators while they are validated.
#[derive(Default)]
pub struct Counter {
    operators: usize,
    passed: usize,
    /// The same, not counting what each operator of ordinary code passes.
    passed_beyond_size: usize,
    /// Values passed at branches that may not be taken.
    branched: usize,
    targets: usize,
    /// Operators at which control may go elsewhere.
    places: usize,
    /// The sum of the heights of the operand stack at these places.
    operands: usize,
    /// The greatest height of the operand stack.
    highest: u32,
    /// Whether it calls functions.
    calls: bool,
    /// The locals that were used, once for each use.
    locals: Vec<u32>,
    /// The heights of the control stack at which the loops around an operator stand.
    loops: Vec<usize>,
    collected: bool,
}

/// What was counted in a function.
pub struct Counted {
    /// The locals that are used, parameters included; sorted. Declaring a million others costs five bytes.
    pub used_locals: Vec<u32>,
    /// What the function takes of the stack, in bytes; `None` where that is not counted.
    pub stack_price: Option<u32>,
    /// Whether it may hold references into the collected heap.
    pub collected: bool,
    /// What compiling it takes beyond what its size suggests, in kept values.
    pub compile_cost: u64,
}

impl Counter {
    pub fn new(params: u32, mode: CodegenMode) -> Counter {
        Counter { collected: mode.collected, locals: (0..params).collect(), ..Counter::default() }
    }

    /// Counts the values that an operator passes, before it is validated and takes them from the operand stack.
    pub fn count_passed(
        &mut self,
        operator: &Operator<'_>,
        offset: u64,
        validator: &FuncValidator<ValidatorResources>,
    ) -> Result<(), InvalidModule> {
        let passed = passed_values(operator, validator);
        self.passed += passed;
        self.passed_beyond_size += passed.saturating_sub(ORDINARY_PASSED_VALUES);
        self.branched += branched_values(operator, validator);
        within("values passed by branches", self.branched, limits::BRANCHED_VALUES, offset)?;
        within("values passed", self.passed, limits::PASSED_VALUES, offset)
    }

    /// Counts an operator, after it was validated.
    pub fn count(
        &mut self,
        operator: &Operator<'_>,
        offset: u64,
        validator: &FuncValidator<ValidatorResources>,
        mode: CodegenMode,
    ) -> Result<(), InvalidModule> {
        within("operators", self.operators, limits::OPERATORS, offset)?;
        self.operators += 1;
        match operator {
            Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } => self.locals.push(*local_index),
            Operator::RefNull { hty: wasmparser::HeapType::EXTERN } => self.collected = true,
            Operator::BrTable { targets } => self.targets += targets.len() as usize + 1,
            _ => {}
        }
        self.highest = self.highest.max(validator.operand_stack_height());
        self.calls |= operators::is_call(operator);
        self.count_nesting(operator, offset, validator)?;
        if operators::ends_segment(operator)
            || matches!(operator, Operator::Block { .. })
            || mode.checked && operators::may_trap(operator)
        {
            let places = if operators::is_bulk(operator) { PLACES_OF_BULK } else { 1 };
            self.places += places;
            self.operands += places * validator.operand_stack_height() as usize;
            within("calls and branches", self.places, limits::PLACES, offset)?;
        }
        Ok(())
    }

    fn count_nesting(
        &mut self,
        operator: &Operator<'_>,
        offset: u64,
        validator: &FuncValidator<ValidatorResources>,
    ) -> Result<(), InvalidModule> {
        let nesting = validator.control_stack_height() as usize;
        within("nested blocks", nesting, limits::NESTING, offset)?;
        within("branch table targets", self.targets, limits::BRANCH_TABLE_TARGETS, offset)?;
        while self.loops.last().is_some_and(|height| *height > nesting) {
            self.loops.pop();
        }
        if let Operator::Loop { .. } = operator {
            self.loops.push(nesting);
            within("nested loops", self.loops.len(), limits::LOOPS, offset)?;
            let carried = self.loops.len() * validator.len_locals() as usize;
            within("locals times nested loops", carried, limits::LOOP_LOCALS, offset)?;
        }
        Ok(())
    }

    /// Adds up what was counted. `offset` is where the function is in its module.
    pub fn finish(
        mut self,
        validator: &FuncValidator<ValidatorResources>,
        offset: u64,
    ) -> Result<Counted, InvalidModule> {
        self.locals.sort_unstable();
        self.locals.dedup();
        within("locals that it uses", self.locals.len(), limits::USED_LOCALS, offset)?;
        let kept = self.operands + self.places * self.locals.len();
        within("values kept over calls and branches", kept, limits::KEPT_VALUES, offset)?;
        let types = || self.locals.iter().filter_map(|local| validator.get_local_type(*local));
        let references = types().filter(|ty| is_collected(*ty)).count();
        let collected = self.collected || references > 0;
        if collected {
            let kept = self.operands + self.places * references;
            within("references kept over calls and branches", kept, limits::KEPT_REFERENCES, offset)?;
        }
        // As measured: a passed value takes as long as twenty that are kept, and the code generator's search for
        // registers grows with the square of the places, and of the values that pass at branches.
        let squares = self.places * self.places / 100 + self.branched * self.branched / 50;
        let compile_cost = (kept + 20 * self.passed_beyond_size + squares) as u64;
        let stack_price = prices::stack::of_function(types(), self.highest, self.calls);
        Ok(Counted { used_locals: self.locals, stack_price, collected, compile_cost })
    }
}

/// Refuses a module whose functions cost too much together.
///
/// # Errors
/// The sum of their costs is beyond the limit.
pub fn check_total(compile_cost: u64) -> Result<(), InvalidModule> {
    const LIMIT: u64 = limits::COMPILE_COST;
    if compile_cost <= LIMIT {
        return Ok(());
    }
    let message = format!(
        "the functions of the module keep more than {LIMIT} values over calls and branches in all: split it"
    );
    Err(InvalidModule::new(message, None))
}

fn is_collected(ty: ValType) -> bool {
    matches!(ty, ValType::Ref(ty) if ty.is_extern_ref())
}

/// How many values an operator takes and leaves, for each place where control may continue. Zero for operators that
/// never pass many, and for invalid ones, since the operator is not validated yet.
fn passed_values(operator: &Operator<'_>, validator: &FuncValidator<ValidatorResources>) -> usize {
    let places = match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Else
        | Operator::End
        | Operator::Br { .. }
        | Operator::BrIf { .. }
        | Operator::Return
        | Operator::Call { .. }
        | Operator::CallIndirect { .. } => 1,
        Operator::BrTable { targets } => targets.len() as usize + 1,
        _ => return 0,
    };
    let (taken, left) = operator.operator_arity(validator).unwrap_or_default();
    places * (taken as usize + left as usize)
}

/// How many values pass at a branch that may not be taken, for each place that it may lead to.
fn branched_values(operator: &Operator<'_>, validator: &FuncValidator<ValidatorResources>) -> usize {
    let places = match operator {
        Operator::BrIf { .. } => 1,
        Operator::BrTable { targets } => targets.len() as usize + 1,
        _ => return 0,
    };
    let (taken, _) = operator.operator_arity(validator).unwrap_or_default();
    places * (taken as usize).saturating_sub(1)
}

fn within(what: &str, count: usize, limit: usize, offset: u64) -> Result<(), InvalidModule> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("a function has more than {limit} {what}: split it into smaller ones");
    Err(InvalidModule::new(message, Some(offset)))
}
