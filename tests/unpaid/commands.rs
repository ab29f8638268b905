//! Changes of structure: valid records, invalid records, ids.

use super::*;

const COMMANDS: &str = "commands = true\n";
/// The minimum cost of a record that is inspected, up to the first error in it.
const RECORD: u64 = 100;

fn rights() -> String {
    format!(
        "write = [\"game:Sheep\", \"game:Mood\", \"{}\"]\nspawn = true\ndespawn = true\n",
        MARKS.join("\", \"")
    )
}

/// A round that queues the records from 0 to `end`.
fn queueing(name: &'static str, filled: (String, String, u32), more: &str, least: u64) -> Miser {
    let (code, setup, end) = filled;
    let round = call("command", &[0, i64::from(end) + 8 * i64::from(!more.is_empty())]);
    let bad =
        format!("(i64.store (i32.const {end}) (i64.const {}))", if more.is_empty() { "0" } else { more });
    Miser::new(name, &rights(), COMMANDS, &round, least).code(&code).setup(&(setup + &bad))
}

pub(super) fn misers() -> Vec<Miser> {
    let sheep = spawn_of(0, &["game:Sheep"]);
    let marked = spawn_of(0, &MARKS);
    let gone = words(|words| command::push_despawn(words, 0x7fff_ffff));
    let insert = |entity: u64| {
        words(|words| {
            command::push_insert(words, entity, 12);
            MARKS.iter().for_each(|id| command::push_component(words, key(id), &[]));
        })
    };
    let bad = "99";
    let with_ids = |record: &[u8], count: usize| {
        // Ids are written into the records, at offset 8.
        let (code, setup, end) = filled(0, record, count);
        let ids = format!("(drop (call $entity_reserve (i32.const {BUFFER}) (i32.const {count})))")
            + "(local.set $at (i32.const 8))"
            + &times(
                count,
                &format!(
                    "(i64.store (local.get $at) (i64.load (i32.add (i32.const {BUFFER})
                        (i32.shl (i32.sub (local.get $i) (i32.const 1)) (i32.const 3)))))
                    (local.set $at (i32.add (local.get $at) (i32.const {})))",
                    record.len()
                ),
            );
        (code, setup, ids, end)
    };
    let used = {
        let (code, setup, ids, end) = with_ids(&sheep, 4_032);
        let setup = setup
            + &ids
            + &call("command", &[0, i64::from(end)])
            + &format!("(i64.store (i32.const {end}) (i64.const 99))");
        let round = call("command", &[i64::from(end), 8]);
        Miser::new("a bad record after 4,032 used ids", &rights(), COMMANDS, &round, RECORD)
            .code(&code)
            .setup(&setup)
    };
    let using = {
        let (code, setup, ids, end) = with_ids(&sheep, 4_000);
        let round = ids
            + &format!("(i64.store (i32.const {end}) (i64.const 99))")
            + &call("command", &[0, i64::from(end) + 8]);
        Miser::new("4,000 used ids and a bad record", &rights(), COMMANDS, &round, 4_001 * RECORD)
            .code(&code)
            .setup(&setup)
    };
    let whole = |name, record: &[u8], count: usize| {
        queueing(name, filled(0, record, count), "", count as u64 * RECORD).once()
    };
    let come_and_go = {
        let (code, setup, ids, end) = with_ids(&sheep, 2_000);
        let despawns = format!("(local.set $at (i32.const {end}))")
            + &times(
                2_000,
                &format!(
                    "(i64.store (local.get $at) (i64.const 2))
                    (i64.store offset=8 (local.get $at) (i64.load (i32.add (i32.const {BUFFER})
                        (i32.shl (i32.sub (local.get $i) (i32.const 1)) (i32.const 3)))))
                    (local.set $at (i32.add (local.get $at) (i32.const 16)))"
                ),
            );
        let round = ids + &despawns + &call("command", &[0, i64::from(end) + 32_000]);
        Miser::new("2,000 that come and go", &rights(), COMMANDS, &round, 4_000 * RECORD)
            .code(&code)
            .setup(&setup)
            .once()
    };
    let reshaped = |name, from: &[u8], record: &[u8]| {
        // One entity is spawned in each run, and is changed 4,000 times.
        let (code, setup, end) = filled(512, record, 4_000);
        let round = format!(
            "(drop (call $entity_reserve (i32.const {BUFFER}) (i32.const 1)))
            (memory.init $first (i32.const 0) (i32.const 0) (i32.const {len}))
            (i64.store (i32.const 8) (i64.load (i32.const {BUFFER})))
            (drop (call $command (i32.const 0) (i32.const {len})))
            (local.set $at (i32.const 520))",
            len = from.len()
        ) + &times(
            4_000,
            &format!(
                "(i64.store (local.get $at) (i64.load (i32.const {BUFFER})))
                (local.set $at (i32.add (local.get $at) (i32.const {})))",
                record.len()
            ),
        ) + &call("command", &[512, i64::from(end) - 512]);
        Miser::new(name, &rights(), COMMANDS, &round, 4_000 * RECORD)
            .code(&(code + &format!("(data $first \"{}\")", escaped(from.iter().copied()))))
            .setup(&setup)
            .once()
    };
    let remove = |entity: u64| words(|words| command::push_remove(words, entity, &MARKS.map(key)));
    vec![
        queueing("4,095 spawns and a bad record", filled(0, &sheep, 4_095), bad, 4_096 * RECORD),
        queueing(
            "4,095 spawns of 12 components and a bad record",
            filled(0, &marked, 4_095),
            bad,
            4_096 * 2 * RECORD,
        ),
        queueing(
            "4,095 inserts and a bad record",
            filled(0, &insert(0x7fff_ffff), 4_095),
            bad,
            4_096 * 2 * RECORD,
        ),
        queueing(
            "4,095 removals and a bad record",
            filled(0, &remove(0x7fff_ffff), 4_095),
            bad,
            4_096 * 2 * RECORD,
        ),
        queueing("4,095 despawns and a bad record", filled(0, &gone, 4_095), bad, 4_096 * RECORD),
        queueing("a record that is none", filled(0, &[], 1), bad, RECORD),
        queueing("more records than there may be", filled(0, &gone, 5_000), "", 4_097 * RECORD),
        queueing(
            "a record of very many components",
            filled(0, &spawn_of(0, &["game:Sheep"; 200]), 1),
            "",
            2 * RECORD,
        ),
        Miser::new(
            "records that are too long",
            &rights(),
            COMMANDS,
            &call("command", &[0, 5 << 20]),
            (5 << 20) / 16,
        ),
        used,
        using,
        whole("4,096 spawns", &sheep, 4_096),
        whole("4,096 spawns of 12 components", &marked, 4_096),
        whole("4,096 despawns of nothing", &gone, 4_096),
        come_and_go,
        reshaped("removals from one", &marked, &remove(0)),
        reshaped("inserts into one", &sheep, &insert(0)),
        Miser::new("ids", &rights(), COMMANDS, &call("entity_reserve", &[i64::from(BUFFER), 4_096]), CALL),
        Miser::new(
            "ids in each run",
            &rights(),
            COMMANDS,
            &call("entity_reserve", &[i64::from(BUFFER), 4_096]),
            4_096 * 10,
        )
        .once(),
        Miser::new(
            "an id in each run",
            &rights(),
            COMMANDS,
            &call("entity_reserve", &[i64::from(BUFFER), 1]),
            200,
        )
        .once(),
        Miser::new(
            "too many ids",
            &rights(),
            COMMANDS,
            &call("entity_reserve", &[i64::from(BUFFER), 5_000]),
            CALL,
        ),
        Miser::new(
            "ids without commands",
            &rights(),
            "",
            &call("entity_reserve", &[i64::from(BUFFER), 64]),
            CALL,
        ),
        queueing("commands without commands", filled(0, &sheep, 4_095), "", 4_095 * 4).without_commands(),
    ]
}

/// The minimum cost of any call that is answered.
const CALL: u64 = 20;

impl Miser {
    fn without_commands(mut self) -> Miser {
        self.system.clear();
        self
    }
}
