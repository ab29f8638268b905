//! THE SANDBOX RESTS ON THIS FILE: the prices of the runtime, in fuel and in bytes of stack.
//!
//! Both are rules of the game, decided on WebAssembly alone: they are equal on every machine, at every level of
//! optimisation, whatever is inlined. This file must not know how anything is compiled.
//!
//! # Fuel
//!
//! What each operator costs in fuel: wasmtime's prices.
//!
//! | operators | units |
//! | --- | --- |
//! | structure, which says only where code begins and ends: `nop` `block` `loop` `else` `end` `return` `unreachable` | 0 |
//! | `drop` | 0 |
//! | branches: `if` `br` `br_if` `br_table` | 1 |
//! | calls, of any function: `call` `call_indirect` | 1 |
//! | entering a function of a module, however it was called | 1 |
//! | locals and globals: `local.*` `global.*` | 1 |
//! | `select` with and without a type | 1 |
//! | numbers: constants, loads and stores, arithmetic, comparisons, conversions: `i32.*` `i64.*` `f32.*` `f64.*` | 1 |
//! | vectors, loads and stores and lanes among them: `v128.*` `i8x16.*` `i16x8.*` `i32x4.*` `i64x2.*` `f32x4.*` `f64x2.*` | 1 |
//! | references: `ref.*` | 1 |
//! | single elements and sizes: `table.get` `table.set` `table.size` `memory.size` | 1 |
//! | dropping segments: `data.drop` `elem.drop` | 1 |
//! | more memory, however many pages: `memory.grow` | 1 |
//! | bytes in bulk: `memory.fill` `memory.copy` `memory.init` | 1 + length |
//! | elements in bulk: `table.grow` `table.fill` `table.copy` `table.init` | 1 + length |
//!
//! - Operators that run are paid for, up to and including one that traps; operators that are jumped over cost nothing.
//! - A loop costs nothing by itself: each round pays for the branch back.
//! - The length is an operand, in bytes or elements. It is paid for before the operation begins, even if the operation
//!   then traps or, as `table.grow` can, fails. An operation that is not covered does not begin.
//! - Calling a host function costs what any call costs; charging for its work is up to the host function.
//! - Instantiation is free, except for the start function.
//!
//! A test reads this table and tries every operator (`tests/it/fuel`).
//!
//! # Stack
//!
//! How deep calls may nest is a rule, like fuel; what a frame takes of the machine's stack is not. So each function has
//! a price in bytes, and every call passes on what is left of
//! [`Config::max_wasm_stack`](crate::base::config::Config::max_wasm_stack):
//!
//! ```text
//!   way in ── left ──> f: left -= price of f ── left ──> g: left -= price of g ── left ──> way out ──> the store
//!                         below zero: call stack exhausted                                 the next way in reads it
//! ```
//!
//! Growing a memory or a table is a way out as well: it asks the store's limiter, which may call guests of other stores.
//! Nothing has to be put back when a function returns: its caller has its own count. How large the machine's stack is
//! for that count is decided by `function/frame.rs`.
//!
//! | functions and calls | bytes |
//! | --- | --- |
//! | a function that calls nothing and would take at most 1,024 | 0 |
//! | any other function | 64 |
//! | plus, for each parameter and each local that it uses: an integer or a reference | 8 |
//! | a float or a vector | 16 |
//! | plus, for each operand, where most of them are on the operand stack at once | 16 |
//! | a call from the host while guest code waits for it | 4,096 |

/// Prices in fuel.
pub mod fuel {
    use wasmparser::Operator;

    /// The version of the table. It is incremented whenever a price or a rule changes: modules compiled with other
    /// prices are then refused, since peers must count the same.
    pub const VERSION: u32 = 2;

    /// Entering a function.
    pub const ENTRY: u32 = 1;

    /// The most that any operator costs, not counting what a bulk operation costs by length.
    pub const MOST: u32 = 1;

    /// The price of an operator, not counting what a bulk operation costs by length.
    pub fn of_operator(operator: &Operator<'_>) -> u32 {
        match operator {
            Operator::Nop
            | Operator::Drop
            | Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::Unreachable
            | Operator::Return
            | Operator::Else
            | Operator::End => 0,
            _ => 1,
        }
    }
}

/// Prices in bytes of stack.
pub mod stack {
    use wasmparser::ValType;

    /// The version of the table. It is incremented whenever the table changes: modules compiled with other prices are
    /// then refused, since peers must count the same.
    pub const VERSION: u32 = 1;

    /// Any frame: its return address, the frame pointer, and registers of its caller's.
    const FRAME: u32 = 64;

    /// An operand of any type.
    const OPERAND: u32 = 16;

    /// The largest local.
    const LARGEST_LOCAL: u32 = 16;

    /// Functions that call nothing and would take no more than this are not counted: at most one of them is on the stack.
    pub const UNCOUNTED: u32 = 1_024;

    /// A call from the host while guest code waits for it: what the host may take between them, and the way in and out.
    pub const ACTIVATION: u64 = 4_096;

    /// The price of a function; `None` where it is not counted. `operands` is the greatest height of its operand stack.
    pub fn of_function(locals: impl Iterator<Item = ValType>, operands: u32, calls: bool) -> Option<u32> {
        let locals: u32 = locals.map(of_local).sum();
        let price = FRAME + locals + OPERAND * operands;
        (calls || price > UNCOUNTED).then_some(price)
    }

    fn of_local(ty: ValType) -> u32 {
        match ty {
            ValType::I32 | ValType::I64 | ValType::Ref(_) => 8,
            ValType::F32 | ValType::F64 | ValType::V128 => LARGEST_LOCAL,
        }
    }

    /// The most that a function with this many locals and operands takes.
    pub const fn most(locals: u32, operands: u32) -> u32 {
        FRAME + LARGEST_LOCAL * locals + OPERAND * operands
    }
}
