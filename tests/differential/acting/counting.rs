//! Modules rewritten for a reference: a counter grows before each operator by its price; if that would exceed a
//! limit, a function of the host is called first.
//!
//! The counter, the limit and that function are imported, so that all modules of a store share them:
//!
//! ```text
//! counter += price;  if counter > limit { counter -= price; stop(); counter += price }
//! ```
//!
//! The host is called where the counter reaches the limit, between two operators: where a run with fuel is suspended.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, EntityType, Function, GlobalType, ImportSection, Instruction, Module, SectionId,
    TypeSection, ValType,
};
use wasmparser::{FunctionBody, ImportSectionReader, Parser, TypeSectionReader};

use crate::rewrite::{costs_by_length, is_free};

/// The name of the module in which the host defines the additional imports.
pub const MODULE: &str = "counting";

/// The 64-bit globals.
pub const COUNTER: &str = "counter";
pub const LIMIT: &str = "limit";
/// A 32-bit global that holds the length of a bulk operation temporarily.
pub const LENGTH: &str = "length";
/// The function.
pub const STOP: &str = "stop";

const GLOBALS: [(&str, ValType); 3] =
    [(COUNTER, ValType::I64), (LIMIT, ValType::I64), (LENGTH, ValType::I32)];

/// The module with a counter.
pub fn counting(wasm: &[u8]) -> Vec<u8> {
    let mut module = Module::new();
    let mut how = Counting { stop_type: 0, has_types: false, has_imports: false };
    how.parse_core_module(&mut module, Parser::new(0), wasm).expect("the module was valid before");
    module.finish()
}

struct Counting {
    /// The type of the function that the host defines.
    stop_type: u32,
    has_types: bool,
    has_imports: bool,
}

impl Counting {
    fn add_imports(&mut self, imports: &mut ImportSection) {
        for (name, val_type) in GLOBALS {
            imports.import(MODULE, name, GlobalType { val_type, mutable: true, shared: false });
        }
        imports.import(MODULE, STOP, EntityType::Function(self.stop_type));
        self.has_imports = true;
    }

    fn count(function: &mut Function, price: &[Instruction<'_>]) {
        use Instruction as I;
        let change = |function: &mut Function, how: I<'_>| {
            function.instruction(&I::GlobalGet(0));
            price.iter().for_each(|instruction| {
                function.instruction(instruction);
            });
            function.instruction(&how).instruction(&I::GlobalSet(0));
        };
        change(function, I::I64Add);
        function.instruction(&I::GlobalGet(0)).instruction(&I::GlobalGet(1)).instruction(&I::I64GtS);
        function.instruction(&I::If(BlockType::Empty));
        change(function, I::I64Sub);
        function.instruction(&I::Call(0));
        change(function, I::I64Add);
        function.instruction(&I::End);
    }
}

impl Reencode for Counting {
    type Error = Infallible;

    fn function_index(&mut self, func: u32) -> Result<u32, Error<Infallible>> {
        Ok(func + 1)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error<Infallible>> {
        Ok(global + GLOBALS.len() as u32)
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error<Infallible>> {
        use SectionId::{Custom, Import, Type};
        if !matches!(before, Some(Custom | Type)) && !self.has_types {
            let mut types = TypeSection::new();
            types.ty().function([], []);
            module.section(&types);
            self.has_types = true;
        }
        if !matches!(before, Some(Custom | Type | Import)) && !self.has_imports {
            let mut imports = ImportSection::new();
            self.add_imports(&mut imports);
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        self.stop_type = section.count();
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        self.has_types = true;
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        self.add_imports(imports);
        utils::parse_import_section(self, imports, section)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let one = [Instruction::I64Const(1)];
        let length = [Instruction::GlobalGet(2), Instruction::I64ExtendI32U];
        // Entering a function costs one.
        Counting::count(&mut function, &one);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            if !is_free(&operator) {
                Counting::count(&mut function, &one);
            }
            if costs_by_length(&operator) {
                function.instruction(&Instruction::GlobalSet(2));
                Counting::count(&mut function, &length);
                function.instruction(&Instruction::GlobalGet(2));
            }
            function.instruction(&self.instruction(operator)?);
        }
        code.function(&function);
        Ok(())
    }
}
