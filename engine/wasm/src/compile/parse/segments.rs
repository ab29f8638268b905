//! Element and data segments, and the constant expressions in them and in globals.

use wasmparser::{DataKind, ElementItems, ElementKind, Operator};

use super::features::unsupported;
use crate::base::error::InvalidModule;
use crate::base::indices::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use crate::base::module::{ConstExpr, DataSegment, ElementItem, ElementSegment, ModuleInfo, SegmentMode};

type Result<T> = std::result::Result<T, InvalidModule>;

pub fn add_element_segment(info: &mut ModuleInfo, element: wasmparser::Element<'_>) -> Result<()> {
    let items = match element.items {
        ElementItems::Functions(funcs) => funcs
            .into_iter()
            .map(|func| Ok(ElementItem::RefFunc(FuncIndex(func?))))
            .collect::<Result<Vec<_>>>()?,
        ElementItems::Expressions(_, exprs) => {
            exprs.into_iter().map(|expr| element_item(info, &expr?)).collect::<Result<Vec<_>>>()?
        }
    };
    info.escaped_funcs.extend(items.iter().filter_map(|item| match item {
        ElementItem::RefFunc(func) => Some(*func),
        _ => None,
    }));
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

pub fn add_data_segment(info: &mut ModuleInfo, data: wasmparser::Data<'_>) -> Result<()> {
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

pub fn const_expr(info: &mut ModuleInfo, expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr> {
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
            info.escaped_funcs.push(func);
            ConstExpr::RefFunc(func)
        }
        _ => return Err(unsupported("extended constant expressions", offset)),
    };
    match operators.read()? {
        Operator::End => Ok(value),
        _ => Err(unsupported("extended constant expressions", offset)),
    }
}

fn element_item(info: &mut ModuleInfo, expr: &wasmparser::ConstExpr<'_>) -> Result<ElementItem> {
    let offset = expr.get_binary_reader().original_position();
    match const_expr(info, expr)? {
        ConstExpr::RefNull => Ok(ElementItem::RefNull),
        ConstExpr::RefFunc(func) => Ok(ElementItem::RefFunc(func)),
        ConstExpr::GlobalGet(global) => Ok(ElementItem::GlobalGet(global)),
        ConstExpr::Value(_) => Err(unsupported("elements that are not references", offset)),
    }
}
