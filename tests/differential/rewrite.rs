//! Modules rewritten: their allowance exported, a fuel counter added, with or without a limit, NaNs made canonical by
//! explicit code, and references mentioned.
//!
//! The counter gives the expected fuel in the simplest way: before each operator runs, its price is added to a
//! global, and if that exceeds the limit, the addition is undone and the module ends. It shares nothing with the
//! runtime, not even the table of prices, which is written down again.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType,
    Instruction, Module, SectionId, TypeSection, ValType,
};
use wasmparser::{
    ExportSectionReader, FunctionBody, GlobalSectionReader, Operator, Parser, Payload, TypeRef,
    TypeSectionReader,
};

/// The export under which a generated module's allowance is set: see `generate::STEPS`.
pub const STEPS_EXPORT: &str = "steps";

/// The export of the counter.
pub const COUNTER_EXPORT: &str = "counter";

/// The export of the limit: the maximum of the counter. It is [`STOPPED`] after it was reached.
pub const LIMIT_EXPORT: &str = "limit of the counter";

/// The limit after it was reached.
pub const STOPPED: i64 = -1;

/// A module in which the global `steps` is exported.
pub fn prepared(wasm: &[u8], steps: u32) -> Vec<u8> {
    rewritten(wasm, &mut Preparation { steps })
}

/// A module with a counter.
pub fn counted(wasm: &[u8]) -> Vec<u8> {
    rewritten(wasm, &mut Counting::new(wasm))
}

/// A module with a counter and a limit, which is initially out of reach.
pub fn limited(wasm: &[u8]) -> Vec<u8> {
    rewritten(wasm, &mut Counting::new(wasm).limited())
}

/// A module with a counter and a limit, in which each result of arithmetic is made canonical at once, at no charge.
pub fn limited_and_canonical(wasm: &[u8]) -> Vec<u8> {
    rewritten(wasm, &mut Counting { nans: true, ..Counting::new(wasm) }.limited())
}

/// A module with a counter, in which each result of arithmetic is made canonical at once, at no charge.
pub fn counted_and_canonical(wasm: &[u8]) -> Vec<u8> {
    rewritten(wasm, &mut Counting { nans: true, ..Counting::new(wasm) })
}

/// The same module with an unused type that mentions values of the host: as far as a compiler can tell, any function
/// may hold some.
pub fn with_references(wasm: &[u8]) -> Vec<u8> {
    rewritten(wasm, &mut References)
}

fn rewritten(wasm: &[u8], how: &mut impl Reencode<Error = std::convert::Infallible>) -> Vec<u8> {
    let mut module = Module::new();
    how.parse_core_module(&mut module, Parser::new(0), wasm).expect("the module was valid before");
    module.finish()
}

/// The number of globals of a module.
fn globals(wasm: &[u8]) -> u32 {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("the module is valid") {
            Payload::ImportSection(section) => {
                let imports = section.into_imports().map(|import| import.expect("the module is valid").ty);
                count += imports.filter(|ty| matches!(ty, TypeRef::Global(_))).count() as u32;
            }
            Payload::GlobalSection(section) => count += section.count(),
            _ => {}
        }
    }
    count
}

struct Preparation {
    steps: u32,
}

impl Reencode for Preparation {
    type Error = std::convert::Infallible;

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_export_section(self, exports, section)?;
        exports.export(STEPS_EXPORT, ExportKind::Global, self.steps);
        Ok(())
    }
}

struct References;

impl Reencode for References {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::EXTERNREF], []);
        Ok(())
    }
}

struct Counting {
    /// Whether NaNs are made canonical.
    nans: bool,
    /// The global that counts.
    counter: u32,
    /// A global that holds the length of a bulk operation temporarily. The ones after it hold a float of each type.
    length: u32,
    /// The global with the limit of the counter.
    limit: Option<u32>,
    has_globals: bool,
    has_exports: bool,
}

impl Counting {
    fn new(wasm: &[u8]) -> Counting {
        let counter = globals(wasm);
        let length = counter + 1;
        Counting { nans: false, counter, length, limit: None, has_globals: false, has_exports: false }
    }

    /// The limit is the last one.
    fn limited(mut self) -> Counting {
        self.limit = Some(self.length + if self.nans { 4 } else { 1 });
        self
    }

    fn add_globals(&mut self, globals: &mut GlobalSection) {
        let variable = |val_type| GlobalType { val_type, mutable: true, shared: false };
        globals.global(variable(ValType::I64), &ConstExpr::i64_const(0));
        globals.global(variable(ValType::I32), &ConstExpr::i32_const(0));
        if self.nans {
            globals.global(variable(ValType::F32), &ConstExpr::f32_const(0.0.into()));
            globals.global(variable(ValType::F64), &ConstExpr::f64_const(0.0.into()));
            globals.global(variable(ValType::V128), &ConstExpr::v128_const(0));
        }
        if self.limit.is_some() {
            globals.global(variable(ValType::I64), &ConstExpr::i64_const(i64::MAX));
        }
        self.has_globals = true;
    }

    fn add_export(&mut self, exports: &mut ExportSection) {
        exports.export(COUNTER_EXPORT, ExportKind::Global, self.counter);
        if let Some(limit) = self.limit {
            exports.export(LIMIT_EXPORT, ExportKind::Global, limit);
        }
        self.has_exports = true;
    }

    fn bump(&self, function: &mut Function, amount: &[Instruction<'_>]) {
        self.change(function, amount, &Instruction::I64Add);
        let Some(limit) = self.limit else { return };
        function.instruction(&Instruction::GlobalGet(self.counter));
        function.instruction(&Instruction::GlobalGet(limit));
        function.instruction(&Instruction::I64GtS);
        function.instruction(&Instruction::If(BlockType::Empty));
        self.change(function, amount, &Instruction::I64Sub);
        function.instruction(&Instruction::I64Const(STOPPED));
        function.instruction(&Instruction::GlobalSet(limit));
        function.instruction(&Instruction::Unreachable);
        function.instruction(&Instruction::End);
    }

    fn change(&self, function: &mut Function, amount: &[Instruction<'_>], how: &Instruction<'_>) {
        function.instruction(&Instruction::GlobalGet(self.counter));
        for instruction in amount {
            function.instruction(instruction);
        }
        function.instruction(how);
        function.instruction(&Instruction::GlobalSet(self.counter));
    }

    /// The top of the stack is the result of arithmetic: a NaN becomes the canonical one.
    fn canonicalize(&self, function: &mut Function, float: Float) {
        use Instruction as I;
        const NANS: i128 = 0x7fc0_0000_7fc0_0000_7fc0_0000_7fc0_0000;
        const WIDE_NANS: i128 = 0x7ff8_0000_0000_0000_7ff8_0000_0000_0000;
        let (place, nan, differs, choose) = match float {
            Float::F32 => (1, I::F32Const(f32::from_bits(0x7fc0_0000).into()), I::F32Ne, I::Select),
            Float::F64 => (2, I::F64Const(f64::from_bits(0x7ff8_0000_0000_0000).into()), I::F64Ne, I::Select),
            Float::F32x4 => (3, I::V128Const(NANS), I::F32x4Ne, I::V128Bitselect),
            Float::F64x2 => (3, I::V128Const(WIDE_NANS), I::F64x2Ne, I::V128Bitselect),
        };
        let value = I::GlobalGet(self.length + place);
        function.instruction(&I::GlobalSet(self.length + place)).instruction(&nan);
        function.instruction(&value).instruction(&value).instruction(&value);
        function.instruction(&differs).instruction(&choose);
    }

    /// The top of the stack is the length of the next operator's range.
    fn bump_by_length(&self, function: &mut Function) {
        function.instruction(&Instruction::GlobalSet(self.length));
        self.bump(function, &[Instruction::GlobalGet(self.length), Instruction::I64ExtendI32U]);
        function.instruction(&Instruction::GlobalGet(self.length));
    }
}

impl Reencode for Counting {
    type Error = std::convert::Infallible;

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error<Self::Error>> {
        use SectionId::{Custom, Export, Function, Global, Import, Memory, Table, Tag, Type};
        let early = matches!(before, Some(Custom | Type | Import | Function | Table | Memory | Tag));
        if !early && before != Some(Global) && !self.has_globals {
            let mut globals = GlobalSection::new();
            self.add_globals(&mut globals);
            module.section(&globals);
        }
        if !early && !matches!(before, Some(Global | Export)) && !self.has_exports {
            let mut exports = ExportSection::new();
            self.add_export(&mut exports);
            module.section(&exports);
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: GlobalSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_global_section(self, globals, section)?;
        self.add_globals(globals);
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_export_section(self, exports, section)?;
        self.add_export(exports);
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let one = [Instruction::I64Const(1)];
        // Entering a function costs one.
        self.bump(&mut function, &one);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            if !is_free(&operator) {
                self.bump(&mut function, &one);
            }
            if costs_by_length(&operator) {
                self.bump_by_length(&mut function);
            }
            let float = arithmetic(&operator).filter(|_| self.nans);
            function.instruction(&self.instruction(operator)?);
            if let Some(float) = float {
                self.canonicalize(&mut function, float);
            }
        }
        code.function(&function);
        Ok(())
    }
}

/// Whether an operator costs nothing.
pub fn is_free(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Nop | O::Drop | O::Block { .. } | O::Loop { .. } | O::Unreachable | O::Return | O::Else | O::End
    )
}

/// Whether an operator's price includes the count on top of the stack.
pub fn costs_by_length(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::MemoryFill { .. }
            | O::MemoryCopy { .. }
            | O::MemoryInit { .. }
            | O::TableFill { .. }
            | O::TableCopy { .. }
            | O::TableInit { .. }
            | O::TableGrow { .. }
    )
}

/// The result types of arithmetic on floats.
#[derive(Clone, Copy)]
enum Float {
    F32,
    F64,
    F32x4,
    F64x2,
}

/// The result of an operator, if it is one of arithmetic on floats.
fn arithmetic(operator: &Operator<'_>) -> Option<Float> {
    use Operator as O;
    Some(match operator {
        O::F32Ceil
        | O::F32Floor
        | O::F32Trunc
        | O::F32Nearest
        | O::F32Sqrt
        | O::F32Add
        | O::F32Sub
        | O::F32Mul
        | O::F32Div
        | O::F32Min
        | O::F32Max
        | O::F32DemoteF64 => Float::F32,
        O::F64Ceil
        | O::F64Floor
        | O::F64Trunc
        | O::F64Nearest
        | O::F64Sqrt
        | O::F64Add
        | O::F64Sub
        | O::F64Mul
        | O::F64Div
        | O::F64Min
        | O::F64Max
        | O::F64PromoteF32 => Float::F64,
        O::F32x4Ceil
        | O::F32x4Floor
        | O::F32x4Trunc
        | O::F32x4Nearest
        | O::F32x4Sqrt
        | O::F32x4Add
        | O::F32x4Sub
        | O::F32x4Mul
        | O::F32x4Div
        | O::F32x4Min
        | O::F32x4Max
        | O::F32x4DemoteF64x2Zero => Float::F32x4,
        O::F64x2Ceil
        | O::F64x2Floor
        | O::F64x2Trunc
        | O::F64x2Nearest
        | O::F64x2Sqrt
        | O::F64x2Add
        | O::F64x2Sub
        | O::F64x2Mul
        | O::F64x2Div
        | O::F64x2Min
        | O::F64x2Max
        | O::F64x2PromoteLowF32x4 => Float::F64x2,
        _ => return None,
    })
}
