//! Loops of every shape that never end.

use super::{Cheat, endless};

pub const LOOPS: [Cheat; 16] = [
    endless("an empty loop", 1, r#"(func $cheat (export "cheat") (loop (br 0)))"#),
    endless(
        "a loop of what is free",
        1,
        r#"(func $cheat (export "cheat")
        (loop (nop) (block (nop) (block (loop (nop)))) (br 0) (nop) (unreachable)))"#,
    ),
    endless(
        "a loop by condition",
        3,
        r#"(func $cheat (export "cheat")
        (loop (call $step) (br_if 0 (i32.const 1))))"#,
    ),
    endless(
        "a loop by a condition at its top",
        5,
        r#"(func $cheat (export "cheat")
        (block (loop (br_if 1 (global.get $zero)) (call $step) (br 0))))"#,
    ),
    endless(
        "a loop by table",
        2,
        r#"(func $cheat (export "cheat")
        (loop (call $host) (br_table 0 0 0 (global.get $zero))))"#,
    ),
    endless(
        "a table of loops",
        6,
        r#"(func $cheat (export "cheat") (local $i i32)
        (loop $a
            (call $step)
            (loop $b
                (loop $c
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_table $a $b $c $a (i32.and (local.get $i) (i32.const 3)))))))"#,
    ),
    endless(
        "a loop around loops that end at once",
        6,
        r#"(func $cheat (export "cheat")
        (loop $a (loop $b (call $step) (br_if $b (global.get $zero))) (loop) (br $a)))"#,
    ),
    endless(
        "loops inside loops inside loops",
        6,
        r#"(func $cheat (export "cheat") (local $i i64) (local $j i64)
        (loop $a
            (local.set $i (i64.const 0))
            (loop $b
                (local.set $j (i64.const 0))
                (loop $c
                    (call $step)
                    (br_if $c (i64.ne (local.tee $j (i64.sub (local.get $j) (i64.const 1))) (i64.const 0))))
                (br_if $b (i64.ne (local.tee $i (i64.sub (local.get $i) (i64.const 1))) (i64.const 0))))
            (br $a)))"#,
    ),
    endless(
        "a loop through both arms",
        6,
        r#"(func $cheat (export "cheat")
        (loop $a
            (if (i64.eqz (i64.and (global.get $work) (i64.const 1)))
                (then (call $step) (br $a))
                (else (call $step)))
            (br $a)))"#,
    ),
    endless(
        "a loop that always goes on from its middle",
        6,
        r#"(func $cheat (export "cheat")
        (loop $a
            (call $step)
            (br_if $a (i32.eqz (global.get $zero)))
            (global.set $zero (i32.const 1))
            (br_if $a (global.get $zero))
            (unreachable)))"#,
    ),
    endless(
        "an arm that is far cheaper than the other",
        7,
        r#"(func $cheat (export "cheat")
        (loop $a
            (if (global.get $zero)
                (then
                    (global.set $zero (i32.mul (i32.mul (i32.mul (global.get $zero) (i32.const 3))
                        (i32.const 5)) (i32.mul (global.get $zero) (i32.const 9)))))
                (else (call $step)))
            (br $a)))"#,
    ),
    endless(
        "a loop that carries values",
        6,
        r#"(func $cheat (export "cheat")
        (i64.const 1) (i32.const 2)
        (loop (param i64 i32) (call $step) (br 0)))"#,
    ),
    endless(
        "loads and stores",
        4,
        r#"(func $cheat (export "cheat")
        (loop
            (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1)))
            (global.set $work (i64.load (i32.const 8)))
            (br 0)))"#,
    ),
    endless(
        "vectors",
        5,
        r#"(func $cheat (export "cheat") (local v128)
        (loop
            (local.set 0 (i64x2.add (local.get 0) (v128.const i64x2 1 1)))
            (global.set $work (i64x2.extract_lane 1 (local.get 0)))
            (br 0)))"#,
    ),
    endless(
        "divisions",
        4,
        r#"(func $cheat (export "cheat")
        (loop
            (global.set $work (i64.add (global.get $work)
                (i64.div_u (i64.const 7) (i64.or (i64.rem_u (global.get $work) (i64.const 1)) (i64.const 7)))))
            (br 0)))"#,
    ),
    endless(
        "code after a loop that ends",
        6,
        r#"(func $cheat (export "cheat") (local $i i32)
        (local.set $i (i32.const 50))
        (loop (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (loop (call $step) (br 0)))"#,
    ),
];
