//! Rows of queries, lent and taken back, and single values.

use super::*;

const ALL: &str = "write = [\"game:Position\", \"game:Velocity\", \"game:Mood\", \"game:Lamp\", \"game:Door\", \"game:Sheep\"]\n";
/// The minimum cost of a call.
const CALL: u64 = 20;
/// The number of bytes that cost at least one unit.
const BYTES: u64 = 16;

/// `(call $read query len)` reads a query to its end, in chunks of at most `len` bytes.
const READ: &str = "(func $read (param $query i32) (param $len i32)
    (loop $chunks
        (br_if $chunks (i32.gt_s (call $view_next (local.get $query) (i32.const 0) (i32.const 8388608) (local.get $len))
            (i32.const 0)))))";

/// The same, and changes the first byte of every `step` bytes.
const CHANGE: &str = "(func $change (param $step i32) (local $at i32) (local $end i32)
    (loop $chunks
        (if (i32.gt_s (call $view_next (i32.const 0) (i32.const 0) (i32.const 8388608) (i32.const 1000000)) (i32.const 0)) (then
            (local.set $at (i32.load (i32.const 8)))
            (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 0)) (i32.const 8))))
            (loop $rows
                (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
                (local.set $at (i32.add (local.get $at) (local.get $step)))
                (br_if $rows (i32.lt_u (local.get $at) (local.get $end))))
            (br $chunks)))))";

fn read(query: u32) -> String {
    format!("(call $read (i32.const {query}) (i32.const 1000000))")
}

fn reading(name: &'static str, system: &str, least: u64) -> Miser {
    Miser::new(name, ALL, system, &read(0), least).code(READ).once()
}

/// A call of `get` or `set` for an entity.
fn one(function: &str, column: u32, entity: u64) -> String {
    format!(
        "(drop (call ${function} (i32.const 0) (i32.const {column}) (i64.const {}) (i32.const {BUFFER})))",
        entity as i64
    )
}

pub(super) fn misers(entities: usize) -> Vec<Miser> {
    let rows = entities as u64;
    let positions = query("write game:Position", "");
    let view_next =
        |query: i64, view: i64, buffer: i64, len: i64| call("view_next", &[query, view, buffer, len]);
    let changed = query("entity", "changed = [\"game:Mood\"]");
    let in_tables = query("entity", "changed = [\"game:Position\"]");
    let no_end = "(local.set $i (i32.const 1))";
    let many = (0..16).map(read).collect::<String>();
    // An existing entity: ids are allocated from the world's beginning, and the first belong to mods and resources.
    let first = Entity::from_raw_u32(60).expect("it is a number").to_bits();
    vec![
        reading("rows in tables", &positions, rows * 8 / BYTES),
        reading("rows of a sparse set", &query("read game:Mood", ""), rows * 4),
        reading("mirrored rows", &query("read game:Door", ""), rows * 4),
        reading("mirrored rows of a sparse set", &query("read game:Lamp", ""), rows * 4),
        reading("rows of everything", &query("entity, write game:Position, write game:Velocity, write game:Mood, write game:Lamp, write game:Door", ""), rows * 20),
        reading("changes in a sparse set", &changed, rows * 4),
        reading("changes in two sparse sets", &query("entity", "changed = [\"game:Mood\", \"game:Lamp\"]"), rows * 8),
        reading("changes in tables", &in_tables, rows / 4),
        Miser::new("64 systems of 16 queries that see changes in a sparse set", ALL, &changed.repeat(16), &many, rows * 4 * 16 * 64)
            .code(READ)
            .systems(64, &changed.repeat(16), &many)
            .once(),
        Miser::new("64 systems of 16 queries that nobody reads", ALL, &changed.repeat(16), "", 64 * (5 + 16 * 2))
            .systems(64, &changed.repeat(16), "")
            .once(),
        Miser::new("64 systems", ALL, "", "", 64 * 5).systems(64, "", "").once(),
        Miser::new("a query that waits", ALL, &changed.repeat(16), "(loop $for_ever (br $for_ever))", 0),
        Miser::new("rows that wait", ALL, &positions, &(view_next(0, 0, i64::from(BUFFER), 64) + "(loop $for_ever (br $for_ever))"), 0),
        Miser::new("row by row, waiting", ALL, &query("write game:Position, write game:Mood", ""),
            "(drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 8388608) (i32.const 64)))", 0),
        Miser::new("every second row is changed", ALL, &positions, "(call $change (i32.const 16))", rows * 8 / BYTES + rows / 2 * 4)
            .code(CHANGE)
            .once(),
        Miser::new("every row is changed", ALL, &positions, "(call $change (i32.const 8))", rows * 8 / BYTES).code(CHANGE).once(),
        Miser::new("every mirrored row is changed", ALL, &query("write game:Lamp", ""), "(call $flip)", rows * 8)
            .code("(func $flip (local $at i32) (local $end i32)
                (loop $chunks
                    (if (i32.gt_s (call $view_next (i32.const 0) (i32.const 0) (i32.const 8388608) (i32.const 1000000)) (i32.const 0)) (then
                        (local.set $at (i32.load (i32.const 8)))
                        (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 0)) (i32.const 4))))
                        (loop $rows
                            (i32.store (local.get $at) (i32.xor (i32.load (local.get $at)) (i32.const 1)))
                            (local.set $at (i32.add (local.get $at) (i32.const 4)))
                            (br_if $rows (i32.lt_u (local.get $at) (local.get $end))))
                        (br $chunks)))))")
            .once(),
        Miser::new("a chunk that is kept", ALL, &positions, &view_next(0, 0, i64::from(BUFFER), 1_000_000), rows.min(125_000) * 2 * 8 / BYTES)
            .once(),
        Miser::new("a query's end", ALL, &positions, &view_next(0, 0, i64::from(BUFFER), 1_000_000), CALL),
        Miser::new("no room for a row", ALL, &positions, &view_next(0, 0, i64::from(BUFFER), 4), CALL),
        Miser::new("a buffer that is not aligned", ALL, &positions, &view_next(0, 0, i64::from(BUFFER) + 1, 1_000), CALL),
        Miser::new("no such query", ALL, &positions, &view_next(1, 0, i64::from(BUFFER), 1_000), CALL),
        Miser::new("get", ALL, &positions, &one("get", 0, first), CALL),
        Miser::new("get of a mirrored value", ALL, &query("write game:Door", ""), &one("get", 0, first), CALL),
        Miser::new("get of nothing", ALL, &positions, &one("get", 0, 0x7fff_ffff), CALL),
        Miser::new("get of no such column", ALL, &positions, &one("get", 1, first), CALL),
        Miser::new("get of what was set", ALL, &positions, &(one("set", 0, first) + &one("get", 0, first)), 2 * CALL)
            .setup(no_end),
        Miser::new("set", ALL, &positions, &one("set", 0, first), CALL),
        Miser::new("set, for many", ALL, &positions, &set_many(), CALL),
        Miser::new("set of a mirrored value, for many", ALL, &query("write game:Lamp", ""), &set_many(), CALL),
        Miser::new("set of nothing", ALL, &positions, &one("set", 0, 0x7fff_ffff), CALL),
        Miser::new("set of what is only read", ALL, &query("read game:Position", ""), &one("set", 0, first), CALL),
    ]
}

/// Sets the value of a different entity each time.
fn set_many() -> String {
    "(local.set $i (i32.add (local.get $i) (i32.const 7919)))
    (drop (call $set (i32.const 0) (i32.const 0)
        (i64.extend_i32_u (i32.rem_u (local.get $i) (i32.const 4096)))
        (i32.const 8388608)))"
        .to_owned()
}
