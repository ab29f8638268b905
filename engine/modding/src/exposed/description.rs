//! What a game tells authors besides types: its functions, numbers, and kinds of entities.
//!
//! Mods run the same without it: it is for the interface file only.

use std::collections::BTreeMap;
use std::sync::Arc;

use tinkerbox_interface::{Constant, EntityKind, Interface, Number};
use tinkerbox_wasm::FuncType;

/// A function of the game, as mods import it.
#[derive(Clone, Debug)]
pub(crate) struct ExposedFunction {
    /// What a call costs, in units of fuel.
    pub fuel: u64,
    pub ty: FuncType,
}

/// What the game tells authors, by name or id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Telling {
    pub functions: BTreeMap<String, FunctionDescription>,
    pub constants: BTreeMap<String, Constant>,
    pub entities: BTreeMap<String, EntityKind>,
    /// The interface of another game, if everything exposed is a stand-in for that.
    pub stands_for: Option<Arc<Interface>>,
}

/// What the game tells of a function.
#[derive(Clone, Debug)]
pub(crate) struct FunctionDescription {
    /// `(x: f32, y: f32) -> f32`.
    pub signature: String,
    pub docs: String,
}

/// A number that a game can tell authors of mods.
pub trait ConstantValue: Copy {
    #[doc(hidden)]
    fn number(self) -> Number;
    #[doc(hidden)]
    fn digits(self) -> String;
}

macro_rules! constants {
    ($($ty:ty: $number:ident,)*) => {
        $(impl ConstantValue for $ty {
            fn number(self) -> Number {
                Number::$number
            }

            fn digits(self) -> String {
                // With a point where it is a floating-point number: that is how every language tells them apart.
                format!("{self:?}")
            }
        })*
    };
}

constants! { u8: U8, i8: I8, u16: U16, i16: I16, u32: U32, i32: I32, u64: U64, i64: I64, f32: F32, f64: F64, }
