//! Types of values: numbers, vectors and references.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // The parameters that a form can ask a person for.
    /// let module = Module::new(&Engine::default(), r#"(module
    ///     (func (export "move") (param f32 f32 externref v128)))"#)?;
    /// let ty = module.get_export("move").ok_or_else(|| format_err!("`move` is wanted"))?;
    /// assert_eq!(ty.unwrap_func().params().filter(ValType::is_num).count(), 2);
    /// # anyhow::Ok(())
    /// ```
    pub fn is_num(&self) -> bool {
        matches!(self, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64)
    }

    /// Whether it is a 32-bit integer.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::I32.is_i32() && !ValType::I64.is_i32());
    /// assert!(<u32 as WasmTy>::valtype().is_i32()); // integers have no sign
    /// ```
    pub fn is_i32(&self) -> bool {
        matches!(self, ValType::I32)
    }

    /// Whether it is a 64-bit integer.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::I64.is_i64() && <u64 as WasmTy>::valtype().is_i64());
    /// ```
    pub fn is_i64(&self) -> bool {
        matches!(self, ValType::I64)
    }

    /// Whether it is a 32-bit float.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::F32.is_f32() && !ValType::F64.is_f32());
    /// ```
    pub fn is_f32(&self) -> bool {
        matches!(self, ValType::F32)
    }

    /// Whether it is a 64-bit float.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::F64.is_f64() && <f64 as WasmTy>::valtype().is_f64());
    /// ```
    pub fn is_f64(&self) -> bool {
        matches!(self, ValType::F64)
    }

    /// Whether it is a vector.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::V128.is_v128() && <V128 as WasmTy>::valtype().is_v128());
    /// ```
    pub fn is_v128(&self) -> bool {
        matches!(self, ValType::V128)
    }

    /// Whether it is a reference of any kind.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::EXTERNREF.is_ref() && ValType::FUNCREF.is_ref() && !ValType::I64.is_ref());
    /// ```
    pub fn is_ref(&self) -> bool {
        matches!(self, ValType::Ref(_))
    }

    /// Whether it is `funcref`.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::FUNCREF.is_funcref());
    /// let never_null = ValType::Ref(RefType::new(false, HeapType::Func));
    /// assert!(never_null.is_ref() && !never_null.is_funcref());
    /// ```
    pub fn is_funcref(&self) -> bool {
        *self == ValType::FUNCREF
    }

    /// Whether it is `externref`.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(ValType::EXTERNREF.is_externref() && !ValType::FUNCREF.is_externref());
    /// ```
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

    /// Whether a value of this type can be used where the other type is wanted.
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
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(RefType::new(true, HeapType::Extern), RefType::EXTERNREF);
    /// assert_eq!(RefType::new(false, HeapType::Extern).to_string(), "(ref extern)");
    /// ```
    pub fn new(nullable: bool, heap_type: HeapType) -> RefType {
        RefType { nullable, heap_type }
    }

    /// Whether null is a value of this type.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(RefType::FUNCREF.is_nullable());
    /// // Only a type with null has a default value.
    /// let never_null = RefType::new(false, HeapType::Func);
    /// assert!(!never_null.is_nullable() && Val::default_for_ty(&never_null.into()).is_none());
    /// ```
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// What the reference refers to.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(RefType::EXTERNREF.heap_type(), &HeapType::Extern);
    /// ```
    pub fn heap_type(&self) -> &HeapType {
        &self.heap_type
    }

    /// Whether a reference of this type can be used where the other type is wanted.
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
///
/// ```
/// # use tinkerbox_wasm::*;
/// let kind = |ty: &RefType| match ty.heap_type() {
///     HeapType::Func => "functions",
///     HeapType::Extern => "values of the host",
///     other => panic!("a kind that this host does not know: {other}"),
/// };
/// let ty = TableType::new(RefType::FUNCREF, 0, None);
/// assert_eq!(kind(ty.element()), "functions");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HeapType {
    /// Any function.
    Func,
    /// A value of the host, which the guest can keep and pass back, but not look into.
    Extern,
}

impl HeapType {
    /// Whether it is any function.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(HeapType::Func.is_func() && !HeapType::Extern.is_func());
    /// ```
    pub fn is_func(&self) -> bool {
        *self == HeapType::Func
    }

    /// Whether it is a value of the host.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(RefType::EXTERNREF.heap_type().is_extern());
    /// ```
    pub fn is_extern(&self) -> bool {
        *self == HeapType::Extern
    }

    /// Whether everything that this type names is also named by the other.
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
