//! Every operator costs what the table in the documentation of `prices.rs` states.
//!
//! ```text
//!  wasmparser's list of operators ──> operators to cover ──────────┐
//!  opcodes 0, 1, 2, ... with zeros ─> read ─> validated with ──────┴─> run ─> price ── the table's?
//!  after them                         back    operands of any types
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::engines;
use tinkerbox_wasm::*;
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, ImportSection, Instruction, MemorySection,
    TableSection, TypeSection,
};
use wasmparser::{BinaryReader, OperatorsReader, Validator, WasmFeatures};

/// The proposals that make up WebAssembly 2.0.
const PROPOSALS: [&str; 6] =
    ["mvp", "sign_extension", "saturating_float_to_int", "bulk_memory", "reference_types", "simd"];

/// Operators that need more context than operands: code that runs one of them, and the cost of everything else in it.
/// Function 0 does nothing, and entering it costs one.
const IN_CONTEXT: [(&str, &str, u64); 14] = [
    ("unreachable", "(unreachable)", 0),
    ("block", "(block)", 0),
    ("loop", "(loop)", 0),
    ("if", "(if (i32.const 1) (then))", 1),
    ("else", "(if (i32.const 1) (then) (else))", 2),
    ("end", "(block)", 0),
    ("br", "(block (br 0) (drop (i32.const 1)))", 0),
    ("br_if", "(block (br_if 0 (i32.const 1)) (drop (i32.const 1)))", 1),
    ("br_table", "(block (br_table 0 0 (i32.const 1)) (drop (i32.const 1)))", 1),
    ("return", "(return) (drop (i32.const 1))", 0),
    ("call", "(call 0)", 1),
    ("call_indirect", "(call_indirect (i32.const 0))", 2),
    ("select", "(drop (select (result i32) (i32.const 1) (i32.const 1) (i32.const 1)))", 3),
    ("ref_null", "(drop (ref.null extern))", 0),
];

macro_rules! operators {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
        [$((stringify!($proposal), stringify!($op))),*]
    };
}

/// The names of all operators that must be covered.
fn expected() -> BTreeSet<String> {
    wasmparser::for_each_operator!(operators)
        .into_iter()
        // More than one type can be decoded, but that is never valid.
        .filter(|(proposal, operator)| PROPOSALS.contains(proposal) && *operator != "TypedSelectMulti")
        .map(|(_, operator)| name(operator))
        .collect()
}

/// Opcodes followed by as many zero immediates as they take, by operator name.
fn opcodes() -> BTreeMap<String, Vec<u8>> {
    let plain = (0..=0xff).map(|opcode| vec![opcode]);
    let prefixed = [0xfc, 0xfd].into_iter().flat_map(|prefix| {
        (0..0x200).map(move |opcode: u32| vec![prefix, opcode as u8 & 0x7f | 0x80, (opcode >> 7) as u8])
    });
    plain.chain(prefixed).filter_map(with_immediates).collect()
}

fn with_immediates(mut opcode: Vec<u8>) -> Option<(String, Vec<u8>)> {
    for _ in 0..=20 {
        let mut reader = OperatorsReader::new(BinaryReader::new(&opcode, 0));
        if let Ok(operator) = reader.read()
            && reader.eof()
        {
            return Some((name(&format!("{operator:?}")), opcode));
        }
        opcode.push(0);
    }
    None
}

/// `I32TruncSatF64U` or `Br { relative_depth: 0 }` in snake case.
fn name(operator: &str) -> String {
    let mut name = String::new();
    for letter in operator.chars().take_while(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name.replace("typed_select", "select")
}

/// Operands of all types, each of which costs one: small numbers, or null.
const OPERANDS: [fn(i32) -> Instruction<'static>; 7] = [
    Instruction::I32Const,
    |number| Instruction::I64Const(number.into()),
    |number| Instruction::F32Const((number as f32).into()),
    |number| Instruction::F64Const(f64::from(number).into()),
    |number| Instruction::V128Const(number.into()),
    |_| Instruction::RefNull(wasm_encoder::HeapType::FUNC),
    |_| Instruction::RefNull(wasm_encoder::HeapType::EXTERN),
];

/// A module whose export `f` runs the operator with small numbers, and the number of its operands. It uses the first
/// valid combination of all types and numbers of operands and results.
fn with_operands(opcode: &[u8], number: i32) -> Option<(Vec<u8>, u64)> {
    let kinds = OPERANDS.len();
    for count in 0..=3 {
        for choice in 0..kinds.pow(count) {
            for results in 0..=1 {
                let mut code = Function::new([(1, wasm_encoder::ValType::I32)]);
                for at in 0..count {
                    code.instruction(&OPERANDS[choice / kinds.pow(at) % kinds](number));
                }
                code.raw(opcode.iter().copied());
                for _ in 0..results {
                    code.instruction(&Instruction::Drop);
                }
                code.instruction(&Instruction::End);
                let wasm = module(&code);
                if Validator::new_with_features(WasmFeatures::WASM2).validate_all(&wasm).is_ok() {
                    return Some((wasm, count.into()));
                }
            }
        }
    }
    None
}

/// One of each kind of item that an operator may name, each the first of its kind.
fn module(code: &Function) -> Vec<u8> {
    let mut module = wasm_encoder::Module::new();
    let mut types = TypeSection::new();
    types.ty().function([], []);
    module.section(&types);
    let mut imports = ImportSection::new();
    imports.import("host", "f", EntityType::Function(0));
    module.section(&imports);
    let mut functions = FunctionSection::new();
    functions.function(0);
    module.section(&functions);
    let mut tables = TableSection::new();
    let element_type = wasm_encoder::RefType::FUNCREF;
    tables.table(wasm_encoder::TableType {
        element_type,
        table64: false,
        minimum: 9,
        maximum: None,
        shared: false,
    });
    module.section(&tables);
    let mut memories = MemorySection::new();
    memories.memory(wasm_encoder::MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    module.section(&memories);
    let mut globals = GlobalSection::new();
    let global =
        wasm_encoder::GlobalType { val_type: wasm_encoder::ValType::I32, mutable: true, shared: false };
    globals.global(global, &wasm_encoder::ConstExpr::i32_const(1));
    module.section(&globals);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 1);
    module.section(&exports);
    let mut elements = ElementSection::new();
    elements.passive(Elements::Functions(vec![0; 9].into()));
    module.section(&elements);
    module.section(&DataCountSection { count: 1 });
    let mut bodies = CodeSection::new();
    bodies.function(code);
    module.section(&bodies);
    let mut data = DataSection::new();
    data.passive([0; 9]);
    module.section(&data);
    module.finish()
}

/// The fuel that a module's `f` consumes.
fn consumed(engine: &Engine, wasm: impl AsRef<[u8]>) -> Result<u64> {
    let module = Module::new(engine, wasm)?;
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "f", || {})?;
    let instance = linker.instantiate(&mut store, &module)?;
    store.set_fuel(1_000)?;
    let func = instance.get_typed_func::<(), ()>(&mut store, "f")?;
    if let Err(error) = func.call(&mut store, ()) {
        assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    }
    Ok(1_000 - store.get_fuel()?)
}

/// A price as the table states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Price {
    Units(u64),
    /// One, plus the last operand.
    Length,
}

impl Price {
    fn of(self, length: u64) -> u64 {
        match self {
            Price::Units(units) => units,
            Price::Length => 1 + length,
        }
    }
}

/// The rows of the table: the operators between backticks, and the price.
fn documented() -> Vec<(String, Price)> {
    let source = include_str!("../../../engine/wasm/src/compile/prices.rs");
    let mut rows = Vec::new();
    for line in source.lines().filter_map(|line| line.strip_prefix("//! |")?.strip_suffix('|')) {
        let (operators, price) = line.rsplit_once('|').expect("a row has two cells");
        let price = match price.trim() {
            "1 + length" => Price::Length,
            units => match units.parse() {
                Ok(units) => Price::Units(units),
                Err(_) => continue,
            },
        };
        let names = operators.split('`').skip(1).step_by(2);
        rows.extend(names.map(|name| (name.replace('.', "_"), price)));
    }
    rows
}

fn means(pattern: &str, operator: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == operator, |family| operator.starts_with(family))
}

/// The table's price for an operator.
fn price(rows: &[(String, Price)], operator: &str) -> Price {
    let rows: Vec<_> = rows.iter().filter(|(pattern, _)| means(pattern, operator)).collect();
    assert_eq!(rows.len(), 1, "`{operator}` stands once in the table of prices: {rows:?}");
    rows[0].1
}

#[test]
fn every_operator_costs_what_the_table_says() -> Result<()> {
    let rows = documented();
    let mut tried = BTreeSet::new();
    let [engine, _] = engines();
    for (operator, body, rest) in IN_CONTEXT {
        let text = format!(r#"(module (func) (table funcref (elem 0)) (func (export "f") {body}))"#);
        let found = consumed(&engine, &text)? - 1 - rest;
        assert_eq!(found, price(&rows, operator).of(0), "`{operator}`");
        tried.insert(operator.to_string());
    }
    let (opcodes, expected) = (opcodes(), expected());
    for operator in &expected {
        if tried.contains(operator) && operator != "select" {
            continue;
        }
        let opcode = opcodes.get(operator).unwrap_or_else(|| panic!("`{operator}` has no opcode"));
        for length in [1, 3] {
            let valid = with_operands(opcode, length);
            let (wasm, operands) = valid.unwrap_or_else(|| panic!("`{operator}` takes no operands"));
            let found = consumed(&engine, &wasm)? - 1 - operands;
            assert_eq!(found, price(&rows, operator).of(length as u64), "`{operator}`");
        }
        tried.insert(operator.clone());
    }
    assert_eq!(tried, expected);
    for (pattern, _) in &rows {
        assert!(tried.iter().any(|operator| means(pattern, operator)), "there is no `{pattern}`");
    }
    Ok(())
}
