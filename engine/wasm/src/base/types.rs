//! Types of values and functions, as the specification and wasmtime name them. Those of globals,
//! tables and memories are in the file beside.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use super::extern_types::{
    ExternType, GlobalType, MAX_PAGES, MemoryType, MemoryTypeBuilder, Mutability, PAGE_SIZE, TableType,
};

/// The most parameters, and the most results, that a function can have.
pub const MAX_PARAMS: usize = 1_000;

/// The type of a value.
///
/// ```
/// # use tinkerbox_wasm::*;
/// assert!(ValType::I32.is_i32() && ValType::I32.is_num() && !ValType::V128.is_num());
/// assert!(ValType::FUNCREF.is_ref() && ValType::FUNCREF.is_funcref());
/// assert_eq!(ValType::FUNCREF.to_string(), "funcref");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ValType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A vector of 128 bits.
    V128,
    /// A reference.
    Ref(RefType),
}

impl ValType {
    /// `funcref`.
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// `externref`.
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);

    /// Whether it is an integer or a float.
    pub fn is_num(&self) -> bool {
        matches!(self, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
    }

    /// Whether it is a 32-bit integer.
    pub fn is_i32(&self) -> bool {
        matches!(self, ValType::I32)
    }

    /// Whether it is a 64-bit integer.
    pub fn is_i64(&self) -> bool {
        matches!(self, ValType::I64)
    }

    /// Whether it is a 32-bit float.
    pub fn is_f32(&self) -> bool {
        matches!(self, ValType::F32)
    }

    /// Whether it is a 64-bit float.
    pub fn is_f64(&self) -> bool {
        matches!(self, ValType::F64)
    }

    /// Whether it is a vector.
    pub fn is_v128(&self) -> bool {
        matches!(self, ValType::V128)
    }

    /// Whether it is a reference of any kind.
    pub fn is_ref(&self) -> bool {
        matches!(self, ValType::Ref(_))
    }

    /// Whether it is `funcref`.
    pub fn is_funcref(&self) -> bool {
        *self == ValType::FUNCREF
    }

    /// Whether it is `externref`.
    pub fn is_externref(&self) -> bool {
        *self == ValType::EXTERNREF
    }

    /// Whether a value of this type is a handle into a store's collected heap.
    pub(crate) fn is_collected(&self) -> bool {
        matches!(self, ValType::Ref(ty) if ty.heap_type == HeapType::Extern)
    }

    /// Whether a value of this type is a reference to a function.
    pub(crate) fn is_func_ref(&self) -> bool {
        matches!(self, ValType::Ref(ty) if ty.heap_type == HeapType::Func)
    }

    /// The reference type, if it is one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(ValType::FUNCREF.as_ref(), Some(&RefType::FUNCREF));
    /// assert_eq!(ValType::I64.as_ref(), None);
    /// ```
    #[allow(clippy::should_implement_trait)]
    pub fn as_ref(&self) -> Option<&RefType> {
        if let ValType::Ref(ty) = self { Some(ty) } else { None }
    }

    /// The reference type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::FUNCREF.unwrap_ref().is_nullable());
    /// ```
    ///
    /// # Panics
    /// It is not a reference.
    pub fn unwrap_ref(&self) -> &RefType {
        self.as_ref().unwrap_or_else(|| panic!("{self} is not the type of a reference"))
    }

    /// Whether a value of this type can stand where one of the other is wanted.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let never_null = ValType::Ref(RefType::new(false, HeapType::Func));
    /// assert!(never_null.matches(&ValType::FUNCREF));
    /// assert!(!ValType::FUNCREF.matches(&never_null));
    /// ```
    pub fn matches(&self, other: &ValType) -> bool {
        match (self, other) {
            (ValType::Ref(ty), ValType::Ref(other)) => ty.matches(other),
            (ty, other) => ty == other,
        }
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> ValType {
        ValType::Ref(ty)
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(ty) => ty.fmt(f),
        }
    }
}

/// The type of a reference: whether it may be null, and what it refers to.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = RefType::new(true, HeapType::Func);
/// assert_eq!(ty, RefType::FUNCREF);
/// assert!(ty.is_nullable() && ty.heap_type().is_func());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RefType {
    nullable: bool,
    heap_type: HeapType,
}

impl RefType {
    /// `funcref`: a function of any type, or null.
    pub const FUNCREF: RefType = RefType { nullable: true, heap_type: HeapType::Func };
    /// `externref`: a value of the host that the guest cannot look into, or null.
    pub const EXTERNREF: RefType = RefType { nullable: true, heap_type: HeapType::Extern };

    /// A reference type from its parts.
    pub fn new(nullable: bool, heap_type: HeapType) -> RefType {
        RefType { nullable, heap_type }
    }

    /// Whether null is a value of this type.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// What the reference refers to.
    pub fn heap_type(&self) -> &HeapType {
        &self.heap_type
    }

    /// Whether a reference of this type can stand where one of the other is wanted.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(RefType::new(false, HeapType::Func).matches(&RefType::FUNCREF));
    /// ```
    pub fn matches(&self, other: &RefType) -> bool {
        self.heap_type.matches(&other.heap_type) && (other.nullable || !self.nullable)
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.nullable, self.heap_type) {
            (true, HeapType::Func) => f.write_str("funcref"),
            (false, HeapType::Func) => f.write_str("(ref func)"),
            (true, HeapType::Extern) => f.write_str("externref"),
            (false, HeapType::Extern) => f.write_str("(ref extern)"),
        }
    }
}

/// What a reference refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HeapType {
    /// Any function.
    Func,
    /// A value of the host, which the guest can keep and hand back but not look into.
    Extern,
}

impl HeapType {
    /// Whether it is any function.
    pub fn is_func(&self) -> bool {
        *self == HeapType::Func
    }

    /// Whether it is a value of the host.
    pub fn is_extern(&self) -> bool {
        *self == HeapType::Extern
    }

    /// Whether what it names is among what the other names.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(HeapType::Func.matches(&HeapType::Func) && !HeapType::Func.matches(&HeapType::Extern));
    /// ```
    pub fn matches(&self, other: &HeapType) -> bool {
        self == other
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeapType::Func => f.write_str("func"),
            HeapType::Extern => f.write_str("extern"),
        }
    }
}

/// Parameters and results of a function.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let ty = FuncType::new(&Engine::default(), [ValType::I32, ValType::I64], [ValType::F32]);
/// assert_eq!(ty.params().len(), 2);
/// assert_eq!((ty.param(1), ty.param(2)), (Some(ValType::I64), None));
/// assert!(ty.result(0).is_some_and(|result| result.is_f32()) && ty.results().len() == 1);
/// assert_eq!(ty.to_string(), "(i32, i64) -> (f32)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FuncType {
    // One allocation: the parameters, then the results.
    all: Arc<[ValType]>,
    params: usize,
}

impl FuncType {
    pub(crate) fn from_parts(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        let mut all: Vec<ValType> = params.into_iter().collect();
        let params = all.len();
        all.extend(results);
        FuncType { all: all.into(), params }
    }

    /// The parameters' types.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.all[..self.params].iter().copied()
    }

    /// The results' types.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.all[self.params..].iter().copied()
    }

    /// # Errors
    /// There are more parameters or results than a function can have.
    pub(crate) fn check_size(&self) -> anyhow::Result<()> {
        let (params, results) = (self.params().len(), self.results().len());
        anyhow::ensure!(
            params.max(results) <= MAX_PARAMS,
            "a function of {params} parameters and {results} results: at most {MAX_PARAMS} of each are possible"
        );
        Ok(())
    }

    /// The type of one parameter; `None` beyond the last.
    pub fn param(&self, index: usize) -> Option<ValType> {
        self.params().nth(index)
    }

    /// The type of one result; `None` beyond the last.
    pub fn result(&self, index: usize) -> Option<ValType> {
        self.results().nth(index)
    }

    /// Whether a function of this type can stand where one of the other is wanted: it takes at least
    /// what that takes, and returns at most what that returns.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let never_null = ValType::Ref(RefType::new(false, HeapType::Func));
    /// let any = FuncType::new(&engine, [ValType::FUNCREF], [never_null]);
    /// let some = FuncType::new(&engine, [never_null], [ValType::FUNCREF]);
    /// assert!(any.matches(&some) && !some.matches(&any));
    /// ```
    pub fn matches(&self, other: &FuncType) -> bool {
        // Nearly all matching types are equal, and most of these share their allocation.
        if self.params == other.params && (Arc::ptr_eq(&self.all, &other.all) || self.all == other.all) {
            return true;
        }
        let [counts, others] = [self, other].map(|ty| (ty.params().len(), ty.results().len()));
        counts == others
            && self.params().zip(other.params()).all(|(own, other)| other.matches(&own))
            && self.results().zip(other.results()).all(|(own, other)| own.matches(&other))
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[ValType]| types.iter().map(ValType::to_string).collect::<Vec<_>>().join(", ");
        let (params, results) = self.all.split_at(self.params);
        write!(f, "({}) -> ({})", list(params), list(results))
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
