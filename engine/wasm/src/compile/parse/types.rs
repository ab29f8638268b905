//! wasmparser's types as the runtime's own. Types of features that are not supported are refused by name.

use super::features::unsupported;
use crate::base::error::InvalidModule;
use crate::base::types::{
    FuncType, GlobalType, HeapType, MemoryType, Mutability, RefType, TableType, ValType,
};

type Result<T> = std::result::Result<T, InvalidModule>;

pub fn func_type(ty: &wasmparser::FuncType) -> Result<FuncType> {
    let types =
        |types: &[wasmparser::ValType]| types.iter().map(|ty| val_type(*ty, 0)).collect::<Result<Vec<_>>>();
    Ok(FuncType::from_parts(types(ty.params())?, types(ty.results())?))
}

/// The runtime's own type for a validated value type.
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
        _ => return Err(unsupported("references other than funcref and externref", offset)),
    };
    Ok(RefType::new(ty.is_nullable(), heap_type))
}

pub fn global_type(ty: &wasmparser::GlobalType, offset: u64) -> Result<GlobalType> {
    let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
    Ok(GlobalType::new(val_type(ty.content_type, offset)?, mutability))
}

pub fn table_type(ty: &wasmparser::TableType, offset: u64) -> Result<TableType> {
    let element = ref_type(ty.element_type, offset)?;
    let narrow = |n: u64| u32::try_from(n).expect("the validator bounds 32-bit tables");
    Ok(TableType::new(element, narrow(ty.initial), ty.maximum.map(narrow)))
}

pub fn memory_type(ty: &wasmparser::MemoryType) -> MemoryType {
    let narrow = |n: u64| u32::try_from(n).expect("the validator bounds 32-bit memories");
    MemoryType::new(narrow(ty.initial), ty.maximum.map(narrow))
}
