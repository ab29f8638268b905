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
            room("vm::store", "vm/store/", 20),
            room("vm::doors", "vm/doors/", 0),
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

/// What files do not know, as the comments at their heads say.
pub struct Absences {
    /// The folder in which they are, with a `/` behind it.
    pub src: &'static str,
    /// A file, or a folder with a `/` behind it whose `mod.rs` or crate root has the comment; the words of the comment; and
    /// what must not be named: files and folders, from this folder or from the repository on, paths of other crates, types.
    pub of: &'static [(&'static str, &'static str, &'static str)],
}

/// What files must not know.
pub const ABSENCES: &[Absences] = &[
    Absences {
        src: "engine/wasm/src/",
        of: &[
            (
                "base/",
                "must not know the compiler, the machine or any store",
                "cranelift_codegen libc compile/ vm/",
            ),
            (
                "base/types/",
                "must not know any value, function or memory of such a type",
                "base/module.rs vm/",
            ),
            ("compile/", "no store, no address and no operating system", "libc std::fs std::io vm/"),
            ("compile/parse/", "must not know what is done with a body", "cranelift_codegen compile/body/"),
            (
                "compile/prices.rs",
                "must not know how anything is compiled",
                "cranelift_codegen compile/translate/",
            ),
            ("compile/body/", "must not know what they become", "cranelift_codegen compile/translate/"),
            (
                "compile/body/compile_cost.rs",
                "must not know how anything is translated",
                "cranelift_codegen compile/translate/",
            ),
            (
                "compile/translate/",
                "must not know how machine code is made of the IR",
                "cranelift_codegen::Context cranelift_codegen::isa compile/function/",
            ),
            (
                "compile/function/compiled.rs",
                "must not know where the code will lie in its module",
                "compile/join/",
            ),
            (
                "compile/join/code.rs",
                "must not know how the code was made, or where it is published",
                "cranelift_codegen vm/",
            ),
            (
                "compile/nans.rs",
                "must not know WebAssembly's operators or fuel",
                "wasmparser compile/charges/ compile/prices.rs",
            ),
            ("compile/artifact.rs", "must not know files, addresses or instances", "std::fs std::path vm/"),
            ("vm/", "knows nothing of `T`", "api/"),
            ("vm/machine/", "Knows no WebAssembly", "wasmparser base/module.rs"),
            (
                "vm/machine/process.rs",
                "This file knows nothing of what that is",
                "vm/code/ vm/memory/ StoreCore",
            ),
            ("vm/machine/thread_stack.rs", "This file knows no fibers", "vm/store/calls/ corosensei"),
            ("vm/memory/", "Knows no store and no instance", "StoreCore Instance"),
            ("vm/code/", "Knows no module, no store and no guest that runs", "ModuleCore StoreCore VmStore"),
            ("vm/code/signatures.rs", "This file knows no store and no module", "StoreCore ModuleCore"),
            (
                "vm/code/dwarf/",
                "Knows no stack and no machine code",
                "vm/store/calls/ vm/code/code_memory.rs",
            ),
            ("vm/store/", "Knows no stub, no signal and no switch of stacks", "vm/doors/ libc"),
            ("vm/store/engine/", "Knows no store", "vm/store/context.rs vm/store/store_box.rs"),
            ("vm/store/calls/frames.rs", "Knows no module", "vm/store/engine/module.rs"),
            ("vm/store/gc/heap.rs", "The heap knows no roots", "vm/store/gc/roots.rs"),
            ("vm/store/fuel.rs", "Knows no stop and no fiber", "vm/doors/ vm/store/calls/"),
            (
                "vm/store/host/func.rs",
                "Knows no store to which one was added",
                "vm/store/instance/ vm/store/host/added.rs",
            ),
        ],
    },
    Absences {
        src: "engine/wasm/benches/",
        of: &[
            ("calls.rs", "Knows the public API only", "engine/wasm/src/"),
            ("nans.rs", "Knows the public API only", "engine/wasm/src/"),
            ("speed.rs", "Knows the public API only", "engine/wasm/src/"),
        ],
    },
    Absences {
        src: "engine/modding/src/",
        of: &[
            ("exposed/event.rs", "It knows no mod", "mods/ guest/"),
            ("exposed/", "It knows no mod", "mods/ guest/"),
            (
                "host/call.rs",
                "knows none of them",
                "host/views.rs host/exchange.rs host/structure.rs host/speech.rs",
            ),
            (
                "package/manifest.rs",
                "reads no file and knows neither the WebAssembly nor the game",
                "std::fs tinkerbox_wasm exposed/",
            ),
            ("package/toml_text.rs", "it knows neither", "package/manifest.rs package/schema.rs"),
            (
                "schedule/",
                "Nothing here knows a file, a guest or the world",
                "std::fs bevy_ecs::world guest/",
            ),
            (
                "guest/",
                "does not know the functions that mods import, the table of mods or reports",
                "host/ mods/ game/",
            ),
            (
                "game/",
                "nothing in this folder knows the table of mods or runs any code",
                "mods/ guest/instance.rs",
            ),
            ("mods/", "this room knows neither", "tick/ reload/"),
            ("exposed/time.rs", "nothing below knows another clock", "std::time"),
            ("guest/view.rs", "does not know the runtime", "tinkerbox_wasm"),
        ],
    },
    Absences {
        src: "engine/columns/src/",
        of: &[
            ("", "must not know mods, files or WebAssembly", "tinkerbox tinkerbox_wasm std::fs"),
            ("contained.rs", "knows neither components nor the world", "bevy_ecs"),
            ("component.rs", "must not know rows", "Run RowQuery"),
            ("run.rs", "must not know bytes or components", "component.rs bytemuck bevy_ecs::component"),
            ("query.rs", "must not know bytes", "write.rs journal.rs bytemuck"),
            ("write.rs", "must not know why", "journal.rs query.rs"),
            ("stretches.rs", "must not know where they come from", "bevy_ecs run.rs"),
            ("spawn/panics.rs", "must not know which values are inserted", "spawn/values.rs spawn/mod.rs"),
            ("spawn/", "must not know which mod may do what", "tinkerbox tinkerbox_abi"),
        ],
    },
    Absences {
        src: "engine/modding/examples/",
        of: &[("mod_files/", "This file knows no example", "tinkerbox::ModdingPlugin")],
    },
    Absences {
        src: "sdk/abi/src/",
        of: &[(
            "",
            "must know nothing of Bevy, of the runtime or of a particular game",
            "bevy_ecs tinkerbox_wasm meadow std::collections",
        )],
    },
    Absences {
        src: "sdk/macros/src/",
        of: &[("", "must know nothing of the host", "tinkerbox tinkerbox_wasm")],
    },
    Absences {
        src: "sdk/rust/src/",
        of: &[(
            "",
            "must know nothing of the host's internals, and of no game",
            "tinkerbox tinkerbox_wasm bevy_ecs meadow",
        )],
    },
    Absences {
        src: "tests/",
        of: &[
            ("bombs/", "Nothing here knows the runtime's insides", "engine/wasm/src/"),
            ("differential/", "Nothing here knows the runtime's insides", "engine/wasm/src/"),
            ("disas/", "Knows the public API only", "engine/wasm/src/"),
            ("wast/", "Knows nothing of the runtime's insides", "engine/wasm/src/"),
        ],
    },
    Absences {
        src: "tests/peers/programs/rust/src/",
        of: &[("", "Knows nothing of who runs them", "tinkerbox_wasm wasmtime")],
    },
    Absences {
        src: "tests/peers/programs/sources/src/",
        of: &[("", "Knows nothing of the runner", "tinkerbox_wasm wasmtime")],
    },
    Absences {
        src: "tests/peers/src/",
        of: &[
            ("library.rs", "Knows no engine", "tinkerbox_wasm wasmtime"),
            ("", "Knows neither engine's internals", "engine/wasm/src/"),
        ],
    },
    Absences {
        src: "engine/cli/src/",
        of: &[("", "The tool itself knows no game", "tinkerbox bevy_ecs meadow")],
    },
    Absences {
        src: "engine/meadow/src/",
        of: &[(
            "game/",
            "It knows no mod",
            "ModInfo ModStatus mod_row.rs terminal/ command_line.rs clap ratatui std::time",
        )],
    },
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
