//! Reports about files that are not mods: the cause, in terms that the author of the file knows, and what to do.

use tinkerbox::{ModReportKind, ModStatus};

use crate::modding::games::game::*;

/// The reason why a mod with these bytes in place of its WebAssembly is refused. A good mod beside it runs.
fn refusal_of_bytes(wasm: &[u8]) -> String {
    let mut game = Game::new(&[("good", &mover("good", 1.0)), ("bad", &plain("bad", ""))]);
    game.write_file("bad", "mod.wasm", wasm);
    let entity = game.spawn_at(0.0);
    game.frames(2);
    assert_eq!((game.x(entity), game.status("bad")), (2.0, ModStatus::Refused));
    game.report("bad", ModReportKind::Refused)
}

fn refusal_of_wat(wat: &str) -> String {
    refusal_of_bytes(&wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}")))
}

/// Asserts that a message names file, problem and remedy, in this order and on one line.
#[track_caller]
fn assert_told(message: &str, problem: &str, remedy: &str) {
    let at = |part: &str| message.find(part).unwrap_or_else(|| panic!("`{part}` is missing in: {message}"));
    assert!(at("bad/mod.wasm: ") < at(problem) && at(problem) < at(remedy), "{message}");
    assert!(at(problem) - at("bad/mod.wasm: ") < 300, "the problem comes late: {message}");
    assert!(message.ends_with('.') && !message.contains('\n'), "{message}");
}

#[test]
fn a_file_that_is_something_else_is_named() {
    let mut tar = vec![b'x'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let cases: [(&[u8], &str, &str); 33] = [
        (b"", "the file is empty", "copy the whole file"),
        (b"\0asm", "cut after its first bytes", "copy the whole file"),
        (b"\0asm\x01\0", "cut after its first bytes", "copy the whole file"),
        (b"\0asm\x0d\0\x01\0\0", "a WebAssembly component", "wasm32-unknown-unknown"),
        (b"\0asm\x02\0\0\0", "version 2 of WebAssembly", "Build the mod again"),
        (b"\0asm\x01\0\0\r\n\0", "damaged", "as binary"),
        (b"(module)", "text format", "wat2wasm"),
        (b"\xef\xbb\xbf  (module)", "text format", "wat2wasm"),
        (b";; my mod\n(module)", "text format", "wat2wasm"),
        (b"(component)", "a component in WebAssembly's text format", "wasm32-unknown-unknown"),
        (b"<!DOCTYPE html>\n<html>", "a web page", "Raw"),
        (b"\n\n<HTML><head>404", "a web page", "Raw"),
        (b"<?xml version=\"1.0\"?><Error>", "a web page", "Raw"),
        (b"{\"message\": \"Not Found\"}", "JSON", "server"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "git-lfs",
            "git lfs pull",
        ),
        (b"\x1f\x8b\x08\0\0\0\0\0", "gzip", "gunzip"),
        (b"PK\x03\x04\x14\0\0\0", "a zip archive", "Unpack"),
        (b"\x28\xb5\x2f\xfd\x04", "zstd", "unzstd"),
        (&tar, "a tar archive", "Unpack"),
        (b"\x7fELF\x02\x01\x01", "machine code", "wasm32-unknown-unknown"),
        (b"MZ\x90\0\x03", "Windows", "wasm32-unknown-unknown"),
        (b"!<arch>\nlib", "object files", "cdylib"),
        (b"\x89PNG\r\n", "a picture", "WebAssembly"),
        (b"\0\0\0\0\0\0\0\0\0\0", "nothing but zeros", "copy the whole file"),
        (b"\x89tbox\r\n\x1a\0\0", "a compiled module", "WebAssembly"),
        (b"\xef\xbb\xbf\0asm\x01\0\0\0", "damaged: 3 bytes precede its WebAssembly", "as binary"),
        (b"\r\n\0asm\x01\0\0\0", "damaged: 2 bytes precede its WebAssembly", "as binary"),
        (b"AGFzbQEAAAABBAFgAAADAgEABwUBAWEAAAoEAQIACw==", "base64", "base64 -d"),
        (b"\xef\xbb\xbfAGFzbQEAAAAB\nBAFg", "base64", "base64 -d"),
        (b"data:application/wasm;base64,AGFzbQEAAAA=", "base64", "base64 -d"),
        (b"0061736d01000000", "hexadecimal", "xxd -r -p"),
        (b"0061736D01000000", "hexadecimal", "xxd -r -p"),
        (
            b"hello, I am a picture",
            "not WebAssembly: it begins with \"hello, I am a picture\"",
            "copy the whole file",
        ),
    ];
    for (bytes, problem, remedy) in cases {
        let message = refusal_of_bytes(bytes);
        assert_told(&message, problem, remedy);
        assert!(message.ends_with("Build the mod again, or copy the whole file."), "{message}");
    }
}

#[test]
fn a_file_that_was_cut_anywhere_is_told_to_be_cut() {
    let whole = wat::parse_str(&mover("bad", 1.0).wat).unwrap();
    let mut told = 0;
    for cut in (8..whole.len()).step_by(7) {
        let message = refusal_of_bytes(&whole[..cut]);
        // A cut between two sections may leave a valid module that lacks what the manifest promises.
        if message.contains("the file ends in the middle") {
            assert_told(&message, &format!("after {cut} bytes"), "copy the whole file");
            told += 1;
        }
    }
    assert!(told > whole.len() / 14, "{told} of {} cuts", whole.len() / 7);
}

#[test]
fn what_follows_a_whole_module_is_told() {
    let whole = wat::parse_str(&mover("bad", 1.0).wat).unwrap();
    let with_name = [&whole[..], b"\0\x05\x04abcd"].concat();
    for module in [&whole, &with_name] {
        let end = format!("after {} bytes the module ends, and ", module.len());
        let cases: [(&[u8], &str); 12] = [
            (&[0], "1 zeros follow"),
            (&[0; 2], "2 zeros follow"),
            (&[0; 3], "3 zeros follow"),
            (&[0; 4_096], "4096 zeros follow"),
            (&whole, "another one follows"),
            (&whole[..8], "another one follows"),
            (&whole[..4], "another one follows"),
            (b"\0\0\0\x01", "4 bytes follow"),
            (b"</html>", "7 bytes follow"),
            (b"\xff\xff", "2 bytes follow"),
            (b"\x01\x01\x00", "3 bytes follow"),
            (&[0xaa; 1_000], "1000 bytes follow"),
        ];
        for (rest, told) in cases {
            let message = refusal_of_bytes(&[module, rest].concat());
            assert_told(&message, &format!("{end}{told}"), "copy the whole file");
        }
    }
}

#[test]
fn a_module_that_was_transferred_as_text_is_told() {
    let texts = [mover("bad", 1.0), mover("bad", 10.0), plain("bad", "(drop (i32.const 10))")];
    for text in texts {
        let whole = wat::parse_str(&text.wat).unwrap();
        let mut converted = Vec::new();
        for byte in whole {
            converted.extend_from_slice(if byte == b'\n' { b"\r\n" } else { std::slice::from_ref(&byte) });
        }
        assert_told(&refusal_of_bytes(&converted), "transferred as text", "copy the whole file");
    }
}

/// The reason why a folder with these files is refused, each a file of a good mod under another name.
fn refusal_of_names(files: [&str; 2]) -> String {
    let text = mover("bad", 1.0);
    let wasm = wat::parse_str(&text.wat).unwrap();
    let mut game = Game::new(&[("good", &mover("good", 1.0))]);
    for (name, content) in files.into_iter().zip([text.manifest.as_bytes(), &wasm]) {
        let (folder, name) = name.rsplit_once('/').map_or(("bad", name), |(inner, name)| {
            (if inner == "bad" { "bad/bad" } else { "bad/inner" }, name)
        });
        game.write_file(folder, name, content);
    }
    game.frame();
    assert_eq!(game.status("bad"), ModStatus::Refused);
    let refusal = game.report("bad", ModReportKind::Refused);
    // Follows the message's advice.
    let moved = [("mod.toml", text.manifest.as_bytes()), ("mod.wasm", &wasm)];
    game.remove_folder("bad");
    moved.into_iter().for_each(|(name, content)| game.write_file("bad", name, content));
    game.changed("bad");
    game.frame();
    assert_eq!(game.status("bad"), ModStatus::Live);
    refusal
}

#[test]
fn files_with_other_names_and_in_other_places_are_told() {
    let manifest = |name: &str| {
        (format!("bad/mod.toml: there is no such file, but `{name}`"), "Rename it to `mod.toml`")
    };
    let wasm = |name: &str| {
        (format!("bad: there is no .wasm file, but `{name}`"), "Rename it so that its name ends in `.wasm`")
    };
    let inner = |name: &str| {
        (
            format!("bad/mod.toml: there is no such file, but one in the folder `{name}` inside"),
            "one folder up",
        )
    };
    let cases = [
        (["Mod.toml", "mod.wasm"], manifest("Mod.toml")),
        (["MOD.TOML", "mod.wasm"], manifest("MOD.TOML")),
        (["mod.toml.txt", "mod.wasm"], manifest("mod.toml.txt")),
        (["Mod.toml.bak", "mod.wasm"], manifest("Mod.toml.bak")),
        (["mod.toml", "MOD.WASM"], wasm("MOD.WASM")),
        (["mod.toml", "mod.Wasm"], wasm("mod.Wasm")),
        (["mod.toml", "mod.wasm.txt"], wasm("mod.wasm.txt")),
        (["mod.toml", "mod.wasm.part"], wasm("mod.wasm.part")),
        (["bad/mod.toml", "bad/mod.wasm"], inner("bad")),
        (["inner/mod.toml", "mod.wasm"], inner("inner")),
    ];
    for (files, (problem, remedy)) in cases {
        let message = refusal_of_names(files);
        let at = message.find(&problem).unwrap_or_else(|| panic!("`{problem}` is missing in: {message}"));
        assert!(message[at..].contains(remedy) && message.ends_with('.'), "{message}");
    }
}

#[test]
fn objects_and_libraries_that_are_not_linked_are_told_apart() {
    let object = r#"(module (import "env" "__linear_memory" (memory 0)) (@custom "linking" "\02"))"#;
    assert_told(&refusal_of_wat(object), "an object file, which is not linked yet", "--no-entry");
    let library =
        r#"(module (@custom "dylink.0" (before first) "\01\04\00\00\00\00") (memory (export "memory") 1))"#;
    assert_told(&refusal_of_wat(library), "a dynamic library", "-shared");
}

#[test]
fn a_feature_that_is_missing_is_named_as_the_runtime_names_it() {
    let cases = [
        ("(func (export \"sys_run\") (return_call 0))", "tail calls", "-mtail-call"),
        ("(memory 1 1 shared)", "threads", "+atomics"),
        ("(memory i64 1)", "memory64", "wasm32"),
        ("(tag)", "exceptions", "-fno-exceptions"),
        (
            "(global i32 (i32.add (i32.const 1) (i32.const 1)))",
            "extended constant expressions",
            "extended-const",
        ),
        ("(type (struct (field i32)))", "GC", "use Rust, C, Zig or AssemblyScript"),
        ("(memory 1) (memory 1)", "multi-memory", "one memory"),
        (
            "(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))",
            "relaxed SIMD",
            "relaxed-simd",
        ),
    ];
    for (fields, feature, remedy) in cases {
        let memory = if fields.contains("memory") { "" } else { "(memory (export \"memory\") 1)" };
        let run = if fields.contains("sys_run") { "" } else { "(func (export \"sys_run\"))" };
        let message = refusal_of_wat(&format!("(module {fields} {memory} {run})"));
        assert_told(&message, feature, remedy);
        assert!(!message.contains("copy the whole file"), "{message}");
    }
}

#[test]
fn an_import_for_another_host_names_who_wanted_it() {
    let function = "(func)";
    let cases = [
        ("env", "abort", "(func (param i32 i32 i32 i32))", "--use abort="),
        ("env", "seed", "(func (result f64))", "--use seed="),
        ("env", "console.log", "(func (param i32))", "tinkerbox1.log"),
        ("env", "memory", "(memory 1)", "--import-memory"),
        ("env", "__indirect_function_table", "(table 1 funcref)", "--import-table"),
        ("env", "__memory_base", "(global i32)", "-fPIC"),
        ("env", "emscripten_resize_heap", function, "Emscripten"),
        ("env", "__cxa_throw", function, "-fno-exceptions"),
        ("env", "printf", function, "link the library that has it"),
        ("a", "a", function, "Emscripten"),
        ("go", "runtime.wasmExit", function, "TinyGo"),
        ("gojs", "runtime.wasmExit", function, "TinyGo"),
        ("wasi_snapshot_preview1", "fd_write", function, "built for WASI"),
        ("wasi_unstable", "fd_write", function, "built for WASI"),
        ("wasi:cli/environment@0.2.0", "get-environment", function, "core module"),
        ("__wbindgen_placeholder__", "__wbindgen_throw", function, "cargo tree"),
        ("./noise_bg.js", "__wbg_now_1", function, "cargo tree"),
        ("GOT.mem", "heap", "(global (mut i32))", "-fPIC"),
        ("tinkerbox1", "teleport", function, "newer version of the contract"),
        ("tinkerbox2", "tick", function, "another version of the contract"),
        ("spectest", "print_char", function, "runner"),
    ];
    for (module, name, ty, remedy) in cases {
        let message = refusal_of_wat(&format!(
            "(module (import \"{module}\" \"{name}\" {ty}) (func (export \"sys_run\")))"
        ));
        assert_told(&message, &format!("`{module}.{name}`"), remedy);
        let (cause, list) = (message.find(remedy).unwrap(), message.find("Import only").unwrap());
        assert!(cause < list, "the cause comes before what may be imported: {message}");
    }
}

#[test]
fn many_foreign_imports_are_told_in_few_words() {
    let modules = ["env", "a", "go", "wbg", "wasi_unstable", "tinkerbox2"];
    let imports: String =
        (0..600).map(|at| format!("(import \"{}\" \"it{at}\" (func))", modules[at % 6])).collect();
    let message = refusal_of_wat(&format!("(module {imports})"));
    assert!(message.len() < 4_000, "{}: {message}", message.len());
}

#[test]
fn memory_has_units_up_to_gibibytes() {
    let refusal = |memory: &str| {
        let mut text = plain("bad", "");
        text.manifest =
            text.manifest.replace("[[system]]", &format!("[budget]\nmemory = \"{memory}\"\n[[system]]"));
        let mut game = Game::new(&[("bad", &text)]);
        game.frame();
        game.report("bad", ModReportKind::Refused)
    };
    let message = refusal("3 GiB");
    for part in ["bad/mod.toml: ", "asks for 3 GiB", "at most 268435456 bytes, 256 MiB: lower memory"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    for wrong in ["3 GB", "3gib", "lots"] {
        let message = refusal(wrong);
        let told = format!("`{wrong}` is not a size: a size is a number of bytes, or a text as");
        assert!(
            message.contains("line 6") && message.contains(&told) && message.contains("\"1 GiB\""),
            "{message}"
        );
    }
}

#[test]
fn a_machine_without_address_space_is_not_the_mods_fault() {
    let mut game = Game::with(&[("bad", &plain("bad", ""))], |plugin| plugin.memory_reservation(1 << 60));
    game.frames(2);
    let message = game.report("bad", ModReportKind::Refused);
    assert_told(&message, "the operating system has no address space", "ModdingPlugin::memory_reservation");
    assert!(
        message.contains("not the mod's fault") && !message.contains("Correct the mod's code"),
        "{message}"
    );
    assert!(!message.contains("Store::") && !message.contains("Config::"), "{message}");
    // With less of it the same mod runs.
    let mut game = Game::with(&[("bad", &mover("bad", 1.0))], |plugin| plugin.memory_reservation(1 << 16));
    let entity = game.spawn_at(0.0);
    game.frames(3);
    assert_eq!((game.x(entity), game.status("bad")), (3.0, ModStatus::Live));
}

#[test]
fn a_manifest_that_is_something_else_is_named_too() {
    let zeros = "\0".repeat(300);
    let cases: [(&str, &str); 5] = [
        ("<!DOCTYPE html>", "the file is a web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "a pointer of git-lfs"),
        ("{}", "line 1"),
        ("\0", "the file is nothing but zeros"),
        (&zeros, "the file is nothing but zeros: writing it was not finished. Copy the mod's whole folder"),
    ];
    for (content, problem) in cases {
        let mut game = Game::new(&[("bad", &plain("bad", ""))]);
        game.write_file("bad", "mod.toml", content.as_bytes());
        game.frame();
        let message = game.report("bad", ModReportKind::Refused);
        assert!(message.contains("bad/mod.toml: ") && message.contains(problem), "{message}");
        assert!(message.ends_with('.'), "{message}");
    }
}
