//! Where limits and prices are, and which of them the guides state.

/// Where a package's limits and prices are.
pub struct Numbers {
    /// The folder of its sources, with a `/` behind it.
    pub src: &'static str,
    pub files: &'static str,
    /// Constants in other files, which concern these files only.
    pub elsewhere: &'static str,
}

pub const NUMBERS: &[Numbers] = &[
    Numbers {
        src: "engine/wasm/src/",
        files: "base/limits.rs compile/prices.rs",
        elsewhere: "MOST_VALUES MAX_PAGES HEADER_BYTES JUMP_BYTES CHUNK_BYTES \
            PIECE_BYTES_MAX SHOWN_MAX READS_MAX SYMBOLS_MAX TEXT_MAX STACK_BYTES WORD_BYTES \
            MOST_WORDS LINE_BYTES HANDLER_BYTES OURS_BYTES FIRST_PAGE_BYTES MOST_RUNS",
    },
    Numbers {
        src: "engine/modding/src/",
        files: "limits.rs prices.rs",
        elsewhere: "PARALLEL_FUEL ENTITY_BYTES",
    },
    Numbers { src: "sdk/abi/src/", files: "limits.rs", elsewhere: "" },
];

/// Numbers of limits and prices in a guide.
pub struct Said {
    /// The document, or the file with a comment at its head.
    pub place: &'static str,
    /// The first cell of a table's row with its bars, or the beginning of a sentence.
    pub begins: &'static str,
    /// The numbers in the rest of the row or sentence: constants, sums of them, or numbers that are no constants.
    pub numbers: &'static str,
}

const fn said(place: &'static str, begins: &'static str, numbers: &'static str) -> Said {
    Said { place, begins, numbers }
}

const GUIDE: &str = "engine/modding/README.md";
const WASM: &str = "engine/wasm/src/lib.rs";

pub const SAID: &[Said] = &[
    said(GUIDE, "| an instruction |", "1"),
    said(GUIDE, "| `random` |", "RANDOM"),
    said(GUIDE, "| a system that is called or resumed |", "SYSTEM QUERY MATCH EVENT_BATCH"),
    said(GUIDE, "| `view_next` |", "CALL 1 BYTES_PER_UNIT STRETCH LANDING"),
    said(GUIDE, "| values of mirrored types, and in sparse sets |", "VALUE"),
    said(GUIDE, "| a query, when it is first read |", "GROUP 1 ROWS_PER_UNIT LOOKUP"),
    said(GUIDE, "| `get`, `resource_get` |", "CALL 1 BYTES_PER_UNIT"),
    said(GUIDE, "| `set`, `resource_set` |", "CALL+SET 1 BYTES_PER_UNIT"),
    said(GUIDE, "| `command` |", "CALL 1 BYTES_PER_UNIT COMMAND COMPONENT RECOUNTED_ENTITY"),
    said(GUIDE, "| `entity_reserve` |", "CALL RESERVED_ID FIRST_RESERVATION"),
    said(GUIDE, "| `event_next` |", "CALL 1 BYTES_PER_UNIT READ_EVENT"),
    said(GUIDE, "| `event_send` |", "CALL 1 BYTES_PER_UNIT SENT_EVENT"),
    said(GUIDE, "| `log`, `panic` |", "MESSAGE MESSAGE_BYTE"),
    said(GUIDE, "| relationships, and what is despawned with an entity |", "RELATED"),
    said(GUIDE, "| a suspension |", "PINNED_ROW LOOKUP"),
    said(GUIDE, "| memory | 256", "PAGE PAGE_BYTES prices.rs:GROWTH"),
    said(
        GUIDE,
        "| a restart after a fault |",
        "INSTANCE INSTANCE_SYSTEM INSTANCE_QUERY IMPORT ITEM ELEMENT DATA_BYTES_PER_UNIT",
    ),
    said(GUIDE, "| periodic saving of the state |", "1 BYTES_PER_UNIT"),
    said(GUIDE, "| files |", "WASM_BYTES_MAX MANIFEST_BYTES_MAX SCHEMA_BYTES_MAX"),
    said(GUIDE, "| systems of a mod, bytes", "SYSTEMS_MAX NAME_BYTES_MAX"),
    said(GUIDE, "| of a system: queries", "QUERIES_MAX RESOURCES_MAX SENDS_MAX ORDERS_MAX"),
    said(GUIDE, "| of a query: columns, filters |", "COLUMNS_MAX FILTERS_MAX"),
    said(GUIDE, "| an instance |", "INSTANTIATION_FUEL_MAX"),
    said(GUIDE, "| memory | `[budget] memory`", "TABLES_MAX TABLE_ELEMENTS_MAX"),
    said(GUIDE, "| calls within calls |", "1048576"),
    said(GUIDE, "| rows or events handed out in one call |", "CHUNK_BYTES_MAX"),
    said(GUIDE, "| changed rows that wait", "JOURNAL_BYTES_MAX"),
    said(GUIDE, "| commands and deferred changes", "COMMANDS_MAX"),
    said(GUIDE, "| records of commands in one call |", "RECORD_BYTES_MAX"),
    said(GUIDE, "| ids that one run", "COMMANDS_MAX"),
    said(GUIDE, "| components that one run", "COMMAND_BYTES_MAX"),
    said(GUIDE, "| living entities", "SPAWNED_ENTITIES_MAX"),
    said(GUIDE, "| different sets of components", "COMPONENT_SETS_MAX"),
    said(GUIDE, "| events that one run sends |", "SENT_EVENTS_MAX SENT_EVENT_BYTES_MAX"),
    said(GUIDE, "| events that wait", "WAITING_EVENTS_MAX"),
    said(GUIDE, "| frames of a suspension |", "SUSPENDED_FRAMES_MAX"),
    said(GUIDE, "| entities in a chain", "LINKED_DEPTH_MAX"),
    said(GUIDE, "| entities visited along relationships", "RELATED_MAX HIDDEN_RELATED_MAX"),
    said(GUIDE, "| messages in one tick |", "LOGS_PER_TICK_MAX LOG_BYTES_MAX LOG_BYTES_PER_TICK_MAX"),
    said(GUIDE, "| state that a mod saves |", "STATE_BYTES_MAX"),
    said(GUIDE, "| streams of random numbers |", "RANDOM_STREAMS"),
    said(
        WASM,
        "A function has at most",
        "module:OPERATORS PLACES USED_LOCALS NESTING LOOPS BRANCH_TABLE_TARGETS",
    ),
    said(WASM, "It passes at most", "BRANCHED_VALUES KEPT_VALUES"),
    said(WASM, "Its frame is at most", "FRAME_RATIO"),
    said(WASM, "A module defines at most", "FUNCTIONS COMPILE_COST"),
];

/// Sections of documents in which each number of a table has to be listed above.
pub const TABLES: &[(&str, &str)] = &[(GUIDE, "## Prices"), (GUIDE, "## Limits")];
