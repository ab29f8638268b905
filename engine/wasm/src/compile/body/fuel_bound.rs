//! The most fuel that a call of a function can consume, where no data decides it.
//!
//! ```text
//! body ─> parts: what has a price, calls, and where one of two arms is taken
//! parts of all functions ─> bounds, those of callees first
//! ```
//!
//! Without a loop, every operator of a call runs at most once, and of an `if` only one arm does. So no graph of the control
//! flow is needed; branches forward can only make a call cheaper.

use wasmparser::{FunctionBody, Operator};

use crate::base::error::InvalidModule;
use crate::base::indices::FuncIndex;
use crate::compile::parse::Body;
use crate::compile::prices::fuel;

/// The most fuel that a call of a function consumes in the module's own code.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let binary = wat::parse_str(r#"(module (func (export "add") (param i32 i32) (result i32)
///     (i32.add (local.get 0) (local.get 1))))"#)?;
/// let declarations = Declarations::read(&binary)?;
/// assert_eq!(declarations.fuel_bounds()?.next(), Some(("add", FuelBound::AtMost(4))));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FuelBound {
    /// This many units, and no more.
    AtMost(u64),
    /// Data decides: it, or a function that it calls, has a loop.
    Loops,
    /// Data decides: it, or a function that it calls, calls functions that it has in a table or a reference.
    CallsIndirectly,
    /// Data decides: it calls itself, perhaps by way of others.
    Recurses,
    /// Data decides: it, or a function that it calls, copies or fills in bulk.
    CopiesInBulk,
}

/// A piece of a function, in its order.
#[derive(Clone, Copy, Debug)]
enum Part {
    Price(u64),
    Call(FuncIndex),
    If,
    Else,
    End,
}

/// What is known of a function's bound.
#[derive(Clone, Copy)]
enum State {
    Unknown,
    /// It waits for those that it calls.
    Begun,
    Known(FuelBound),
}

/// The bounds of a module's own functions. Calls of imported functions cost what any call does; what these charge is not
/// included.
///
/// # Errors
/// A body is malformed.
pub fn fuel_bounds(imported: usize, bodies: &[Body<'_>]) -> Result<Vec<FuelBound>, InvalidModule> {
    let parts: Vec<Result<Vec<Part>, FuelBound>> =
        bodies.iter().map(|body| parts(&body.body)).collect::<Result<_, InvalidModule>>()?;
    let mut bounds = Bounds { imported, states: vec![State::Unknown; parts.len()], parts };
    for own in 0..bounds.parts.len() {
        bounds.find(own);
    }
    let known = bounds.states.into_iter().map(|state| match state {
        State::Known(bound) => bound,
        State::Unknown | State::Begun => FuelBound::Recurses,
    });
    Ok(known.collect())
}

/// The parts of a function; or why it has no bound, whatever it calls.
fn parts(body: &FunctionBody<'_>) -> Result<Result<Vec<Part>, FuelBound>, InvalidModule> {
    let mut parts = vec![Part::Price(fuel::ENTRY.into())];
    // Whether each open block is an `if`.
    let mut blocks = Vec::new();
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        let operator = reader.read()?;
        match (parts.last_mut(), u64::from(fuel::of_operator(&operator))) {
            (_, 0) => {}
            (Some(Part::Price(before)), price) => *before += price,
            (_, price) => parts.push(Part::Price(price)),
        }
        match operator {
            Operator::Loop { .. } => return Ok(Err(FuelBound::Loops)),
            Operator::Block { .. } => blocks.push(false),
            Operator::If { .. } => {
                blocks.push(true);
                parts.push(Part::If);
            }
            Operator::Else => parts.push(Part::Else),
            Operator::End => parts.extend(blocks.pop().filter(|is_if| *is_if).map(|_| Part::End)),
            Operator::Call { function_index } => parts.push(Part::Call(FuncIndex(function_index))),
            Operator::CallIndirect { .. } | Operator::CallRef { .. } => {
                return Ok(Err(FuelBound::CallsIndirectly));
            }
            Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableFill { .. }
            | Operator::TableInit { .. }
            | Operator::TableGrow { .. } => return Ok(Err(FuelBound::CopiesInBulk)),
            _ => {}
        }
    }
    Ok(Ok(parts))
}

struct Bounds {
    imported: usize,
    parts: Vec<Result<Vec<Part>, FuelBound>>,
    states: Vec<State>,
}

impl Bounds {
    /// Finds the bound of a function and of those that it calls. They are on a stack of this function's own: how deep calls
    /// nest is the module's choice.
    fn find(&mut self, function: usize) {
        let mut waiting = vec![function];
        while let Some(&function) = waiting.last() {
            match self.states[function] {
                State::Unknown => {
                    self.states[function] = State::Begun;
                    let callees = self.callees(function);
                    waiting.extend(callees.filter(|callee| matches!(self.states[*callee], State::Unknown)));
                }
                State::Begun => self.states[function] = State::Known(self.bound(function)),
                State::Known(_) => drop(waiting.pop()),
            }
        }
    }

    /// The module's own functions that a function calls.
    fn callees(&self, function: usize) -> impl Iterator<Item = usize> {
        let calls = self.parts[function].iter().flatten().filter_map(|part| match part {
            Part::Call(callee) => callee.index().checked_sub(self.imported),
            _ => None,
        });
        calls.filter(|callee| *callee < self.parts.len())
    }

    /// The bound of a function. One that it calls and whose bound is not known calls it in turn.
    fn bound(&self, function: usize) -> FuelBound {
        let parts = match &self.parts[function] {
            Ok(parts) => parts,
            Err(unbounded) => return *unbounded,
        };
        // What is spent in each open `if`: in the arm that is read, and in the one before it.
        let mut arms: Vec<(u64, u64)> = vec![(0, 0)];
        for part in parts {
            let Some((spent, _)) = arms.last_mut() else { break };
            match part {
                Part::Price(price) => *spent = spent.saturating_add(*price),
                Part::Call(callee) if callee.index() < self.imported => {}
                Part::Call(callee) => {
                    let callee = callee.index() - self.imported;
                    match self.states.get(callee) {
                        Some(State::Known(FuelBound::AtMost(units))) => {
                            *spent = spent.saturating_add(*units);
                        }
                        Some(State::Known(unbounded)) => return *unbounded,
                        Some(State::Unknown | State::Begun) => return FuelBound::Recurses,
                        None => {}
                    }
                }
                Part::If => arms.push((0, 0)),
                Part::Else => {
                    let arm = arms.last_mut().expect("there is one");
                    *arm = (0, arm.0);
                }
                Part::End => {
                    let (second, first) = arms.pop().expect("there is one");
                    if let Some((spent, _)) = arms.last_mut() {
                        *spent = spent.saturating_add(first.max(second));
                    }
                }
            }
        }
        FuelBound::AtMost(arms.first().map_or(0, |(spent, _)| *spent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::parse;

    fn bounds(functions: &str) -> Vec<FuelBound> {
        let text =
            format!("(module (import \"host\" \"f\" (func $host)) (memory 1) (table 1 funcref) {functions})");
        let wasm = wat::parse_str(text).unwrap();
        let parsed = parse::parse(&wasm).unwrap();
        fuel_bounds(parsed.info.imported_funcs, &parsed.bodies).unwrap()
    }

    fn bound(body: &str) -> FuelBound {
        bounds(&format!("(func $self (param i32) {body})"))[0]
    }

    #[test]
    fn what_has_no_loop_has_a_bound() {
        use FuelBound::AtMost;
        // Entering a function costs one, as does each operator that is not structure.
        assert_eq!(bound(""), AtMost(1));
        assert_eq!(bound("(drop (i32.const 1))"), AtMost(2));
        assert_eq!(bound("(call $host)"), AtMost(2));
        assert_eq!(bound("(block (br_if 0 (local.get 0)) (call $host))"), AtMost(4));
        // The dearer arm counts.
        let arms = |then: &str, other: &str| format!("(if (local.get 0) (then {then}) (else {other}))");
        assert_eq!(bound(&arms("", "")), AtMost(3));
        assert_eq!(bound(&arms("(call $host)", "(call $host) (call $host)")), AtMost(5));
        assert_eq!(bound(&arms("(call $host) (call $host)", "")), AtMost(5));
        assert_eq!(bound(&arms(&arms("(call $host)", ""), "(call $host)")), AtMost(3 + 3));
        assert_eq!(bound("(if (local.get 0) (then (call $host))) (call $host)"), AtMost(3 + 1 + 1));
    }

    #[test]
    fn callees_count_each_time_and_may_come_later() {
        let all = bounds(
            "(func (call $b) (call $b)) (func $b (call $c) (call $host)) (func $c (drop (i32.const 0)))",
        );
        let (c, b) = (2, 1 + (1 + 2) + 1);
        assert_eq!(all, [1 + 2 * (1 + b), b, c].map(FuelBound::AtMost));
    }

    #[test]
    fn data_decides_where_there_are_loops_tables_circles_or_bulk() {
        let zeros = "(i32.const 0) (i32.const 0) (i32.const 0)";
        assert_eq!(bound("(loop)"), FuelBound::Loops);
        assert_eq!(bound("(call_indirect (i32.const 0))"), FuelBound::CallsIndirectly);
        assert_eq!(bound("(call $self (i32.const 0))"), FuelBound::Recurses);
        assert_eq!(bound(&format!("(memory.fill {zeros})")), FuelBound::CopiesInBulk);
        assert_eq!(bound(&format!("(memory.copy {zeros})")), FuelBound::CopiesInBulk);
        let circle =
            bounds("(func $a (call $b)) (func $b (call $c)) (func $c (call $a)) (func (call $host))");
        assert_eq!(circle[..3], [FuelBound::Recurses; 3]);
        assert_eq!(circle[3], FuelBound::AtMost(2));
        let callers = bounds("(func (call $b)) (func $b (call $c)) (func $c (loop))");
        assert_eq!(callers, [FuelBound::Loops; 3]);
    }

    #[test]
    fn calls_that_nest_deeply_need_no_stack() {
        let depth = 100_000;
        let chain: String = (0..depth).map(|at| format!("(func (call {}))", at + 2)).collect();
        assert_eq!(bounds(&format!("{chain} (func)"))[0], FuelBound::AtMost(2 * depth + 1));
    }
}
