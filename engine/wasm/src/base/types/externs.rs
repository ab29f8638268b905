//! Types of globals and tables, and the type of anything that can be imported or exported.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::func::FuncType;
use super::memory::MemoryType;
use super::range::{fmt_range, is_within};
use super::values::{RefType, ValType};

/// Whether a global can be set.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let mut assigned = |mutability| -> Result<bool> {
///     let global = Global::new(&mut store, GlobalType::new(ValType::I32, mutability), Val::I32(1))?;
///     Ok(global.set(&mut store, Val::I32(2)).is_ok())
/// };
/// assert!(assigned(Mutability::Var)? && !assigned(Mutability::Const)?);
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mutability {
    /// It keeps its initial value.
    Const,
    /// It can be set.
    Var,
}

impl Mutability {
    /// Whether it keeps its initial value.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Mutability::Const.is_const() && !Mutability::Const.is_var());
    /// ```
    pub fn is_const(self) -> bool {
        self == Mutability::Const
    }

    /// Whether it can be set.
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
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let ty = GlobalType::new(ValType::F64, Mutability::Const);
    /// let module = Module::new(&Engine::default(), r#"(module (global (export "pi") f64 (f64.const 3.14)))"#)?;
    /// assert_eq!(module.get_export("pi"), Some(ty.into()));
    /// # anyhow::Ok(())
    /// ```
    pub fn new(content: ValType, mutability: Mutability) -> GlobalType {
        GlobalType { content, mutability }
    }

    /// The type of the value.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let ty = GlobalType::new(ValType::F64, Mutability::Const);
    /// assert!(Val::default_for_ty(ty.content()).is_some_and(|zero| zero.f64() == Some(0.0)));
    /// ```
    pub fn content(&self) -> &ValType {
        &self.content
    }

    /// Whether it can be set.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module
    ///     (global (export "score") (mut i32) (i32.const 0)) (global (export "version") i32 (i32.const 3)))"#)?;
    /// let is_var = |name| module.get_export(name).is_some_and(|ty| ty.unwrap_global().mutability().is_var());
    /// assert!(is_var("score") && !is_var("version"));
    /// # anyhow::Ok(())
    /// ```
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    /// A mutable global must have exactly the wanted type, since both sides may set it.
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
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let table = Table::new(&mut store, TableType::new(RefType::EXTERNREF, 2, Some(3)), Ref::Extern(None))?;
    /// assert!(table.grow(&mut store, 1, Ref::Extern(None)).is_ok());
    /// assert!(table.grow(&mut store, 1, Ref::Extern(None)).is_err()); // at most three
    /// # anyhow::Ok(())
    /// ```
    pub fn new(element: RefType, minimum: u32, maximum: Option<u32>) -> TableType {
        TableType { element, minimum: minimum.into(), maximum: maximum.map(u64::from) }
    }

    /// The type of the elements.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let ty = TableType::new(RefType::FUNCREF, 1, None);
    /// assert!(Ref::null(ty.element().heap_type()).is_func());
    /// ```
    pub fn element(&self) -> &RefType {
        &self.element
    }

    /// The least number of elements.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module (table (export "handlers") 16 funcref))"#)?;
    /// assert_eq!(module.get_export("handlers").map(|ty| ty.unwrap_table().minimum()), Some(16));
    /// # anyhow::Ok(())
    /// ```
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// The greatest number of elements, if there is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(TableType::new(RefType::FUNCREF, 1, Some(8)).maximum(), Some(8));
    /// assert_eq!(TableType::new(RefType::FUNCREF, 1, None).maximum(), None);
    /// ```
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    /// Whether its indices have 64 bits. Such tables are not supported yet.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let error = Module::new(&Engine::default(), "(module (table i64 1 funcref))").unwrap_err();
    /// assert!(error.is::<InvalidModule>());
    /// assert!(!TableType::new(RefType::FUNCREF, 1, None).is_64());
    /// ```
    pub fn is_64(&self) -> bool {
        false
    }

    /// The same type with the current number of elements as its minimum.
    pub(crate) fn with_minimum(&self, minimum: u64) -> TableType {
        TableType { minimum, ..*self }
    }

    fn matches(&self, wanted: &TableType) -> bool {
        self.element == wanted.element
            && self.minimum >= wanted.minimum
            && is_within(self.maximum, wanted.maximum)
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table of {} with elements ", self.element)?;
        fmt_range(f, self.minimum, self.maximum)
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
    ($($name:ident, $unwrap:ident: $variant:ident($ty:ty), $article:literal, $export:literal;)*) => {
        impl ExternType {
            $(
                #[doc = concat!("The type of ", $article, ", if it is one.")]
                ///
                /// ```
                /// # use tinkerbox_wasm::*;
                #[doc = concat!("let module = Module::new(&Engine::default(), r#\"(module ", $export, ")\"#)?;")]
                /// let ty = module.get_export("it");
                #[doc = concat!("assert!(ty.is_some_and(|ty| ty.", stringify!($name), "().is_some()));")]
                /// # anyhow::Ok(())
                /// ```
                pub fn $name(&self) -> Option<&$ty> {
                    if let ExternType::$variant(ty) = self { Some(ty) } else { None }
                }

                #[doc = concat!("The type of ", $article, ".")]
                ///
                /// ```
                /// # use tinkerbox_wasm::*;
                #[doc = concat!("let module = Module::new(&Engine::default(), r#\"(module ", $export, ")\"#)?;")]
                /// let ty = module.exports().next().expect("there is one").ty();
                #[doc = concat!("assert_eq!(ExternType::from(ty.", stringify!($unwrap), "().clone()), ty);")]
                /// # anyhow::Ok(())
                /// ```
                ///
                /// # Panics
                /// It is the type of something else.
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
    func, unwrap_func: Func(FuncType), "a function", r#"(func (export "it"))"#;
    global, unwrap_global: Global(GlobalType), "a global", r#"(global (export "it") i32 (i32.const 1))"#;
    table, unwrap_table: Table(TableType), "a table", r#"(table (export "it") 1 funcref)"#;
    memory, unwrap_memory: Memory(MemoryType), "a memory", r#"(memory (export "it") 1)"#;
}

impl ExternType {
    /// Whether an item of this type can be imported where the other type is wanted. The minimum of a table or memory is
    /// then its current size.
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
