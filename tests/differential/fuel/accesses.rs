//! Functions with very many accesses to memory, each of which can be the one that traps: however the compiler merges
//! and moves loads and the operators that use their results, the trap is attributed to the right access.

use super::{Program, exact};
use crate::generate::Random;

/// More than can be distinguished by their numbers alone.
const ACCESSES: usize = 420;

/// The address of an access: outside of memory if `$n` is its number, and otherwise one that other accesses use as
/// well.
fn address(at: usize) -> String {
    let inside = at % 50 * 8;
    format!("(select (i32.const 65533) (i32.const {inside}) (i32.eq (local.get $n) (i32.const {at})))")
}

/// The code around access number n; `$sum` is the function's result, `$late` is used much later.
fn access(random: &mut Random, at: usize) -> String {
    let address = address(at);
    match random.next() % 16 {
        0 => format!("(local.set $sum (i32.add (local.get $sum) (i32.load {address})))"),
        1 => format!(
            "(local.set $sum (i32.add (i32.load {address}) (i32.mul (local.get $sum) (i32.const 3))))"
        ),
        2 => format!("(local.set $sum (i32.xor (local.get $sum) (i32.load offset=4 {address})))"),
        3 => format!("(drop (i32.load {address}))"),
        4 => format!("(local.set $late (i32.load {address}))"),
        5 => format!(
            "(local.set $sum (i32.add (local.get $sum) (local.get $late))) (local.set $late (i32.load {address}))"
        ),
        6 => format!("(i32.store {address} (local.get $sum))"),
        7 => format!("(i32.store {address} (i32.add (local.get $late) (i32.const {at})))"),
        8 => format!("(local.set $wide (i64.add (local.get $wide) (i64.load {address})))"),
        9 => format!("(local.set $wide (i64.load32_s {address}))"),
        10 => format!(
            "(if (i32.eq (i32.load {address}) (local.get $late)) (then (local.set $sum (i32.const 5))))"
        ),
        11 => format!(
            "(if (i32.and (local.get $sum) (i32.const 1))
                (then (local.set $sum (i32.sub (i32.load {address}) (local.get $sum))))
                (else (local.set $late (i32.sub (local.get $late) (i32.load {address})))))"
        ),
        12 => format!("(local.set $vector (i32x4.add (local.get $vector) (v128.load {address})))"),
        13 => format!("(local.set $sum (i32.load (i32.and (i32.load {address}) (i32.const 0xfff))))"),
        14 => format!(
            "(local.set $at {address}) (i32.store (local.get $at)
            (i32.add (i32.load (local.get $at)) (i32.const {at})))"
        ),
        _ => {
            format!("(local.set $sum (i32.add (i32.clz (local.get $sum)) (i32.popcnt (i32.load {address}))))")
        }
    }
}

/// A module whose `f` makes all accesses one after the other; with odd seeds, in a loop.
fn text(seed: u64) -> String {
    let mut random = Random(seed);
    let accesses: Vec<String> = (0..ACCESSES).map(|at| access(&mut random, at)).collect();
    let mut accesses = accesses.join("\n");
    if seed % 2 == 1 {
        accesses = format!(
            "(loop $again {accesses}
            (local.set $n (i32.sub (local.get $n) (i32.const {ACCESSES})))
            (br_if $again (i32.ge_s (local.get $n) (i32.const 0))))"
        );
    }
    format!(
        r#";; f(-1..{ACCESSES})
        ;; f(700..760)
        (module
        (memory (export "memory") 1 1)
        (func (export "alive") (param i32) (result i32) (local.get 0))
        (func (export "f") (param $n i32) (result i32)
            (local $sum i32) (local $late i32) (local $at i32) (local $wide i64) (local $vector v128)
            {accesses}
            (i32.add (i32.wrap_i64 (local.get $wide)) (i32.add (i32x4.extract_lane 2 (local.get $vector))
                (i32.add (local.get $late) (local.get $sum))))))"#
    )
}

#[test]
fn any_of_very_many_accesses_traps() {
    for seed in 0..4 {
        let ends = exact::check(&Program { name: &format!("seed {seed}"), text: &text(seed) });
        let numbers = if seed % 2 == 1 { ACCESSES + 60 } else { ACCESSES };
        let traps = ends.iter().filter(|end| end.result.is_err()).count();
        assert_eq!(traps, numbers, "seed {seed}: every number traps");
    }
}

/// The results of all loads are live at once, as operands.
#[test]
fn any_of_many_loads_in_one_expression() {
    let loads: String =
        (0..ACCESSES).map(|at| format!("(i32.add (i32.load offset={} (local.get 0)))", 4 * at)).collect();
    let unary: String = (0..ACCESSES).map(|at| format!("(i32.load {})", address(at))).collect();
    let adds = "(i32.add)".repeat(ACCESSES - 1);
    let text = format!(
        r#";; in_turn({}..{})
        ;; at_once(-1..{ACCESSES})
        (module
        (memory (export "memory") 1 1)
        (func (export "alive") (param i32) (result i32) (local.get 0))
        (func (export "in_turn") (param i32) (result i32) (i32.const 3) {loads})
        (func (export "at_once") (param $n i32) (result i32) {unary} {adds}))"#,
        65_536 - 4 * ACCESSES,
        65_536 + 4
    );
    exact::check(&Program { name: "loads", text: &text });
}
