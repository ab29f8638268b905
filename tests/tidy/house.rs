//! The layout of the repository: all lists that the rules in `rules/` compare the sources with.
//!
//! Names in one string are separated by blanks. Numbers are the present ones and may only get smaller: a test fails when a
//! number is out of date, in either direction.

/// A package and its rooms.
pub struct Package {
    /// The folder of its sources, with a `/` behind it.
    pub src: &'static str,
    /// In their order: a file may name its own room and earlier ones.
    pub rooms: &'static [Room],
}

/// Files that belong together.
pub struct Room {
    pub name: &'static str,
    /// Files, and folders with a `/` behind them; `/` is all of them. Of several rooms that fit a file the one with the
    /// longest place counts.
    pub places: &'static str,
    /// The number of files that name each other, directly or through others.
    pub in_circles: usize,
}

const fn room(name: &'static str, places: &'static str, in_circles: usize) -> Room {
    Room { name, places, in_circles }
}

/// The rooms of each package.
pub const PACKAGES: &[Package] = &[
    Package {
        src: "engine/wasm/src/",
        rooms: &[
            room("base", "base/", 0),
            room("compile::parse", "compile/parse/", 0),
            room("compile::prices", "compile/prices.rs", 0),
            room("compile::body", "compile/body/", 0),
            room("compile::inline", "compile/inline.rs", 0),
            room("compile::charges", "compile/charges/", 0),
            room("compile::target", "compile/target.rs", 0),
            room("compile::signature", "compile/signature.rs", 0),
            room("compile::context", "compile/context.rs", 0),
            room("compile::marks", "compile/marks.rs", 0),
            room("compile::translate", "compile/translate/", 0),
            room("compile::nans", "compile/nans.rs", 0),
            room("compile::stops", "compile/stops.rs", 0),
            room("compile::function", "compile/function/", 0),
            room("compile::join", "compile/join/", 0),
            room("compile::trampoline", "compile/trampoline.rs", 0),
            room("compile::artifact", "compile/artifact.rs", 0),
            room("compile", "compile/", 0),
            room("vm::machine", "vm/machine/", 0),
            room("vm::memory", "vm/memory/", 0),
            room("vm::code", "vm/code/", 0),
            room("vm::store", "vm/store/", 19),
            room("vm::doors", "vm/doors/", 5),
            room("vm", "vm/", 0),
            room("api", "api/", 15),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "engine/columns/src/",
        rooms: &[
            room("ground", "contained.rs component.rs run.rs", 0),
            room("out", "read.rs query.rs", 0),
            room("back", "write.rs stretches.rs journal.rs", 0),
            room("spawning", "relations.rs spawn/", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "engine/modding/src/",
        rooms: &[
            room("ground", "limits.rs prices.rs text.rs game_code.rs", 0),
            room("exposed", "exposed/", 0),
            room("schedule", "schedule/", 0),
            room("package", "package/", 0),
            room("guest", "guest/", 0),
            room("host", "host/", 0),
            room("game", "game/", 0),
            room("mods", "mods/", 0),
            room("tick", "tick/", 0),
            room("reload", "reload/", 0),
            room("frame", "frame.rs", 0),
            room("plugin", "plugin.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package { src: "engine/cli/src/", rooms: &[room("cli", "/", 5)] },
    Package {
        src: "engine/meadow/src/",
        rooms: &[
            room(
                "ground",
                "command_line.rs frame_times.rs fuel_bar.rs project.rs mod_row.rs report_log.rs",
                0,
            ),
            room("game", "game/ meadow_file.rs", 0),
            room("app", "app.rs own_mods.rs", 0),
            room("headless", "headless/", 0),
            room("terminal", "terminal/", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "sdk/abi/src/",
        rooms: &[
            room("ground", "limits.rs names.rs", 0),
            room("numbers", "export.rs import.rs error.rs level.rs", 0),
            room("records", "entity.rs mod_type.rs view.rs command.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "sdk/macros/src/",
        rooms: &[
            room("types", "layout.rs mod_type.rs", 0),
            room("mods", "order.rs state.rs system.rs", 0),
            room("games", "functions.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "sdk/rust/src/",
        rooms: &[
            room("ground", "tuples.rs imports.rs", 0),
            room("calls", "clock.rs log.rs random.rs", 0),
            room("schema", "schema/", 0),
            room("system", "parameter.rs run.rs", 0),
            room("commands", "commands/", 0),
            room("events", "events.rs", 0),
            room("query", "query/", 0),
            room("resource", "resource.rs", 0),
            room("state", "state.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "tests/check/src/",
        rooms: &[
            room("reading", "step.rs tokens.rs policy.rs metadata.rs", 0),
            room("judging", "package.rs release.rs dependencies/", 0),
            room("checks", "checks.rs report.rs", 0),
            room("main", "main.rs", 0),
        ],
    },
    Package { src: "tests/peers/src/", rooms: &[room("peers", "/", 2), room("main", "main.rs", 0)] },
    Package {
        src: "tests/tidy/",
        rooms: &[
            room("reading", "syntax/ source.rs repository.rs crates/", 0),
            room("house", "house.rs", 0),
            room("rules", "rules/", 0),
            room("main", "main.rs", 0),
        ],
    },
    Package { src: "tests/it/", rooms: &[room("it", "/", 0), room("main", "main.rs", 0)] },
    Package {
        src: "tests/differential/",
        rooms: &[room("differential", "/", 6), room("main", "main.rs", 0)],
    },
];

/// Folders with more source files than a reader can take in, with their numbers.
pub const FULL_FOLDERS: &[(&str, usize)] = &[
    ("engine/wasm/src/api", 34),
    ("tests/differential", 13),
    ("tests/it/hostile", 14),
    ("tests/it/modding", 47),
    ("tests/it/runtime", 18),
    ("tests/peers/programs/rust/examples", 14),
];

/// Something that a file does not know, as the comment at its head says.
pub struct Absence {
    /// A file, or a folder with a `/` behind it whose `mod.rs` or crate root has the comment.
    pub place: &'static str,
    /// The words of the comment.
    pub says: &'static str,
    /// What must not be named there: files and folders, relative to the crate's sources or to the repository, paths of other
    /// crates, and types.
    pub absent: &'static str,
}

const fn absence(place: &'static str, says: &'static str, absent: &'static str) -> Absence {
    Absence { place, says, absent }
}

/// What files must not know, as the comments at their heads say.
pub const ABSENCES: &[Absence] = &[
    absence(
        "engine/wasm/src/base/",
        "must not know the compiler, the machine or any store",
        "cranelift_codegen libc compile/ vm/",
    ),
    absence(
        "engine/wasm/src/base/types/",
        "must not know any value, function or memory of such a type",
        "base/module.rs vm/",
    ),
    absence(
        "engine/wasm/src/compile/",
        "no store, no address and no operating system",
        "libc std::fs std::io vm/",
    ),
    absence(
        "engine/wasm/src/compile/parse/",
        "must not know what is done with a body",
        "cranelift_codegen compile/body/",
    ),
    absence(
        "engine/wasm/src/compile/prices.rs",
        "must not know how anything is compiled",
        "cranelift_codegen compile/translate/",
    ),
    absence(
        "engine/wasm/src/compile/body/",
        "must not know what they become",
        "cranelift_codegen compile/translate/",
    ),
    absence(
        "engine/wasm/src/compile/body/compile_cost.rs",
        "must not know how anything is translated",
        "cranelift_codegen compile/translate/",
    ),
    absence(
        "engine/wasm/src/compile/translate/",
        "must not know how machine code is made of the IR",
        "cranelift_codegen::Context cranelift_codegen::isa compile/function/",
    ),
    absence(
        "engine/wasm/src/compile/function/compiled.rs",
        "must not know where the code will lie in its module",
        "compile/join/",
    ),
    absence(
        "engine/wasm/src/compile/join/code.rs",
        "must not know how the code was made, or where it is published",
        "cranelift_codegen vm/",
    ),
    absence(
        "engine/wasm/src/compile/nans.rs",
        "must not know WebAssembly's operators or fuel",
        "wasmparser compile/charges/ compile/prices.rs",
    ),
    absence(
        "engine/wasm/src/compile/artifact.rs",
        "must not know files, addresses or instances",
        "std::fs std::path vm/",
    ),
    absence("engine/wasm/src/vm/", "knows nothing of `T`", "api/"),
    absence(
        "engine/wasm/src/vm/machine/process.rs",
        "It knows nothing of what that is",
        "vm/memory/ vm/code/ vm/store/",
    ),
    absence("engine/wasm/src/vm/machine/processor/", "Knows no guest code", "vm/doors/"),
    absence("engine/wasm/src/vm/machine/thread_stack.rs", "It knows no fiber", "vm/store/calls/ corosensei"),
    absence(
        "engine/wasm/src/vm/code/dwarf/",
        "knows no stack and no machine code",
        "vm/store/calls/ vm/code/code_memory.rs",
    ),
    absence("engine/wasm/src/vm/code/signatures.rs", "It knows no store and no module", "vm/store/"),
    absence("engine/wasm/src/vm/store/calls/frames.rs", "It knows no module", "vm/store/engine/module.rs"),
    absence("engine/wasm/src/vm/store/gc/heap.rs", "The heap knows no roots", "vm/store/gc/roots.rs"),
    absence(
        "engine/wasm/src/vm/store/host/func.rs",
        "It knows no store that one is in",
        "vm/store/instance.rs",
    ),
    absence("engine/wasm/benches/calls.rs", "Knows the public API only", "engine/wasm/src/"),
    absence("engine/wasm/benches/nans.rs", "Knows the public API only", "engine/wasm/src/"),
    absence("engine/wasm/benches/speed.rs", "Knows the public API only", "engine/wasm/src/"),
    absence("engine/modding/src/exposed/event.rs", "It knows no mod", "mods/ guest/"),
    absence("engine/modding/src/exposed/", "It knows no mod", "mods/ guest/"),
    absence(
        "engine/columns/src/",
        "must not know mods, files or WebAssembly",
        "tinkerbox tinkerbox_wasm std::fs",
    ),
    absence("engine/columns/src/contained.rs", "knows neither components nor the world", "bevy_ecs"),
    absence("engine/columns/src/component.rs", "must not know rows", "Run RowQuery"),
    absence(
        "engine/columns/src/run.rs",
        "must not know bytes or components",
        "component.rs bytemuck bevy_ecs::component",
    ),
    absence("engine/columns/src/query.rs", "must not know bytes", "write.rs journal.rs bytemuck"),
    absence("engine/columns/src/write.rs", "must not know why", "journal.rs query.rs"),
    absence("engine/columns/src/stretches.rs", "must not know where they come from", "bevy_ecs run.rs"),
    absence(
        "engine/columns/src/spawn/panics.rs",
        "must not know which values are inserted",
        "spawn/values.rs spawn/mod.rs",
    ),
    absence("engine/columns/src/spawn/", "must not know which mod may do what", "tinkerbox tinkerbox_abi"),
    absence(
        "engine/modding/src/host/call.rs",
        "knows none of them",
        "host/views.rs host/exchange.rs host/structure.rs host/speech.rs",
    ),
    absence(
        "engine/modding/src/package/manifest.rs",
        "reads no file and knows neither the WebAssembly nor the game",
        "std::fs tinkerbox_wasm exposed/",
    ),
    absence(
        "engine/modding/src/package/toml_text.rs",
        "it knows neither",
        "package/manifest.rs package/schema.rs",
    ),
    absence(
        "engine/modding/src/schedule/",
        "Nothing here knows a file, a guest or the world",
        "std::fs bevy_ecs::world guest/",
    ),
    absence(
        "engine/modding/src/guest/",
        "does not know the functions that mods import, the table of mods or reports",
        "host/ mods/ game/",
    ),
    absence(
        "engine/modding/src/game/",
        "nothing in this folder knows the table of mods or runs any code",
        "mods/ guest/instance.rs",
    ),
    absence("engine/modding/src/mods/", "this room knows neither", "tick/ reload/"),
    absence("engine/modding/src/exposed/time.rs", "nothing below knows another clock", "std::time"),
    absence("engine/modding/src/guest/view.rs", "does not know the runtime", "tinkerbox_wasm"),
    absence("engine/modding/examples/mod_files/", "This file knows no example", "tinkerbox::ModdingPlugin"),
    absence(
        "sdk/abi/src/",
        "must know nothing of Bevy, of the runtime or of a particular game",
        "bevy_ecs tinkerbox_wasm meadow std::collections",
    ),
    absence("sdk/macros/src/", "must know nothing of the host", "tinkerbox tinkerbox_wasm"),
    absence(
        "sdk/rust/src/",
        "must know nothing of the host's internals, and of no game",
        "tinkerbox tinkerbox_wasm bevy_ecs meadow",
    ),
    absence("tests/bombs/", "Nothing here knows the runtime's insides", "engine/wasm/src/"),
    absence("tests/differential/", "Nothing here knows the runtime's insides", "engine/wasm/src/"),
    absence("tests/disas/", "Knows the public API only", "engine/wasm/src/"),
    absence("tests/wast/", "Knows nothing of the runtime's insides", "engine/wasm/src/"),
    absence("tests/peers/programs/rust/src/", "Knows nothing of who runs them", "tinkerbox_wasm wasmtime"),
    absence("tests/peers/programs/sources/src/", "Knows nothing of the runner", "tinkerbox_wasm wasmtime"),
    absence("tests/peers/src/library.rs", "Knows no engine", "tinkerbox_wasm wasmtime"),
    absence("tests/peers/src/", "Knows neither engine's internals", "engine/wasm/src/"),
    absence("engine/cli/src/", "The tool itself knows no game", "tinkerbox bevy_ecs meadow"),
    absence(
        "engine/meadow/src/game/",
        "It knows no mod",
        "ModInfo ModStatus mod_row.rs terminal/ command_line.rs clap ratatui std::time",
    ),
];

/// What documents and comments may name although it does not exist: files that each mod or crate has, folders that tools
/// make, and what an example invents. A folder with a `/` behind it stands for everything in it.
pub const INVENTED: &[&str] = &[
    "mod.toml",
    "mod.rs",
    "Cargo.toml",
    "target/",
    "mods/gale/",
    "mod.wasm.txt",
    "birds.rs",
    "birds/eggs.rs",
    "game/mods",
    "v1/address.wast",
];

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

/// Files of more than half a megabyte that are in the history for a reason.
pub const LARGE_FILES: &[&str] = &[];
