//! The words of every stage behind parsing: the operators of a function, and where each is in its module.

use wasmparser::Operator;

/// An operator of a function, on its way through the stages.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    pub operator: Operator<'a>,
    /// What it costs in fuel, not counting what depends on an operand.
    pub price: u32,
    pub location: CodeLocation,
}

/// The operators of a function.
pub type Operators<'a> = Vec<Step<'a>>;

/// Where an operator is in its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeLocation {
    /// In bytes from the start of the module.
    pub wasm_offset: u32,
    /// Where the call is that the operator was inlined at.
    pub call: Option<u32>,
}
