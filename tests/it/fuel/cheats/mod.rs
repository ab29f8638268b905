//! Ways of running for ever, or for very long: one for each idea of how to bypass metering.
//!
//! Each is a piece of a module, placed after [`PRELUDE`], with an export `cheat`. Work is counted by `$step` and
//! `$work` in the module, by `$host` outside, and by `$other_step` in another instance.

mod bulk;
mod calls;
mod loops;

pub use bulk::BULK;
pub use calls::{CALLS, RECURSION};
pub use loops::LOOPS;
use tinkerbox_wasm::Trap;

/// The part that all of them share. A call of `$step` costs six including the call itself, one of `$host` costs one.
pub const PRELUDE: &str = r#"
    (import "host" "work" (func $host))
    (import "host" "again" (func $again))
    (import "host" "swallow" (func $swallow))
    (import "other" "step" (func $other_step))
    (import "other" "work again" (func $host_of_another))
    (import "other" "call" (func $other_call (param funcref)))
    (type $nothing (func))
    (global $work (export "work") (mut i64) (i64.const 0))
    (global $zero (mut i32) (i32.const 0))
    (memory 1 4)
    (table $table 16 64 funcref)
    (table $small 4 4 funcref)
    (elem $steps func $step $step $step)
    (elem (table $table) (i32.const 0) func $step $host $other_step $host_of_another)
    (elem declare func $cheat)
    (data $bytes "some bytes to copy")
    (func $step (global.set $work (i64.add (global.get $work) (i64.const 1))))
    (func (export "alive") (result i32) (i32.const 42))"#;

/// The other instance, from which modules may import.
pub const OTHER: &str = r#"(module
    (import "host" "work" (func $host))
    (global $work (export "work") (mut i64) (i64.const 0))
    (table $table 1 funcref)
    (func (export "step") (global.set $work (i64.add (global.get $work) (i64.const 1))))
    (func (export "call") (param funcref)
        (table.set $table (i32.const 0) (local.get 0))
        (call_indirect $table (i32.const 0)))
    (export "work again" (func $host)))"#;

pub struct Cheat {
    pub name: &'static str,
    /// The minimum cost of a piece of work.
    pub least: u64,
    /// The most that a single operator asks for: a long bulk operation is refused if less is left.
    pub longest: u64,
    /// How it ends if it does not run out of fuel first.
    pub ends: Option<Trap>,
    pub text: &'static str,
}

/// A cheat that never ends.
const fn endless(name: &'static str, least: u64, text: &'static str) -> Cheat {
    Cheat { name, least, longest: 1, ends: None, text }
}

/// A cheat that eventually traps.
const fn trapping(name: &'static str, least: u64, trap: Trap, text: &'static str) -> Cheat {
    Cheat { name, least, longest: 1, ends: Some(trap), text }
}

/// A cheat that does not even begin if less than `longest` is left.
const fn huge(name: &'static str, longest: u64, trap: Trap, text: &'static str) -> Cheat {
    Cheat { name, least: longest, longest, ends: Some(trap), text }
}
