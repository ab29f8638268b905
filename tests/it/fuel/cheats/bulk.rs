//! Bulk operations and growth: of everything, of nothing, beyond the end, and repeated.

use super::{Cheat, endless, huge};
use tinkerbox_wasm::Trap;

/// The largest possible length.
const EVERYTHING: u64 = u32::MAX as u64;

pub const BULK: [Cheat; 26] = [
    huge(
        "fill everything",
        EVERYTHING,
        Trap::MemoryOutOfBounds,
        r#"(func $cheat (export "cheat")
        (memory.fill (i32.const 0) (i32.const 0) (i32.const -1)) (call $step))"#,
    ),
    huge(
        "copy everything",
        EVERYTHING,
        Trap::MemoryOutOfBounds,
        r#"(func $cheat (export "cheat")
        (memory.copy (i32.const 0) (i32.const 0) (i32.const -1)) (call $step))"#,
    ),
    huge(
        "initialise everything",
        EVERYTHING,
        Trap::MemoryOutOfBounds,
        r#"(func $cheat (export "cheat")
        (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const -1)) (call $step))"#,
    ),
    huge(
        "fill a table for ever",
        EVERYTHING,
        Trap::TableOutOfBounds,
        r#"(func $cheat (export "cheat")
        (table.fill $table (i32.const 0) (ref.null func) (i32.const -1)) (call $step))"#,
    ),
    huge(
        "copy a table for ever",
        EVERYTHING,
        Trap::TableOutOfBounds,
        r#"(func $cheat (export "cheat")
        (table.copy $table $small (i32.const 0) (i32.const 0) (i32.const -1)) (call $step))"#,
    ),
    huge(
        "initialise a table for ever",
        EVERYTHING,
        Trap::TableOutOfBounds,
        r#"(func $cheat (export "cheat")
        (table.init $table $steps (i32.const 0) (i32.const 0) (i32.const -1)) (call $step))"#,
    ),
    huge(
        "fill most of what is there",
        60_000,
        Trap::MemoryOutOfBounds,
        r#"(func $cheat (export "cheat")
        (loop (memory.fill (i32.const 0) (i32.const 0) (i32.const 60000)) (call $step) (br 0)))"#,
    ),
    endless(
        "fill in a loop",
        5_000,
        r#"(func $cheat (export "cheat")
        (loop (memory.fill (i32.const 0) (i32.const 0) (i32.const 5000)) (call $step) (br 0)))"#,
    ),
    endless(
        "fill nothing",
        10,
        r#"(func $cheat (export "cheat")
        (loop (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (call $step) (br 0)))"#,
    ),
    endless(
        "copy in a loop",
        5_000,
        r#"(func $cheat (export "cheat")
        (loop (memory.copy (i32.const 0) (i32.const 9) (i32.const 5000)) (call $step) (br 0)))"#,
    ),
    endless(
        "copy nothing",
        10,
        r#"(func $cheat (export "cheat")
        (loop (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (call $step) (br 0)))"#,
    ),
    endless(
        "initialise in a loop",
        18,
        r#"(func $cheat (export "cheat")
        (loop (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 18)) (call $step) (br 0)))"#,
    ),
    endless(
        "initialise what is dropped",
        10,
        r#"(func $cheat (export "cheat")
        (loop
            (data.drop $bytes)
            (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 0))
            (call $step)
            (br 0)))"#,
    ),
    endless(
        "drop data again and again",
        3,
        r#"(func $cheat (export "cheat")
        (loop (data.drop $bytes) (call $host) (br 0)))"#,
    ),
    endless(
        "drop elements again and again",
        3,
        r#"(func $cheat (export "cheat")
        (loop (elem.drop $steps) (call $host) (br 0)))"#,
    ),
    endless(
        "fill a table in a loop",
        20,
        r#"(func $cheat (export "cheat")
        (loop (table.fill $table (i32.const 0) (ref.null func) (i32.const 16)) (call $step) (br 0)))"#,
    ),
    endless(
        "copy a table in a loop",
        14,
        r#"(func $cheat (export "cheat")
        (loop (table.copy $table $small (i32.const 0) (i32.const 0) (i32.const 4)) (call $step) (br 0)))"#,
    ),
    endless(
        "initialise a table in a loop",
        13,
        r#"(func $cheat (export "cheat")
        (loop (table.init $table $steps (i32.const 0) (i32.const 0) (i32.const 3)) (call $step) (br 0)))"#,
    ),
    endless(
        "grow a memory by nothing",
        3,
        r#"(func $cheat (export "cheat")
        (loop (drop (memory.grow (i32.const 0))) (call $host) (br 0)))"#,
    ),
    endless(
        "grow a memory beyond its end",
        3,
        r#"(func $cheat (export "cheat")
        (loop (drop (memory.grow (i32.const 1))) (call $host) (br 0)))"#,
    ),
    endless(
        "grow a memory by everything",
        3,
        r#"(func $cheat (export "cheat")
        (loop (drop (memory.grow (i32.const -1))) (call $host) (br 0)))"#,
    ),
    endless(
        "grow a table by nothing",
        4,
        r#"(func $cheat (export "cheat")
        (loop (drop (table.grow $table (ref.null func) (i32.const 0))) (call $host) (br 0)))"#,
    ),
    endless(
        "grow a table beyond its end",
        5,
        r#"(func $cheat (export "cheat")
        (loop (drop (table.grow $table (ref.null func) (i32.const 1))) (call $host) (br 0)))"#,
    ),
    endless(
        "grow a table by far too much",
        4_004,
        r#"(func $cheat (export "cheat")
        (loop (drop (table.grow $table (ref.null func) (i32.const 4000))) (call $host) (br 0)))"#,
    ),
    Cheat {
        name: "grow a table by everything",
        least: EVERYTHING,
        longest: EVERYTHING,
        ends: None,
        text: r#"(func $cheat (export "cheat")
            (loop (drop (table.grow $table (ref.null func) (i32.const -1))) (call $host) (br 0)))"#,
    },
    endless(
        "ask for sizes",
        3,
        r#"(func $cheat (export "cheat")
        (loop (drop (memory.size)) (drop (table.size $table)) (call $host) (br 0)))"#,
    ),
];
