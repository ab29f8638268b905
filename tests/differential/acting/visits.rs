//! The host's functions that wasm-smith's modules import: at each call the host acts, and returns the same values as
//! on every engine.

use tinkerbox_wasm::ValType;

use crate::engines::machine::{Value, answers};

pub struct Visited {
    pub name: &'static str,
    pub params: &'static [ValType],
    pub results: &'static [ValType],
    /// Its results, from the number of acts of the host and the arguments.
    pub answer: fn(usize, &[Value]) -> Vec<Value>,
}

use ValType as T;

pub const VISITED: [Visited; 6] = [
    Visited { name: "tell", params: &[T::I32], results: &[], answer: |_, _| Vec::new() },
    Visited {
        name: "ask",
        params: &[],
        results: &[T::I32],
        answer: |turns, _| vec![Value::I32(answers::ask(turns))],
    },
    Visited {
        name: "mix",
        params: &[T::I64, T::F64],
        results: &[T::F32, T::I64],
        answer: |_, given| {
            let &[Value::I64(a), Value::F64(b)] = given else { unreachable!("these are its types") };
            let (narrow, wide) = answers::mix(a, f64::from_bits(b));
            vec![Value::f32(narrow), Value::I64(wide)]
        },
    },
    Visited {
        name: "make",
        params: &[],
        results: &[T::EXTERNREF],
        answer: |turns, _| vec![Value::Extern(Some(answers::make(turns)))],
    },
    Visited {
        name: "take",
        params: &[T::EXTERNREF],
        results: &[T::I32],
        answer: |_, given| {
            let &[Value::Extern(number)] = given else { unreachable!("this is its type") };
            vec![Value::I32(answers::take(number))]
        },
    },
    Visited {
        name: "swap",
        params: &[T::EXTERNREF, T::I32, T::EXTERNREF],
        results: &[T::EXTERNREF, T::EXTERNREF],
        answer: |_, given| vec![given[2], given[0]],
    },
];
