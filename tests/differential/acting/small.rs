//! The smallest programs that read, wait and read again: one for each kind of item that a host may change, and for
//! each kind of place where code waits. Each is run with hosts that act in many ways.

use super::{Case, decide_all};

/// The number of hosts for each program.
const HOSTS: u64 = 24;

/// Names, and the body of `run`, a function of `$a` with the locals `$b`, `$i` and `$f`.
const PROGRAMS: [(&str, &str); 18] = [
    ("a load", "(local.set $b (i32.load (i32.const 0))) {loop} (i32.add (i32.load (i32.const 0)) (local.get $b))"),
    ("a narrow load", "(local.set $b (i32.load8_u (i32.const 4))) {loop} (i32.add (i32.load8_u (i32.const 4)) (local.get $b))"),
    ("a store", "(i32.store (i32.const 8) (local.get $a)) {loop} (i32.load (i32.const 8))"),
    ("two stores", "(i32.store (i32.const 8) (local.get $a)) {loop} (i32.store (i32.const 8) (i32.const 1)) (i32.load (i32.const 8))"),
    ("the end of memory", "(local.set $b (i32.load {end})) {loop} (i32.store {end} (i32.const 7)) {loop} (i32.add (i32.load {end}) (local.get $b))"),
    ("the size of memory", "(local.set $b (memory.size)) {loop} (i32.add (memory.size) (local.get $b))"),
    ("a global", "(local.set $b (global.get $n)) {loop} (i32.add (global.get $n) (local.get $b))"),
    ("a global that counts", "(loop $l (global.set $n (i32.add (global.get $n) (i32.const 1))) {again}) (global.get $n)"),
    ("an element", "(local.set $f (table.get $table (i32.const 1))) {loop} (table.set $table (i32.const 2) (local.get $f))
        {loop} (ref.is_null (table.get $table (i32.const 1)))"),
    ("the size of a table", "(local.set $b (table.size $table)) {loop} (i32.add (table.size $table) (local.get $b))"),
    ("the last element", "(table.set $table (i32.sub (table.size $table) (i32.const 1)) (ref.func $leaf)) {loop}
        (ref.is_null (table.get $table (i32.sub (table.size $table) (i32.const 1))))"),
    ("calls by table", "(local.set $b (call_indirect $table (type $unary) (local.get $a) (i32.const 0))) {loop}
        (i32.add (call_indirect $table (type $unary) (local.get $a) (i32.const 0)) (local.get $b))"),
    ("straight code", "(local.set $b (i32.load (i32.const 0))) {straight} (i32.add (i32.load (i32.const 0)) (local.get $b))"),
    ("branches", "(local.set $b (i32.load (i32.const 0)))
        (if (local.get $a) (then {straight}) (else (local.set $a (i32.const 3))))
        (if (local.get $b) (then {straight}) (else {straight} {straight}))
        (i32.add (i32.load (i32.const 0)) (local.get $b))"),
    ("inlined functions", "(loop $l (local.set $b (i32.add (call $leaf (local.get $b)) (call $leaf (local.get $a)))) {again})
        (i32.add (call $leaf (local.get $b)) (i32.load (i32.const 16)))"),
    ("long operators", "(local.set $b (i32.load (i32.const 0)))
        (memory.fill (i32.const 2048) (i32.const 1) (i32.const 900)) (local.set $b (i32.add (i32.load (i32.const 0)) (local.get $b)))
        (memory.copy (i32.const 2048) (i32.const 0) (i32.const 900)) (local.set $b (i32.add (i32.load (i32.const 0)) (local.get $b)))
        (table.fill $table (i32.const 1) (ref.func $leaf) (i32.const 7)) (i32.add (i32.load (i32.const 0)) (local.get $b))"),
    ("functions that loop", "(local.set $b (i32.add (i32.load (i32.const 0)) (global.get $n))) (local.set $b (call $rounds (local.get $b)))
        (i32.add (i32.add (i32.load (i32.const 0)) (global.get $n)) (local.get $b))"),
    ("functions of the host", "(local.set $b (i32.add (i32.load (i32.const 0)) (global.get $n))) (drop (call $act (local.get $b)))
        (table.set $table (i32.const 1) (ref.func $leaf)) (i32.store {end} (i32.const 7))
        (i32.add (i32.add (i32.load (i32.const 0)) (global.get $n)) (local.get $b))"),
];

/// The whole program, with or without references to values of the host in some function.
fn text(body: &str, references: bool) -> String {
    const AGAIN: &str = "(br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1))))";
    let mention = if references { "(func (param externref))" } else { "" };
    let body = body
        .replace("{loop}", "(local.set $i (i32.const 60)) (loop $l {again})")
        .replace("{again}", AGAIN)
        .replace(
            "{straight}",
            &"(local.set $a (i32.xor (i32.mul (local.get $a) (i32.const 5)) (i32.const 9)))".repeat(60),
        )
        .replace("{end}", "(i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 20))");
    format!(
        r#"(module
        (type $unary (func (param i32) (result i32)))
        (import "host" "act" (func $act (type $unary)))
        (global $n (export "n") (mut i32) (i32.const 3))
        (memory (export "memory") 1 40)
        (table $table (export "table") 8 30 funcref)
        (elem (table $table) (i32.const 0) func $leaf $leaf $other)
        (func $leaf (type $unary) (i32.add (i32.load (i32.const 16)) (local.get 0)))
        (func $other (type $unary) (i32.xor (global.get $n) (local.get 0)))
        (func $rounds (type $unary) (param $a i32) (result i32) (local $i i32)
            (local.set $i (i32.const 60)) (loop $l {AGAIN}) (local.get $a))
        {mention}
        (func (export "run") (type $unary) (param $a i32) (result i32)
            (local $b i32) (local $i i32) (local $f funcref)
            (local.set $i (i32.const 60)) (local.set $f (ref.null func))
            {body}))"#
    )
}

#[test]
fn the_smallest_programs_see_what_a_host_has_done_while_they_waited() {
    let tally = decide_all(0..HOSTS * PROGRAMS.len() as u64, |number| {
        let (name, body) = PROGRAMS[(number / HOSTS) as usize];
        let host = number % HOSTS;
        let calls = [("run".to_string(), 1), ("run".to_string(), host as i32)];
        Case::new(&format!("{name}, host {host}"), number, &text(body, host % 4 == 3), calls.into())
    });
    assert!(tally.stops > 5 * tally.runs && tally.returned > 10 * tally.trapped, "{tally:?}");
}
