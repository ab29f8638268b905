//! The reasons why WebAssembly code stops, with the texts of the specification's test suite.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why WebAssembly code stopped without finishing.
///
/// It is inside the [`Error`](crate::Error) that a call returns:
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "f") unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let error = instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ()).unwrap_err();
/// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::UnreachableCodeReached));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
#[repr(u8)]
pub enum Trap {
    /// The guest's stack is used up.
    StackOverflow = 1,
    /// An access beyond the end of a memory.
    MemoryOutOfBounds,
    /// An access beyond the end of a table.
    TableOutOfBounds,
    /// An indirect call of a null element.
    IndirectCallToNull,
    /// An indirect call of a function of another type.
    BadSignature,
    /// An integer result that its type cannot hold.
    IntegerOverflow,
    /// A division of an integer by zero.
    IntegerDivisionByZero,
    /// A float that has no corresponding integer.
    BadConversionToInteger,
    /// The `unreachable` operator.
    UnreachableCodeReached,
    /// A null reference where a non-null one is needed.
    NullReference,
    /// The fuel that is left does not cover the next run of operators.
    OutOfFuel,
}

impl Trap {
    const ALL: [Trap; 11] = [
        Trap::StackOverflow,
        Trap::MemoryOutOfBounds,
        Trap::TableOutOfBounds,
        Trap::IndirectCallToNull,
        Trap::BadSignature,
        Trap::IntegerOverflow,
        Trap::IntegerDivisionByZero,
        Trap::BadConversionToInteger,
        Trap::UnreachableCodeReached,
        Trap::NullReference,
        Trap::OutOfFuel,
    ];

    /// The number that machine code and its tables use; never 0.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Option<Trap> {
        Trap::ALL.into_iter().find(|trap| trap.code() == code)
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Trap::StackOverflow => "call stack exhausted",
            Trap::MemoryOutOfBounds => "out of bounds memory access",
            Trap::TableOutOfBounds => "undefined element: out of bounds table access",
            Trap::IndirectCallToNull => "uninitialized element",
            Trap::BadSignature => "indirect call type mismatch",
            Trap::IntegerOverflow => "integer overflow",
            Trap::IntegerDivisionByZero => "integer divide by zero",
            Trap::BadConversionToInteger => "invalid conversion to integer",
            Trap::UnreachableCodeReached => "wasm `unreachable` instruction executed",
            Trap::NullReference => "null reference",
            Trap::OutOfFuel => "all fuel consumed by WebAssembly",
        };
        write!(f, "wasm trap: {text}")
    }
}

impl std::error::Error for Trap {}
