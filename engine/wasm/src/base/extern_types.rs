//! Types of globals, tables and memories, and of whatever can be imported and exported.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::types::{FuncType, RefType, ValType};

/// Whether a global can be assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mutability {
    /// It keeps its first value.
    Const,
    /// It can be assigned.
    Var,
}

impl Mutability {
    /// Whether it keeps its first value.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Mutability::Const.is_const() && !Mutability::Const.is_var());
    /// ```
    pub fn is_const(self) -> bool {
        self == Mutability::Const
    }

    /// Whether it can be assigned.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Mutability::Var.is_var());
    /// ```
    pub fn is_var(self) -> bool {
        self == Mutability::Var
    }
}

/// The type of a global.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = GlobalType::new(ValType::I64, Mutability::Var);
/// assert!(ty.content().is_i64() && ty.mutability().is_var());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// A global's type from its parts.
    pub fn new(content: ValType, mutability: Mutability) -> GlobalType {
        GlobalType { content, mutability }
    }

    /// The type of the value.
    pub fn content(&self) -> &ValType {
        &self.content
    }

    /// Whether it can be assigned.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    /// What can be assigned is of exactly the wanted type: it is written to from both sides.
    fn matches(&self, wanted: &GlobalType) -> bool {
        let content = match self.mutability {
            Mutability::Const => self.content.matches(&wanted.content),
            Mutability::Var => self.content == wanted.content,
        };
        content && self.mutability == wanted.mutability
    }
}

impl fmt::Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutability {
            Mutability::Const => write!(f, "global {}", self.content),
            Mutability::Var => write!(f, "global mut {}", self.content),
        }
    }
}

/// The type of a table: its elements and its limits, in elements.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = TableType::new(RefType::FUNCREF, 2, Some(8));
/// assert_eq!((ty.minimum(), ty.maximum()), (2, Some(8)));
/// assert!(ty.element().heap_type().is_func() && !ty.is_64());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableType {
    element: RefType,
    minimum: u64,
    maximum: Option<u64>,
}

impl TableType {
    /// A table's type from its parts.
    pub fn new(element: RefType, minimum: u32, maximum: Option<u32>) -> TableType {
        TableType { element, minimum: minimum.into(), maximum: maximum.map(u64::from) }
    }

    /// The type of the elements.
    pub fn element(&self) -> &RefType {
        &self.element
    }

    /// The least number of elements.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// The greatest number of elements, if there is one.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    /// Whether its indices have 64 bits. There are no such tables yet.
    pub fn is_64(&self) -> bool {
        false
    }

    /// The same with as many elements at least as there are now.
    pub(crate) fn with_minimum(&self, minimum: u64) -> TableType {
        TableType { minimum, ..*self }
    }

    fn matches(&self, wanted: &TableType) -> bool {
        self.element == wanted.element
            && self.minimum >= wanted.minimum
            && is_within(self.maximum, wanted.maximum)
    }
}

/// The type of a linear memory: its limits, in pages of 64 KiB.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = MemoryType::new(1, Some(16));
/// assert_eq!((ty.minimum(), ty.maximum()), (1, Some(16)));
/// assert_eq!((ty.page_size(), ty.page_size_log2()), (65_536, 16));
/// assert!(!ty.is_64() && !ty.is_shared());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemoryType {
    minimum: u64,
    maximum: Option<u64>,
}

/// The size of a page of linear memory, in bytes.
pub const PAGE_SIZE: u64 = 65_536;

/// The most pages that a 32-bit memory can have.
pub const MAX_PAGES: u64 = 65_536;

impl MemoryType {
    /// A memory's type from its limits, in pages.
    ///
    /// # Panics
    /// The limits are not in order, or beyond 65,536 pages: [`MemoryTypeBuilder`] returns an error then.
    pub fn new(minimum: u32, maximum: Option<u32>) -> MemoryType {
        let mut builder = MemoryTypeBuilder::default();
        let built = builder.min(minimum.into()).max(maximum.map(u64::from)).build();
        built.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The least number of pages.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// The greatest number of pages, if there is one.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    /// Whether its addresses have 64 bits. There are no such memories yet.
    pub fn is_64(&self) -> bool {
        false
    }

    /// Whether threads can share it. There are no such memories yet.
    pub fn is_shared(&self) -> bool {
        false
    }

    /// The size of a page in bytes.
    pub fn page_size(&self) -> u64 {
        PAGE_SIZE
    }

    /// The size of a page in bytes, as a power of two.
    pub fn page_size_log2(&self) -> u8 {
        PAGE_SIZE.ilog2() as u8
    }

    /// The same with as many pages at least as there are now.
    pub(crate) fn with_minimum(&self, minimum: u64) -> MemoryType {
        MemoryType { minimum, ..*self }
    }

    fn matches(&self, wanted: &MemoryType) -> bool {
        self.minimum >= wanted.minimum && is_within(self.maximum, wanted.maximum)
    }
}

/// Builds a [`MemoryType`] whose limits are not known to be in order.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = MemoryTypeBuilder::default().min(2).max(Some(4)).build()?;
/// assert_eq!(ty, MemoryType::new(2, Some(4)));
/// assert!(MemoryTypeBuilder::default().min(5).max(Some(4)).build().is_err());
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryTypeBuilder {
    minimum: u64,
    maximum: Option<u64>,
}

impl MemoryTypeBuilder {
    /// The least number of pages: 0 unless it is set.
    pub fn min(&mut self, minimum: u64) -> &mut MemoryTypeBuilder {
        self.minimum = minimum;
        self
    }

    /// The greatest number of pages: none unless it is set.
    pub fn max(&mut self, maximum: Option<u64>) -> &mut MemoryTypeBuilder {
        self.maximum = maximum;
        self
    }

    /// The type.
    ///
    /// # Errors
    /// The limits are not in order, or beyond 65,536 pages.
    pub fn build(&self) -> anyhow::Result<MemoryType> {
        let (minimum, maximum) = (self.minimum, self.maximum);
        let greatest = maximum.unwrap_or(MAX_PAGES);
        anyhow::ensure!(
            minimum <= greatest && greatest <= MAX_PAGES,
            "a memory of {minimum} to {greatest} pages: limits must be in order and at most {MAX_PAGES}"
        );
        Ok(MemoryType { minimum, maximum })
    }
}

/// Whether whatever respects the one maximum respects the other.
fn is_within(found: Option<u64>, wanted: Option<u64>) -> bool {
    wanted.is_none_or(|wanted| found.is_some_and(|found| found <= wanted))
}

fn limits(f: &mut fmt::Formatter<'_>, minimum: u64, maximum: Option<u64>) -> fmt::Result {
    match maximum {
        Some(maximum) => write!(f, "{minimum}..={maximum}"),
        None => write!(f, "{minimum}.."),
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table of {} with elements ", self.element)?;
        limits(f, self.minimum, self.maximum)
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory with pages ")?;
        limits(f, self.minimum, self.maximum)
    }
}

/// The type of something that can be imported or exported.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = ExternType::from(MemoryType::new(1, None));
/// assert!(ty.func().is_none() && ty.global().is_none() && ty.table().is_none());
/// assert_eq!(ty.memory().map(|memory| memory.minimum()), Some(1));
/// assert_eq!(ty.unwrap_memory().maximum(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A global.
    Global(GlobalType),
    /// A table.
    Table(TableType),
    /// A linear memory.
    Memory(MemoryType),
}

macro_rules! extern_types {
    ($($name:ident, $unwrap:ident: $variant:ident($ty:ty), $article:literal;)*) => {
        impl ExternType {
            $(
                #[doc = concat!("The type of ", $article, ", if it is one.")]
                pub fn $name(&self) -> Option<&$ty> {
                    if let ExternType::$variant(ty) = self { Some(ty) } else { None }
                }

                #[doc = concat!("The type of ", $article, ".\n\n# Panics\nIt is something else.")]
                pub fn $unwrap(&self) -> &$ty {
                    self.$name().unwrap_or_else(|| panic!(concat!("expected ", $article, ", found {}"), self))
                }
            )*
        }

        $(
            impl From<$ty> for ExternType {
                fn from(ty: $ty) -> ExternType {
                    ExternType::$variant(ty)
                }
            }
        )*
    };
}

extern_types! {
    func, unwrap_func: Func(FuncType), "a function";
    global, unwrap_global: Global(GlobalType), "a global";
    table, unwrap_table: Table(TableType), "a table";
    memory, unwrap_memory: Memory(MemoryType), "a memory";
}

impl ExternType {
    /// Whether something of this type can be imported where the other is wanted. The minimum of a
    /// table or memory is its present size then.
    pub(crate) fn matches(&self, wanted: &ExternType) -> bool {
        match (self, wanted) {
            (ExternType::Func(ty), ExternType::Func(wanted)) => ty.matches(wanted),
            (ExternType::Global(ty), ExternType::Global(wanted)) => ty.matches(wanted),
            (ExternType::Table(ty), ExternType::Table(wanted)) => ty.matches(wanted),
            (ExternType::Memory(ty), ExternType::Memory(wanted)) => ty.matches(wanted),
            _ => false,
        }
    }
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExternType::Func(ty) => write!(f, "function {ty}"),
            ExternType::Global(ty) => ty.fmt(f),
            ExternType::Table(ty) => ty.fmt(f),
            ExternType::Memory(ty) => ty.fmt(f),
        }
    }
}
