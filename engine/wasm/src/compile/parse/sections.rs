//! The sections of a module, read into its declarations.

use std::ops::Range;

use wasmparser::{
    CustomSectionReader, DataSectionReader, ElementItems, ElementSectionReader, ExportSectionReader,
    ExternalKind, FunctionSectionReader, GlobalSectionReader, ImportSectionReader, MemorySectionReader, Name,
    NameSectionReader, TableInit, TableSectionReader, TypeRef, TypeSectionReader,
};

use super::features::unsupported;
use super::segments::{add_data_segment, add_element_segment, const_expr};
use super::types::{func_type, global_type, memory_type, table_type};
use crate::base::error::InvalidModule;
use crate::base::indices::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};
use crate::base::limits::module as limits;
use crate::base::module::{Entity, EntityType, Export, Import, ModuleInfo};

type Result<T> = std::result::Result<T, InvalidModule>;

pub fn add_types(info: &mut ModuleInfo, section: TypeSectionReader<'_>) -> Result<()> {
    for ty in section.into_iter_err_on_gc_types() {
        info.types.push(func_type(&ty?)?);
    }
    Ok(())
}

pub fn add_imports(info: &mut ModuleInfo, section: ImportSectionReader<'_>) -> Result<()> {
    for import in section.into_imports() {
        add_import(info, import?)?;
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
        TypeRef::Tag(_) => return Err(unsupported("exceptions", 0)),
    };
    let (module, name) = (import.module.to_string(), import.name.to_string());
    info.imports.push(Import { module, name, ty });
    Ok(())
}

pub fn add_functions(info: &mut ModuleInfo, section: FunctionSectionReader<'_>) -> Result<()> {
    let offset = section.range().start;
    let mut values = 0;
    for ty in section {
        let ty = TypeIndex(ty?);
        info.funcs.push(ty);
        let ty = &info.types[ty.index()];
        values += ty.params().len() + ty.results().len();
    }
    check_limit("functions", info.funcs.len() - info.imported_funcs, limits::FUNCTIONS, offset)?;
    check_limit("parameters and results of functions", values, limits::SIGNATURE_VALUES, offset)
}

pub fn add_tables(info: &mut ModuleInfo, section: TableSectionReader<'_>) -> Result<()> {
    for table in section.into_iter_with_offsets() {
        let (offset, table) = table?;
        if !matches!(table.init, TableInit::RefNull) {
            return Err(unsupported("tables with an initial value", offset));
        }
        info.tables.push(table_type(&table.ty, offset)?);
    }
    Ok(())
}

pub fn add_memories(info: &mut ModuleInfo, section: MemorySectionReader<'_>) -> Result<()> {
    for memory in section {
        info.memories.push(memory_type(&memory?));
    }
    Ok(())
}

pub fn add_globals(info: &mut ModuleInfo, section: GlobalSectionReader<'_>) -> Result<()> {
    for global in section.into_iter_with_offsets() {
        let (offset, global) = global?;
        info.globals.push(global_type(&global.ty, offset)?);
        let init = const_expr(info, &global.init_expr)?;
        info.global_inits.push(init);
    }
    Ok(())
}

pub fn add_exports(info: &mut ModuleInfo, section: ExportSectionReader<'_>) -> Result<()> {
    for export in section.into_iter_with_offsets() {
        let (offset, export) = export?;
        let entity = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                let func = FuncIndex(export.index);
                info.escaped_funcs.push(func);
                Entity::Func(func)
            }
            ExternalKind::Table => Entity::Table(TableIndex(export.index)),
            ExternalKind::Memory => Entity::Memory(MemoryIndex(export.index)),
            ExternalKind::Global => Entity::Global(GlobalIndex(export.index)),
            ExternalKind::Tag => return Err(unsupported("exceptions", offset)),
        };
        info.exports.push(Export { name: export.name.to_string(), entity });
    }
    Ok(())
}

pub fn add_elements(info: &mut ModuleInfo, section: ElementSectionReader<'_>) -> Result<()> {
    let (offset, mut count) = (section.range().start, 0usize);
    for element in section {
        let element = element?;
        count += match &element.items {
            ElementItems::Functions(funcs) => funcs.count() as usize,
            ElementItems::Expressions(_, exprs) => exprs.count() as usize,
        };
        check_limit("elements of segments", count, limits::ELEMENTS, offset)?;
        add_element_segment(info, element)?;
    }
    Ok(())
}

pub fn add_data(info: &mut ModuleInfo, section: DataSectionReader<'_>) -> Result<()> {
    for data in section {
        add_data_segment(info, data?)?;
    }
    Ok(())
}

pub fn add_custom(info: &mut ModuleInfo, section: &CustomSectionReader<'_>) {
    match section.name() {
        "name" => read_names(info, section),
        name => {
            let start = section.data_offset() as usize;
            let range: Range<usize> = start..start + section.data().len();
            info.custom_sections.push((name.to_string(), range));
        }
    }
}

/// Reads names, which are for people only: a damaged name section is ignored, as the specification demands.
fn read_names(info: &mut ModuleInfo, section: &CustomSectionReader<'_>) {
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

fn check_limit(what: &str, count: usize, limit: usize, offset: u64) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("the module has {count} {what}; the limit is {limit}: split it");
    Err(InvalidModule::new(message, Some(offset)))
}
