//! wasm-smith's modules, made callable like programs: for each exported function, another function calls it with
//! fixed arguments, and combines the results into a number.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, HeapType, Instruction as I, Module,
    TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, ExportSectionReader, FuncType, FunctionSectionReader, Parser, Payload, RefType,
    TypeRef, TypeSectionReader,
};

use crate::engines::machine::Value;
use crate::generate::{self, Nans, Random};

/// The number of functions of a module that are called.
const MOST: usize = 5;

/// The module of a seed, and the number of its functions `run0`, `run1` ... to call.
pub fn program(seed: u64) -> (Vec<u8>, usize) {
    let wasm = generate::module(seed, Nans::ByModule);
    let mut runs = Runs::of(&wasm, Random(seed ^ 0x5317));
    let mut module = Module::new();
    runs.parse_core_module(&mut module, Parser::new(0), &wasm).expect("the module was valid before");
    (module.finish(), runs.called.len())
}

struct Runs {
    random: Random,
    types: u32,
    funcs: u32,
    /// Functions, by index, and their types.
    called: Vec<(u32, FuncType)>,
}

impl Runs {
    fn of(wasm: &[u8], random: Random) -> Runs {
        let (mut types, mut funcs, mut called) = (Vec::new(), Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.expect("the module is valid") {
                Payload::TypeSection(section) => {
                    types.extend(section.into_iter_err_on_gc_types().map(|ty| ty.expect("it is valid")));
                }
                Payload::ImportSection(section) => {
                    let imports = section.into_imports().map(|import| import.expect("it is valid").ty);
                    funcs.extend(imports.filter_map(|ty| match ty {
                        TypeRef::Func(ty) => Some(ty),
                        _ => None,
                    }));
                }
                Payload::FunctionSection(section) => {
                    funcs.extend(section.into_iter().map(|ty| ty.expect("it is valid")));
                }
                Payload::ExportSection(section) => {
                    let exports = section.into_iter().map(|export| export.expect("it is valid"));
                    let exports = exports.filter(|export| export.kind == wasmparser::ExternalKind::Func);
                    called.extend(exports.map(|export| export.index));
                }
                _ => {}
            }
        }
        // Those of the module itself come last.
        let called = called.into_iter().rev().take(MOST);
        let called = called.map(|func| (func, types[funcs[func as usize] as usize].clone())).collect();
        Runs { random, types: types.len() as u32, funcs: funcs.len() as u32, called }
    }

    fn caller(&mut self, func: u32, ty: &FuncType) -> Function {
        let mut caller = Function::new([(1, ValType::I32)]);
        for ty in ty.params() {
            let constant = match ty {
                wasmparser::ValType::I32 => tinkerbox_wasm::ValType::I32,
                wasmparser::ValType::I64 => tinkerbox_wasm::ValType::I64,
                wasmparser::ValType::F32 => tinkerbox_wasm::ValType::F32,
                wasmparser::ValType::F64 => tinkerbox_wasm::ValType::F64,
                wasmparser::ValType::V128 => tinkerbox_wasm::ValType::V128,
                wasmparser::ValType::Ref(ty) => {
                    let heap = if *ty == RefType::FUNCREF { HeapType::FUNC } else { HeapType::EXTERN };
                    caller.instruction(&I::RefNull(heap));
                    continue;
                }
            };
            caller.instruction(&match self.random.value(constant) {
                Value::I32(value) => I::I32Const(value),
                Value::I64(value) => I::I64Const(value),
                Value::F32(bits) => I::F32Const(f32::from_bits(bits).into()),
                Value::F64(bits) => I::F64Const(f64::from_bits(bits).into()),
                Value::V128(bits) => I::V128Const(bits as i128),
                other => unreachable!("{other:?} is not a number"),
            });
        }
        caller.instruction(&I::Call(func));
        for ty in ty.results().iter().rev() {
            match ty {
                wasmparser::ValType::I32 => &mut caller,
                wasmparser::ValType::I64 => caller.instruction(&I::I32WrapI64),
                wasmparser::ValType::F32 => caller.instruction(&I::I32ReinterpretF32),
                wasmparser::ValType::F64 => {
                    caller.instruction(&I::I64ReinterpretF64).instruction(&I::I32WrapI64)
                }
                wasmparser::ValType::V128 => caller.instruction(&I::I32x4ExtractLane(0)),
                wasmparser::ValType::Ref(_) => caller.instruction(&I::RefIsNull),
            };
            caller.instruction(&I::LocalGet(1)).instruction(&I::I32Const(31)).instruction(&I::I32Mul);
            caller.instruction(&I::I32Add).instruction(&I::LocalSet(1));
        }
        caller.instruction(&I::LocalGet(1)).instruction(&I::End);
        caller
    }
}

impl Reencode for Runs {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], [ValType::I32]);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_function_section(self, functions, section)?;
        self.called.iter().for_each(|_| {
            functions.function(self.types);
        });
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_export_section(self, exports, section)?;
        for run in 0..self.called.len() as u32 {
            exports.export(&format!("run{run}"), ExportKind::Func, self.funcs + run);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_code_section(self, code, section)?;
        for (func, ty) in self.called.clone() {
            let caller = self.caller(func, &ty);
            code.function(&caller);
        }
        Ok(())
    }
}
