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
            room("vm", &["vm/"], 29),
            room("api", &["api/"], 15),
            room("lib", &["lib.rs"], 0),
        ],
    },
    Package { src: "engine/columns/src/", rooms: &[room("columns", &[""], 2)] },
    Package { src: "engine/modding/src/", rooms: &[room("modding", &[""], 23), room("lib", &["lib.rs"], 0)] },
    Package { src: "engine/cli/src/", rooms: &[room("cli", &[""], 5)] },
    Package { src: "sdk/abi/src/", rooms: &[room("abi", &[""], 0)] },
    Package { src: "sdk/macros/src/", rooms: &[room("macros", &[""], 0), room("lib", &["lib.rs"], 0)] },
    Package {
        src: "sdk/rust/src/",
        rooms: &[room("imports", &["imports.rs"], 0), room("sdk", &[""], 0), room("lib", &["lib.rs"], 0)],
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
    ("engine/modding/src", 28),
    ("engine/wasm/src/api", 34),
    ("engine/wasm/src/compile", 13),
    ("engine/wasm/src/compile/translate", 13),
    ("engine/wasm/src/vm", 38),
    ("sdk/rust/src", 18),
    ("tests/differential", 13),
    ("tests/it/hostile", 14),
    ("tests/it/modding", 46),
    ("tests/it/runtime", 17),
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
        "engine/wasm/src/vm/dwarf/",
        "knows no stack and no machine code",
        &["engine/wasm/src/vm/frames.rs", "engine/wasm/src/vm/code_memory.rs"],
    ),
    absence("engine/wasm/src/vm/frames.rs", "It knows no module", &["engine/wasm/src/vm/module.rs"]),
    absence("engine/wasm/src/vm/gc/heap.rs", "The heap knows no roots", &["engine/wasm/src/vm/gc/roots.rs"]),
    absence(
        "engine/wasm/src/vm/host_func.rs",
        "It knows no store that one is in",
        &["engine/wasm/src/vm/instance.rs"],
    ),
    absence(
        "engine/wasm/src/vm/process.rs",
        "It knows nothing of what that is",
        &["engine/wasm/src/vm/store.rs", "engine/wasm/src/vm/image.rs"],
    ),
    absence(
        "engine/wasm/src/vm/signatures.rs",
        "It knows no store and no module",
        &["engine/wasm/src/vm/store.rs", "engine/wasm/src/vm/module.rs"],
    ),
    absence(
        "engine/wasm/src/vm/thread_stack.rs",
        "It knows no fiber",
        &["engine/wasm/src/vm/fiber.rs", "engine/wasm/src/vm/fibers.rs", "corosensei"],
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
        &["engine/modding/src/table.rs", "engine/modding/src/guest.rs"],
    ),
    absence(
        "engine/modding/src/exposed/function.rs",
        "It knows no mod",
        &["engine/modding/src/table.rs", "engine/modding/src/guest.rs"],
    ),
    absence(
        "engine/modding/src/exposed/",
        "It knows no mod",
        &["engine/modding/src/table.rs", "engine/modding/src/guest.rs"],
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
    absence("engine/modding/src/refusal.rs", "knows none of them", &["engine/modding/src/package/"]),
    absence("engine/modding/src/table.rs", "It knows no file but by name", &["std::fs"]),
    absence("engine/modding/src/time.rs", "nothing below knows another clock", &["std::time"]),
    absence("engine/cli/src/game/", "reads no clock", &["std::time"]),
    absence("engine/modding/src/view.rs", "knows no runtime", &["tinkerbox_wasm"]),
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
        "must know nothing of the host's inside, and of no game",
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
