//! Files, lines and inlined functions from a module's DWARF.

use std::process::Command;
use std::sync::LazyLock;

use crate::runtime::engine;
use tinkerbox_wasm::*;

/// A mod that traps in a function that was inlined twice, and one that panics. The comments at the line ends mark the
/// lines.
const SOURCE: &str = r#"#![no_std]

#[inline(always)]
fn bite(n: u32) -> u32 {
    if n > 3 {
        core::arch::wasm32::unreachable() // bites
    }
    n
}

#[inline(always)]
fn hunt(n: u32) -> u32 {
    bite(n + 1) // hunts
}

#[inline(never)]
fn roam(n: u32) -> u32 {
    hunt(n ^ 1) + 1 // roams
}

#[unsafe(no_mangle)]
pub extern "C" fn tick(n: u32) -> u32 {
    roam(n) * 3 // ticks
}

#[unsafe(no_mangle)]
pub extern "C" fn index(n: usize) -> u32 {
    [1, 2, 3][n] // panics
}

#[panic_handler]
fn handle(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
"#;

/// The source as rustc compiles it: optimised, optimised with less debug information, and not optimised.
pub static OPTIMISED: LazyLock<Vec<u8>> = LazyLock::new(|| built("2", "full"));
static LINES_ONLY: LazyLock<Vec<u8>> = LazyLock::new(|| built("2", "line-tables-only"));
static UNOPTIMISED: LazyLock<Vec<u8>> = LazyLock::new(|| built("0", "full"));

fn built(opt_level: &str, debug: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    std::fs::write(folder.path().join("wolf.rs"), SOURCE).expect("the folder is writable");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown"]);
    rustc.args(["-C", &format!("opt-level={opt_level}"), "-C", &format!("debuginfo={debug}")]);
    rustc.args(["-C", "panic=abort", "wolf.rs"]);
    let status = rustc.current_dir(folder.path()).status().expect("rustc can be started");
    assert!(
        status.success(),
        "rustc failed: is the target there? (rustup target add wasm32-unknown-unknown)"
    );
    std::fs::read(folder.path().join("wolf.wasm")).expect("rustc has written it")
}

/// The line of the source that ends with a mark.
fn line_of(mark: &str) -> u32 {
    let at = SOURCE.lines().position(|line| line.ends_with(&format!("// {mark}")));
    at.expect("the source has the mark") as u32 + 1
}

/// The error of a call that traps.
pub fn error_of(engine: &Engine, wasm: &[u8], function: &str) -> Error {
    let module = Module::new(engine, wasm).expect("the module is valid");
    let mut store = Store::new(engine, ());
    store.set_fuel(1_000_000).expect("fuel is counted");
    let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
    let function = instance.get_typed_func::<u32, u32>(&mut store, function).expect("it is exported");
    function.call(&mut store, 8).expect_err("it traps")
}

pub fn backtrace(error: &Error) -> &WasmBacktrace {
    error.downcast_ref().expect("a backtrace is attached")
}

/// Functions of the source that were active in a frame, with their lines.
fn places(frame: &FrameInfo) -> Vec<(&'static str, u32)> {
    let place = |symbol: &FrameSymbol| {
        let known = ["bite", "hunt", "roam", "tick", "index"];
        // Line tables alone name only inlined functions.
        let name = symbol.name().or(frame.func_name())?;
        let name = known.into_iter().find(|known| name.contains(known))?;
        symbol.file()?.ends_with("/wolf.rs").then_some((name, symbol.line()?))
    };
    frame.symbols().iter().filter_map(place).collect()
}

/// A module without the custom sections for whose names `is_dropped` returns true.
fn without(wasm: &[u8], is_dropped: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut module = wasm[..8].to_vec();
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        let payload = payload.expect("the module is valid");
        let is_dropped =
            matches!(&payload, wasmparser::Payload::CustomSection(section) if is_dropped(section.name()));
        if let Some((id, range)) = payload.as_section().filter(|_| !is_dropped) {
            let contents = &wasm[range.start as usize..range.end as usize];
            wasm_encoder::Section::append_to(&wasm_encoder::RawSection { id, data: contents }, &mut module);
        }
    }
    module
}

#[test]
fn inlined_functions_have_files_and_lines() {
    for wasm in [&OPTIMISED, &LINES_ONLY] {
        let error = error_of(&engine(|_| {}), wasm, "tick");
        let frames = backtrace(&error).frames();
        let inner = [("bite", line_of("bites")), ("hunt", line_of("hunts")), ("roam", line_of("roams"))];
        assert_eq!(places(&frames[0]), inner, "{error:?}");
        assert_eq!(places(&frames[1]), [("tick", line_of("ticks"))], "{error:?}");
        // The innermost is core's function for the instruction.
        let column = |symbol: &FrameSymbol| symbol.column();
        assert_eq!(
            frames[0].symbols()[1..].iter().map(column).collect::<Vec<_>>(),
            [Some(9), Some(5), Some(5)]
        );
    }
}

#[test]
fn a_backtrace_shows_them_to_the_author() {
    let error = error_of(&engine(|_| {}), &OPTIMISED, "tick");
    let shown = backtrace(&error).to_string();
    let at = |mark, column| format!("/wolf.rs:{}:{column}", line_of(mark));
    let expected = [
        ("error while executing at wasm backtrace:", "".into()),
        ("  0: 0x", " - wolf.wasm!core::core_arch::wasm32::unreachable".into()),
        ("      at /", "wasm32/mod.rs:32:5".into()),
        ("     inlined into wolf::bite", "".into()),
        ("      at /", at("bites", 9)),
        ("     inlined into wolf::hunt", "".into()),
        ("      at /", at("hunts", 5)),
        ("     inlined into wolf::roam", "".into()),
        ("      at /", at("roams", 5)),
        ("  1: 0x", " - wolf.wasm!tick".into()),
        ("      at /", at("ticks", 5)),
    ];
    assert_eq!(shown.lines().count(), expected.len(), "{shown}");
    for (line, (start, end)) in shown.lines().zip(expected) {
        // The line numbers in core's own files are not under this project's control.
        let end = if end.contains("mod.rs") { "" } else { end.as_str() };
        assert!(line.starts_with(start) && line.ends_with(end), "`{line}` in\n{shown}");
    }
}

#[test]
fn a_panic_has_its_line_also_without_optimisation() {
    for wasm in [&OPTIMISED, &LINES_ONLY, &UNOPTIMISED] {
        let error = error_of(&engine(|_| {}), wasm, "index");
        let own: Vec<_> = backtrace(&error).frames().iter().flat_map(places).collect();
        assert_eq!(own, [("index", line_of("panics"))], "{error:?}");
    }
}

#[test]
fn without_debug_information_there_are_names() {
    let stripped = without(&OPTIMISED, |name| name.starts_with(".debug_"));
    assert!(stripped.len() < OPTIMISED.len() / 2);
    let nameless = without(&stripped, |name| name == "name");
    let disabled = engine(|config| {
        config.wasm_backtrace_details(WasmBacktraceDetails::Disable);
    });
    let error = error_of(&engine(|_| {}), &stripped, "tick");
    for error in [&error, &error_of(&disabled, &OPTIMISED, "tick")] {
        let frames = backtrace(error).frames();
        assert!(frames.iter().all(|frame| frame.symbols().is_empty()), "{error:?}");
        assert!(frames[0].func_name().is_some_and(|name| name.contains("roam")));
        let shown = backtrace(error).to_string();
        assert_eq!(shown.lines().count(), 3, "{shown}");
        assert!(shown.contains(" - wolf.wasm!wolf::roam\n"), "{shown}");
    }
    let error = error_of(&engine(|_| {}), &nameless, "tick");
    let index = backtrace(&error).frames()[0].func_index();
    assert!(
        backtrace(&error).to_string().contains(&format!("<module>!<wasm function {index}>")),
        "{error:?}"
    );
}
