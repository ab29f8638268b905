//! What a function asks of the compiler: validated, counted, and refused where it is too much.
//!
//! The first step of a function's way. Cranelift's time and memory grow with what is alive where control may leave
//! or meet, so that a small body can ask for minutes: here is counted how much, on the operators alone. It must
//! not know how anything is translated.

use wasmparser::{FuncValidator, Operator, ValidatorResources};

use super::{Operators, Step};
use crate::base::config::Config;
use crate::base::error::InvalidModule;
use crate::base::limits::module as limits;
use crate::compile::{charges, depth, prices};

/// What decides, beside a function itself, how much work it is.
#[derive(Clone, Copy)]
pub struct Surroundings {
    /// References into the collected heap can come from outside of functions.
    pub collected: bool,
    /// Whatever may trap is compared first.
    pub checked: bool,
}

impl Surroundings {
    pub fn new(collected: bool, config: &Config) -> Surroundings {
        Surroundings { collected, checked: !config.signals_based_traps }
    }
}

/// A validated function.
pub struct Checked<'a> {
    pub operators: Operators<'a>,
    /// The locals that are used, parameters included; sorted. Declaring a million others costs five bytes.
    pub locals: Vec<u32>,
    /// What it takes of the stack, in bytes, if that is counted.
    pub stack: Option<u32>,
    /// Whether it may hold references into the collected heap.
    pub collected: bool,
    /// What compiling it takes beyond what its size says, counted in kept values.
    pub beyond_size: u64,
}

/// Validates a function, and counts what compiling it would take.
///
/// # Errors
/// It is invalid, or asks for too much.
pub fn check<'a>(
    validator: &mut FuncValidator<ValidatorResources>,
    body: &wasmparser::FunctionBody<'a>,
    params: u32,
    around: Surroundings,
) -> Result<Checked<'a>, InvalidModule> {
    let mut locals = body.get_binary_reader();
    validator.read_locals(&mut locals)?;
    let mut reader = body.get_operators_reader()?;
    let mut work = Work { collected: around.collected, locals: (0..params).collect(), ..Work::default() };
    let mut operators = Vec::new();
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset()?;
        let passed = passed_values(&operator, validator);
        work.passed += passed;
        work.branched += branched_values(&operator, validator);
        within("values passed by branches", work.branched, limits::BRANCHED_VALUES, offset)?;
        work.passed_beyond_size += passed.saturating_sub(ORDINARY_PASSED_VALUES);
        within("values passed", work.passed, limits::PASSED_VALUES, offset)?;
        validator.op(offset, &operator)?;
        within("operators", operators.len(), limits::OPERATORS, offset)?;
        work.add(&operator, offset, validator, around)?;
        operators.push(Step { price: prices::price(&operator), operator, offset: offset as u32, call: None });
    }
    reader.finish()?;
    let (highest, calls) = (work.highest, work.calls);
    let (locals, collected, beyond_size) = work.finish(validator, body.range().start)?;
    let types = locals.iter().filter_map(|local| validator.get_local_type(*local));
    let stack = depth::price(types, highest, calls);
    Ok(Checked { operators, locals, stack, collected, beyond_size })
}

/// Hardly a call of ordinary code passes more.
const ORDINARY_PASSED_VALUES: usize = 16;

/// A bulk operation is charged twice, and asks whether it failed.
const PLACES_OF_BULK: usize = 3;

#[derive(Default)]
struct Work {
    passed: usize,
    /// The same without what each operator of ordinary code passes.
    passed_beyond_size: usize,
    /// Those that pass at branches which may not be taken.
    branched: usize,
    targets: usize,
    /// Operators at which control may go elsewhere.
    places: usize,
    /// Heights of the operand stack at these, in all.
    operands: usize,
    /// The greatest height of the operand stack.
    highest: u32,
    /// Whether it calls functions.
    calls: bool,
    /// Which locals were used, again and again.
    locals: Vec<u32>,
    /// Heights of the control stack at which the loops around an operator stand.
    loops: Vec<usize>,
    collected: bool,
}

impl Work {
    fn add(
        &mut self,
        operator: &Operator<'_>,
        offset: u64,
        validator: &FuncValidator<ValidatorResources>,
        around: Surroundings,
    ) -> Result<(), InvalidModule> {
        match operator {
            Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } => self.locals.push(*local_index),
            Operator::RefNull { hty: wasmparser::HeapType::EXTERN } => self.collected = true,
            Operator::BrTable { targets } => self.targets += targets.len() as usize + 1,
            _ => {}
        }
        self.highest = self.highest.max(validator.operand_stack_height());
        self.calls |= depth::is_call(operator);
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
        if charges::ends_segment(operator)
            || matches!(operator, Operator::Block { .. })
            || around.checked && may_trap(operator)
        {
            let places = if charges::is_bulk(operator) { PLACES_OF_BULK } else { 1 };
            self.places += places;
            self.operands += places * validator.operand_stack_height() as usize;
            within("calls and branches", self.places, limits::PLACES, offset)?;
        }
        Ok(())
    }

    /// The locals that are used, whether there may be references, and what compiling takes beyond the function's
    /// size.
    fn finish(
        mut self,
        validator: &FuncValidator<ValidatorResources>,
        offset: u64,
    ) -> Result<(Vec<u32>, bool, u64), InvalidModule> {
        self.locals.sort_unstable();
        self.locals.dedup();
        within("locals that it uses", self.locals.len(), limits::USED_LOCALS, offset)?;
        let carried = self.operands + self.places * self.locals.len();
        within("values kept over calls and branches", carried, limits::KEPT_VALUES, offset)?;
        let is_reference = |local: &u32| validator.get_local_type(*local).is_some_and(is_collected);
        let references = self.locals.iter().filter(|local| is_reference(local)).count();
        let collected = self.collected || references > 0;
        if collected {
            let kept = self.operands + self.places * references;
            within("references kept over calls and branches", kept, limits::KEPT_REFERENCES, offset)?;
        }
        // As measured: a value passed on takes as long as twenty that are kept, and the code generator's search
        // for registers grows with the square of the places, and of the values that pass at branches.
        let squares = self.places * self.places / 100 + self.branched * self.branched / 50;
        let beyond_size = carried + 20 * self.passed_beyond_size + squares;
        Ok((self.locals, collected, beyond_size as u64))
    }
}

fn is_collected(ty: wasmparser::ValType) -> bool {
    matches!(ty, wasmparser::ValType::Ref(ty) if ty.is_extern_ref())
}

/// Whether a comparison stands before the operator where nothing may fault.
fn may_trap(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32Load { .. }
            | O::I64Load { .. }
            | O::F32Load { .. }
            | O::F64Load { .. }
            | O::I32Load8S { .. }
            | O::I32Load8U { .. }
            | O::I32Load16S { .. }
            | O::I32Load16U { .. }
            | O::I64Load8S { .. }
            | O::I64Load8U { .. }
            | O::I64Load16S { .. }
            | O::I64Load16U { .. }
            | O::I64Load32S { .. }
            | O::I64Load32U { .. }
            | O::I32Store { .. }
            | O::I64Store { .. }
            | O::F32Store { .. }
            | O::F64Store { .. }
            | O::I32Store8 { .. }
            | O::I32Store16 { .. }
            | O::I64Store8 { .. }
            | O::I64Store16 { .. }
            | O::I64Store32 { .. }
            | O::V128Load { .. }
            | O::V128Load8x8S { .. }
            | O::V128Load8x8U { .. }
            | O::V128Load16x4S { .. }
            | O::V128Load16x4U { .. }
            | O::V128Load32x2S { .. }
            | O::V128Load32x2U { .. }
            | O::V128Load8Splat { .. }
            | O::V128Load16Splat { .. }
            | O::V128Load32Splat { .. }
            | O::V128Load64Splat { .. }
            | O::V128Load32Zero { .. }
            | O::V128Load64Zero { .. }
            | O::V128Store { .. }
            | O::V128Load8Lane { .. }
            | O::V128Load16Lane { .. }
            | O::V128Load32Lane { .. }
            | O::V128Load64Lane { .. }
            | O::V128Store8Lane { .. }
            | O::V128Store16Lane { .. }
            | O::V128Store32Lane { .. }
            | O::V128Store64Lane { .. }
            | O::TableGet { .. }
            | O::TableSet { .. }
            | O::I32DivS
            | O::I32DivU
            | O::I32RemS
            | O::I32RemU
            | O::I64DivS
            | O::I64DivU
            | O::I64RemS
            | O::I64RemU
            | O::I32TruncF32S
            | O::I32TruncF32U
            | O::I32TruncF64S
            | O::I32TruncF64U
            | O::I64TruncF32S
            | O::I64TruncF32U
            | O::I64TruncF64S
            | O::I64TruncF64U
    )
}

/// How many values an operator that may pass many takes and leaves, for each place where it may go on.
/// It is not validated yet; what makes no sense passes nothing.
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

/// How many values pass at a branch that may not be taken, for each place where it may lead.
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
