//! What files keep apart from: the sentences at their heads, and what must not be named for these to be true.

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
            ("api/instances/item_types.rs", "Knows no handles", "api/instances/externs.rs StoreId"),
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
            ("bevy/", "It knows no mod, and nothing of how a frame runs", "mods/ tick/ frame.rs"),
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
            (
                "crossing/leaves.rs",
                "knows neither rows nor how leaves are found",
                "Run RowQuery bevy_reflect",
            ),
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
        src: "sdk/interface/src/",
        of: &[(
            "",
            "must not know how either side uses them",
            "tinkerbox tinkerbox_wasm bevy_ecs std::process",
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
    Absences { src: "engine/cli/src/", of: &[("", "The tool itself knows no game", "meadow")] },
    Absences {
        src: "engine/meadow/src/",
        of: &[(
            "game/",
            "It knows no mod",
            "ModInfo ModStatus tinkerbox::panel terminal/ command_line.rs clap ratatui std::time",
        )],
    },
];
