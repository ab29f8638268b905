//! The rooms of each package: which files belong together, and their order.

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
            room("api::modules", "api/modules/", 0),
            room("api::stores", "api/stores/", 0),
            room("api::{values,funcs,instances}", "api/values/ api/funcs/ api/instances/", 12),
            room("api::linking", "api/linking/", 0),
            room("api", "api/", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "engine/columns/src/",
        rooms: &[
            room("ground", "contained.rs crossing/ component.rs run.rs", 0),
            room("out", "read.rs query.rs", 0),
            room("back", "write.rs stretches.rs journal.rs", 0),
            room("spawning", "relations.rs spawn/", 0),
            room("reflection", "reflected.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "engine/modding/src/",
        rooms: &[
            room("ground", "limits.rs prices.rs text.rs game_code.rs unoptimised.rs", 0),
            room("exposed", "exposed/", 0),
            room("schedule", "schedule/", 0),
            room("package", "package/", 0),
            room("dev_builds", "dev_builds.rs", 0),
            room("guest", "guest/", 0),
            room("host", "host/", 0),
            room("game", "game/", 0),
            room("bevy", "bevy/", 0),
            room("panel", "panel/", 0),
            room("mods", "mods/", 0),
            room("tick", "tick/", 0),
            room("reload", "reload/", 0),
            room("frame", "frame.rs", 0),
            room("plugin", "plugin.rs", 0),
            room("assets", "assets.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package { src: "engine/cli/src/", rooms: &[room("cli", "/", 0)] },
    Package {
        src: "engine/meadow/src/",
        rooms: &[
            room("ground", "command_line.rs frame_times.rs fuel_bar.rs project.rs rows_for_tests.rs", 0),
            room("game", "game/ meadow_file.rs", 0),
            room("app", "app.rs own_mods.rs interface.rs", 0),
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
            room("records", "const_text.rs entity.rs view.rs", 0),
            room("shared", "shared/", 0),
            room("commands", "command.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "sdk/interface/src/",
        rooms: &[
            room("layout", "layout/", 0),
            room("interface", "interface.rs check.rs toml_problem.rs file.rs tests.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "sdk/bindings/src/",
        rooms: &[
            room("ground", "items.rs comments.rs numbers.rs words.rs", 0),
            room("languages", "rust.rs c.rs zig.rs assemblyscript.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "sdk/macros/src/",
        rooms: &[
            room("types", "paths.rs docs.rs mod_type/ mod_mirror/", 0),
            room("mods", "order.rs state.rs system.rs", 0),
            room("games", "functions.rs game.rs", 0),
            room("lib", "lib.rs", 0),
        ],
    },
    Package {
        src: "sdk/rust/src/",
        rooms: &[
            room("ground", "allocator.rs tuples.rs imports.rs", 0),
            room("calls", "clock.rs log.rs panics.rs random.rs", 0),
            room("schema", "schema/", 0),
            room("system", "parameter.rs run.rs", 0),
            room("commands", "commands/", 0),
            room("events", "events/", 0),
            room("query", "query/", 0),
            room("resource", "resource.rs", 0),
            room("state", "state/", 0),
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
        src: "tests/window/src/",
        rooms: &[room("window", "/", 0), room("session", "session/", 0), room("main", "main.rs", 0)],
    },
    Package {
        src: "tests/window/harbor/src/",
        rooms: &[
            room("ground", "settings.rs screen.rs", 0),
            room("simulation", "harbour.rs voyage.rs", 0),
            room("mods", "modding.rs consent.rs", 0),
            room("main", "lib.rs", 0),
        ],
    },
    Package {
        src: "tests/tidy/",
        rooms: &[
            room("reading", "syntax/ source.rs repository.rs crates/", 0),
            room("house", "house/", 0),
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
