//! The stage that turns a function's operators into Cranelift's IR.
//!
//! ```text
//! translator   the state: operand stack, control stack, locals
//! fields       how IR reaches the structs of `base/layout.rs`
//! fuel, traps  how code stops
//! operators/   a file for each family of operators, and the match that leads to them
//! ```
//!
//! Nothing is kept between functions but scratch space. This stage must not know how machine code is made of the IR.

pub mod fields;
mod translator;

pub mod fuel;
mod traps;

mod operators;

use cranelift_codegen::ir::Function;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use wasmparser::{FuncValidator, ValidatorResources};

use self::translator::{ControlFrame, Translator};
use super::body::{Checked, Step};
use super::charges::ChargePlan;
use super::context::ModuleContext;
use super::marks::Marks;
use super::parse;
use crate::base::error::InvalidModule;
use crate::base::indices::FuncIndex;

pub use translator::FuelStops;
pub use traps::guard_stack;

/// A function that is ready to be translated.
pub struct Prepared<'a> {
    pub index: FuncIndex,
    pub checked: &'a Checked<'a>,
    pub validator: &'a FuncValidator<ValidatorResources>,
    /// The types of the locals behind the function's own.
    pub inlined_locals: &'a [wasmparser::ValType],
    pub charges: Option<&'a ChargePlan>,
}

impl Prepared<'_> {
    /// Where the function's operators begin in its module.
    pub fn offset(&self) -> u64 {
        self.checked.operators[0].location.wasm_offset.into()
    }

    fn local_type(&self, local: u32) -> wasmparser::ValType {
        let own = self.validator.get_local_type(local);
        own.unwrap_or_else(|| self.inlined_locals[(local - self.validator.len_locals()) as usize])
    }
}

/// Translates a function into an empty one of Cranelift's that has its signature. Returns what its marks stand for.
///
/// # Errors
/// An operator of a feature that is not supported, which validation should have refused.
pub fn translate(
    module: &ModuleContext<'_>,
    function: &Prepared<'_>,
    stops: FuelStops,
    func: &mut Function,
    frontend: &mut FunctionBuilderContext,
) -> Result<Marks, InvalidModule> {
    let operators = &function.checked.operators;
    let builder = FunctionBuilder::new(func, frontend);
    let mut translator = Translator::new(module, builder, function.charges, stops, operators.len());
    translator.start(function)?;
    for (at, step) in operators.iter().enumerate() {
        translator.operator(at, step)?;
    }
    let Translator { builder, marks, .. } = translator;
    builder.finalize(module.target.isa().frontend_config());
    Ok(marks)
}

impl Translator<'_, '_> {
    /// Makes the entry block, the locals, and the frame of the body.
    fn start(&mut self, function: &Prepared<'_>) -> Result<(), InvalidModule> {
        let (index, used) = (function.index, &function.checked.counted.used_locals);
        self.builder.set_srcloc(self.marks.operator(0));
        let entry = self.builder.create_block();
        self.builder.append_block_params_for_function_params(entry);
        self.builder.switch_to_block(entry);
        self.builder.seal_block(entry);
        let params = self.builder.block_params(entry).to_vec();
        self.context = params[0];
        self.stack_left = params[params.len() - 1];
        guard_stack(&mut self.builder, self.context, self.module.target);
        if let Some(bytes) = function.checked.counted.stack_price {
            self.count_stack(bytes);
        }
        for (&param, ty) in params[1..].iter().zip(self.module.info.func_type(index).params()) {
            self.declare_local(ty, param);
        }
        for &local in &used[self.locals.len()..] {
            let ty = parse::val_type(function.local_type(local), 0)?;
            let zero = self.zero(ty);
            self.declare_local(ty, zero);
        }
        self.used_locals = used.clone();
        let results = self.module.info.func_type(index).results().len();
        let end = self.builder.create_block();
        self.builder.append_block_params_for_function_returns(end);
        self.control.push(ControlFrame::body(end, results));
        if let Some(adjustment) = self.charges.and_then(ChargePlan::at_entry) {
            self.adjust(adjustment);
        }
        Ok(())
    }

    fn operator(&mut self, at: usize, step: &Step<'_>) -> Result<(), InvalidModule> {
        self.at = at;
        self.builder.set_srcloc(self.marks.operator(at));
        self.translate(&step.operator, step.location.wasm_offset.into())?;
        if self.reachable
            && let Some(adjustment) = self.charges.and_then(|plan| plan.behind(at))
        {
            self.adjust(adjustment);
        }
        Ok(())
    }
}
