//! The stage that takes one function through the others: from its body to [`Compiled`].
//!
//! ```text
//! check ─> inline ─> plan charges ─> translate ─> canonical NaNs ─> Cranelift ─> replace stops ─> Compiled
//!                                       ▲                                            │
//!                                       └── again, with calls as stops ── unexpected ┘
//! ```
//!
//! It keeps no state between functions but scratch space.

mod compiled;
mod frame;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{Function, SourceLoc, TrapCode, UserFuncName};
use cranelift_frontend::FunctionBuilderContext;
use wasmparser::FuncValidatorAllocations;

use super::body::check;
use super::charges::ChargePlan;
use super::context::ModuleContext;
use super::inline;
use super::marks::{Marks, refund_of_access};
use super::nans;
use super::parse::Body;
use super::signature;
use super::stops;
use super::translate::{FuelStops, Prepared, translate};
use crate::base::error::InvalidModule;

pub use compiled::{Call, Compiled, TrapSite};

/// Compiles functions one after the other, with the same scratch space.
pub struct FunctionCompiler {
    context: Context,
    frontend: FunctionBuilderContext,
    validator: FuncValidatorAllocations,
}

impl Default for FunctionCompiler {
    fn default() -> FunctionCompiler {
        FunctionCompiler {
            context: Context::new(),
            frontend: FunctionBuilderContext::new(),
            validator: FuncValidatorAllocations::default(),
        }
    }
}

impl FunctionCompiler {
    /// Validates and compiles one function.
    ///
    /// # Errors
    /// It is invalid, or asks for too much.
    pub fn compile<'a>(
        &mut self,
        module: &ModuleContext<'a>,
        body: Body<'a>,
    ) -> Result<Compiled, InvalidModule> {
        let index = body.func();
        let allocations = std::mem::take(&mut self.validator);
        let mut validator = body.validate.into_validator(allocations);
        let params = module.info.func_type(index).params().len() as u32;
        let mut checked = check(&mut validator, &body.body, params, module.mode)?;
        module.spend(checked.counted.compile_cost)?;
        let own_locals = validator.len_locals();
        let inlined_locals = inline::inline(&mut checked.operators, own_locals, &module.leaves);
        checked.counted.used_locals.extend(own_locals..own_locals + inlined_locals.len() as u32);
        let charges = module.config.consume_fuel.then(|| ChargePlan::new(&checked.operators));
        let function = Prepared {
            index,
            checked: &checked,
            validator: &validator,
            inlined_locals: &inlined_locals,
            charges: charges.as_ref(),
        };

        // The collector must find references wherever a function may wait: then stops are calls, which it knows.
        let quick = stops::AVAILABLE && !checked.counted.collected;
        let mut compiled = None;
        if quick {
            compiled = self.translate_and_emit(module, &function, FuelStops::Traps)?;
        }
        if compiled.is_none() {
            compiled = self.translate_and_emit(module, &function, FuelStops::Calls)?;
        }
        let mut compiled = compiled.expect("calls need nothing of the code around them");
        compiled.frames = frame::frames(index, checked.counted.stack_price, compiled.frame_bytes)
            .map_err(|message| InvalidModule::new(message, Some(function.offset())))?;
        self.validator = validator.into_allocations();
        Ok(compiled)
    }

    /// Returns nothing where the generated code is not as its stops need it.
    fn translate_and_emit(
        &mut self,
        module: &ModuleContext<'_>,
        function: &Prepared<'_>,
        stops: FuelStops,
    ) -> Result<Option<Compiled>, InvalidModule> {
        self.context.clear();
        let func = &mut self.context.func;
        *func = Function::with_name_signature(
            UserFuncName::user(0, function.index.0),
            signature::guest(module.info.func_type(function.index)),
        );
        let marks = translate(module, function, stops, func, &mut self.frontend)?;
        if module.config.nan_canonicalization {
            nans::canonicalize(func);
        }
        self.emit(module, function, &marks)
    }

    fn emit(
        &mut self,
        module: &ModuleContext<'_>,
        function: &Prepared<'_>,
        marks: &Marks,
    ) -> Result<Option<Compiled>, InvalidModule> {
        self.context
            .compile(module.target.isa(), &mut ControlPlane::default())
            .map_err(|error| InvalidModule::new(format!("the compiler failed: {:?}", error.inner), None))?;
        let code = self.context.compiled_code().expect("it was compiled just now");
        let location_of = |operator: usize| function.checked.operators[operator].location;
        let Some(stopping) = stops::replace(code, marks, location_of) else { return Ok(None) };
        let refund = |code: TrapCode, mark: SourceLoc| {
            let of_operator = || function.charges.map_or(0, |plan| plan.refund(marks.operator_of(mark)));
            refund_of_access(code).unwrap_or_else(of_operator)
        };
        let location_of_mark = |mark| location_of(marks.operator_of(mark));
        let mut compiled = Compiled::new(code, &self.context.func, stopping, location_of_mark, refund);
        compiled.clif = module.config.clif_dir.is_some().then(|| self.context.func.display().to_string());
        compiled.check_for_faults(code, module.target, Some(function.offset())).map(Some)
    }
}

/// Runs the code generator. If it panics, the module is refused, and the game continues.
///
/// # Errors
/// As `compile`, and if it panics.
pub fn guarded<R>(compile: impl FnOnce() -> Result<R, InvalidModule>) -> Result<R, InvalidModule> {
    catch_unwind(AssertUnwindSafe(compile)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(InvalidModule::new(format!("the compiler panicked: {message}"), None))
    })
}
