//! The second stage: a body becomes operators that are validated, priced and counted, or is refused.
//!
//! ```text
//! Body ─> validator ─> Steps (operator, price, location) ─> Checked
//!              └─────> compile_cost: what compiling it takes; too much is an error
//! ```
//!
//! All later stages work on these operators alone. It must not know what they become.

mod compile_cost;
mod fuel_bound;
pub mod operators;
mod step;

use wasmparser::{FuncValidator, FuncValidatorAllocations, FunctionBody, ValidatorResources};

use self::compile_cost::{Counted, Counter};
use super::parse::Body;
use super::prices;
use crate::base::error::InvalidModule;
use crate::base::module::ModuleInfo;

pub use compile_cost::{CodegenMode, check_total};
pub use fuel_bound::{FuelBound, fuel_bounds};
pub use step::{CodeLocation, Operators, Step};

/// A validated function.
pub struct Checked<'a> {
    pub operators: Operators<'a>,
    pub counted: Counted,
}

/// Validates a function, and counts what compiling it would take.
///
/// # Errors
/// It is invalid, or asks for too much.
pub fn check<'a>(
    validator: &mut FuncValidator<ValidatorResources>,
    body: &FunctionBody<'a>,
    params: u32,
    mode: CodegenMode,
) -> Result<Checked<'a>, InvalidModule> {
    let mut locals = body.get_binary_reader();
    validator.read_locals(&mut locals)?;
    let mut reader = body.get_operators_reader()?;
    let mut counter = Counter::new(params, mode);
    let mut operators = Vec::new();
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset()?;
        counter.count_passed(&operator, offset, validator)?;
        validator.op(offset, &operator)?;
        counter.count(&operator, offset, validator, mode)?;
        let price = prices::fuel::of_operator(&operator);
        let location = CodeLocation { wasm_offset: offset as u32, call: None };
        operators.push(Step { operator, price, location });
    }
    reader.finish()?;
    let counted = counter.finish(validator, body.range().start)?;
    Ok(Checked { operators, counted })
}

/// Validates bodies one after the other, as compiling them would.
///
/// # Errors
/// The first invalid body's, or that all of them together ask for too much.
pub fn validate_all(
    info: &ModuleInfo,
    bodies: Vec<Body<'_>>,
    mode: CodegenMode,
) -> Result<(), InvalidModule> {
    let mut allocations = FuncValidatorAllocations::default();
    let mut cost = 0;
    for body in bodies {
        let params = info.func_type(body.func()).params().len() as u32;
        let mut validator = body.validate.into_validator(allocations);
        cost += check(&mut validator, &body.body, params, mode)?.counted.compile_cost;
        allocations = validator.into_allocations();
    }
    check_total(cost)
}
