//! Calls of every form that never end: in loops, and by recursion.

use super::{Cheat, endless, trapping};
use tinkerbox_wasm::Trap;

pub const CALLS: [Cheat; 15] = [
    endless("a leaf", 6, r#"(func $cheat (export "cheat") (loop (call $step) (br 0)))"#),
    endless(
        "a leaf that does nothing",
        2,
        r#"(func $empty)
        (func $cheat (export "cheat") (loop (call $empty) (call $host) (br 0)))"#,
    ),
    endless(
        "leaves of leaves",
        6,
        r#"(func $a (call $step) (call $step)) (func $b (call $a) (call $a))
        (func $cheat (export "cheat") (loop (call $b) (br 0)))"#,
    ),
    endless(
        "a leaf with arms",
        6,
        r#"(func $arms (param i32)
            (if (local.get 0) (then (call $step)) (else (call $step) (call $step))))
        (func $cheat (export "cheat") (loop (call $arms (global.get $zero)) (br 0)))"#,
    ),
    endless(
        "a leaf that returns early",
        6,
        r#"(func $early (param i32)
            (call $step) (if (i32.eqz (local.get 0)) (then (return))) (loop (br 0)))
        (func $cheat (export "cheat") (loop (call $early (global.get $zero)) (br 0)))"#,
    ),
    endless(
        "a function of another instance",
        6,
        r#"(func $cheat (export "cheat")
        (loop (call $other_step) (br 0)))"#,
    ),
    endless("a host function", 1, r#"(func $cheat (export "cheat") (loop (call $host) (br 0)))"#),
    endless(
        "a host function that another instance exports",
        1,
        r#"(func $cheat (export "cheat")
        (loop (call $host_of_another) (br 0)))"#,
    ),
    endless(
        "through the table",
        2,
        r#"(func $cheat (export "cheat") (local $i i32)
        (loop
            (call_indirect (i32.and (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3)))
            (br 0)))"#,
    ),
    endless(
        "a function that moves through tables",
        2,
        r#"(func $cheat (export "cheat") (local $held funcref)
        (loop
            (local.set $held (table.get $table (i32.const 0)))
            (table.set $table (i32.const 0) (table.get $table (i32.const 1)))
            (table.set $table (i32.const 1) (local.get $held))
            (call_indirect $table (type $nothing) (i32.const 0))
            (br 0)))"#,
    ),
    endless(
        "a function put into a table each time",
        6,
        r#"(func $cheat (export "cheat")
        (loop
            (table.set $small (i32.const 2) (ref.func $step))
            (call_indirect $small (type $nothing) (i32.const 2))
            (br 0)))"#,
    ),
    endless(
        "another instance calls what it is given",
        6,
        r#"(func $cheat (export "cheat")
        (loop (call $other_call (ref.func $step)) (br 0)))"#,
    ),
    endless(
        "calls of the host whose errors it swallows",
        1,
        r#"
        (func (export "within") (loop (call $host) (br 0)))
        (func $cheat (export "cheat") (loop (call $swallow) (br 0)))"#,
    ),
    endless(
        "traps that the host swallows",
        5,
        r#"
        (func (export "within") (call $step) (drop (i32.div_u (i32.const 1) (global.get $zero))))
        (func $cheat (export "cheat") (loop (call $swallow) (br 0)))"#,
    ),
    endless(
        "bulk operations out of bounds, whose traps the host swallows",
        6,
        r#"
        (func (export "within") (call $step) (memory.fill (i32.const 65000) (i32.const 0) (i32.const 1000)))
        (func $cheat (export "cheat") (loop (call $swallow) (br 0)))"#,
    ),
];

pub const RECURSION: [Cheat; 9] = [
    trapping(
        "recursion",
        6,
        Trap::StackOverflow,
        r#"(func $cheat (export "cheat") (call $step) (call $cheat))"#,
    ),
    trapping(
        "mutual recursion",
        6,
        Trap::StackOverflow,
        r#"
        (func $there (call $cheat)) (func $cheat (export "cheat") (call $step) (call $there))"#,
    ),
    trapping(
        "recursion through a table",
        6,
        Trap::StackOverflow,
        r#"
        (elem (table $table) (i32.const 9) func $cheat)
        (func $cheat (export "cheat") (call $step) (call_indirect (i32.const 9)))"#,
    ),
    trapping(
        "recursion through another instance",
        6,
        Trap::StackOverflow,
        r#"
        (func $cheat (export "cheat") (call $step) (call $other_call (ref.func $cheat)))"#,
    ),
    trapping(
        "host, guest, host, guest",
        6,
        Trap::StackOverflow,
        r#"
        (func $cheat (export "cheat") (call $step) (call $again))"#,
    ),
    endless(
        "a tree of calls",
        6,
        r#"
        (func $tree (param i32)
            (call $step)
            (if (local.get 0) (then
                (call $tree (i32.sub (local.get 0) (i32.const 1)))
                (call $tree (i32.sub (local.get 0) (i32.const 1))))))
        (func $cheat (export "cheat") (call $tree (i32.const 60)))"#,
    ),
    endless(
        "a tree of two functions",
        6,
        r#"
        (func $one (param i32)
            (if (i32.eqz (local.get 0)) (then (call $step) (return)))
            (call $two (i32.sub (local.get 0) (i32.const 1)))
            (call $two (i32.sub (local.get 0) (i32.const 1))))
        (func $two (param i32)
            (call $one (local.get 0))
            (call $one (local.get 0)))
        (func $cheat (export "cheat") (call $one (i32.const 40)))"#,
    ),
    endless(
        "a tree through the table",
        6,
        r#"
        (type $tree (func (param i32)))
        (elem (table $table) (i32.const 9) func $tree)
        (func $tree (type $tree)
            (call $step)
            (if (local.get 0) (then
                (call_indirect (type $tree) (i32.sub (local.get 0) (i32.const 1)) (i32.const 9))
                (call_indirect (type $tree) (i32.sub (local.get 0) (i32.const 1)) (i32.const 9)))))
        (func $cheat (export "cheat") (call $tree (i32.const 60)))"#,
    ),
    // Each level of the host's recursion is a call of its own; sixty levels are far from the end of the stack.
    endless(
        "a tree through the host",
        6,
        r#"
        (global $depth (mut i32) (i32.const 0))
        (func $cheat (export "cheat")
            (call $step)
            (if (i32.lt_u (global.get $depth) (i32.const 25)) (then
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                (call $again)
                (call $again)
                (global.set $depth (i32.sub (global.get $depth) (i32.const 1))))))"#,
    ),
];
