//! THE SANDBOX RESTS ON THIS FILE: what each function takes of the stack, as counted.
//!
//! How deep calls may nest is part of the rules, like fuel: equal on every machine, at every level of optimisation. What
//! a frame takes of the machine's stack is not. So each function has a price in bytes, decided on its WebAssembly alone,
//! as it was validated, before anything is inlined. Every call passes on what is left of
//! [`Config::max_wasm_stack`](crate::base::config::Config::max_wasm_stack):
//!
//! ```text
//!   door in ── left ──> f: left -= price of f ── left ──> g: left -= price of g ── left ──> door out ──> the store
//!                          below zero: call stack exhausted                                   the next door in has it
//! ```
//!
//! Nothing has to be put back when a function returns: its caller has its own count.
//!
//! | | bytes |
//! | --- | --- |
//! | a function that calls nothing and would take at most 1,024 | 0 |
//! | any other function | 64 |
//! | and for each parameter, and each local that it uses: integers, references | 8 |
//! | floats, vectors | 16 |
//! | and for each operand, where most of them are on the operand stack at once | 16 |
//! | a call from the host while guest code waits for it | 4,096 |
//!
//! The stack that guests run on is as large as what is counted, and larger by what is not: see `base/settings.rs`. Prices
//! are such that frames are smaller on every machine: half of them take less than a fifth. Optimising can make a frame
//! larger, where a loop computes much that does not change in it; such a function is compiled without. The machine's own
//! limit, which each frame is compared with, is further down, so that it is not what ends a call; it protects the process
//! in any case.

use wasmparser::{Operator, ValType};

/// What any frame takes: its return address, the frame pointer, and registers of its caller's.
const FRAME: u32 = 64;

/// An operand of any type.
const OPERAND: u32 = 16;

/// Functions that call nothing and take no more than this are not counted: one of them at most is on the stack.
pub const UNCOUNTED: u32 = 1_024;

/// What the frame of a function may take that is not counted. There is more room for it: see `base/settings.rs`.
const UNCOUNTED_FRAME_BYTES: u32 = 16 << 10;

/// A call from the host while guest code waits for it: what the host may take between them, and the doors.
pub const ACTIVATION: u64 = 4_096;

/// What a function takes, in bytes, or nothing where it is not counted. `operands` is the greatest height of its
/// operand stack.
pub fn price(locals: impl Iterator<Item = ValType>, operands: u32, calls: bool) -> Option<u32> {
    let locals: u32 = locals.map(local).sum();
    let price = FRAME + locals + OPERAND * operands;
    (calls || price > UNCOUNTED).then_some(price)
}

/// How large the machine's frame of a function may be, in bytes, that the stack which guests run on is large enough
/// for its price. One that is larger is compiled without optimisations.
pub fn most_frame_bytes(price: Option<u32>) -> u32 {
    price.unwrap_or(UNCOUNTED_FRAME_BYTES)
}

fn local(ty: ValType) -> u32 {
    match ty {
        ValType::I32 | ValType::I64 | ValType::Ref(_) => 8,
        ValType::F32 | ValType::F64 | ValType::V128 => 16,
    }
}

/// Whether the operator calls a function, which may be of a module.
pub fn is_call(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. })
}

/// The most that a function takes which has no more locals and operands than this, and calls nothing.
pub const fn most(locals: u32, operands: u32) -> u32 {
    FRAME + 16 * locals + OPERAND * operands
}
