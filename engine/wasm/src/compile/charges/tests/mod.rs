//! Plans of small functions as text, and plans of generated functions on every path. Nothing is translated here.

pub mod generate;
mod paths;
mod shapes;

use wasmparser::{Parser, Payload};

use super::plan::ChargePlan;
use crate::compile::body::{CodeLocation, Operators, Step};
use crate::compile::prices::fuel;

/// The operators of the only function of a module whose text has this body. The module is not validated.
fn with_operators<R>(body: &str, look: impl FnOnce(Operators<'_>) -> R) -> R {
    let text = format!(
        "(module (import \"host\" \"look\" (func)) (memory 1) (func (param i32) (result i32) {body}))"
    );
    let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{body}"));
    let payloads = Parser::new(0).parse_all(&wasm).map(|payload| payload.expect("the text is a module"));
    let mut bodies = payloads.filter_map(|payload| match payload {
        Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let body = bodies.next().expect("there is a function");
    let reader = body.get_operators_reader().expect("there are no locals");
    let operators = reader.into_iter_with_offsets().map(|operator| {
        let (operator, offset) = operator.expect("the text has operators only");
        let location = CodeLocation { wasm_offset: offset as u32, call: None };
        Step { price: fuel::of_operator(&operator), operator, location }
    });
    look(operators.collect())
}
