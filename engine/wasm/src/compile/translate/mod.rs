//! From a validated body to machine code: one function at a time, no state but scratch space.
//!
//! The operand stack of WebAssembly becomes values of Cranelift's SSA form. Families of operators
//! have a file each; this one has what they share and drives them.

mod calls;
mod control;
mod fuel;
mod globals;
mod marks;
mod memory;
mod nans;
mod numeric;
mod operators;
mod simd;
mod tables;
mod traps;
mod work;

use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{
    self, AbiParam, Block, FuncRef, Function, GlobalValueData, InstBuilder, MemFlagsData, SigRef, SourceLoc,
    Type, UserFuncName, Value,
};
use cranelift_codegen::{Context, entity::EntityRef};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use std::collections::BTreeMap;
use std::mem::offset_of;
use wasmparser::{FuncValidator, FuncValidatorAllocations, Operator, ValidatorResources};

use crate::base::error::InvalidModule;
use crate::base::indices::FuncIndex;
use crate::base::layout::{VmInstance, VmStore};
use crate::base::module::ModuleInfo;
use crate::base::trap::Trap;
use crate::base::types::ValType;

use super::ModuleContext;
use super::charges::ChargePlan;
use super::depth;
use super::inline;
use super::parse::{self, Body};
use super::signature::{self, POINTER};
use super::stops;

use fuel::Stops;
use marks::refund_of_access;

pub use super::join::{Compiled, Place};
pub use marks::Marks;
pub use traps::{check_for_faults, guard_stack};
pub use work::{Surroundings, check};

/// Scratch space for compiling functions one after the other.
pub struct Compiler {
    context: Context,
    frontend: FunctionBuilderContext,
    validator: FuncValidatorAllocations,
}

impl Default for Compiler {
    fn default() -> Compiler {
        Compiler {
            context: Context::new(),
            frontend: FunctionBuilderContext::new(),
            validator: FuncValidatorAllocations::default(),
        }
    }
}

/// An operator of a function.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    pub operator: Operator<'a>,
    /// What it costs in fuel, without what depends on an operand.
    pub price: u32,
    /// Where it is in the module.
    pub offset: u32,
    /// Where the call is that it was inlined at.
    pub call: Option<u32>,
}

/// The operators of a function.
pub type Operators<'a> = Vec<Step<'a>>;

impl Compiler {
    /// Validates and compiles one function.
    pub fn compile<'a>(
        &mut self,
        module: &ModuleContext<'a>,
        body: Body<'a>,
    ) -> Result<Compiled, InvalidModule> {
        let index = body.validate.index;
        let allocations = std::mem::take(&mut self.validator);
        let mut validator = body.validate.into_validator(allocations);
        let params = module.info.func_type(FuncIndex(index)).params().len() as u32;
        let mut checked = work::check(&mut validator, &body.body, params, module.around)?;
        module.spend(checked.beyond_size)?;
        let own_locals = validator.len_locals();
        let inlined_locals = inline::inline(&mut checked.operators, own_locals, &module.leaves);
        checked.locals.extend(own_locals..own_locals + inlined_locals.len() as u32);
        let charges = module.config.consume_fuel.then(|| ChargePlan::new(&checked.operators));
        let function = Prepared {
            index,
            checked: &checked,
            validator: &validator,
            inlined_locals: &inlined_locals,
            charges: charges.as_ref(),
        };

        // The collector must find references wherever a function may wait: its stops are calls that it knows of.
        let quick = stops::AVAILABLE && !checked.collected;
        let mut compiled = None;
        if quick {
            compiled = self.translate_and_emit(module, &function, Stops::Traps)?;
        }
        if compiled.is_none() {
            compiled = self.translate_and_emit(module, &function, Stops::Calls)?;
        }
        let mut compiled = compiled.expect("calls need nothing of the code around them");
        compiled.frames = depth::frames(index, checked.stack, compiled.frame_bytes)
            .map_err(|message| InvalidModule::new(message, Some(checked.operators[0].offset.into())))?;
        self.validator = validator.into_allocations();
        Ok(compiled)
    }

    /// Nothing where the code that came of it is not as its stops need it.
    fn translate_and_emit(
        &mut self,
        module: &ModuleContext<'_>,
        function: &Prepared<'_>,
        stops: Stops,
    ) -> Result<Option<Compiled>, InvalidModule> {
        let Prepared { index, checked, charges, .. } = *function;
        self.context.clear();
        self.context.func = Function::with_name_signature(
            UserFuncName::user(0, index),
            signature::guest(module.info.func_type(FuncIndex(index))),
        );
        let builder = FunctionBuilder::new(&mut self.context.func, &mut self.frontend);
        let mut translator = Translator::new(module, builder, charges, stops, checked.operators.len());
        translator.start(function)?;
        for (at, step) in checked.operators.iter().enumerate() {
            translator.operator(at, step)?;
        }
        let Translator { builder, marks, .. } = translator;
        builder.finalize(module.target.isa().frontend_config());
        if module.config.nan_canonicalization {
            nans::canonicalize(&mut self.context.func);
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
        let operators = &function.checked.operators;
        let place_of = |operator: usize| {
            let Step { offset, call, .. } = operators[operator];
            Place { wasm_offset: offset, call }
        };
        let Some(stopping) = stops::replace(code, marks, place_of) else { return Ok(None) };
        let refund = |code: ir::TrapCode, mark: SourceLoc| {
            let of_operator = || function.charges.map_or(0, |plan| plan.refund(marks.operator_of(mark)));
            refund_of_access(code).unwrap_or_else(of_operator)
        };
        let place_of_mark = |mark| place_of(marks.operator_of(mark));
        let mut compiled = Compiled::new(code, &self.context.func, stopping, place_of_mark, refund);
        compiled.clif = module.config.clif_dir.is_some().then(|| self.context.func.display().to_string());
        let start = operators[0].offset.into();
        check_for_faults(compiled, code, module.target, Some(start)).map(Some)
    }
}

/// A function that is ready to be translated.
struct Prepared<'a> {
    index: u32,
    checked: &'a work::Checked<'a>,
    validator: &'a FuncValidator<ValidatorResources>,
    /// The types of the locals behind the function's own.
    inlined_locals: &'a [wasmparser::ValType],
    charges: Option<&'a ChargePlan>,
}

impl Prepared<'_> {
    fn local_type(&self, local: u32) -> wasmparser::ValType {
        let own = self.validator.get_local_type(local);
        own.unwrap_or_else(|| self.inlined_locals[(local - self.validator.len_locals()) as usize])
    }
}

/// Validates bodies one after the other, as compiling them would.
///
/// # Errors
/// The first invalid one's.
pub fn validate_all(
    info: &ModuleInfo,
    bodies: Vec<Body<'_>>,
    around: Surroundings,
) -> Result<(), InvalidModule> {
    let mut allocations = FuncValidatorAllocations::default();
    let mut spent = 0;
    for Body { validate: function, body } in bodies {
        let params = info.func_type(FuncIndex(function.index)).params().len() as u32;
        let mut validator = function.into_validator(allocations);
        spent += work::check(&mut validator, &body, params, around)?.beyond_size;
        allocations = validator.into_allocations();
    }
    super::affordable(spent)
}

/// The state of translating one function.
struct Translator<'a, 'b> {
    module: &'a ModuleContext<'a>,
    builder: FunctionBuilder<'b>,
    charges: Option<&'a ChargePlan>,
    stops: Stops,
    marks: Marks,
    /// The operand stack.
    stack: Vec<Value>,
    control: Vec<control::Frame>,
    /// Whether the code being translated can be reached at all.
    reachable: bool,
    /// The index of the operator being translated.
    at: usize,
    context: Value,
    /// The complement of what is left of the stack, which callees are passed.
    stack_left: Value,
    /// The locals that are used, sorted, and a variable for each.
    used_locals: Vec<u32>,
    locals: Vec<Variable>,
    funcs: BTreeMap<u32, FuncRef>,
    signatures: BTreeMap<u32, SigRef>,
}

impl<'a, 'b> Translator<'a, 'b> {
    fn new(
        module: &'a ModuleContext<'a>,
        builder: FunctionBuilder<'b>,
        charges: Option<&'a ChargePlan>,
        stops: Stops,
        operators: usize,
    ) -> Translator<'a, 'b> {
        Translator {
            module,
            builder,
            charges,
            stops,
            marks: Marks::new(operators),
            stack: Vec::new(),
            control: Vec::new(),
            reachable: true,
            at: 0,
            context: Value::new(0),
            stack_left: Value::new(0),
            used_locals: Vec::new(),
            locals: Vec::new(),
            funcs: BTreeMap::new(),
            signatures: BTreeMap::new(),
        }
    }

    /// Entry block, locals, and the frame of the body.
    fn start(&mut self, function: &Prepared<'_>) -> Result<(), InvalidModule> {
        let (index, used) = (function.index, &function.checked.locals);
        self.builder.set_srcloc(self.marks.operator(0));
        let entry = self.builder.create_block();
        self.builder.append_block_params_for_function_params(entry);
        self.builder.switch_to_block(entry);
        self.builder.seal_block(entry);
        let params = self.builder.block_params(entry).to_vec();
        self.context = params[0];
        self.stack_left = params[params.len() - 1];
        guard_stack(&mut self.builder, self.context, self.module.target);
        if let Some(bytes) = function.checked.stack {
            self.count_stack(bytes);
        }
        for (&param, ty) in params[1..].iter().zip(self.module.info.func_type(FuncIndex(index)).params()) {
            self.declare_local(ty, param);
        }
        for &local in &used[self.locals.len()..] {
            let ty = parse::val_type(function.local_type(local), 0)?;
            let zero = self.zero(ty);
            self.declare_local(ty, zero);
        }
        self.used_locals = used.clone();
        let results = self.module.info.func_type(FuncIndex(index)).results().len();
        let end = self.builder.create_block();
        self.builder.append_block_params_for_function_returns(end);
        self.control.push(control::Frame::body(end, results));
        if let Some(adjustment) = self.charges.and_then(ChargePlan::at_entry) {
            self.adjust(adjustment);
        }
        Ok(())
    }

    fn local(&self, local: u32) -> Variable {
        self.locals[self.used_locals.binary_search(&local).expect("all that are used were declared")]
    }

    fn declare_local(&mut self, ty: ValType, value: Value) {
        let variable = self.builder.declare_var(signature::clif_type(ty));
        if ty.is_collected() {
            self.builder.declare_var_needs_stack_map(variable);
        }
        self.builder.def_var(variable, value);
        self.locals.push(variable);
    }

    fn zero(&mut self, ty: ValType) -> Value {
        match ty {
            ValType::F32 => self.builder.ins().f32const(0.0),
            ValType::F64 => self.builder.ins().f64const(0.0),
            ValType::V128 => self.vector_const(&[0; 16]),
            ValType::I32 | ValType::I64 | ValType::Ref(_) => {
                self.builder.ins().iconst(signature::clif_type(ty), 0)
            }
        }
    }

    fn operator(&mut self, at: usize, step: &Step<'_>) -> Result<(), InvalidModule> {
        self.at = at;
        self.builder.set_srcloc(self.marks.operator(at));
        self.translate(&step.operator, step.offset.into())?;
        if self.reachable
            && let Some(adjustment) = self.charges.and_then(|plan| plan.behind(at))
        {
            self.adjust(adjustment);
        }
        Ok(())
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// Pushes a value that may be a reference which the collector has to find while this frame waits
    /// in a call.
    fn push_typed(&mut self, value: Value, ty: ValType) {
        self.keep(value, ty);
        self.push(value);
    }

    fn keep(&mut self, value: Value, ty: ValType) {
        if ty.is_collected() {
            self.builder.declare_value_needs_stack_map(value);
        }
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().expect("validation balances the operand stack")
    }

    fn pop2(&mut self) -> (Value, Value) {
        let second = self.pop();
        (self.pop(), second)
    }

    fn pop3(&mut self) -> (Value, Value, Value) {
        let third = self.pop();
        let (first, second) = self.pop2();
        (first, second, third)
    }

    fn create_block(&mut self, params: impl IntoIterator<Item = Type>) -> Block {
        let block = self.builder.create_block();
        for ty in params {
            self.builder.append_block_param(block, ty);
        }
        block
    }

    /// A block that takes values of WebAssembly.
    fn create_value_block(&mut self, params: &[ValType]) -> Block {
        let block = self.builder.create_block();
        for &ty in params {
            let value = self.builder.append_block_param(block, signature::clif_type(ty));
            self.keep(value, ty);
        }
        block
    }

    /// Loads a word of the context that never changes while the instance lives.
    fn load_constant(&mut self, base: Value, offset: u32) -> Value {
        self.builder.ins().load(POINTER, constant(), base, offset as i32)
    }
}

/// The function's prologue compares the stack pointer with the store's limit, and faults beyond it.
fn declare_stack_limit(func: &mut Function) {
    let flags = func.dfg.mem_flags.insert(constant()).expect("the first flags always fit");
    let context = func.create_global_value(GlobalValueData::VMContext);
    let store = func.create_global_value(GlobalValueData::Load {
        base: context,
        offset: field(offset_of!(VmInstance, store)).into(),
        global_type: POINTER,
        flags,
    });
    let limit = func.create_global_value(GlobalValueData::Load {
        base: store,
        offset: field(offset_of!(VmStore, stack_limit)).into(),
        global_type: POINTER,
        flags,
    });
    func.stencil.stack_limit = Some(limit);
    // The context is the first parameter; Cranelift finds it by its purpose.
    func.signature.params[0] = AbiParam::special(POINTER, ir::ArgumentPurpose::VMContext);
}

/// An offset of a field, as instructions take it.
pub fn field(offset: usize) -> i32 {
    i32::try_from(offset).expect("contexts are smaller than 2 GiB")
}

/// Memory that is always mapped and never changes while a function runs.
pub fn constant() -> MemFlagsData {
    MemFlagsData::trusted().with_readonly().with_can_move()
}

/// How a trap is marked in machine code.
pub fn trap_code(trap: Trap) -> ir::TrapCode {
    match trap {
        Trap::StackOverflow => ir::TrapCode::STACK_OVERFLOW,
        Trap::MemoryOutOfBounds => ir::TrapCode::HEAP_OUT_OF_BOUNDS,
        Trap::IntegerOverflow => ir::TrapCode::INTEGER_OVERFLOW,
        Trap::IntegerDivisionByZero => ir::TrapCode::INTEGER_DIVISION_BY_ZERO,
        Trap::BadConversionToInteger => ir::TrapCode::BAD_CONVERSION_TO_INTEGER,
        other => ir::TrapCode::unwrap_user(other.code()),
    }
}

/// The trap behind a mark in machine code.
pub fn trap_of(code: ir::TrapCode) -> Trap {
    match code {
        ir::TrapCode::STACK_OVERFLOW => Trap::StackOverflow,
        ir::TrapCode::HEAP_OUT_OF_BOUNDS => Trap::MemoryOutOfBounds,
        ir::TrapCode::INTEGER_OVERFLOW => Trap::IntegerOverflow,
        ir::TrapCode::INTEGER_DIVISION_BY_ZERO => Trap::IntegerDivisionByZero,
        ir::TrapCode::BAD_CONVERSION_TO_INTEGER => Trap::BadConversionToInteger,
        other if refund_of_access(other).is_some() => Trap::MemoryOutOfBounds,
        other => Trap::from_code(other.as_raw().get()).expect("the translator marks traps of ours only"),
    }
}
