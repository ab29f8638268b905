//! Bombs of one function: operators, blocks, locals, branches.

use wasm_encoder::{
    CodeSection, Encode, EntityType, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};

use crate::Bomb;
use crate::Outcome::{Compiles, Refused};

const fn bomb(name: &'static str, size: u32, tested: u32, build: fn(u32) -> Vec<u8>) -> Bomb {
    Bomb { name, size, tested, build, outcome: Compiles }
}

const fn refused(name: &'static str, size: u32, words: &'static str, build: fn(u32) -> Vec<u8>) -> Bomb {
    Bomb { name, size, tested: size, build, outcome: Refused(words) }
}

pub const BOMBS: &[Bomb] = &[
    refused("a body of 8 MB", 8 << 20, "body size", |n| one(&[], &[NOP].repeat(n as usize))),
    refused("a million operators", 1_000_000, "operators", |n| one(&[], &[NOP].repeat(n as usize))),
    refused("a million locals", 1_000_000, "locals", |n| one(&[(n, ValType::I32)], &[])),
    refused("blocks 100,000 deep", 100_000, "nested", |n| one(&[], &nested(&[BLOCK, VOID], &[], n))),
    refused("a branch table of a million", 1_000_000, "table targets", |n| one(&[], &branch_tables(1, n))),
    refused("a million and one br_table targets", 1_000, "table targets", |n| {
        one(&[], &branch_tables(n, 1_001))
    }),
    bomb("no operations", 299_000, 100_000, |n| one(&[], &[NOP].repeat(n as usize))),
    bomb("chained loads", 299_000, 20_000, |n| {
        one(&[], &[&[CONST, 0][..], &LOAD.repeat(n as usize), &[DROP]].concat())
    }),
    bomb("chained sums of vectors", 149_000, 20_000, |n| {
        let step = [&V128_CONST_ZERO[..], &V128_ADD].concat();
        let start = [CONST, 0, 0xfd, 0x00, 0, 0];
        one(&[], &[&start[..], &step.repeat(n as usize), &[DROP]].concat())
    }),
    bomb("chained additions", 149_000, 20_000, |n| {
        one(&[(1, ValType::I32)], &[&[GET, 0][..], &[GET, 0, ADD].repeat(n as usize), &[DROP]].concat())
    }),
    bomb("chained divisions", 149_000, 20_000, |n| {
        one(&[(1, ValType::I32)], &[&[GET, 0][..], &[GET, 0, DIV].repeat(n as usize), &[DROP]].concat())
    }),
    bomb("truncations", 99_000, 10_000, |n| {
        one(&[(1, ValType::F64)], &[GET, 0, 0xaa, DROP].repeat(n as usize))
    }),
    bomb("shuffles of vectors", 149_000, 10_000, |n| {
        let step =
            [&[GET, 0, 0xfd, 13][..], &[0, 17, 2, 3, 31, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]].concat();
        let code = [&[GET, 0][..], &step.repeat(n as usize), &[DROP]].concat();
        one(&[(1, ValType::V128)], &code)
    }),
    bomb("vectors of all different constants", 149_000, 10_000, |n| {
        let mut code = vec![GET, 0];
        for at in 0..n {
            code.extend([0xfd, 12]);
            code.extend(u128::from(at).wrapping_mul(0x1234_5678_9abc_def0_1357_9bdf).to_le_bytes());
            code.extend(V128_ADD);
        }
        code.push(DROP);
        one(&[(1, ValType::V128)], &code)
    }),
    refused("a million calls", 990_000, "calls and branches", |n| one(&[], &[CALL, 0].repeat(n as usize))),
    bomb("30,000 calls", 29_900, 2_000, |n| one(&[], &[CALL, 0].repeat(n as usize))),
    bomb("calls through a table", 29_900, 5_000, |n| {
        one(&[], &[CONST, 0, CALL_INDIRECT, 0, 0].repeat(n as usize))
    }),
    bomb("growing memory", 9_900, 5_000, |n| one(&[], &[CONST, 0, 0x40, 0, DROP].repeat(n as usize))),
    bomb("filling memory", 9_900, 5_000, |n| {
        one(&[], &[CONST, 0, CONST, 0, CONST, 0, 0xfc, 11, 0].repeat(n as usize))
    }),
    bomb("elements of a table", 99_000, 5_000, |n| one(&[], &[CONST, 0, 0x25, 0, DROP].repeat(n as usize))),
    bomb("100,000 operands at once", 198_000, 10_000, |n| {
        let push = [GET, 0, 0x28, 2, 0].repeat(n as usize / 2);
        one(&[(1, ValType::I32)], &[push, [ADD].repeat(n as usize / 2 - 1), vec![DROP]].concat())
    }),
    bomb("blocks 9,000 deep", 9_000, 1_000, |n| one(&[], &nested(&[BLOCK, VOID], &[], n))),
    bomb("ifs 9,000 deep", 9_000, 1_000, |n| one(&[], &nested(&[CONST, 0, IF, VOID], &[], n))),
    refused("loops 9,000 deep", 9_000, "nested loops", |n| {
        one(&[], &nested(&[LOOP, VOID], &[CONST, 0, BR_IF, 0], n))
    }),
    bomb("loops 200 deep, all begun anew", 200, 200, |n| {
        let back: Vec<u8> = (0..n).flat_map(|depth| [&[GET, 0, BR_IF][..], &leb(depth)].concat()).collect();
        one(&[(10, ValType::I32)], &nested(&[LOOP, VOID], &back, n))
    }),
    bomb("a loop begun anew from everywhere", 29_900, 2_000, |n| {
        let back = [GET, 0, BR_IF, 0].repeat(n as usize);
        one(&[(1, ValType::I32)], &[&[LOOP, VOID][..], &back, &[END]].concat())
    }),
    bomb("a branch table of 99,999", 99_999, 5_000, |n| one(&[], &branch_tables(1, n))),
    bomb("branch tables of ten", 9_000, 1_000, |n| one(&[], &branch_tables(n, 10))),
    bomb("a branch table to 9,000 blocks", 9_000, 1_000, |n| {
        let mut table = [&[CONST, 0, BR_TABLE][..], &leb(n - 1)].concat();
        (0..n).for_each(|depth| table.extend(leb(depth)));
        one(&[], &nested(&[BLOCK, VOID], &table, n))
    }),
    bomb("20,000 locals", 19_000, 5_000, |n| one(&[(n, ValType::V128)], &get_all(n))),
    bomb("20,000 locals kept over a call", 19_000, 2_000, |n| {
        one(&[(n, ValType::I64)], &[load_all(n), vec![CALL, 0], get_all(n)].concat())
    }),
    bomb("20,000 locals kept over 400 calls", 19_000, 500, |n| {
        one(&[(n, ValType::I64)], &[load_all(n), [CALL, 0].repeat(400), get_all(n)].concat())
    }),
    bomb("900 locals kept over 8,000 calls", 890, 100, |n| {
        one(&[(n, ValType::I64)], &[load_all(n), [CALL, 0].repeat(n as usize * 9), get_all(n)].concat())
    }),
    bomb("many blocks, then many locals", 14_000, 2_000, |n| {
        let blocks = [CONST, 0, IF, VOID, END].repeat(n as usize);
        one(&[(100, ValType::I32)], &[blocks, get_all(100)].concat())
    }),
    bomb("1,000 locals over 3,900 blocks", 3_900, 500, |n| {
        let blocks = [GET, 0, IF, VOID, END].repeat(n as usize);
        let locals = 1_000;
        one(
            &[(locals, ValType::I64), (1, ValType::I32)],
            &[load_all(locals), blocks_on(locals, &blocks), get_all(locals)].concat(),
        )
    }),
    bomb("20,000 locals over 190 blocks", 19_000, 2_000, |n| {
        let blocks = [GET, 0, IF, VOID, END].repeat(190);
        one(
            &[(n, ValType::I64), (1, ValType::I32)],
            &[load_all(n), blocks_on(n, &blocks), get_all(n)].concat(),
        )
    }),
    bomb("1,000 operands over 3,900 blocks", 3_900, 500, |n| {
        let blocks = [GET, 0, IF, VOID, END].repeat(n as usize);
        let push = [GET, 0, 0x28, 2, 0].repeat(1_000);
        one(&[(1, ValType::I32)], &[push, blocks, [ADD].repeat(999), vec![DROP]].concat())
    }),
    refused("9,000 operands over many blocks", 14_000, "kept over", |n| {
        let blocks = [GET, 0, IF, VOID, END].repeat(n as usize);
        let count = n as usize * 2 / 3;
        let push = [GET, 0, 0x28, 2, 0].repeat(count);
        one(&[(1, ValType::I32)], &[push, blocks, [ADD].repeat(count - 1), vec![DROP]].concat())
    }),
    bomb("loops over all locals", 1_000, 100, |n| {
        let body = [&[LOOP, VOID][..], &increment_all(n), &[GET, 0, BR_IF, 0, END]].concat();
        one(&[(n, ValType::I32)], &body.repeat(60))
    }),
    bomb("ifs that change locals", 1_900, 500, |n| {
        let change: Vec<u8> = (0..n)
            .flat_map(|at| [&[GET, 0, IF, VOID, GET, 1, SET][..], &leb(at % 2_000), &[END]].concat())
            .collect();
        one(&[(2_000, ValType::I32)], &[change, get_all(2_000)].concat())
    }),
    bomb("1,000 externrefs over 4,000 calls", 1_000, 100, |n| {
        one(&[(n, ValType::EXTERNREF)], &[[CALL, 0].repeat(n as usize * 4), get_all(n)].concat())
    }),
    refused("1,000 externrefs over 10,000 calls", 1_000, "kept over", |n| {
        one(&[(n, ValType::EXTERNREF)], &[[CALL, 0].repeat(n as usize * 10), get_all(n)].concat())
    }),
    bomb("canonical NaNs, kept past branches", 160, 60, |n| {
        let sum = |at| format!("(f64.add (local.get 0) (f64.const {at}.5))");
        let load = |at| format!("(f64.load offset={} (i32.const 0))", 8 * at);
        let text = format!(
            "(module (memory 1) (func (param f64 i32) (block (result {}) {} {} {drop} {}) {drop}))",
            "f64 ".repeat(250),
            (0..250).map(sum).collect::<String>(),
            "(br_if 0 (local.get 1))".repeat(n as usize),
            (0..250).map(load).collect::<String>(),
            drop = "drop ".repeat(250),
        );
        wat::parse_str(text).expect("it is a module")
    }),
    bomb("a thousand parameters and results, passed on", 230, 10, |n| {
        let types = vec![ValType::I64; 1_000];
        let code = [
            (0..1_000).flat_map(|at| [&[GET][..], &leb(at)].concat()).collect(),
            [CALL, 1].repeat(n as usize),
        ];
        of_type(&types, &types, &[], &code.concat())
    }),
];

const NOP: u8 = 0x01;
const BLOCK: u8 = 0x02;
const LOOP: u8 = 0x03;
const IF: u8 = 0x04;
const END: u8 = 0x0b;
const BR_IF: u8 = 0x0d;
const BR_TABLE: u8 = 0x0e;
const CALL: u8 = 0x10;
const CALL_INDIRECT: u8 = 0x11;
const DROP: u8 = 0x1a;
const GET: u8 = 0x20;
const SET: u8 = 0x21;
const LOAD: [u8; 3] = [0x28, 2, 0];
const CONST: u8 = 0x41;
const ADD: u8 = 0x6a;
const DIV: u8 = 0x6d;
const VOID: u8 = 0x40;
const V128_CONST_ZERO: [u8; 18] = [0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const V128_ADD: [u8; 3] = [0xfd, 0xae, 0x01];

/// A number in the binary format.
pub fn leb(number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    number.encode(&mut bytes);
    bytes
}

fn nested(begin: &[u8], inside: &[u8], depth: u32) -> Vec<u8> {
    [begin.repeat(depth as usize), inside.to_vec(), [END].repeat(depth as usize)].concat()
}

/// Branch tables one after the other, each in a block.
fn branch_tables(count: u32, targets: u32) -> Vec<u8> {
    let table =
        [&[BLOCK, VOID, CONST, 0, BR_TABLE][..], &leb(targets - 1), &vec![0; targets as usize], &[END]];
    table.concat().repeat(count as usize)
}

/// Gives each local a value that the compiler cannot know.
fn load_all(locals: u32) -> Vec<u8> {
    (0..locals).flat_map(|at| [&[CONST, 0, 0x29, 3][..], &leb(at), &[SET], &leb(at)].concat()).collect()
}

/// Reads each local and uses the value.
fn get_all(locals: u32) -> Vec<u8> {
    (0..locals).flat_map(|at| [&[GET][..], &leb(at), &[DROP]].concat()).collect()
}

fn increment_all(locals: u32) -> Vec<u8> {
    (0..locals).flat_map(|at| [&[GET][..], &leb(at), &[CONST, 1, ADD, SET], &leb(at)].concat()).collect()
}

/// The same code with another local instead of the first.
fn blocks_on(local: u32, code: &[u8]) -> Vec<u8> {
    let with = [&[GET][..], &leb(local)].concat();
    code.chunks(5).flat_map(|chunk| [&with, &chunk[2..]].concat()).collect()
}

/// A module with one function under test, without parameters.
fn one(locals: &[(u32, ValType)], code: &[u8]) -> Vec<u8> {
    of_type(&[], &[], locals, code)
}

/// Function 0 is imported and has no parameters, function 1 is under test. There are a memory, a table and a global.
fn of_type(params: &[ValType], results: &[ValType], locals: &[(u32, ValType)], code: &[u8]) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function(params.iter().copied(), results.iter().copied());
    let mut imports = ImportSection::new();
    imports.import("", "", EntityType::Function(0));
    let mut functions = FunctionSection::new();
    functions.function(1);
    let mut tables = TableSection::new();
    let element_type = RefType::FUNCREF;
    tables.table(TableType { element_type, table64: false, minimum: 10, maximum: None, shared: false });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    let variable = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(variable, &wasm_encoder::ConstExpr::i32_const(0));
    let mut function = Function::new(locals.iter().copied());
    function.raw(code.iter().copied());
    function.raw([END]);
    let mut codes = CodeSection::new();
    codes.function(&function);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&codes);
    module.finish()
}
