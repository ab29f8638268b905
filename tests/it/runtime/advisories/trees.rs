//! Nested operators: a code generator that combines several must compute the same as with each alone.
//!
//! Rules that rewrite operators match two or three of them together, with constants and loads between. Here random
//! expressions of all operators are compared with an evaluator that calls a function for each operator, compiled
//! separately, without optimisation and without constants.

use std::collections::BTreeMap;

use tinkerbox_wasm::*;

use super::operators::{self, Operator, constant, values};
use super::{ROOMS, Random, call, way, ways_without_memory};

/// The default number of expressions; `TINKERBOX_SEEDS` sets another.
const EXPRESSIONS: u64 = 2_000;
/// The number of expressions in one module.
const TOGETHER: u64 = 50;

/// The parameters of each expression, by type: the first four, then two of each other type.
const PARAMS: [&str; 10] = ["i32", "i32", "i64", "i64", "f32", "f32", "f64", "f64", "v128", "v128"];

enum Tree {
    Param(usize),
    Constant(Val),
    /// A load from an address in the memory, the same address for all.
    Load(&'static str, u32),
    Apply(usize, Vec<Tree>),
}

const LOADS: [(&str, &[(&str, u32)]); 5] = [
    ("i32", &[("i32.load", 4), ("i32.load8_s", 1), ("i32.load16_u", 2)]),
    ("i64", &[("i64.load", 8), ("i64.load32_s", 4), ("i64.load32_u", 4), ("i64.load8_u", 1)]),
    ("f32", &[("f32.load", 4)]),
    ("f64", &[("f64.load", 8)]),
    ("v128", &[("v128.load", 16), ("v128.load64_zero", 8), ("v128.load8x8_u", 8), ("v128.load32_splat", 4)]),
];

/// A page, filled from its end with difficult values.
const PAGE: u32 = 65_536;

/// All operators, and some additional shuffles.
struct Operators {
    all: Vec<Operator>,
    /// Operators by the type of their results.
    of_type: BTreeMap<&'static str, Vec<usize>>,
}

impl Operators {
    fn new(random: &mut Random) -> Operators {
        let mut all = operators::all();
        for _ in 0..24 {
            let lanes: String = (0..16).map(|_| format!(" {}", random.below(32))).collect();
            let (name, operands) = (format!("i8x16.shuffle{lanes}"), vec!["v128", "v128"]);
            all.push(Operator { name, operands, result: "v128" });
        }
        let mut of_type: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, operator) in all.iter().enumerate() {
            of_type.entry(operator.result).or_default().push(at);
        }
        Operators { all, of_type }
    }

    fn tree(&self, random: &mut Random, ty: &'static str, depth: usize) -> Tree {
        if depth == 0 || random.below(8) == 0 {
            return leaf(random, ty);
        }
        let operator = *random.one_of(&self.of_type[ty]);
        let operands = self.all[operator].operands.clone();
        let operands = operands.into_iter().map(|ty| self.tree(random, ty, depth - 1)).collect();
        Tree::Apply(operator, operands)
    }

    fn text(&self, tree: &Tree) -> String {
        match tree {
            Tree::Param(param) => format!("(local.get {param})"),
            Tree::Constant(value) => constant(value),
            Tree::Load(load, address) => format!("({load} (i32.const {address}))"),
            Tree::Apply(operator, operands) => {
                let operands: Vec<String> = operands.iter().map(|operand| self.text(operand)).collect();
                self.all[*operator].apply(&operands)
            }
        }
    }
}

fn leaf(random: &mut Random, ty: &'static str) -> Tree {
    match random.below(5) {
        0 | 1 => {
            let params: Vec<usize> = (0..PARAMS.len()).filter(|at| PARAMS[*at] == ty).collect();
            Tree::Param(*random.one_of(&params))
        }
        2 => {
            let (_, loads) = LOADS.iter().find(|(of, _)| *of == ty).expect("there are loads of each type");
            let (load, bytes) = *random.one_of(loads);
            Tree::Load(load, PAGE - bytes - random.below(40) as u32)
        }
        _ => Tree::Constant(*random.one_of(&values(ty))),
    }
}

/// Evaluates expressions operator by operator.
struct Alone {
    store: Store<()>,
    operators: Vec<Func>,
    loads: BTreeMap<&'static str, Func>,
}

impl Alone {
    fn new(operators: &Operators) -> Alone {
        let mut text = String::new();
        for (at, operator) in operators.all.iter().enumerate() {
            let gets: Vec<String> =
                (0..operator.operands.len()).map(|at| format!("(local.get {at})")).collect();
            text += &format!("(func (export \"{at}\") {} {})\n", operator.signature(), operator.apply(&gets));
        }
        for (ty, loads) in LOADS {
            for (load, _) in loads {
                text +=
                    &format!("(func (export \"{load}\") (param i32) (result {ty}) ({load} (local.get 0)))\n");
            }
        }
        let (mut store, instance) = way(OptLevel::None, true, ROOMS[0], false).instance(&module(&text));
        fill(&mut store, instance);
        let mut func = |name: &str| instance.get_func(&mut store, name).expect("it is exported");
        let alone = (0..operators.all.len()).map(|at| func(&at.to_string())).collect();
        let loads = LOADS.iter().flat_map(|(_, loads)| *loads).map(|(load, _)| (*load, func(load))).collect();
        Alone { store, operators: alone, loads }
    }

    fn value(&mut self, tree: &Tree, params: &[Val]) -> Result<Val, Trap> {
        let (func, operands) = match tree {
            Tree::Param(param) => return Ok(params[*param]),
            Tree::Constant(value) => return Ok(*value),
            Tree::Load(load, address) => (self.loads[load], vec![Val::I32(*address as i32)]),
            Tree::Apply(operator, operands) => {
                let operands: Result<_, Trap> =
                    operands.iter().map(|operand| self.value(operand, params)).collect();
                (self.operators[*operator], operands?)
            }
        };
        let mut result = [Val::I32(0)];
        match func.call(&mut self.store, &operands, &mut result) {
            Ok(()) => Ok(result[0]),
            Err(error) => Err(*error.downcast_ref().expect("operators only trap")),
        }
    }
}

fn module(functions: &str) -> String {
    format!("(module (memory (export \"memory\") 1 1) {functions})")
}

/// The last bytes are values of all types, one after the other.
fn fill(store: &mut Store<()>, instance: Instance) {
    let memory = instance.get_memory(&mut *store, "memory").expect("it is exported");
    let mut random = Random(8);
    let data = memory.data_mut(store);
    for chunk in data[PAGE as usize - 64..].chunks_mut(8) {
        let ty = ["i64", "f64"][random.below(2)];
        let bits = match *random.one_of(&values(ty)) {
            Val::I64(number) => number as u64,
            Val::F64(bits) => bits,
            _ => 0,
        };
        chunk.copy_from_slice(&bits.to_le_bytes());
    }
}

fn params(random: &mut Random) -> Vec<Val> {
    PARAMS.iter().map(|ty| *random.one_of(&values(ty))).collect()
}

#[test]
fn operators_within_operators_are_what_they_are_alone() {
    let count = std::env::var("TINKERBOX_SEEDS").ok().and_then(|count| count.parse().ok());
    let operators = Operators::new(&mut Random(9));
    let mut alone = Alone::new(&operators);
    let ways: Vec<_> = ways_without_memory().collect();
    for first in (0..count.unwrap_or(EXPRESSIONS)).step_by(TOGETHER as usize) {
        let made = (first..first + TOGETHER).map(|seed| {
            let mut random = Random(seed.wrapping_mul(0x1234_5678_9abc_def1));
            let ty = *random.one_of(&["i32", "i64", "f32", "f64", "v128"]);
            let depth = 2 + random.below(3);
            let tree = operators.tree(&mut random, ty, depth);
            let calls: Vec<_> = (0..4).map(|_| params(&mut random)).collect();
            let wanted: Vec<_> = calls.iter().map(|params| alone.value(&tree, params)).collect();
            (seed, ty, operators.text(&tree), calls, wanted)
        });
        let made: Vec<_> = made.collect();
        let functions = made.iter().map(|(seed, ty, text, ..)| {
            format!("(func (export \"{seed}\") (param {}) (result {ty}) {text})\n", PARAMS.join(" "))
        });
        let text = module(&functions.collect::<String>());
        for way in &ways {
            let (mut store, instance) = way.instance(&text);
            fill(&mut store, instance);
            for (seed, _, text, calls, wanted) in &made {
                let func = instance.get_func(&mut store, &seed.to_string()).expect("it is exported");
                for (params, wanted) in calls.iter().zip(wanted) {
                    let wanted = wanted.as_ref().map(super::bits).map_err(|trap| *trap);
                    let found = call(&mut store, func, params);
                    assert_eq!(found, wanted, "seed {seed}, {}: {text} of {params:?}", way.name);
                }
            }
        }
    }
}
