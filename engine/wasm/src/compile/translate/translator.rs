//! The state of translating one function, and what all families of operators share.
//!
//! The operand stack of WebAssembly becomes values of Cranelift's SSA form; locals become its variables.

use std::collections::BTreeMap;

use cranelift_codegen::entity::EntityRef;
use cranelift_codegen::ir::types::I8X16;
use cranelift_codegen::ir::{Block, FuncRef, InstBuilder, SigRef, Type, Value};
use cranelift_frontend::{FunctionBuilder, Variable};

use super::fields::constant;
use crate::base::indices::{FuncIndex, TypeIndex};
use crate::base::types::ValType;
use crate::compile::charges::ChargePlan;
use crate::compile::context::ModuleContext;
use crate::compile::marks::Marks;
use crate::compile::signature::{self, POINTER};

/// How a function's code stops where a charge is not covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FuelStops {
    /// By a trap, which is replaced.
    Traps,
    /// By a call.
    Calls,
}

/// The state of translating one function.
pub(super) struct Translator<'a, 'b> {
    pub(super) module: &'a ModuleContext<'a>,
    pub(super) builder: FunctionBuilder<'b>,
    pub(super) charges: Option<&'a ChargePlan>,
    pub(super) stops: FuelStops,
    pub(super) marks: Marks,
    /// The operand stack.
    pub(super) stack: Vec<Value>,
    pub(super) control: Vec<ControlFrame>,
    /// Whether the operator being translated can be reached.
    pub(super) reachable: bool,
    /// The index of the operator being translated.
    pub(super) at: usize,
    pub(super) context: Value,
    /// The complement of what is left of the stack, which is passed to callees.
    pub(super) stack_left: Value,
    /// The locals that are used, sorted, and a variable for each.
    pub(super) used_locals: Vec<u32>,
    pub(super) locals: Vec<Variable>,
    pub(super) funcs: BTreeMap<FuncIndex, FuncRef>,
    pub(super) signatures: BTreeMap<TypeIndex, SigRef>,
}

/// A block, loop or if, or the body itself, that the operator being translated is inside of.
pub(super) struct ControlFrame {
    pub(super) kind: ControlKind,
    /// Where code continues after the construct; takes its results.
    pub(super) end: Block,
    pub(super) params: usize,
    pub(super) results: usize,
    /// Height of the operand stack below the construct's parameters.
    pub(super) base: usize,
    /// Whether the construct itself can be reached.
    pub(super) entered: bool,
    /// Whether something jumps to `end`.
    pub(super) end_reached: bool,
}

pub(super) enum ControlKind {
    Block,
    Loop {
        header: Block,
    },
    /// An `if` before its `else`.
    If {
        /// The index of the `if` operator.
        at: usize,
        otherwise: Block,
        params: Vec<Value>,
    },
}

impl ControlFrame {
    pub(super) fn body(end: Block, results: usize) -> ControlFrame {
        ControlFrame {
            kind: ControlKind::Block,
            end,
            params: 0,
            results,
            base: 0,
            entered: true,
            end_reached: false,
        }
    }
}

impl<'a, 'b> Translator<'a, 'b> {
    pub(super) fn new(
        module: &'a ModuleContext<'a>,
        builder: FunctionBuilder<'b>,
        charges: Option<&'a ChargePlan>,
        stops: FuelStops,
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

    pub(super) fn local(&self, local: u32) -> Variable {
        self.locals[self.used_locals.binary_search(&local).expect("every used local was declared")]
    }

    pub(super) fn declare_local(&mut self, ty: ValType, value: Value) {
        let variable = self.builder.declare_var(signature::clif_type(ty));
        if ty.is_collected() {
            self.builder.declare_var_needs_stack_map(variable);
        }
        self.builder.def_var(variable, value);
        self.locals.push(variable);
    }

    pub(super) fn zero(&mut self, ty: ValType) -> Value {
        match ty {
            ValType::F32 => self.builder.ins().f32const(0.0),
            ValType::F64 => self.builder.ins().f64const(0.0),
            ValType::V128 => self.vector_const(&[0; 16]),
            ValType::I32 | ValType::I64 | ValType::Ref(_) => {
                self.builder.ins().iconst(signature::clif_type(ty), 0)
            }
        }
    }

    /// A constant of sixteen bytes.
    pub(super) fn vector_const(&mut self, bytes: &[u8]) -> Value {
        let constant = self.builder.func.dfg.constants.insert(bytes.into());
        self.builder.ins().vconst(I8X16, constant)
    }

    pub(super) fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// Pushes a value that may be a reference, which the collector must find while this frame waits in a call.
    pub(super) fn push_typed(&mut self, value: Value, ty: ValType) {
        self.keep(value, ty);
        self.push(value);
    }

    pub(super) fn keep(&mut self, value: Value, ty: ValType) {
        if ty.is_collected() {
            self.builder.declare_value_needs_stack_map(value);
        }
    }

    pub(super) fn pop(&mut self) -> Value {
        self.stack.pop().expect("validation balances the operand stack")
    }

    pub(super) fn pop2(&mut self) -> (Value, Value) {
        let second = self.pop();
        (self.pop(), second)
    }

    pub(super) fn pop3(&mut self) -> (Value, Value, Value) {
        let third = self.pop();
        let (first, second) = self.pop2();
        (first, second, third)
    }

    pub(super) fn create_block(&mut self, params: impl IntoIterator<Item = Type>) -> Block {
        let block = self.builder.create_block();
        for ty in params {
            self.builder.append_block_param(block, ty);
        }
        block
    }

    /// A block whose parameters are values of WebAssembly.
    pub(super) fn create_value_block(&mut self, params: &[ValType]) -> Block {
        let block = self.builder.create_block();
        for &ty in params {
            let value = self.builder.append_block_param(block, signature::clif_type(ty));
            self.keep(value, ty);
        }
        block
    }

    /// Loads a word of the context that never changes while the instance lives.
    pub(super) fn load_constant(&mut self, base: Value, offset: u32) -> Value {
        self.builder.ins().load(POINTER, constant(), base, offset as i32)
    }
}
