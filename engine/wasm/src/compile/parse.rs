//! From bytes to declarations and unparsed bodies.

use std::ops::Range;

use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, FuncToValidate, FunctionBody, Name, NameSectionReader,
    Operator, Parser, Payload, TableInit, TypeRef, ValidPayload, Validator, ValidatorResources,
};

use super::features;
use crate::base::error::InvalidModule;
use crate::base::indices::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};
use crate::base::limits::module as limits;
use crate::base::module::{
    ConstExpr, DataSegment, ElementItem, ElementSegment, Entity, EntityType, Export, Import, ModuleInfo,
    SegmentMode,
};
use crate::base::types::{
    FuncType, GlobalType, HeapType, MemoryType, Mutability, RefType, TableType, ValType,
};

type Result<T> = std::result::Result<T, InvalidModule>;

/// A parsed module.
pub struct Parsed<'a> {
    pub info: ModuleInfo,
    pub bodies: Vec<Body<'a>>,
}

/// A function's body, not yet validated.
pub struct Body<'a> {
    pub validate: FuncToValidate<ValidatorResources>,
    pub body: FunctionBody<'a>,
}

/// Parses and validates everything but the bodies.
///
/// # Errors
/// The module is malformed, invalid, beyond the limits, or uses a feature that is not there.
pub fn parse(bytes: &[u8]) -> Result<Parsed<'_>> {
    let mut validator = Validator::new_with_features(features::supported());
    // Features also change how numbers are encoded: what is malformed without them must stay so.
    let mut parser = Parser::new(0);
    parser.set_features(features::supported());
    let mut parsed = Parsed { info: ModuleInfo::default(), bodies: Vec::new() };
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        match validator.payload(&payload)? {
            ValidPayload::Func(validate, body) => {
                parsed.info.body_starts.push(body.range().start as u32);
                parsed.bodies.push(Body { validate, body });
            }
            ValidPayload::Ok | ValidPayload::Parser(_) | ValidPayload::End(_) => {
                section(&mut parsed.info, payload)?;
            }
        }
    }
    finish_escapes(&mut parsed.info);
    Ok(parsed)
}

fn section(info: &mut ModuleInfo, payload: Payload<'_>) -> Result<()> {
    match payload {
        Payload::TypeSection(section) => {
            for ty in section.into_iter_err_on_gc_types() {
                info.types.push(func_type(&ty?)?);
            }
        }
        Payload::ImportSection(section) => {
            for import in section.into_imports() {
                add_import(info, import?)?;
            }
        }
        Payload::FunctionSection(section) => {
            add_functions(info, section)?;
        }
        Payload::TableSection(section) => {
            for table in section.into_iter_with_offsets() {
                let (offset, table) = table?;
                if !matches!(table.init, TableInit::RefNull) {
                    return Err(missing("tables with an initial value", offset));
                }
                info.tables.push(table_type(&table.ty, offset)?);
            }
        }
        Payload::MemorySection(section) => {
            for memory in section {
                info.memories.push(memory_type(&memory?));
            }
        }
        Payload::GlobalSection(section) => {
            for global in section.into_iter_with_offsets() {
                let (offset, global) = global?;
                info.globals.push(global_type(&global.ty, offset)?);
                let init = const_expr(info, &global.init_expr)?;
                info.global_inits.push(init);
            }
        }
        Payload::ExportSection(section) => {
            for export in section.into_iter_with_offsets() {
                let (offset, export) = export?;
                let entity = match export.kind {
                    ExternalKind::Func | ExternalKind::FuncExact => Entity::Func(FuncIndex(export.index)),
                    ExternalKind::Table => Entity::Table(TableIndex(export.index)),
                    ExternalKind::Memory => Entity::Memory(MemoryIndex(export.index)),
                    ExternalKind::Global => Entity::Global(GlobalIndex(export.index)),
                    ExternalKind::Tag => return Err(missing("exceptions", offset)),
                };
                escape(info, entity);
                info.exports.push(Export { name: export.name.to_string(), entity });
            }
        }
        Payload::StartSection { func, .. } => {
            let func = FuncIndex(func);
            escape(info, Entity::Func(func));
            info.start = Some(func);
        }
        Payload::ElementSection(section) => {
            let (offset, mut count) = (section.range().start, 0usize);
            for element in section {
                let element = element?;
                count += match &element.items {
                    ElementItems::Functions(funcs) => funcs.count() as usize,
                    ElementItems::Expressions(_, exprs) => exprs.count() as usize,
                };
                check_limits(offset, [("elements of segments", count, limits::ELEMENTS)])?;
                add_element(info, element)?;
            }
        }
        Payload::DataSection(section) => {
            for data in section {
                add_data(info, data?)?;
            }
        }
        // What follows it is only parsed if it is there: in a parsed module the range is within bounds.
        Payload::CodeSectionStart { unchecked_range, .. } => {
            info.code_section = unchecked_range.start as usize..unchecked_range.end as usize;
        }
        Payload::CustomSection(section) => add_custom(info, &section),
        _ => {}
    }
    Ok(())
}

fn missing(feature: &'static str, offset: u64) -> InvalidModule {
    InvalidModule::missing(
        feature,
        format!("{feature} are not supported yet: compile the module without them"),
        Some(offset),
    )
}

fn add_functions(info: &mut ModuleInfo, section: wasmparser::FunctionSectionReader<'_>) -> Result<()> {
    let offset = section.range().start;
    let mut values = 0;
    for ty in section {
        let ty = TypeIndex(ty?);
        info.funcs.push(ty);
        let ty = &info.types[ty.index()];
        values += ty.params().len() + ty.results().len();
    }
    let functions = info.funcs.len() - info.imported_funcs;
    let functions = ("functions", functions, limits::FUNCTIONS);
    check_limits(
        offset,
        [functions, ("parameters and results of functions", values, limits::SIGNATURE_VALUES)],
    )
}

/// What there are, how many, and how many there may be.
fn check_limits<const N: usize>(offset: u64, limits: [(&str, usize, usize); N]) -> Result<()> {
    for (what, count, limit) in limits {
        if count > limit {
            let message = format!("the module has {count} {what}, and may have {limit}: split it");
            return Err(InvalidModule::new(message, Some(offset)));
        }
    }
    Ok(())
}

fn add_import(info: &mut ModuleInfo, import: wasmparser::Import<'_>) -> Result<()> {
    let ty = match import.ty {
        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
            let ty = TypeIndex(ty);
            info.funcs.push(ty);
            info.imported_funcs += 1;
            EntityType::Func(ty)
        }
        TypeRef::Table(ty) => {
            let ty = table_type(&ty, 0)?;
            info.tables.push(ty.clone());
            info.imported_tables += 1;
            EntityType::Table(ty)
        }
        TypeRef::Memory(ty) => {
            let ty = memory_type(&ty);
            info.memories.push(ty.clone());
            info.imported_memories += 1;
            EntityType::Memory(ty)
        }
        TypeRef::Global(ty) => {
            let ty = global_type(&ty, 0)?;
            info.globals.push(ty.clone());
            info.imported_globals += 1;
            EntityType::Global(ty)
        }
        TypeRef::Tag(_) => return Err(missing("exceptions", 0)),
    };
    let (module, name) = (import.module.to_string(), import.name.to_string());
    info.imports.push(Import { module, name, ty });
    Ok(())
}

fn add_element(info: &mut ModuleInfo, element: wasmparser::Element<'_>) -> Result<()> {
    let items = match element.items {
        ElementItems::Functions(funcs) => funcs
            .into_iter()
            .map(|func| Ok(ElementItem::RefFunc(FuncIndex(func?))))
            .collect::<Result<Vec<_>>>()?,
        ElementItems::Expressions(_, exprs) => {
            exprs.into_iter().map(|expr| element_item(info, &expr?)).collect::<Result<Vec<_>>>()?
        }
    };
    for item in &items {
        if let ElementItem::RefFunc(func) = item {
            escape(info, Entity::Func(*func));
        }
    }
    let mode = match element.kind {
        ElementKind::Passive => SegmentMode::Passive,
        ElementKind::Declared => SegmentMode::Declared,
        ElementKind::Active { table_index, offset_expr } => SegmentMode::Active {
            target: TableIndex(table_index.unwrap_or(0)),
            offset: const_expr(info, &offset_expr)?,
        },
    };
    info.elements.push(ElementSegment { mode, items });
    Ok(())
}

fn add_data(info: &mut ModuleInfo, data: wasmparser::Data<'_>) -> Result<()> {
    let mode = match data.kind {
        DataKind::Passive => SegmentMode::Passive,
        DataKind::Active { memory_index, offset_expr } => {
            SegmentMode::Active { target: MemoryIndex(memory_index), offset: const_expr(info, &offset_expr)? }
        }
    };
    let end = data.range.end as usize;
    info.data.push(DataSegment { mode, bytes: end - data.data.len()..end });
    Ok(())
}

fn add_custom(info: &mut ModuleInfo, section: &wasmparser::CustomSectionReader<'_>) {
    match section.name() {
        "name" => read_names(info, section),
        name => {
            let start = section.data_offset() as usize;
            let range: Range<usize> = start..start + section.data().len();
            info.custom_sections.push((name.to_string(), range));
        }
    }
}

/// Names are for people only: a damaged name section is passed over, as the specification wants.
fn read_names(info: &mut ModuleInfo, section: &wasmparser::CustomSectionReader<'_>) {
    let reader = wasmparser::BinaryReader::new(section.data(), section.data_offset());
    for name in NameSectionReader::new(reader) {
        match name {
            Ok(Name::Module { name, .. }) => info.names.module = Some(name.to_string()),
            Ok(Name::Function(names)) => {
                let named = names.into_iter().map_while(std::result::Result::ok);
                info.names.funcs = named.map(|name| (FuncIndex(name.index), name.name.to_string())).collect();
                info.names.funcs.sort_by_key(|(index, _)| *index);
            }
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

fn const_expr(info: &mut ModuleInfo, expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr> {
    let mut operators = expr.get_operators_reader();
    let (operator, offset) = operators.read_with_offset()?;
    let value = match operator {
        Operator::I32Const { value } => ConstExpr::Value((value as u32).into()),
        Operator::I64Const { value } => ConstExpr::Value((value as u64).into()),
        Operator::F32Const { value } => ConstExpr::Value(value.bits().into()),
        Operator::F64Const { value } => ConstExpr::Value(value.bits().into()),
        Operator::V128Const { value } => ConstExpr::Value(value.i128() as u128),
        Operator::GlobalGet { global_index } => ConstExpr::GlobalGet(GlobalIndex(global_index)),
        Operator::RefNull { .. } => ConstExpr::RefNull,
        Operator::RefFunc { function_index } => {
            let func = FuncIndex(function_index);
            escape(info, Entity::Func(func));
            ConstExpr::RefFunc(func)
        }
        _ => return Err(missing("extended constant expressions", offset)),
    };
    match operators.read()? {
        Operator::End => Ok(value),
        _ => Err(missing("extended constant expressions", offset)),
    }
}

fn element_item(info: &mut ModuleInfo, expr: &wasmparser::ConstExpr<'_>) -> Result<ElementItem> {
    let offset = expr.get_binary_reader().original_position();
    match const_expr(info, expr)? {
        ConstExpr::RefNull => Ok(ElementItem::RefNull),
        ConstExpr::RefFunc(func) => Ok(ElementItem::RefFunc(func)),
        ConstExpr::GlobalGet(global) => Ok(ElementItem::GlobalGet(global)),
        ConstExpr::Value(_) => Err(missing("elements that are no references", offset)),
    }
}

fn escape(info: &mut ModuleInfo, entity: Entity) {
    if let Entity::Func(func) = entity {
        info.escaped_funcs.push(func);
    }
}

/// `ref.func` in a body only names functions that an export, a global or a segment declares, so by
/// now all are known.
fn finish_escapes(info: &mut ModuleInfo) {
    info.escaped_funcs.sort_unstable();
    info.escaped_funcs.dedup();
}

fn func_type(ty: &wasmparser::FuncType) -> Result<FuncType> {
    let types =
        |types: &[wasmparser::ValType]| types.iter().map(|ty| val_type(*ty, 0)).collect::<Result<Vec<_>>>();
    Ok(FuncType::from_parts(types(ty.params())?, types(ty.results())?))
}

/// The runtime's name for a validated value type.
pub fn val_type(ty: wasmparser::ValType, offset: u64) -> Result<ValType> {
    match ty {
        wasmparser::ValType::I32 => Ok(ValType::I32),
        wasmparser::ValType::I64 => Ok(ValType::I64),
        wasmparser::ValType::F32 => Ok(ValType::F32),
        wasmparser::ValType::F64 => Ok(ValType::F64),
        wasmparser::ValType::V128 => Ok(ValType::V128),
        wasmparser::ValType::Ref(ty) => Ok(ValType::Ref(ref_type(ty, offset)?)),
    }
}

fn ref_type(ty: wasmparser::RefType, offset: u64) -> Result<RefType> {
    let heap_type = match ty {
        _ if ty.is_func_ref() => HeapType::Func,
        _ if ty.is_extern_ref() => HeapType::Extern,
        _ => return Err(missing("references other than funcref and externref", offset)),
    };
    Ok(RefType::new(ty.is_nullable(), heap_type))
}

fn global_type(ty: &wasmparser::GlobalType, offset: u64) -> Result<GlobalType> {
    let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
    Ok(GlobalType::new(val_type(ty.content_type, offset)?, mutability))
}

fn table_type(ty: &wasmparser::TableType, offset: u64) -> Result<TableType> {
    let element = ref_type(ty.element_type, offset)?;
    let narrow = |n: u64| u32::try_from(n).expect("the validator bounds 32-bit tables");
    Ok(TableType::new(element, narrow(ty.initial), ty.maximum.map(narrow)))
}

fn memory_type(ty: &wasmparser::MemoryType) -> MemoryType {
    let narrow = |n: u64| u32::try_from(n).expect("the validator bounds 32-bit memories");
    MemoryType::new(narrow(ty.initial), ty.maximum.map(narrow))
}
