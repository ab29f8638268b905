//! The stage that replaces calls of small functions, which call nothing themselves, by their operators.
//!
//! It runs before charges are planned, so inlined operators are charged together with those around them. Nothing that
//! can be observed changes: prices stay with their operators, and traps name both functions.
//!
//! ```text
//!   call $f          local.set of each parameter, last first: locals behind the caller's own
//!                    0, local.set of each other local
//!                    block (result ...)      costs what the call and entering the function cost
//!                      the operators of $f   with its locals moved, and branches out of the block for returns
//!                    end
//! ```

use std::collections::BTreeMap;

use wasmparser::{BlockType, FuncToValidate, FuncValidatorAllocations, Ieee32, Ieee64, Operator, ValType};

use super::body::operators::{ends_segment, is_watched};
use super::body::{CodeLocation, CodegenMode, Operators, Step, check};
use super::parse::Body;
use super::prices::{fuel, stack};
use crate::base::indices::FuncIndex;
use crate::base::limits::inlining::{BODY_BYTES, GROWTH, LOCALS, MOST_GROWTH, OPERATORS};
use crate::base::module::ModuleInfo;

// Leaves are not counted on the stack, so what is counted does not depend on what is inlined.
const _: () = assert!(stack::most(LOCALS, OPERATORS as u32) <= stack::UNCOUNTED);

/// A small function that calls nothing.
pub struct Leaf<'a> {
    params: u32,
    locals: Vec<ValType>,
    results: BlockType,
    operators: Operators<'a>,
    /// Whether control takes only one path.
    straight: bool,
}

/// The leaves of a module, by index.
pub type Leaves<'a> = BTreeMap<FuncIndex, Leaf<'a>>;

/// Finds the leaves among the functions of a module.
pub fn leaves<'a>(info: &ModuleInfo, bodies: &[Body<'a>], mode: CodegenMode) -> Leaves<'a> {
    let mut allocations = FuncValidatorAllocations::default();
    let mut leaves = Leaves::new();
    let is_small = |body: &&Body<'a>| {
        let range = body.body.range();
        range.end - range.start <= BODY_BYTES
    };
    for body in bodies.iter().filter(is_small) {
        let FuncToValidate { resources, index, ty, features } = &body.validate;
        let again =
            FuncToValidate { resources: resources.clone(), index: *index, ty: *ty, features: *features };
        let mut validator = again.into_validator(std::mem::take(&mut allocations));
        let func = body.func();
        let params = info.func_type(func).params().len() as u32;
        // An invalid function is refused when it is compiled itself.
        if let Ok(checked) = check(&mut validator, &body.body, params, mode)
            && !checked.counted.collected
            && validator.len_locals() <= LOCALS
            && let Some(results) = results(info, func)
        {
            let locals = (0..validator.len_locals()).filter_map(|local| validator.get_local_type(local));
            leaves
                .extend(leaf(checked.operators, params, locals.collect(), results).map(|leaf| (func, leaf)));
        }
        allocations = validator.into_allocations();
    }
    leaves
}

fn results(info: &ModuleInfo, func: FuncIndex) -> Option<BlockType> {
    let mut results = info.func_type(func).results();
    match (results.next(), results.next()) {
        (None, _) => Some(BlockType::Empty),
        (Some(ty), None) => Some(BlockType::Type(number_type(ty)?)),
        _ => None,
    }
}

fn number_type(ty: crate::base::types::ValType) -> Option<ValType> {
    use crate::base::types::ValType as Own;
    match ty {
        Own::I32 => Some(ValType::I32),
        Own::I64 => Some(ValType::I64),
        Own::F32 => Some(ValType::F32),
        Own::F64 => Some(ValType::F64),
        Own::V128 => Some(ValType::V128),
        Own::Ref(_) => None,
    }
}

fn leaf<'a>(
    operators: Operators<'a>,
    params: u32,
    locals: Vec<ValType>,
    results: BlockType,
) -> Option<Leaf<'a>> {
    let is_simple = |step: &Step<'a>| {
        let jumps = matches!(step.operator, Operator::Loop { .. } | Operator::BrTable { .. });
        !jumps && !is_watched(&step.operator)
    };
    let numbers = locals.iter().all(|ty| zero(*ty).is_some());
    if operators.len() > OPERATORS || !numbers || !operators.iter().all(is_simple) {
        return None;
    }
    let (_end, rest) = operators.split_last()?;
    let straight = !rest.iter().any(|step| ends_segment(&step.operator));
    Some(Leaf { params, locals, results, operators, straight })
}

fn zero(ty: ValType) -> Option<Operator<'static>> {
    match ty {
        ValType::I32 => Some(Operator::I32Const { value: 0 }),
        ValType::I64 => Some(Operator::I64Const { value: 0 }),
        ValType::F32 => Some(Operator::F32Const { value: Ieee32::from(0.0) }),
        ValType::F64 => Some(Operator::F64Const { value: Ieee64::from(0.0) }),
        ValType::V128 | ValType::Ref(_) => None,
    }
}

/// Inlines leaves into a function that has this many locals. Returns the types of the locals added behind them.
pub fn inline<'a>(operators: &mut Operators<'a>, locals: u32, leaves: &Leaves<'a>) -> Vec<ValType> {
    let leaf_of = |step: &Step<'a>| match step.operator {
        Operator::Call { function_index } => leaves.get_key_value(&FuncIndex(function_index)),
        _ => None,
    };
    if !operators.iter().any(|step| leaf_of(step).is_some()) {
        return Vec::new();
    }
    let mut growth = (operators.len() + GROWTH).min(MOST_GROWTH);
    let mut inlining =
        Inlining { operators: Vec::new(), first_local: locals, locals: Vec::new(), starts: BTreeMap::new() };
    for step in std::mem::take(operators) {
        match leaf_of(&step) {
            Some((func, leaf)) if leaf.operators.len() <= growth => {
                growth -= leaf.operators.len();
                let base = inlining.locals_of(*func, leaf);
                inlining.expand(leaf, base, &step);
            }
            _ => inlining.operators.push(step),
        }
    }
    *operators = inlining.operators;
    inlining.locals
}

struct Inlining<'a> {
    operators: Operators<'a>,
    first_local: u32,
    locals: Vec<ValType>,
    /// Where the locals of each leaf start, by its function: all calls of a leaf share them.
    starts: BTreeMap<FuncIndex, u32>,
}

impl<'a> Inlining<'a> {
    fn expand(&mut self, leaf: &Leaf<'a>, base: u32, call: &Step<'a>) {
        let mut at_call = |operator, price| {
            self.operators.push(Step { operator, price, location: call.location });
        };
        for param in (0..leaf.params).rev() {
            at_call(Operator::LocalSet { local_index: base + param }, 0);
        }
        for (local, ty) in leaf.locals.iter().enumerate().skip(leaf.params as usize) {
            at_call(zero(*ty).expect("leaves have numbers only"), 0);
            at_call(Operator::LocalSet { local_index: base + local as u32 }, 0);
        }
        let opening = if leaf.straight { Operator::Nop } else { Operator::Block { blockty: leaf.results } };
        at_call(opening, call.price + fuel::ENTRY);
        let body =
            if leaf.straight { &leaf.operators[..leaf.operators.len() - 1] } else { &leaf.operators[..] };
        let mut depth = 0;
        for step in body {
            let operator = moved(&step.operator, base, depth);
            match operator {
                Operator::Block { .. } | Operator::If { .. } => depth += 1,
                Operator::End => depth = depth.saturating_sub(1),
                _ => {}
            }
            let location = CodeLocation { call: Some(call.location.wasm_offset), ..step.location };
            self.operators.push(Step { operator, price: step.price, location });
        }
    }

    fn locals_of(&mut self, func: FuncIndex, leaf: &Leaf<'a>) -> u32 {
        let next = self.first_local + self.locals.len() as u32;
        *self.starts.entry(func).or_insert_with(|| {
            self.locals.extend(&leaf.locals);
            next
        })
    }
}

/// An operator of a leaf whose locals start at `base`, inside `depth` blocks.
fn moved<'a>(operator: &Operator<'a>, base: u32, depth: u32) -> Operator<'a> {
    match operator {
        Operator::LocalGet { local_index } => Operator::LocalGet { local_index: base + local_index },
        Operator::LocalSet { local_index } => Operator::LocalSet { local_index: base + local_index },
        Operator::LocalTee { local_index } => Operator::LocalTee { local_index: base + local_index },
        Operator::Return => Operator::Br { relative_depth: depth },
        other => other.clone(),
    }
}
