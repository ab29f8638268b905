//! Every trap, and every other end of a call without a return, in every place of a function: the code before it in
//! its piece has been paid for, the code after it has not, although it was charged in advance.

use super::{Program, exact, sweeps};

/// A name, and an expression that ends the call when `$n` is zero and is an `i32` when it is not.
const TRAPS: [(&str, &str); 44] = [
    ("unreachable", "(if (result i32) (local.get $n) (then (i32.const 1)) (else (unreachable)))"),
    ("unreachable_after", "(block (br_if 0 (local.get $n)) (call $add) (unreachable)) (i32.const 3)"),
    ("load", "(i32.load (select (i32.const 0) (i32.const 65533) (local.get $n)))"),
    ("load_8", "(i32.load8_s (select (i32.const 65535) (i32.const 65536) (local.get $n)))"),
    ("load_64", "(i32.wrap_i64 (i64.load offset=9 (select (i32.const 0) (i32.const -1) (local.get $n))))"),
    ("load_f32", "(i32.trunc_sat_f32_s (f32.load (select (i32.const 0) (i32.const 65533) (local.get $n))))"),
    ("load_f64", "(i32.trunc_sat_f64_u (f64.load (select (i32.const 0) (i32.const 65533) (local.get $n))))"),
    ("load_nothing", "(drop (i32.load (select (i32.const 0) (i32.const -5) (local.get $n)))) (i32.const 2)"),
    ("store", "(i32.store (select (i32.const 8) (i32.const 65533) (local.get $n)) (local.get $n)) (i32.const 1)"),
    ("store_16", "(i64.store16 (select (i32.const 8) (i32.const -1) (local.get $n)) (i64.const 7)) (i32.const 1)"),
    ("store_f64", "(f64.store (select (i32.const 8) (i32.const -1) (local.get $n)) (f64.const 2)) (i32.const 1)"),
    ("change", "(i32.store (select (i32.const 0) (i32.const -9) (local.get $n))
        (i32.add (i32.const 1) (i32.load (select (i32.const 0) (i32.const -9) (local.get $n))))) (i32.const 1)"),
    ("vector_load", "(i8x16.all_true (v128.load (select (i32.const 0) (i32.const 65521) (local.get $n))))"),
    ("vector_splat", "(v128.any_true (v128.load32_splat (select (i32.const 0) (i32.const -1) (local.get $n))))"),
    ("vector_widen", "(v128.any_true (v128.load8x8_s (select (i32.const 0) (i32.const 65529) (local.get $n))))"),
    ("vector_lane", "(i32x4.extract_lane 1 (v128.load64_lane 0
        (select (i32.const 0) (i32.const -2) (local.get $n)) (v128.const i32x4 1 2 3 4)))"),
    ("vector_store", "(v128.store (select (i32.const 32) (i32.const 65521) (local.get $n))
        (i32x4.splat (local.get $n))) (i32.const 4)"),
    ("vector_store_lane", "(v128.store16_lane 2 (select (i32.const 32) (i32.const 65535) (local.get $n))
        (i32x4.splat (local.get $n))) (i32.const 4)"),
    ("divide", "(i32.div_s (i32.const 70) (local.get $n))"),
    ("divide_unsigned", "(i32.wrap_i64 (i64.div_u (i64.const 70) (i64.extend_i32_u (local.get $n))))"),
    ("remainder", "(i32.rem_u (i32.const 70) (local.get $n))"),
    ("remainder_64", "(i32.wrap_i64 (i64.rem_s (i64.const 70) (i64.extend_i32_u (local.get $n))))"),
    ("quotient_too_large", "(i32.div_s (i32.const 0x80000000) (select (i32.const 9) (i32.const -1) (local.get $n)))"),
    ("quotient_too_large_64", "(i32.wrap_i64 (i64.div_s
        (i64.const 0x8000000000000000) (select (i64.const 3) (i64.const -1) (local.get $n))))"),
    ("not_a_number", "(i32.trunc_f32_s (select (f32.const 5.5) (f32.const nan) (local.get $n)))"),
    ("not_a_number_64", "(i32.wrap_i64 (i64.trunc_f64_u (select (f64.const 5.5) (f64.const nan) (local.get $n))))"),
    ("too_large", "(i32.trunc_f64_u (select (f64.const 5.5) (f64.const 1e10) (local.get $n)))"),
    ("too_large_64", "(i32.wrap_i64 (i64.trunc_f32_s (select (f32.const 5.5) (f32.const -1e20) (local.get $n))))"),
    ("null", "(call_indirect (type $unary) (local.get $n) (select (i32.const 0) (i32.const 1) (local.get $n)))"),
    ("wrong_type", "(call_indirect (type $unary) (local.get $n) (select (i32.const 0) (i32.const 2) (local.get $n)))"),
    ("no_entry", "(call_indirect (type $unary) (local.get $n) (select (i32.const 0) (i32.const 9) (local.get $n)))"),
    ("table_get", "(ref.is_null (table.get (select (i32.const 1) (i32.const 5) (local.get $n))))"),
    ("table_set", "(table.set (select (i32.const 3) (i32.const -1) (local.get $n)) (ref.func $ok)) (i32.const 5)"),
    ("table_fill", "(table.fill (i32.const 3) (ref.func $add) (select (i32.const 1) (i32.const 3) (local.get $n)))
        (i32.const 5)"),
    ("table_copy", "(table.copy (i32.const 3) (i32.const 0) (select (i32.const 1) (i32.const 3) (local.get $n)))
        (i32.const 5)"),
    ("table_init", "(table.init $elements (i32.const 0) (i32.const 0)
        (select (i32.const 2) (i32.const 3) (local.get $n))) (i32.const 5)"),
    ("fill", "(memory.fill (i32.const 65530) (i32.const 1) (select (i32.const 6) (i32.const 7) (local.get $n)))
        (i32.const 6)"),
    ("copy", "(memory.copy (i32.const 65530) (i32.const 0) (select (i32.const 6) (i32.const 7) (local.get $n)))
        (i32.const 6)"),
    ("init", "(memory.init $bytes (i32.const 0) (i32.const 0) (select (i32.const 5) (i32.const 6) (local.get $n)))
        (i32.const 6)"),
    ("dropped", "(if (i32.eqz (local.get $n)) (then (data.drop $bytes)))
        (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 2)) (i32.const 6)"),
    ("host_error", "(call $refuse (local.get $n))"),
    ("host_panic", "(call $panic (local.get $n))"),
    ("host_panic_by_table", "(call_indirect (type $unary) (local.get $n) (i32.const 3))"),
    ("nested", "(call $back (local.get $n))"),
];

/// A function around a trap: parameters, locals and body. `{trap}` is the expression, `{long}` more code than one
/// charge.
const PLACES: [(&str, &str); 22] = [
    ("alone", "{trap}"),
    (
        "among_operands",
        "(local $m i32)
        (i32.const 100) (i64.extend_i32_u (local.get $n)) (local.get $n) {trap} (i32.add)
        (local.set $m) (global.set $kept) (i32.sub (local.get $m))",
    ),
    ("in_long_code", "(local $m i32) {long} (local.set $m {trap}) {long} (local.get $m)"),
    (
        "after_stores",
        "(local $m i32) (i32.store (i32.const 100) (i32.const 5)) (call $add)
        (i32.store (i32.const 104) (local.get $n)) (local.set $m {trap})
        (i32.store (i32.const 100) (i32.const 6)) (i32.load (i32.const 104))",
    ),
    (
        "twice",
        "(local $m i32) (local.set $m {trap}) (call $add)
        (local.set $n (i32.sub (local.get $n) (i32.const 1))) (i32.add (local.get $m) {trap})",
    ),
    (
        "then",
        "(call $add) (if (result i32) (i32.le_u (local.get $n) (i32.const 2))
        (then (call $add) {trap} (i32.const 3) (i32.mul))
        (else (i32.const 1) (global.set $kept (i64.const 1))))",
    ),
    (
        "else",
        "(if (result i32) (i32.gt_u (local.get $n) (i32.const 2))
        (then (i32.const 1) (global.set $kept (i64.const 1)) (call $add))
        (else {trap} (i32.const 3) (i32.mul)))",
    ),
    (
        "before_the_join",
        "(local $m i32) (if (i32.and (local.get $n) (i32.const 2))
        (then (local.set $m {trap}))
        (else (local.set $m (i32.const 9)) (local.set $m {trap}) (call $add)))
        (i32.mul (local.get $m) (i32.const 7))",
    ),
    (
        "switched_to",
        "(block $end (result i32) (block $b (block $a
        (br_table $a $b $a (local.get $n)))
        (br $end (block (result i32) (call $add) {trap} (i32.const 5) (i32.xor))))
        (call $add) {trap})",
    ),
    (
        "bottom_tested",
        "(local $m i32) (loop $again
        (local.set $m (i32.add (local.get $m) {trap}))
        (br_if $again (i32.ge_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
        (local.get $m)",
    ),
    (
        "top_tested",
        "(local $m i32) (block $done (loop $again
        (br_if $done (i32.lt_s (local.get $n) (i32.const 0)))
        (call $add) (local.set $m (i32.add (local.get $m) {trap})) (call $add)
        (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $again)))
        (local.get $m)",
    ),
    (
        "after_an_exit",
        "(local $m i32) (loop $again (result i32)
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (if (i32.gt_u (local.get $n) (i32.const 2)) (then (return (i32.const 33))))
        (local.set $m (i32.add (i32.const 2) {trap}))
        (if (i32.eq (local.get $m) (i32.const 1)) (then (call $add) (br $again)))
        (global.set $kept (i64.extend_i32_u (local.get $m)))
        (br $again))",
    ),
    (
        "in_a_nested_loop",
        "(local $i i32) (local $m i32) (loop $outer
        (local.set $i (i32.const 2))
        (loop $inner
            (local.set $m (i32.add (local.get $m) (local.get $i)))
            (local.set $m (i32.xor (local.get $m) {trap}))
            (br_if $inner (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $outer (i32.ge_s (local.get $n) (i32.const 0))))
        (local.get $m)",
    ),
    (
        "after_a_loop",
        "(local $i i32) (local.set $i (i32.const 3))
        (loop $again (call $add) (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        {trap} (call $add)",
    ),
    ("in_a_leaf", "(i32.add (call $leaf (local.get $n)) (i32.mul (local.get $n) (i32.const 3)))"),
    (
        "in_a_leaf_in_a_block",
        "(local $m i32) (block (br_if 0 (i32.eq (local.get $n) (i32.const 1)))
        (local.set $m (i32.const 4)) (local.set $m (i32.add (call $leaf (local.get $n)) (local.get $m)))
        (call $add)) (i32.mul (local.get $m) (i32.const 3))",
    ),
    (
        "in_a_leaf_in_a_loop",
        "(local $m i32) (loop $again
        (call $add) (local.set $m (i32.add (call $leaf (local.get $n)) (local.get $m)))
        (br_if $again (i32.ge_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
        (local.get $m)",
    ),
    ("two_calls_down", "(i32.add (call $middle (local.get $n)) (i32.const 3))"),
    (
        "called_by_table",
        "(i32.add
        (call_indirect (type $unary) (local.get $n) (i32.const 4)) (i32.mul (local.get $n) (i32.const 3)))",
    ),
    (
        "between_leaves",
        "(i32.add (call $ok (call $ok (local.get $n)))
        (i32.add (block (result i32) {trap}) (call $ok (call $ok (i32.const 2)))))",
    ),
    (
        "beneath_recursion",
        "(if (result i32) (i32.le_s (local.get $n) (i32.const 0))
        (then {trap})
        (else (i32.add (call $beneath_recursion (i32.sub (local.get $n) (i32.const 1))) (i32.const 1))))",
    ),
    ("in_long_leaves", "(i32.add (call $long_leaf (i32.const 1)) (call $long_leaf (local.get $n)))"),
];

/// All places with one trap, each called with arguments that make it trap at once, later, or never.
fn text(trap: &str, arguments: &str) -> String {
    let long = "(global.set $kept (i64.add (global.get $kept) (i64.const 3)))".repeat(75);
    let fill = |body: &str| body.replace("{trap}", trap).replace("{long}", &long);
    let places: String = PLACES
        .iter()
        .map(|(name, body)| {
            format!(
                ";; {name}({arguments})\n (func ${name} (export \"{name}\") (type $unary) (param $n i32)
                    (result i32) {})\n",
                fill(body)
            )
        })
        .collect();
    format!(
        r#"(module
        (type $unary (func (param i32) (result i32)))
        (import "host" "refuse" (func $refuse (type $unary)))
        (import "host" "panic" (func $panic (type $unary)))
        (import "host" "back" (func $back (type $unary)))
        (global (export "steps") (mut i32) (i32.const 0))
        (global $kept (export "kept") (mut i64) (i64.const 0))
        (memory (export "memory") 1 1)
        (data $bytes "bytes")
        (table (export "table") 5 5 funcref)
        (elem (i32.const 0) func $ok)
        (elem (i32.const 2) func $add $panic $leaf)
        (elem $elements func $ok $ok)
        (func (export "alive") (type $unary) (local.get 0))
        (func $ok (type $unary) (local.get 0))
        (func $add (global.set $kept (i64.add (global.get $kept) (i64.const 1))))
        (func $leaf (type $unary) (param $n i32) (result i32) {leaf})
        (func $long_leaf (type $unary) (param $n i32) (result i32) {long_leaf})
        (func $middle (type $unary) (param $n i32) (result i32)
            (call $add) (call $leaf (local.get $n)) (call $add))
        (func (export "inner") (type $unary) (param $n i32) (result i32)
            (i32.add (i32.const 3) (i32.div_u (i32.const 9) (local.get $n))))
        {places})"#,
        leaf = fill("{trap}"),
        long_leaf = fill("{long} {trap} (call $add)"),
    )
}

#[test]
fn every_trap_in_every_place() {
    for (name, trap) in TRAPS {
        let ends = exact::check(&Program { name, text: &text(trap, "0..5") });
        assert!(
            ends.iter().filter(|end| end.result.is_err()).count() > 2 * PLACES.len(),
            "{name}: does not trap"
        );
        assert!(ends.iter().filter(|end| end.result.is_ok()).count() > PLACES.len(), "{name}: always traps");
    }
}

/// The fuel that a trap gives back must be available first, so one run may stop before the trap where another
/// continues.
#[test]
fn before_some_traps_in_every_place() {
    let some = ["load", "divide", "fill", "host_error"];
    for (name, trap) in TRAPS.into_iter().filter(|(name, _)| some.contains(name)) {
        sweeps::sweep(&Program { name, text: &text(trap, "0..2") });
    }
}
