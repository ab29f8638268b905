//! Ways of running for ever, or for very long, one for each idea of how the metering could be passed by.
//!
//! Each is a piece of a module, after [`PRELUDE`], with an export `cheat`. Pieces of work are counted: by
//! `$step` and `$work` in the module, by `$host` outside, by `$other_step` in another instance.

mod bulk;
mod calls;
mod loops;

pub use bulk::BULK;
pub use calls::{CALLS, RECURSION};
pub use loops::LOOPS;
use tinkerbox_wasm::Trap;

/// What all of them share. A call of `$step` costs six with the call itself, one of `$host` costs one.
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

/// The other instance that modules may import from.
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
    /// What a piece of work costs at least.
    pub least: u64,
    /// What a single operator asks for at most: a long bulk operation is refused where less is left.
    pub longest: u64,
    /// How it ends where it is not out of fuel before.
    pub ends: Option<Trap>,
    pub text: &'static str,
}

/// One that never ends.
const fn endless(name: &'static str, least: u64, text: &'static str) -> Cheat {
    Cheat { name, least, longest: 1, ends: None, text }
}

/// One that ends in a trap at last.
const fn trapping(name: &'static str, least: u64, trap: Trap, text: &'static str) -> Cheat {
    Cheat { name, least, longest: 1, ends: Some(trap), text }
}

/// One that does not even begin, where less than `longest` is left.
const fn huge(name: &'static str, longest: u64, trap: Trap, text: &'static str) -> Cheat {
    Cheat { name, least: longest, longest, ends: Some(trap), text }
}
