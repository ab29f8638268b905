//! Recognises what was made for something else: files that are not WebAssembly modules, modules for another host.
//!
//! Nothing is decided here. The file is refused anyway, and what is recognised lets the author read the cause first.

mod damage;

use tinkerbox_abi::import;
use tinkerbox_abi::names::is_reserved;
use tinkerbox_wasm::{Declarations, ExternType, InvalidModule};

/// The end of the remedy for every file that is not a module.
const AGAIN: &str = "Build the mod again, or copy the whole file.";

/// A problem and its remedy.
pub(crate) type Finding = (String, String);

/// The first bytes of files that are found in place of a `.wasm`, what they are, and what to do.
const BEGINNINGS: [(&[u8], &str, &str); 26] = [
    (
        b"\0asm\x0d\0\x01\0",
        "a WebAssembly component",
        "Mods are core modules: in Rust build for the target wasm32-unknown-unknown, not for wasm32-wasip2 and without cargo-component.",
    ),
    (
        b"version https://git-lfs.github.com/spec/",
        "a pointer of git-lfs and not the file itself",
        "Fetch the file with `git lfs pull`.",
    ),
    (
        b"version https://hawser",
        "a pointer of git-lfs and not the file itself",
        "Fetch the file with `git lfs pull`.",
    ),
    (b"\x1f\x8b", "compressed by gzip", "Unpack it with `gunzip`."),
    (b"PK\x03\x04", "a zip archive", "Unpack it into the mod's folder."),
    (b"PK\x05\x06", "an empty zip archive", "Unpack the right one into the mod's folder."),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "Unpack it with `unzstd`."),
    (b"\xfd7zXZ\0", "compressed by xz", "Unpack it with `unxz`."),
    (b"BZh", "compressed by bzip2", "Unpack it with `bunzip2`."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it into the mod's folder."),
    (b"Rar!\x1a\x07", "a rar archive", "Unpack it into the mod's folder."),
    (
        b"\x89tbox\r\n\x1a",
        "a compiled module, which only a game's own folder may hold",
        "Put the WebAssembly there that it was compiled from.",
    ),
    (
        b"\x7fELF",
        "machine code for one kind of machine: a program, a library, or a module that another runtime has compiled",
        "Put the WebAssembly there: in Rust build for the target wasm32-unknown-unknown.",
    ),
    (
        b"MZ",
        "a program or library for Windows",
        "Build for WebAssembly: in Rust for the target wasm32-unknown-unknown.",
    ),
    (
        b"\xcf\xfa\xed\xfe",
        "a program or library for macOS",
        "Build for WebAssembly: in Rust for the target wasm32-unknown-unknown.",
    ),
    (
        b"\xca\xfe\xba\xbe",
        "a program for macOS or Java",
        "Build for WebAssembly: in Rust for the target wasm32-unknown-unknown.",
    ),
    (
        b"!<arch>\n",
        "a library of object files, as .a and .rlib are",
        "In Rust set `crate-type = [\"cdylib\"]`; in C link it with the mod's objects.",
    ),
    (
        b"BC\xc0\xde",
        "LLVM's bitcode",
        "Let the compiler link it: without `-emit-llvm`, and without `-flto` when it only compiles.",
    ),
    (b"\x89PNG", "a picture", "Put the mod's WebAssembly there."),
    (b"\xff\xd8\xff", "a picture", "Put the mod's WebAssembly there."),
    (b"GIF8", "a picture", "Put the mod's WebAssembly there."),
    (b"%PDF", "a document", "Put the mod's WebAssembly there."),
    (b"#!", "a script", "Put the WebAssembly there that it makes."),
    (b"\xff\xfe", "text in UTF-16", "Put the mod's WebAssembly there; of text, what `wat2wasm` makes of it."),
    (b"\xfe\xff", "text in UTF-16", "Put the mod's WebAssembly there; of text, what `wat2wasm` makes of it."),
    (b"/* ", "a source file", "Put the WebAssembly there that is built from it."),
];

/// What a file is, by its bytes, if it can't be a module; `None` if it may be one.
pub(crate) fn file(bytes: &[u8]) -> Option<Finding> {
    let found = |what: &str, remedy: &str| {
        let space = if remedy.is_empty() { "" } else { " " };
        Some((format!("the file is {what}"), format!("{remedy}{space}{AGAIN}")))
    };
    if bytes.is_empty() {
        return found("empty", "");
    }
    if let Some((_, what, remedy)) = BEGINNINGS.iter().find(|(start, ..)| bytes.starts_with(start)) {
        return found(what, remedy);
    }
    if let Some(version) = bytes.strip_prefix(b"\0asm") {
        return match version.first_chunk::<4>() {
            None => found("cut after its first bytes", ""),
            Some([1, 0, 0, 0]) => None,
            Some([number, 0, 0, 0]) => found(
                &format!(
                    "in version {number} of WebAssembly's binary format, and this game supports version 1"
                ),
                "",
            ),
            Some(_) => found(
                "damaged: it begins as WebAssembly does, without a version",
                "Transfer it as binary, not as text.",
            ),
        };
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return found("nothing but zeros: writing it was not finished", "");
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return found("a tar archive", "Unpack it into the mod's folder.");
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if text.starts_with(b"\0asm") {
        let before = bytes.len() - text.len();
        return found(
            &format!("damaged: {before} bytes precede its WebAssembly, as if a program had saved it as text"),
            "Transfer it as binary, not as text.",
        );
    }
    let begins = |start: &str| {
        text.get(..start.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(start.as_bytes()))
    };
    if begins("(component") {
        found("a component in WebAssembly's text format", BEGINNINGS[0].2)
    } else if begins("(") || begins(";;") {
        found("in WebAssembly's text format", "Translate it with `wat2wasm` or `wasm-tools parse`.")
    } else if begins("<<<<<<<") {
        found(
            "left in the middle of a merge: it begins with one of git's conflict markers",
            "Resolve the conflict.",
        )
    } else if begins("<") {
        found(
            "a web page",
            "What was downloaded is the page about the file, or an error: use the link to the file itself (\"Raw\" or \"Download\").",
        )
    } else if text.starts_with(b"AGFzbQ") || begins("data:application/wasm;base64,") {
        found("WebAssembly as text, in base64", "Decode it, as with `base64 -d`.")
    } else if begins("0061736d") {
        found("WebAssembly as text, in hexadecimal digits", "Decode it, as with `xxd -r -p`.")
    } else if begins("{") || begins("[") {
        found("JSON", "It may be the answer of a server that did not have the file.")
    } else {
        let shown = bytes[..bytes.len().min(24)].escape_ascii();
        found(&format!("not WebAssembly: it begins with \"{shown}\""), "")
    }
}

/// What the text of a manifest is, if it is something else that is often found in place of a file.
pub(crate) fn manifest(text: &str) -> Option<Finding> {
    let bytes = text.as_bytes();
    let is_page = text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
    let is_pointer = |start: &&[u8]| bytes.starts_with(start) && start.starts_with(b"version https://");
    let is_zeros = !bytes.is_empty() && bytes.iter().all(|byte| *byte == 0);
    let is_foreign = is_page || is_zeros || BEGINNINGS.iter().any(|(start, ..)| is_pointer(start));
    let (problem, remedy) = file(bytes).filter(|_| is_foreign)?;
    let remedy = match remedy.strip_suffix(AGAIN) {
        Some("") => "Copy the mod's whole folder again.".to_owned(),
        Some(remedy) => format!("{remedy}Or copy the mod's whole folder again."),
        None => remedy,
    };
    Some((problem, remedy))
}

/// Why a module can't be read or compiled, and what to do.
pub(crate) fn invalid(bytes: &[u8], error: &anyhow::Error) -> Finding {
    if let Some(problem) = damage::of(bytes) {
        return (format!("the file is damaged: {problem}: {error:#}"), AGAIN.to_owned());
    }
    let invalid = error.downcast_ref::<InvalidModule>();
    if let Some(feature) = invalid.and_then(InvalidModule::missing_feature) {
        return (format!("{error:#}"), without(feature).to_owned());
    }
    if invalid.is_some_and(|invalid| invalid.message().starts_with("unexpected end")) {
        return (
            format!("the file ends in the middle, after {} bytes: {error:#}", bytes.len()),
            AGAIN.to_owned(),
        );
    }
    (format!("{error:#}"), AGAIN.to_owned())
}

/// Recognises the output of a compiler that was not linked into a module yet.
pub(crate) fn unlinked(declarations: &Declarations<'_>) -> Option<Finding> {
    let has = |section: &str| declarations.custom_sections(section).next().is_some();
    if has("linking") && declarations.exports().len() == 0 {
        let remedy = "Link it to a module: in C without `-c` and with `-Wl,--no-entry`; in Rust set `crate-type = [\"cdylib\"]`.";
        return Some(("the file is an object file, which is not linked yet".to_owned(), remedy.to_owned()));
    }
    if has("dylink.0") || has("dylink") {
        let remedy = "Link it to a module of its own: without `-shared`, `-pie` and `-fPIC`, and without Emscripten's SIDE_MODULE.";
        return Some((
            "the file is a dynamic library, whose host would have to link it".to_owned(),
            remedy.to_owned(),
        ));
    }
    None
}

/// How to build a mod without a feature.
fn without(feature: &str) -> &'static str {
    match feature {
        "relaxed SIMD" => {
            "Build the mod without it: in Rust without `-C target-feature=+relaxed-simd`, in C without `-mrelaxed-simd`."
        }
        "tail calls" => {
            "Build the mod without them: in Rust without `-C target-feature=+tail-call`, in C without `-mtail-call`."
        }
        "multi-memory" => {
            "Build the mod with one memory: in Rust without `-C target-feature=+multimemory`, in C without `-mmultimemory`."
        }
        "memory64" => {
            "Build the mod for 32 bits: in Rust for wasm32-unknown-unknown, in C with `--target=wasm32`."
        }
        "threads" => {
            "Build the mod for one thread: in Rust without `-C target-feature=+atomics`, in C without `-pthread` and `-matomics`."
        }
        "extended constant expressions" => {
            "Build the mod without them: in Rust without `-C target-feature=+extended-const`, in C without `-mextended-const`."
        }
        "exceptions" => {
            "Build the mod without them: in Rust with `panic = \"abort\"`, in C++ with `-fno-exceptions`, without `-fwasm-exceptions`."
        }
        "typed function references" | "GC" => {
            "Languages that need WebAssembly's collector (Kotlin, Dart, Java, OCaml) can't be used for mods yet: use Rust, C, Zig or AssemblyScript."
        }
        _ => "Build the mod without it, for WebAssembly 2.0.",
    }
}

/// For which host an import was meant that this game does not have, and what to do.
pub(crate) fn import(module: &str, name: &str, ty: &ExternType) -> Option<&'static str> {
    let starts = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    if matches!(ty, ExternType::Memory(_)) {
        return Some(
            "The mod imports its memory and must have one of its own: leave out `--import-memory`, in AssemblyScript `--importMemory`.",
        );
    }
    match module {
        import::MODULE => Some(
            "The mod was built for a newer version of the contract than this game's, or the name is misspelled: update the game, or use what it has.",
        ),
        _ if is_reserved(module) => {
            Some("The mod was built for another version of the contract: use the SDK of this game's version.")
        }
        _ if is_wasi(module) => Some("The mod was built for WASI, which this game does not have."),
        _ if module.starts_with("wasi:") || module.starts_with("cm32p2") || module == "$root" => {
            Some("The mod was built for the component model: build a core module for wasm32-unknown-unknown.")
        }
        _ if module.starts_with("__wbindgen")
            || module == "wbg"
            || module.ends_with("_bg.js")
            || starts(&["__wbindgen", "__wbg_"]) =>
        {
            Some(
                "A crate of the mod's wants JavaScript, through wasm-bindgen: find it with `cargo tree --target wasm32-unknown-unknown -i wasm-bindgen` \
                 and turn that feature off (often `js` or `wasm_js` of getrandom, or `wasmbind` of chrono).",
            )
        }
        "go" | "gojs" => Some(
            "The mod was built by Go for a web page: build it with TinyGo, `tinygo build -target=wasm-unknown`.",
        ),
        "wasm:js-string" | "wasm:text-encoder" | "wasm:text-decoder" => Some(
            "The mod was built for a web page, whose strings it wants: build it without JavaScript's built-ins.",
        ),
        "a" => Some(EMSCRIPTEN),
        "GOT.mem" | "GOT.func" => Some(DYNAMIC),
        "env" => in_env(name, matches!(ty, ExternType::Func(_)), &starts),
        "spectest" | "moonbit" | "moonbit:ffi" => {
            Some("The mod was built for its language's own runner: build it without printing to the console.")
        }
        _ => None,
    }
}

/// Whether an import was meant for WASI, which mods are built without.
pub(crate) fn is_wasi(module: &str) -> bool {
    module.starts_with("wasi_")
}

const EMSCRIPTEN: &str = "The mod was built by Emscripten, with JavaScript around it: build it with clang, \
     `--target=wasm32 -nostdlib -Wl,--no-entry`, or with Emscripten's `-sSTANDALONE_WASM --no-entry`.";
const DYNAMIC: &str =
    "The mod was linked as a dynamic library: link it without `-shared`, `-pie` and `-fPIC`.";

/// Imports from `env`, which linkers and languages use for anything outside of a module.
fn in_env(name: &str, is_function: bool, starts: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
    match name {
        "abort" => Some(
            "`env.abort` is AssemblyScript's: build with `asc --use abort=`, which makes a failure a plain trap, or with `--use abort=` and the path of a \
             function of the mod's that calls `tinkerbox1.panic`.",
        ),
        "seed" => Some(
            "`env.seed` is what AssemblyScript's `Math.random` begins with: draw from `tinkerbox1.random`, or build with `asc --use seed=`.",
        ),
        "trace" | "Date.now" | "process.exit" => Some(
            "AssemblyScript's `trace`, `Date` and `process` are for web pages: use `tinkerbox1.log` and `tinkerbox1.tick`.",
        ),
        _ if starts(&["console.", "performance.", "Math.", "crypto.", "document."]) => Some(
            "The mod uses what a web page has (AssemblyScript's `console` and the like): use `tinkerbox1.log`.",
        ),
        "__indirect_function_table" => {
            Some("The mod imports its table and must have one of its own: leave out `--import-table`.")
        }
        "__stack_pointer" | "__memory_base" | "__table_base" | "__linear_memory" => Some(DYNAMIC),
        "__cxa_throw" | "__cxa_begin_catch" | "__cxa_find_matching_catch" => {
            Some("The mod's C++ throws exceptions: build it with `-fno-exceptions`.")
        }
        "setTempRet0" | "getTempRet0" => Some(EMSCRIPTEN),
        _ if starts(&["emscripten_", "_emscripten_", "invoke_", "__syscall_", "_embind_"]) => {
            Some(EMSCRIPTEN)
        }
        _ if is_function => Some(
            "What C and other languages declare and no library defines is imported from `env`: define it in the mod, or link the library that has it.",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_as_a_module_may_be_one() {
        assert_eq!(file(b"\0asm\x01\0\0\0"), None);
        assert_eq!(file(b"\0asm\x01\0\0\0 and whatever"), None);
    }

    #[test]
    fn every_other_file_is_something_and_has_a_remedy() {
        for first in 0..=255u8 {
            for second in [0, 1, b'(', b' ', 0xff] {
                let (problem, remedy) = file(&[first, second]).unwrap();
                assert!(
                    problem.starts_with("the file is ") && remedy.ends_with(AGAIN),
                    "{problem}. {remedy}"
                );
            }
        }
        for cut in 0..8 {
            assert!(file(&b"\0asm\x01\0\0\0"[..cut]).is_some());
        }
    }
}
