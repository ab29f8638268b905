//! Code so long that it needs no loop: megabytes of calls, trees of functions, tables of thousands.

use super::cheats::{Cheat, PRELUDE};
use super::engines;
use super::holes::{BUDGETS, Cheater};
use tinkerbox_wasm::*;

/// Compiles modules that take long for one engine only.
fn check(name: &'static str, least: u64, text: &str) -> Result<()> {
    let cheat = Cheat { name, least, longest: 1, ends: None, text: "" };
    let wasm = wat::parse_str(format!("(module {PRELUDE} {text})"))?;
    let [engine, _] = engines();
    let module = Module::new(&engine, &wasm).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    for budget in BUDGETS {
        let consumed = Cheater::new(&engine, &module)?.check(&cheat, budget, false)?;
        let resumable = Cheater::new(&engine, &module)?.check(&cheat, budget, true)?;
        assert_eq!(consumed, resumable, "{name} with {budget}");
    }
    Ok(())
}

/// `cheat` descends a tree of calls, with `leaf` at the end of each of its 2^60 branches.
fn tree_of(leaf: &str) -> String {
    format!(
        r#"(func $leaf {leaf})
        (func $tree (param i32)
            (if (i32.eqz (local.get 0)) (then (call $leaf) (return)))
            (call $tree (i32.sub (local.get 0) (i32.const 1)))
            (call $tree (i32.sub (local.get 0) (i32.const 1))))
        (func $cheat (export "cheat") (call $tree (i32.const 60)))"#
    )
}

#[test]
fn megabytes_of_calls_of_a_leaf() -> Result<()> {
    // A vector in the code takes 18 bytes; dropping it is free.
    let vectors = "(drop (v128.const i64x2 1 2))".repeat(9);
    let calls = format!("(call $step) {vectors}").repeat(12_000);
    check("megabytes of calls", 6, &tree_of(&calls))
}

#[test]
fn many_calls_of_a_leaf_that_is_long_itself() -> Result<()> {
    // Constant cost, close to the maximum between two checks.
    for pairs in [10, 100, 1_000, 4_900] {
        let adds = "(i64.add (i64.const 1))".repeat(pairs);
        let text = format!(
            "(func $long (global.set $work {adds}))",
            adds = format_args!("(global.get $work) (i64.add (i64.const 1)) {}", adds.replace('1', "0"))
        );
        let calls = "(call $long)".repeat(2_000);
        check("calls of a long leaf", 2 * pairs as u64 + 6, &format!("{text} {}", tree_of(&calls)))?;
    }
    Ok(())
}

#[test]
fn a_megabyte_of_arithmetic() -> Result<()> {
    let adds = "(i64.add (i64.const 0x7fffffffffff))".repeat(100_000);
    let adds =
        format!("(global.set $work (i64.add (global.get $work) (i64.const 1))) (i64.const 1) {adds} (drop)");
    check("a megabyte of arithmetic", 4, &tree_of(&adds))
}

#[test]
fn chains_of_functions_that_call_the_next_one_twice() -> Result<()> {
    let mut text = String::from("(func $f0 (call $step))");
    for at in 1..=64 {
        text += &format!("(func $f{at} (call $f{before}) (call $f{before}))", before = at - 1);
    }
    check("a chain of functions", 6, &(text + "(func $cheat (export \"cheat\") (call $f64))"))
}

#[test]
fn many_functions_that_call_each_other() -> Result<()> {
    // Each calls four others, all different and all small.
    let mut text = String::new();
    for at in 0..500 {
        let calls: String = (1..=4)
            .map(|to| format!("(call $f{} (i32.sub (local.get 0) (i32.const 1)))", (at * to + to) % 500))
            .collect();
        text += &format!("(func $f{at} (param i32) (call $step) (if (local.get 0) (then {calls})))");
    }
    check("a web of functions", 6, &(text + "(func $cheat (export \"cheat\") (call $f1 (i32.const 50)))"))
}

#[test]
fn thousands_of_branches() -> Result<()> {
    let ifs = "(if (global.get $zero) (then (nop)) (else (call $step)))".repeat(5_000);
    check("thousands of arms", 8, &tree_of(&ifs))?;
    let exits = format!("(block {})", "(br_if 0 (global.get $zero)) (call $step)".repeat(5_000));
    check("thousands of exits", 8, &tree_of(&exits))?;
    let (open, close) = ("(block ".repeat(1_000), ")".repeat(1_000));
    let table: String = (0..1_000).map(|at| format!("{at} ")).collect();
    let text = format!(
        r#"(func $cheat (export "cheat") (local $i i32)
        (loop $again
            {open} (br_table {table} (i32.and (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1023)))
            {close}
            (call $step) (br $again)))"#
    );
    check("a table of a thousand", 6, &text)
}

#[test]
fn loops_inside_each_other_and_in_a_row() -> Result<()> {
    let (open, close) = ("(loop (call $step) ".repeat(150), "(br_if 0 (i32.const 1)))".repeat(150));
    check("loops inside each other", 6, &format!(r#"(func $cheat (export "cheat") {open} {close})"#))?;
    let row = "(local.set $i (i32.const 9)) (loop (call $step)
        (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
        .repeat(1_000);
    check("loops in a row", 6, &tree_of(&format!("(local $i i32) {row}")))
}
