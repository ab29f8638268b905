//! How the house is laid out: all lists that the rules are checked against. The rules themselves are in `rules/`.
//!
//! Numbers are today's and only get smaller: a test fails when one is out of date, in either direction.

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
    /// Files, and folders with a `/` behind them; `""` is all of them. Of several rooms that fit a file the longest place counts.
    pub places: &'static [&'static str],
    /// The number of files that know each other, directly or over others.
    pub in_circles: usize,
}

const fn room(name: &'static str, places: &'static [&'static str], in_circles: usize) -> Room {
    Room { name, places, in_circles }
}

/// The rooms of each package.
pub const PACKAGES: &[Package] = &[
    Package {
        src: "engine/wasm/src/",
        rooms: &[
            room("base", &["base/"], 5),
            room("compile", &["compile/"], 14),
            room("vm/tests", &["vm/tests/"], 0),
            room("vm/machine", &["vm/machine/"], 0),
            room("vm/memory", &["vm/memory/"], 0),
            room("vm/code", &["vm/code/"], 0),
            room("vm/store", &["vm/store/"], 20),
            room("vm/doors", &["vm/doors/"], 0),
            room("vm", &["vm/"], 0),
            room("api", &["api/"], 15),
            room("lib", &["lib.rs"], 0),
        ],
    },
    Package { src: "engine/columns/src/", rooms: &[room("columns", &[""], 2)] },
    Package {
        src: "engine/modding/src/",
        rooms: &[
            room("ground", &["limits.rs", "prices.rs", "text.rs", "game_code.rs"], 0),
            room("exposed", &["exposed/"], 0),
            room("schedule", &["schedule/"], 0),
            room("package", &["package/"], 0),
            room("guest", &["guest/"], 0),
            room("host", &["host/"], 0),
            room("game", &["game/"], 0),
            room("mods", &["mods/"], 0),
            room("tick", &["tick/"], 0),
            room("reload", &["reload/"], 0),
            room("frame", &["frame.rs"], 0),
            room("plugin", &["plugin.rs"], 0),
            room("lib", &["lib.rs"], 0),
        ],
    },
    Package { src: "engine/cli/src/", rooms: &[room("cli", &[""], 5)] },
    Package {
        src: "sdk/abi/src/",
        rooms: &[
            room("ground", &["limits.rs", "names.rs"], 0),
            room("numbers", &["export.rs", "import.rs", "error.rs", "level.rs"], 0),
            room("records", &["entity.rs", "mod_type.rs", "view.rs", "command.rs"], 0),
            room("lib", &["lib.rs"], 0),
        ],
    },
    Package {
        src: "sdk/macros/src/",
        rooms: &[
            room("types", &["layout.rs", "mod_type.rs"], 0),
            room("mods", &["order.rs", "state.rs", "system.rs"], 0),
            room("games", &["functions.rs"], 0),
            room("lib", &["lib.rs"], 0),
        ],
    },
    Package {
        src: "sdk/rust/src/",
        rooms: &[
            room("ground", &["tuples.rs", "imports.rs"], 0),
            room("calls", &["clock.rs", "log.rs", "random.rs"], 0),
            room("schema", &["schema/"], 0),
            room("system", &["parameter.rs", "run.rs"], 0),
            room("commands", &["commands/"], 0),
            room("events", &["events.rs"], 0),
            room("query", &["query/"], 0),
            room("resource", &["resource.rs"], 0),
            room("state", &["state.rs"], 0),
            room("lib", &["lib.rs"], 0),
        ],
    },
    Package {
        src: "tests/check/src/",
        rooms: &[
            room("reading", &["step.rs", "tokens.rs", "policy.rs", "metadata.rs"], 0),
            room("judging", &["package.rs", "release.rs", "dependencies/"], 0),
            room("checks", &["checks.rs", "report.rs"], 0),
            room("main", &["main.rs"], 0),
        ],
    },
    Package { src: "tests/peers/src/", rooms: &[room("peers", &[""], 2), room("main", &["main.rs"], 0)] },
    Package {
        src: "tests/tidy/",
        rooms: &[
            room("reading", &["syntax/", "source.rs", "repository.rs", "crates/"], 0),
            room("house", &["house.rs"], 0),
            room("rules", &["rules/"], 0),
            room("main", &["main.rs"], 0),
        ],
    },
    Package { src: "tests/it/", rooms: &[room("it", &[""], 0), room("main", &["main.rs"], 0)] },
    Package {
        src: "tests/differential/",
        rooms: &[room("differential", &[""], 6), room("main", &["main.rs"], 0)],
    },
];

/// Folders with more source files than a reader can take in, with their numbers.
pub const FULL_FOLDERS: &[(&str, usize)] = &[
    ("engine/wasm/src/api", 34),
    ("engine/wasm/src/compile", 13),
    ("engine/wasm/src/compile/translate", 13),
    ("engine/wasm/src/vm", 38),
    ("tests/peers/programs/rust/examples", 14),
];

/// What a file says at its head that it does not know.
pub struct Absence {
    /// A file, or a folder with a `/` behind it, of which the `mod.rs` or the crate's root says so.
    pub place: &'static str,
    /// The words of the comment.
    pub says: &'static str,
    /// What may not be named there: files and folders of the repository, paths of other crates, and types.
    pub absent: &'static [&'static str],
}

const fn absence(place: &'static str, says: &'static str, absent: &'static [&'static str]) -> Absence {
    Absence { place, says, absent }
}

/// What must not be known, where it is said at the head of a file.
pub const ABSENCES: &[Absence] = &[
    absence(
        "engine/wasm/src/base/",
        "Knows no compiler, no machine, no store",
        &["cranelift_codegen", "libc", "StoreCore"],
    ),
    absence("engine/wasm/src/base/memory_type.rs", "Knows no memory that is there", &["VmMemory"]),
    absence(
        "engine/wasm/src/compile/",
        "no store, no address and no operating system",
        &["libc", "std::fs", "std::io", "StoreCore"],
    ),
    absence(
        "engine/wasm/src/compile/artifact.rs",
        "it knows no file, no address, and nothing of instances",
        &["std::fs", "std::path"],
    ),
    absence(
        "engine/wasm/src/compile/translate/nans.rs",
        "must not know of WebAssembly's operators, nor of fuel",
        &["wasmparser", "engine/wasm/src/compile/charges/", "engine/wasm/src/compile/translate/fuel.rs"],
    ),
    absence(
        "engine/wasm/src/compile/translate/work.rs",
        "must not know how anything is translated",
        &["cranelift_frontend", "FunctionBuilder"],
    ),
    absence("engine/wasm/src/vm/", "knows nothing of `T`", &["engine/wasm/src/api/"]),
    absence(
        "engine/wasm/src/vm/machine/",
        "Knows no WebAssembly",
        &["wasmparser", "engine/wasm/src/base/module.rs"],
    ),
    absence(
        "engine/wasm/src/vm/machine/process.rs",
        "This file knows nothing of what that is",
        &["engine/wasm/src/vm/code/", "engine/wasm/src/vm/memory/", "StoreCore"],
    ),
    absence(
        "engine/wasm/src/vm/machine/thread_stack.rs",
        "This file knows no fibers",
        &["engine/wasm/src/vm/store/calls/", "corosensei"],
    ),
    absence("engine/wasm/src/vm/memory/", "Knows no store and no instance", &["StoreCore", "Instance"]),
    absence(
        "engine/wasm/src/vm/code/",
        "Knows no module, no store and no guest that runs",
        &["ModuleCore", "StoreCore", "VmStore"],
    ),
    absence(
        "engine/wasm/src/vm/code/signatures.rs",
        "This file knows no store and no module",
        &["StoreCore", "ModuleCore"],
    ),
    absence(
        "engine/wasm/src/vm/code/dwarf/",
        "Knows no stack and no machine code",
        &["engine/wasm/src/vm/store/calls/", "engine/wasm/src/vm/code/code_memory.rs"],
    ),
    absence(
        "engine/wasm/src/vm/store/",
        "Knows no stub, no signal and no switch of stacks",
        &["engine/wasm/src/vm/doors/", "libc"],
    ),
    absence(
        "engine/wasm/src/vm/store/engine/",
        "Knows no store",
        &["engine/wasm/src/vm/store/context.rs", "engine/wasm/src/vm/store/store_box.rs"],
    ),
    absence(
        "engine/wasm/src/vm/store/calls/frames.rs",
        "Knows no module",
        &["engine/wasm/src/vm/store/engine/module.rs"],
    ),
    absence(
        "engine/wasm/src/vm/store/gc/heap.rs",
        "The heap knows no roots",
        &["engine/wasm/src/vm/store/gc/roots.rs"],
    ),
    absence(
        "engine/wasm/src/vm/store/fuel.rs",
        "Knows no stop and no fiber",
        &["engine/wasm/src/vm/doors/", "engine/wasm/src/vm/store/calls/"],
    ),
    absence(
        "engine/wasm/src/vm/store/host/func.rs",
        "Knows no store to which one was added",
        &["engine/wasm/src/vm/store/instance/", "engine/wasm/src/vm/store/host/added.rs"],
    ),
    absence(
        "engine/columns/src/",
        "knows nothing of mods, files or WebAssembly",
        &["tinkerbox_wasm", "tinkerbox", "std::fs"],
    ),
    absence("engine/columns/src/component.rs", "knows nothing of rows", &["Run", "RowQuery"]),
    absence(
        "engine/modding/src/exposed/event.rs",
        "It knows no mod",
        &["engine/modding/src/mods/", "engine/modding/src/guest/"],
    ),
    absence(
        "engine/modding/src/exposed/",
        "It knows no mod",
        &["engine/modding/src/mods/", "engine/modding/src/guest/"],
    ),
    absence(
        "engine/modding/src/host/call.rs",
        "knows none of them",
        &[
            "engine/modding/src/host/views.rs",
            "engine/modding/src/host/exchange.rs",
            "engine/modding/src/host/structure.rs",
            "engine/modding/src/host/speech.rs",
        ],
    ),
    absence(
        "engine/modding/src/package/manifest.rs",
        "reads no file and knows neither the WebAssembly nor the game",
        &["std::fs", "tinkerbox_wasm", "engine/modding/src/exposed/"],
    ),
    absence(
        "engine/modding/src/package/toml_text.rs",
        "it knows neither",
        &["engine/modding/src/package/manifest.rs", "engine/modding/src/package/schema.rs"],
    ),
    absence(
        "engine/modding/src/schedule/",
        "Nothing here knows a file, a guest or the world",
        &["std::fs", "bevy_ecs::world", "engine/modding/src/guest/"],
    ),
    absence(
        "engine/modding/src/guest/",
        "does not know the functions that mods import, the table of mods or reports",
        &["engine/modding/src/host/", "engine/modding/src/mods/", "engine/modding/src/game/"],
    ),
    absence(
        "engine/modding/src/game/",
        "nothing in this folder knows the table of mods or runs any code",
        &["engine/modding/src/mods/", "engine/modding/src/guest/instance.rs"],
    ),
    absence(
        "engine/modding/src/mods/",
        "this room knows neither",
        &["engine/modding/src/tick/", "engine/modding/src/reload/"],
    ),
    absence("engine/modding/src/exposed/time.rs", "nothing below knows another clock", &["std::time"]),
    absence("engine/cli/src/game/", "reads no clock", &["std::time"]),
    absence("engine/modding/src/guest/view.rs", "does not know the runtime", &["tinkerbox_wasm"]),
    absence(
        "engine/cli/src/game/",
        "It knows no mod, no terminal and no command line",
        &[
            "ModInfo",
            "ModStatus",
            "engine/cli/src/terminal/",
            "engine/cli/src/command_line.rs",
            "clap",
            "ratatui",
        ],
    ),
    absence(
        "engine/modding/examples/mod_files/",
        "This file knows no example",
        &["tinkerbox::ModdingPlugin"],
    ),
    absence("engine/wasm/benches/calls.rs", "Knows the public API only", &["engine/wasm/src/"]),
    absence("engine/wasm/benches/nans.rs", "Knows the public API only", &["engine/wasm/src/"]),
    absence("engine/wasm/benches/speed.rs", "Knows the public API only", &["engine/wasm/src/"]),
    absence(
        "sdk/abi/src/",
        "must know nothing of Bevy, of the runtime or of a particular game",
        &["bevy_ecs", "tinkerbox_wasm", "meadow", "std::collections"],
    ),
    absence("sdk/macros/src/", "must know nothing of the host", &["tinkerbox", "tinkerbox_wasm"]),
    absence(
        "sdk/rust/src/",
        "must know nothing of the host's internals, and of no game",
        &["tinkerbox", "tinkerbox_wasm", "bevy_ecs", "meadow"],
    ),
    absence("tests/bombs/", "Nothing here knows the runtime's insides", &["engine/wasm/src/"]),
    absence("tests/differential/", "Nothing here knows the runtime's insides", &["engine/wasm/src/"]),
    absence("tests/disas/", "Knows the public API only", &["engine/wasm/src/"]),
    absence("tests/wast/", "Knows nothing of the runtime's insides", &["engine/wasm/src/"]),
    absence(
        "tests/peers/programs/rust/src/",
        "Knows nothing of who runs them",
        &["tinkerbox_wasm", "wasmtime"],
    ),
    absence(
        "tests/peers/programs/sources/src/",
        "Knows nothing of the runner",
        &["tinkerbox_wasm", "wasmtime"],
    ),
    absence("tests/peers/src/library.rs", "Knows no engine", &["tinkerbox_wasm", "wasmtime"]),
    absence("tests/peers/src/", "Knows neither engine's internals", &["engine/wasm/src/"]),
];

/// What documents and comments name and nobody finds: files that every mod or crate has one of, folders that tools make,
/// and what an example invents. Of folders with a `/` behind them everything is there.
pub const INVENTED: &[&str] = &[
    "mod.toml",
    "mod.rs",
    "Cargo.toml",
    "target/",
    "mods/gale/",
    "birds.rs",
    "birds/eggs.rs",
    "game/mods",
    "v1/address.wast",
];

/// Where a package's limits and prices stand.
pub struct Numbers {
    /// The folder of its sources, with a `/` behind it.
    pub src: &'static str,
    pub files: &'static [&'static str],
    /// Constants in other files: only they are about these numbers.
    pub elsewhere: &'static [&'static str],
}

pub const NUMBERS: &[Numbers] = &[
    Numbers {
        src: "engine/wasm/src/",
        files: &["base/limits.rs", "compile/prices.rs", "compile/depth.rs"],
        elsewhere: &[
            "MOST_VALUES",
            "UNCOUNTED_FRAME_BYTES",
            "MAX_PAGES",
            "LEAST_HOST_STACK",
            "MAX_PARAMS",
            "HEADER_BYTES",
            "MAX_MODULE_BYTES",
            "MAX_MADE_WITH_BYTES",
            "LONGEST_BLOCK",
            "MOST_AHEAD",
            "BODY_BYTES",
            "MOST_GROWTH",
            "JUMP_BYTES",
            "CHUNK_BYTES",
            "PIECE_BYTES_MAX",
            "SHOWN_MAX",
            "READS_MAX",
            "SYMBOLS_MAX",
            "TEXT_MAX",
            "STACK_BYTES",
            "WORD_BYTES",
            "MOST_WORDS",
            "LINE_BYTES",
            "HANDLER_BYTES",
            "OURS_BYTES",
            "FIRST_PAGE_BYTES",
            "MOST_RUNS",
        ],
    },
    Numbers {
        src: "engine/modding/src/",
        files: &["limits.rs", "prices.rs"],
        elsewhere: &["PARALLEL_FUEL", "ENTITY_BYTES"],
    },
    Numbers { src: "sdk/abi/src/", files: &["limits.rs"], elsewhere: &[] },
];

/// What a guide says of limits and prices.
pub struct Said {
    /// The document, or the file with a comment at its head.
    pub place: &'static str,
    /// The first cell of a table's row with its bars, or the beginning of a sentence.
    pub begins: &'static str,
    /// The numbers in the rest of the row or sentence: constants, sums of them, or numbers that are no constants.
    pub numbers: &'static [&'static str],
}

const fn said(place: &'static str, begins: &'static str, numbers: &'static [&'static str]) -> Said {
    Said { place, begins, numbers }
}

const GUIDE: &str = "engine/modding/README.md";
const WASM: &str = "engine/wasm/src/lib.rs";

pub const SAID: &[Said] = &[
    said(GUIDE, "| an instruction |", &["1"]),
    said(GUIDE, "| `random` |", &["RANDOM"]),
    said(GUIDE, "| a system that is called or resumed |", &["SYSTEM", "QUERY", "MATCH", "EVENT_BATCH"]),
    said(GUIDE, "| `view_next` |", &["CALL", "1", "BYTES_PER_UNIT", "STRETCH", "LANDING"]),
    said(GUIDE, "| values of mirrored types, and in sparse sets |", &["VALUE"]),
    said(GUIDE, "| a query, when it is first read |", &["GROUP", "1", "ROWS_PER_UNIT", "LOOKUP"]),
    said(GUIDE, "| `get`, `resource_get` |", &["CALL", "1", "BYTES_PER_UNIT"]),
    said(GUIDE, "| `set`, `resource_set` |", &["CALL+SET", "1", "BYTES_PER_UNIT"]),
    said(
        GUIDE,
        "| `command` |",
        &["CALL", "1", "BYTES_PER_UNIT", "COMMAND", "COMPONENT", "RECOUNTED_ENTITY"],
    ),
    said(GUIDE, "| `entity_reserve` |", &["CALL", "RESERVED_ID", "FIRST_RESERVATION"]),
    said(GUIDE, "| `event_next` |", &["CALL", "1", "BYTES_PER_UNIT", "READ_EVENT"]),
    said(GUIDE, "| `event_send` |", &["CALL", "1", "BYTES_PER_UNIT", "SENT_EVENT"]),
    said(GUIDE, "| `log`, `panic` |", &["MESSAGE", "MESSAGE_BYTE"]),
    said(GUIDE, "| relationships, and what is despawned with an entity |", &["RELATED"]),
    said(GUIDE, "| a suspension |", &["PINNED_ROW", "LOOKUP"]),
    said(GUIDE, "| memory | 256", &["PAGE", "PAGE_BYTES", "prices.rs:GROWTH"]),
    said(
        GUIDE,
        "| a restart after a fault |",
        &[
            "INSTANCE",
            "INSTANCE_SYSTEM",
            "INSTANCE_QUERY",
            "IMPORT",
            "ITEM",
            "ELEMENT",
            "DATA_BYTES_PER_UNIT",
        ],
    ),
    said(GUIDE, "| periodic saving of the state |", &["1", "BYTES_PER_UNIT"]),
    said(
        WASM,
        "A function has at most",
        &[
            "OPERATORS",
            "PLACES",
            "USED_LOCALS",
            "NESTING",
            "LOOPS",
            "BRANCH_TABLE_TARGETS",
            "BRANCHED_VALUES",
            "FRAME_RATIO",
            "KEPT_VALUES",
            "FUNCTIONS",
            "BEYOND_SIZE",
        ],
    ),
];

/// Sections of documents with tables whose numbers are all compared.
pub const TABLES: &[(&str, &str)] = &[(GUIDE, "## Prices")];

/// Files of more than half a megabyte that are in the history for a reason.
pub const LARGE_FILES: &[&str] = &[];
