//! Resources, events, log messages, numbers, and mods without calls.

use super::*;

/// The minimum cost of a call.
const CALL: u64 = 20;
const ALL: &str = "write = [\"game:Weather\", \"game:Ledger\", \"game:Season\"]\n\
    events = [\"game:Gong\", \"game:Letter\", \"game:Shout\"]\nsend = [\"game:Gong\", \"game:Letter\", \"game:Shout\"]\n";

pub(super) fn misers() -> Vec<Miser> {
    let miser = |name, system: &str, round: &str, least| Miser::new(name, ALL, system, round, least);
    let weather = resource::<Weather>("write");
    let ledger = resource::<Ledger>("write");
    let season = resource::<SeasonNumber>("write");
    let gongs = sends::<Gong>();
    let shouts = sends::<ShoutBytes>();
    let at = i64::from(BUFFER);
    let send = |event: i64, bytes: i64| call("event_send", &[event, at, bytes]);
    let handler = |event: &str| event.to_owned() + &gongs;
    let listening = handler(&handles::<Gong>());
    let next = |room: i64| call("event_next", &[at, room]);
    let say = |len: i64| format!("(call $log (i32.const 2) (i32.const {at}) (i32.const {len}))");
    let elements =
        format!("(table 100000 funcref) (elem (table 0) (i32.const 0) func {})", "$f ".repeat(50_000));
    vec![
        miser("resource_get", &weather, &call("resource_get", &[0, at]), CALL),
        miser("resource_get of 64 KiB", &ledger, &call("resource_get", &[0, at]), 65_536 / 16),
        miser("resource_get of a mirrored one", &season, &call("resource_get", &[0, at]), CALL),
        miser("resource_get of none", &weather, &call("resource_get", &[7, at]), CALL),
        miser("resource_set", &weather, &call("resource_set", &[0, at]), CALL),
        miser("resource_set of a mirrored one", &season, &call("resource_set", &[0, at]), CALL),
        miser(
            "resource_set of what is only read",
            &resource::<Weather>("read"),
            &call("resource_set", &[0, at]),
            CALL,
        ),
        miser("event_send", &gongs, &send(0, 4), CALL),
        miser("4,096 events", &gongs, &send(0, 16_384), 4_096 * 5).once(),
        miser("events one by one", &gongs, &times(4_096, &send(0, 4)), 4_096 * 30).once(),
        miser(
            "events of two types in turn",
            &(gongs.clone() + &shouts),
            &times(2_000, &(send(0, 4) + &send(1, 8))),
            4_000 * 30,
        )
        .once(),
        miser("mirrored events", &shouts, &send(0, 32_768), 4_096 * 5).once(),
        miser("4,095 good events and one that is none", &shouts, &send(0, 32_768), 4_096 * 5)
            .setup(&format!("(i32.store (i32.const {}) (i32.const 77))", at + 32_764)),
        miser("events that are cut", &gongs, &send(0, 16_383), 16_384 / 16),
        miser("no such event", &gongs, &send(5, 16_384), 16_384 / 16),
        miser(
            "events, heard one by one",
            &listening,
            &(send(0, 4_000) + &times(1_001, &next(4))),
            1_000 * CALL,
        )
        .once(),
        miser("events, heard at once", &listening, &(send(0, 16_384) + &next(16_384)), 4_096).once(),
        miser("events, not heard", &listening, &send(0, 16_384), 4_096 * 5).once(),
        miser("events without room", &listening, &next(2), CALL),
        miser("events where none are handled", "", &next(64), CALL),
        miser("log of nothing", "", &say(0), 100),
        miser("log", "", &say(1_024), 1_024),
        miser("log of what is no text", "", &say(1_024), 1_024)
            .setup(&format!("(memory.fill (i32.const {at}) (i32.const 255) (i32.const 1024))")),
        miser("log of more than there may be", "", &say(4_000_000), 1_024),
        miser("random", "", "(drop (call $random (i32.const 3)))", 5),
        miser(
            "random of all streams",
            "",
            "(drop (call $random (i32.and (i32.wrap_i64 (global.get $left)) (i32.const 63))))",
            5,
        ),
        miser("tick", "", "(drop (call $tick))", 1),
        miser("delta", "", "(drop (call $delta))", 1),
        miser("fuel_left", "", "(drop (call $fuel_left))", 1),
        miser("memory.grow that fails", "", "(drop (memory.grow (i32.const 60000)))", 5),
        miser("memory.grow by nothing", "", "(drop (memory.grow (i32.const 0)))", 5),
        miser("table.grow by nothing", "", "(drop (table.grow $t (ref.null func) (i32.const 0)))", 5)
            .code("(table $t 1 funcref)"),
        miser("traps", "", "unreachable", 1_000).once(),
        miser("traps of one that is dear to begin", "", "unreachable", 1_000)
            .code(&format!("(func $f) {elements}"))
            .once(),
        miser("a state of 8 MB", "", "", 1)
            .code(
                "(func (export \"tb_save\") (result i64) (i64.const 8000000))
                (func (export \"tb_alloc\") (param i32) (result i32) (i32.const 0))
                (func (export \"tb_load\") (param i32 i32) (result i32) (i32.const 0))",
            )
            .once(),
    ]
}
