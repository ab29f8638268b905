//! What a module declares, as plain data: written by the parser, read by the compiler and by instantiation.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::indices::{EscapedIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};
use super::types::{ExternType, FuncType, GlobalType, MemoryType, TableType, ValType};

/// An import: its two names, and the type that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    pub module: String,
    pub name: String,
    pub ty: EntityType,
}

/// The type of an import, with functions by index into the module's types.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum EntityType {
    Func(TypeIndex),
    Table(TableType),
    Memory(MemoryType),
    Global(GlobalType),
}

/// An item by its index in one of the module's index spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entity {
    Func(FuncIndex),
    Table(TableIndex),
    Memory(MemoryIndex),
    Global(GlobalIndex),
}

/// An export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    pub name: String,
    pub entity: Entity,
}

/// A constant expression. Those that this runtime accepts have one operator.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum ConstExpr {
    /// The bits of a number or vector.
    Value(u128),
    GlobalGet(GlobalIndex),
    RefNull,
    RefFunc(FuncIndex),
}

/// Where a segment goes: `Target` is the index of a table or of a memory.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum SegmentMode<Target> {
    Passive,
    /// Into this table or memory, at this offset, when the module is instantiated.
    Active {
        target: Target,
        offset: ConstExpr,
    },
    /// Only declares function references.
    Declared,
}

/// An element segment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ElementSegment {
    pub mode: SegmentMode<TableIndex>,
    pub items: Vec<ElementItem>,
}

/// An element of a segment: an expression for a reference. It is smaller than [`ConstExpr`], since a single byte of a
/// module can be an element.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum ElementItem {
    GlobalGet(GlobalIndex),
    RefNull,
    RefFunc(FuncIndex),
}

impl From<ElementItem> for ConstExpr {
    fn from(item: ElementItem) -> ConstExpr {
        match item {
            ElementItem::GlobalGet(global) => ConstExpr::GlobalGet(global),
            ElementItem::RefNull => ConstExpr::RefNull,
            ElementItem::RefFunc(func) => ConstExpr::RefFunc(func),
        }
    }
}

/// A data segment: its bytes are a range of the module's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DataSegment {
    pub mode: SegmentMode<MemoryIndex>,
    pub bytes: Range<usize>,
}

/// Everything that a module declares, except the bodies of its functions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ModuleInfo {
    pub types: Vec<FuncType>,
    pub imports: Vec<Import>,
    /// The type of each function, imported ones first.
    pub funcs: Vec<TypeIndex>,
    pub tables: Vec<TableType>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<GlobalType>,
    /// Initial values of the globals that are defined, not imported.
    pub global_inits: Vec<ConstExpr>,
    pub exports: Vec<Export>,
    pub elements: Vec<ElementSegment>,
    pub data: Vec<DataSegment>,
    pub start: Option<FuncIndex>,
    pub imported_funcs: usize,
    pub imported_tables: usize,
    pub imported_memories: usize,
    pub imported_globals: usize,
    /// Functions that can be reached other than by direct calls within the module, in order.
    pub escaped_funcs: Vec<FuncIndex>,
    /// Where the body of each defined function starts in the module's bytes.
    pub body_starts: Vec<u32>,
    pub names: Names,
    /// Custom sections except the name section: name, and range of the module's bytes.
    pub custom_sections: Vec<(String, Range<usize>)>,
    /// The contents of the code section, as a range of the module's bytes: debug information counts from its
    /// start, and nothing is read there after compiling.
    pub code_section: Range<usize>,
}

/// Names for people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    pub module: Option<String>,
    /// Sorted by function index.
    pub funcs: Vec<(FuncIndex, String)>,
}

impl ModuleInfo {
    pub fn func_type(&self, func: FuncIndex) -> &FuncType {
        &self.types[self.funcs[func.index()].index()]
    }

    /// Whether references into the collected heap can reach its functions from outside.
    pub fn mentions_collected(&self) -> bool {
        let in_types =
            self.types.iter().any(|ty| ty.params().chain(ty.results()).any(|ty| ty.is_collected()));
        let in_tables = self.tables.iter().any(|ty| ValType::Ref(*ty.element()).is_collected());
        in_types || in_tables || self.globals.iter().any(|ty| ty.content().is_collected())
    }

    pub fn entity_type(&self, ty: &EntityType) -> ExternType {
        match ty {
            EntityType::Func(ty) => ExternType::Func(self.types[ty.index()].clone()),
            EntityType::Table(ty) => ExternType::Table(ty.clone()),
            EntityType::Memory(ty) => ExternType::Memory(ty.clone()),
            EntityType::Global(ty) => ExternType::Global(ty.clone()),
        }
    }

    pub fn extern_type(&self, entity: Entity) -> ExternType {
        match entity {
            Entity::Func(func) => ExternType::Func(self.func_type(func).clone()),
            Entity::Table(table) => ExternType::Table(self.tables[table.index()].clone()),
            Entity::Memory(memory) => ExternType::Memory(self.memories[memory.index()].clone()),
            Entity::Global(global) => ExternType::Global(self.globals[global.index()].clone()),
        }
    }

    /// The position of a function among the escaped ones, which have references.
    pub fn escaped_slot(&self, func: FuncIndex) -> Option<EscapedIndex> {
        let position = self.escaped_funcs.binary_search(&func).ok()?;
        Some(EscapedIndex(position as u32))
    }

    pub fn func_name(&self, func: FuncIndex) -> Option<&str> {
        let names = &self.names.funcs;
        let at = names.binary_search_by_key(&func, |(index, _)| *index).ok()?;
        Some(&names[at].1)
    }
}
