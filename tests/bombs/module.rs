//! Bombs of many parts: types, functions, imports, exports, globals, tables, segments, custom sections.

use std::borrow::Cow;

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection, IndirectNameMap,
    MemorySection, MemoryType, Module, NameMap, NameSection, RefType, TableSection, TableType, TypeSection,
    ValType,
};

use crate::Bomb;
use crate::Outcome::{Compiles, Refused};
use crate::function::leb;

const fn bomb(name: &'static str, size: u32, tested: u32, build: fn(u32) -> Vec<u8>) -> Bomb {
    Bomb { name, size, tested, build, outcome: Compiles }
}

const fn refused(name: &'static str, size: u32, words: &'static str, build: fn(u32) -> Vec<u8>) -> Bomb {
    Bomb { name, size, tested: size, build, outcome: Refused(words) }
}

pub const BOMBS: &[Bomb] = &[
    bomb("a million types, all different", 1_000_000, 10_000, different_types),
    refused("a million and one types", 1_000_001, "types", |n| {
        let mut types = vec![];
        types.extend(leb(n));
        types.extend([0x60, 0, 0].repeat(n as usize));
        [&Module::HEADER[..], &[1], &leb(types.len() as u32), &types].concat()
    }),
    bomb("types of a thousand parameters", 3_000, 100, |n| {
        let mut types = TypeSection::new();
        for at in 0..n {
            let params = (0..1_000)
                .map(|bit| if bit < 20 && at >> bit & 1 == 1 { ValType::I64 } else { ValType::I32 });
            let params: Vec<_> = params.collect();
            types.ty().function(params.iter().copied(), params.iter().copied());
        }
        Module::new().section(&types).clone().finish()
    }),
    refused("a million functions", 1_000_000, "functions; the limit is", |n| functions(n, false)),
    bomb("250,000 functions", 250_000, 2_000, |n| functions(n, false)),
    bomb("250,000 functions, all exported", 250_000, 2_000, |n| functions(n, true)),
    refused("a million imports", 1_000_000, "type size", |n| {
        let mut imports = ImportSection::new();
        (0..n).for_each(|_| {
            imports.import("m", "n", EntityType::Function(0));
        });
        Module::new().section(&empty_type()).section(&imports).clone().finish()
    }),
    bomb("imports with long names", 1_000, 100, |n| {
        let (mut imports, name) = (ImportSection::new(), "n".repeat(100_000));
        (0..n).for_each(|_| {
            imports.import("m", &name, EntityType::Function(0));
        });
        Module::new().section(&empty_type()).section(&imports).clone().finish()
    }),
    bomb("exports with long names", 1_000, 100, |n| {
        let (mut exports, name) = (ExportSection::new(), "n".repeat(99_000));
        (0..n).for_each(|at| {
            exports.export(&format!("{name}{at}"), ExportKind::Memory, 0);
        });
        Module::new().section(&memory(0)).section(&exports).clone().finish()
    }),
    bomb("a million globals", 1_000_000, 10_000, |n| {
        let mut globals = GlobalSection::new();
        let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        (0..n).for_each(|_| {
            globals.global(ty, &ConstExpr::i32_const(0));
        });
        Module::new().section(&globals).clone().finish()
    }),
    refused("constants of many operators", 1_000_000, "constant expressions", |n| {
        let code = [&[0x41, 0][..], &[0x41, 1, 0x6a].repeat(n as usize), &[0x0b]].concat();
        let mut globals = vec![1, 0x7f, 0];
        globals.extend(code);
        [&Module::HEADER[..], &[6], &leb(globals.len() as u32), &globals].concat()
    }),
    bomb("100,000 tables of ten million", 100_000, 1_000, |n| {
        let mut tables = TableSection::new();
        let ty = TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 10_000_000,
            maximum: None,
            shared: false,
        };
        (0..n).for_each(|_| {
            tables.table(ty);
        });
        Module::new().section(&tables).clone().finish()
    }),
    bomb("ten segments of ten million elements", 10_000_000, 100_000, |n| {
        let (mut elements, items) = (ElementSection::new(), vec![0; n as usize]);
        (0..10).for_each(|_| {
            elements.passive(Elements::Functions(Cow::Borrowed(&items)));
        });
        let mut codes = CodeSection::new();
        codes.function(&empty());
        let mut module = Module::new();
        module.section(&empty_type()).section(&declared(1)).section(&elements).section(&codes);
        module.finish()
    }),
    bomb("100,000 element segments", 100_000, 10_000, |n| {
        let mut elements = ElementSection::new();
        (0..n).for_each(|_| {
            elements.passive(Elements::Functions(Cow::Borrowed(&[])));
        });
        Module::new().section(&elements).clone().finish()
    }),
    bomb("100,000 data segments", 100_000, 10_000, |n| {
        let mut data = DataSection::new();
        (0..n).for_each(|_| {
            data.active(0, &ConstExpr::i32_const(0), [1]);
        });
        Module::new().section(&memory(1)).section(&data).clone().finish()
    }),
    bomb("100 MB of data", 100_000_000, 1_000_000, |n| {
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(0), vec![1; n as usize]);
        Module::new().section(&memory(2_000)).section(&data).clone().finish()
    }),
    bomb("100 MB in a custom section", 100_000_000, 1_000_000, |n| {
        let data = Cow::Owned(vec![1; n as usize]);
        Module::new().section(&CustomSection { name: "x".into(), data }).clone().finish()
    }),
    bomb("ten million custom sections", 10_000_000, 100_000, |n| {
        [&Module::HEADER[..], &[0, 1, 0].repeat(n as usize)].concat()
    }),
    bomb("names for a million functions", 1_000_000, 2_000, |n| {
        let (mut names, mut funcs) = (NameSection::new(), NameMap::new());
        (0..n).for_each(|at| funcs.append(at, "a function with a name"));
        names.functions(&funcs);
        Module::new().section(&names).clone().finish()
    }),
    bomb("names for ten million locals", 10_000, 100, |n| {
        let (mut names, mut funcs) = (NameSection::new(), IndirectNameMap::new());
        let mut locals = NameMap::new();
        (0..1_000).for_each(|at| locals.append(at, "x"));
        (0..n).for_each(|at| funcs.append(at, &locals));
        names.locals(&funcs);
        Module::new().section(&names).clone().finish()
    }),
    bomb("the same names again and again", 1_000, 10, |n| {
        let (mut names, mut funcs) = (NameSection::new(), NameMap::new());
        (0..1_000).for_each(|at| funcs.append(at, "x"));
        names.functions(&funcs);
        let mut module = Module::new();
        (0..n).for_each(|_| {
            module.section(&names);
        });
        module.finish()
    }),
    bomb("ten thousand functions of a thousand operators", 10_000, 50, |n| {
        let code: Vec<u8> = [0x20, 0, 0x28, 2, 0, 0x20, 0, 0x6a, 0x21, 0].repeat(200);
        many_of(n, &[(1, ValType::I32)], &code)
    }),
    bomb("functions that each pass on values", 25, 1, |n| {
        let get: Vec<u8> = (0..1_000).flat_map(|local| [&[0x20][..], &leb(local)].concat()).collect();
        passing_on(n, &get)
    }),
    refused("many functions that each pass on values", 300, "in all", |n| passing_on(n, &[UNREACHABLE])),
    bomb("functions of 50,000 locals", 100_000, 500, |n| many_of(n, &[(49_999, ValType::V128)], &[])),
    bomb("functions of 50,000 references", 100_000, 500, |n| {
        many_of(n, &[(49_999, ValType::EXTERNREF)], &[])
    }),
    bomb("functions of a thousand parameters and results", 2_500, 20, |n| {
        let (values, mut types) = ([ValType::I64; 1_000], TypeSection::new());
        types.ty().function(values, values);
        let mut codes = CodeSection::new();
        let mut unreachable = Function::new([]);
        unreachable.raw([UNREACHABLE, 0x0b]);
        (0..n).for_each(|_| {
            codes.function(&unreachable);
        });
        Module::new().section(&types).section(&declared(n)).section(&codes).clone().finish()
    }),
    bomb("functions with branch tables of 99,999", 70, 1, |n| {
        let table = [&[0x02, 0x40, 0x41, 0, 0x0e][..], &leb(99_998), &vec![0; 99_999], &[0x0b]].concat();
        many_of(n, &[], &table)
    }),
];

const UNREACHABLE: u8 = 0x00;

fn different_types(count: u32) -> Vec<u8> {
    let kinds = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];
    let mut types = TypeSection::new();
    for at in 0..count {
        types.ty().function((0..10).map(|digit| kinds[(at >> (2 * digit) & 3) as usize]), []);
    }
    Module::new().section(&types).clone().finish()
}

fn empty_type() -> TypeSection {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types
}

fn empty() -> Function {
    let mut function = Function::new([]);
    function.raw([0x0b]);
    function
}

fn declared(count: u32) -> FunctionSection {
    let mut functions = FunctionSection::new();
    (0..count).for_each(|_| {
        functions.function(0);
    });
    functions
}

fn memory(minimum: u64) -> MemorySection {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    memories
}

fn functions(count: u32, exported: bool) -> Vec<u8> {
    let mut exports = ExportSection::new();
    let mut codes = CodeSection::new();
    for at in 0..count {
        if exported {
            exports.export(&at.to_string(), ExportKind::Func, at);
        }
        codes.function(&empty());
    }
    let mut module = Module::new();
    module.section(&empty_type()).section(&declared(count)).section(&exports).section(&codes);
    module.finish()
}

/// Functions that call each other with a thousand values, after a common prefix.
fn passing_on(count: u32, begin: &[u8]) -> Vec<u8> {
    let (values, mut types) = ([ValType::I64; 1_000], TypeSection::new());
    types.ty().function(values, values);
    let mut passing = Function::new([]);
    passing.raw(begin.iter().copied()).raw([0x10, 0].repeat(230)).raw([0x0b]);
    let mut codes = CodeSection::new();
    (0..count).for_each(|_| {
        codes.function(&passing);
    });
    let mut module = Module::new();
    module.section(&types).section(&declared(count)).section(&codes);
    module.finish()
}

/// n copies of a function, in a module with a memory.
fn many_of(count: u32, locals: &[(u32, ValType)], code: &[u8]) -> Vec<u8> {
    let mut codes = CodeSection::new();
    let mut function = Function::new(locals.iter().copied());
    function.raw(code.iter().copied()).raw([0x0b]);
    (0..count).for_each(|_| {
        codes.function(&function);
    });
    let mut module = Module::new();
    module.section(&empty_type()).section(&declared(count)).section(&memory(1)).section(&codes);
    module.finish()
}
