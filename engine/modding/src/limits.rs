//! Every bound of the plugin: on a mod's files, on what it may do in a call, a run or a tick, on how long things last, and
//! on the text that is shown of it.
//!
//! What the host's work costs is in `prices.rs`. The most that a manifest may ask for is a setting of the game's:
//! `ModdingPlugin`. The contract's own bounds are in `tinkerbox_abi`. The guide has a table of the limits, which a test
//! below compares with these.

use std::time::Duration;

// Files.

/// Bytes of a `mod.toml`.
pub(crate) const MANIFEST_BYTES_MAX: u64 = 1 << 20;
/// Bytes of a `.wasm` file.
pub(crate) const WASM_BYTES_MAX: u64 = 64 << 20;
/// Bytes of the schema in the `.wasm` file.
pub(crate) const SCHEMA_BYTES_MAX: usize = 1 << 20;
/// Bytes in which a mod notes the interfaces that it was built against; more are not read.
pub(crate) const INTERFACE_NOTES_BYTES_MAX: usize = 4 << 10;
/// Interfaces that a mod was built against.
pub(crate) const INTERFACE_NOTES_MAX: usize = 8;
/// Links on the way to a file: as many as an operating system follows before it reports a loop.
pub(crate) const LINKS_MAX: usize = 40;
/// Files of a mod that are links and followed: it has two files.
pub(crate) const LINKED_FILES_MAX: usize = 8;

/// Bytes of the file in which an author's tool says what it has built.
pub(crate) const DEV_BUILDS_BYTES_MAX: u64 = 1 << 20;
/// Mods that it names.
pub(crate) const DEV_BUILDS_MODS_MAX: usize = 1_000;

// Compiled modules in a folder of the game's.

/// Bytes of all of them, in a game that says nothing.
pub(crate) const CACHE_BYTES: u64 = 512 << 20;
/// When so many bytes were added, the folder is listed again, since other processes may have added some.
pub(crate) const CACHE_ADDED_BYTES_MAX: u64 = 64 << 20;
/// After this time a file that is not whole is one that a crash has left.
pub(crate) const CACHE_LEFTOVER_AGE: Duration = Duration::from_secs(3_600);

// The schema.

/// Systems of a mod.
pub(crate) const SYSTEMS_MAX: usize = 64;
/// Queries of a system. How many columns each may have is part of the contract.
pub(crate) const QUERIES_MAX: usize = 16;
/// Filters of a query.
pub(crate) const FILTERS_MAX: usize = 32;
/// Resources of a system.
pub(crate) const RESOURCES_MAX: usize = 16;
/// Types of events that a system sends.
pub(crate) const SENDS_MAX: usize = 16;
/// Systems that a system names in `after` and `before`.
pub(crate) const ORDERS_MAX: usize = 64;

// Budgets in a manifest that says nothing, and the most that a manifest may ask for in a game that says nothing.

pub(crate) const DEFAULT_FUEL: u64 = 100_000;
pub(crate) const DEFAULT_MEMORY_BYTES: u64 = 16 << 20;
pub(crate) const DEFAULT_FUEL_CAP: u64 = 50_000_000;
pub(crate) const DEFAULT_MEMORY_CAP_BYTES: u64 = 256 << 20;

/// The most that a game gives to a mod. The default is what a game gives that says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModLimits {
    /// Fuel in one frame, in units, saved up or granted. A manifest that asks for more is refused.
    pub fuel: u64,
    /// Bytes of memory. A manifest that asks for more is refused.
    pub memory_bytes: u64,
    /// Living entities that the mod has spawned. Further ones are refused with an error, which the mod can handle.
    pub spawned: usize,
}

impl Default for ModLimits {
    fn default() -> ModLimits {
        let (fuel, memory_bytes) = (DEFAULT_FUEL_CAP, DEFAULT_MEMORY_CAP_BYTES);
        ModLimits { fuel, memory_bytes, spawned: SPAWNED_ENTITIES_MAX }
    }
}

// Instances.

/// Bytes of a page of a WebAssembly memory.
pub(crate) const PAGE_BYTES: u64 = 64 << 10;
/// Tables of a module.
pub(crate) const TABLES_MAX: usize = 8;
/// Elements of each table.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 100_000;
/// The most that an instance may cost in fuel, the pages of its memory not counted.
pub(crate) const INSTANTIATION_FUEL_MAX: u64 = 2_000_000;
/// Fuel for a call that is not a system (to initialise, save or load), if the burst is less.
pub(crate) const LIFECYCLE_FUEL_MIN: u64 = 1_000_000;
/// Bytes of the state that a mod saves.
pub(crate) const STATE_BYTES_MAX: usize = 16 << 20;

// One call of the host.

/// Bytes of rows that are lent at once.
pub(crate) const CHUNK_BYTES_MAX: u32 = 1 << 20;
/// Rows that are lent at once if the query has no columns, so that rows take no room.
pub(crate) const ROWS_WITHOUT_COLUMNS_MAX: usize = 1 << 20;
/// Bytes of events that are handed out at once.
pub(crate) const READ_EVENT_BYTES_MAX: usize = 1 << 20;
/// Bytes of command records.
pub(crate) const RECORD_BYTES_MAX: u32 = 4 << 20;

// One run of a system, and one tick of a mod.

/// Bytes of changed rows and resources that wait for a system to finish.
pub(crate) const JOURNAL_BYTES_MAX: usize = 64 << 20;
/// Commands and deferred changes of a mod in a tick, and ids that a run reserves.
pub(crate) const COMMANDS_MAX: usize = 4_096;
/// Bytes of components that a run spawns and inserts.
pub(crate) const COMMAND_BYTES_MAX: usize = 1 << 20;
/// Events that a run sends.
pub(crate) const SENT_EVENTS_MAX: usize = 4_096;
/// Bytes of the events that a run sends.
pub(crate) const SENT_EVENT_BYTES_MAX: usize = 1 << 20;
/// Entities that are visited along relationships for the commands of a run.
pub(crate) const RELATED_MAX: usize = 65_536;
/// Of these, entities that the mod may not see.
pub(crate) const HIDDEN_RELATED_MAX: usize = 1_024;
/// Entities in a row of which each is despawned with the one before it.
pub(crate) const LINKED_DEPTH_MAX: usize = 64;

// What a mod leaves in the game.

/// Living entities that a mod has spawned.
pub(crate) const SPAWNED_ENTITIES_MAX: usize = 65_536;
/// Sets of components that a mod spawns, inserts or removes.
pub(crate) const COMPONENT_SETS_MAX: usize = 512;
/// Events that wait for a handler, beyond those of one frame.
pub(crate) const WAITING_EVENTS_MAX: usize = 4_096;

// Times.

/// A system that is suspended for longer than this ends in a fault.
pub(crate) const SUSPENDED_FRAMES_MAX: u32 = 60;
/// The longest rest after a fault.
pub(crate) const REST_TICKS_MAX: u64 = 64;
/// This many faults within [`FAULT_WINDOW_TICKS`] lead to quarantine.
pub(crate) const FAULTS_MAX: usize = 6;
/// See [`FAULTS_MAX`].
pub(crate) const FAULT_WINDOW_TICKS: u64 = 600;
/// How often the state of a mod is saved, in case of a fault.
pub(crate) const SAVE_TICKS: u64 = 300;
/// How often the game is told of a mod that always needs more than its budget.
pub(crate) const OVERRUN_REPORT_FRAMES: u64 = 600;
/// A clock that gains more than this between two frames gains this much: nothing that is counted in ticks takes longer.
pub(crate) const GAINED_TICKS_MAX: u64 = 1 << 20;
/// A clock that has not moved for this many frames, and never before, is one that the game forgot to advance.
pub(crate) const STILL_FRAMES_MAX: u32 = 60;
/// Threads that build mods, if the game has not set up Bevy's.
pub(crate) const BUILD_THREADS_MAX: usize = 4;
/// How long the game's thread works on loading mods in a frame.
pub(crate) const LOADING_TIME: Duration = Duration::from_millis(2);
/// Mods that are started in a frame of a running game. A number, and not a time: what runs when must not depend on a clock.
pub(crate) const STARTS_MAX: usize = 16;
/// A game that ticks its mods this often without managing them has forgotten to: a fixed schedule may run many times in a frame.
pub(crate) const UNMANAGED_TICKS_MAX: u32 = 1_000;
/// How long a mod's folder must be quiet before it is built.
pub(crate) const SETTLE_TIME: Duration = Duration::from_millis(80);
/// Links may change while they are followed: after this many rounds the rest waits for the next event.
pub(crate) const FOLLOW_ROUNDS_MAX: usize = 8;

// Text that is shown.

/// Longer names are cut.
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// Of longer lists only this many items are named.
pub(crate) const ITEMS_MAX: usize = 20;
/// Of what is wrong with a mod's files.
pub(crate) const PROBLEM_CHARS_MAX: usize = 4_000;
/// Of a failure of the game's own code.
pub(crate) const FAILURE_CHARS_MAX: usize = 400;
/// Frames of a backtrace.
pub(crate) const BACKTRACE_LINES_MAX: usize = 30;
/// Imports of a wrong type that are named.
pub(crate) const MISTYPED_MAX: usize = 15;
/// Differences between two layouts of a type that are named.
pub(crate) const DIFFERENCES_SHOWN_MAX: usize = 5;
/// Of what is wrong with the file in which an author's tool says what it has built.
pub(crate) const DEV_BUILDS_PROBLEM_CHARS_MAX: usize = 400;
/// Errors of a compiler, for one mod.
pub(crate) const BUILD_ERRORS_MAX: usize = 10;
/// Of an error of a compiler.
pub(crate) const BUILD_ERROR_CHARS_MAX: usize = 1_000;
/// Lines that a panel's log keeps.
pub(crate) const PANEL_LOG_LINES_MAX: usize = 2_000;
/// Lines of a report that a panel's log keeps.
pub(crate) const PANEL_REPORT_LINES_MAX: usize = 100;
/// Of a line of a panel's log.
pub(crate) const PANEL_LINE_CHARS_MAX: usize = 1_200;
/// Of a mod's title and authors, and of a permission, in a panel.
pub(crate) const PANEL_NAME_CHARS_MAX: usize = 120;
/// Permissions of a mod that a panel lists; the others are counted.
pub(crate) const PANEL_PERMISSIONS_MAX: usize = 100;
/// Ticks of a mod's fuel that a panel keeps.
pub(crate) const PANEL_FUEL_SAMPLES_MAX: usize = 240;
/// Guesses about what imports were meant for.
pub(crate) const HINTS_MAX: usize = 3;

const _: () = {
    assert!(HIDDEN_RELATED_MAX < RELATED_MAX);
    assert!(DEFAULT_FUEL < DEFAULT_FUEL_CAP && DEFAULT_MEMORY_BYTES < DEFAULT_MEMORY_CAP_BYTES);
    // A suspended system ends before its waiting is reported again.
    assert!((SUSPENDED_FRAMES_MAX as u64) < OVERRUN_REPORT_FRAMES);
    assert!(REST_TICKS_MAX < FAULT_WINDOW_TICKS);
};

#[cfg(test)]
mod tests {
    use tinkerbox_abi::{
        COLUMNS_MAX, LOG_BYTES_MAX, LOG_BYTES_PER_TICK_MAX, LOGS_PER_TICK_MAX, NAME_BYTES_MAX, RANDOM_STREAMS,
    };

    use super::*;
    use crate::text::size;

    /// As the guide writes it: `65,536`.
    fn number(number: usize) -> String {
        match number {
            0..1_000 => number.to_string(),
            _ => format!("{},{:03}", number / 1_000, number % 1_000),
        }
    }

    /// Each limit, by the beginning of its row in the guide's table.
    fn rows() -> Vec<(&'static str, String)> {
        let bytes = |bytes: usize| size(bytes as u64);
        vec![
            (
                "files",
                format!(
                    "{} of `.wasm`, {} of `mod.toml`, {} of schema",
                    size(WASM_BYTES_MAX),
                    size(MANIFEST_BYTES_MAX),
                    bytes(SCHEMA_BYTES_MAX)
                ),
            ),
            ("systems of a mod", format!("{SYSTEMS_MAX}, {NAME_BYTES_MAX}")),
            ("of a system", format!("{QUERIES_MAX}, {RESOURCES_MAX}, {SENDS_MAX}, {ORDERS_MAX}")),
            ("of a query", format!("{COLUMNS_MAX}, {FILTERS_MAX}")),
            ("an instance", format!("{} million units", INSTANTIATION_FUEL_MAX / 1_000_000)),
            ("memory", format!("{TABLES_MAX} tables of {} elements", number(TABLE_ELEMENTS_MAX))),
            ("rows or events handed out", bytes(READ_EVENT_BYTES_MAX)),
            ("changed rows", bytes(JOURNAL_BYTES_MAX)),
            ("commands and deferred changes", number(COMMANDS_MAX)),
            ("records of commands", size(RECORD_BYTES_MAX.into())),
            ("ids that one run", number(COMMANDS_MAX)),
            ("components that one run", bytes(COMMAND_BYTES_MAX)),
            ("living entities", number(SPAWNED_ENTITIES_MAX)),
            ("different sets of components", COMPONENT_SETS_MAX.to_string()),
            (
                "events that one run sends",
                format!("{}, {}", number(SENT_EVENTS_MAX), bytes(SENT_EVENT_BYTES_MAX)),
            ),
            ("events that wait", number(WAITING_EVENTS_MAX)),
            ("frames of a suspension", SUSPENDED_FRAMES_MAX.to_string()),
            ("entities in a chain", LINKED_DEPTH_MAX.to_string()),
            (
                "entities visited along relationships",
                format!("{}, and {}", number(RELATED_MAX), number(HIDDEN_RELATED_MAX)),
            ),
            (
                "messages in one tick",
                format!(
                    "{LOGS_PER_TICK_MAX} of {} bytes, {} bytes",
                    number(LOG_BYTES_MAX),
                    number(LOG_BYTES_PER_TICK_MAX)
                ),
            ),
            ("state that a mod saves", bytes(STATE_BYTES_MAX)),
            ("streams of random numbers", RANDOM_STREAMS.to_string()),
        ]
    }

    #[test]
    fn the_guides_table_agrees() {
        let guide = include_str!("../README.md");
        let (_, table) = guide.split_once("## Limits").expect("the guide has the section");
        let table: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).collect();
        for (of, limit) in rows() {
            let row = table.iter().find(|row| row.starts_with(&format!("| {of}")));
            let row = row.unwrap_or_else(|| panic!("the guide has no row `{of}`"));
            assert!(row.contains(&format!(" {limit}")), "the guide says otherwise, `{limit}`: {row}");
        }
        assert_eq!(CHUNK_BYTES_MAX as usize, READ_EVENT_BYTES_MAX, "both are in one row");
    }
}
