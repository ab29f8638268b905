//! DWARF that is damaged, or designed to keep its reader busy: function names remain available, and the host is
//! unharmed.

use std::ops::Range;

use super::lines::{OPTIMISED, backtrace, error_of};
use crate::runtime::engine;
use tinkerbox_wasm::*;

/// Names, and the range of each debug section's contents.
fn debug_sections(wasm: &[u8]) -> Vec<(String, Range<usize>)> {
    let payloads = wasmparser::Parser::new(0).parse_all(wasm);
    let section = |payload| match payload {
        Ok(wasmparser::Payload::CustomSection(section)) if section.name().starts_with(".debug_") => {
            let start = section.data_offset() as usize;
            Some((section.name().to_string(), start..start + section.data().len()))
        }
        _ => None,
    };
    payloads.filter_map(section).collect()
}

/// Whatever the debug sections contain, the functions have their names.
fn check(engine: &Engine, wasm: &[u8], what: impl Fn() -> String) {
    let error = error_of(engine, wasm, "tick");
    let frames = backtrace(&error).frames();
    assert!(frames[0].func_name().is_some_and(|name| name.contains("roam")), "{}", what());
    assert_eq!(frames[1].func_name(), Some("tick"), "{}", what());
    let shown = backtrace(&error).to_string();
    assert!(shown.lines().count() >= 3 && shown.len() < 100_000, "{}: {shown}", what());
}

#[test]
fn debug_sections_with_any_byte_changed() {
    let engine = engine(|_| {});
    let sections = debug_sections(&OPTIMISED);
    assert!(sections.len() >= 4, "{sections:?}");
    for (name, range) in sections {
        let stride = (range.len() / 30).max(1);
        for at in range.step_by(stride) {
            for flip in [0x01, 0x80, 0xff] {
                let mut wasm = OPTIMISED.clone();
                wasm[at] ^= flip;
                check(&engine, &wasm, || format!("{name}: {at:#x} ^ {flip:#x}"));
            }
        }
    }
}

#[test]
fn debug_sections_cut_at_any_length() {
    let engine = engine(|_| {});
    for (name, range) in debug_sections(&OPTIMISED) {
        // A second section with the same name does not count: the truncated one precedes the complete one.
        for len in (0..range.len()).step_by((range.len() / 50).max(1)) {
            let mut wasm = OPTIMISED[..8].to_vec();
            append(&mut wasm, &name, &OPTIMISED[range.start..range.start + len]);
            wasm.extend_from_slice(&OPTIMISED[8..]);
            check(&engine, &wasm, || format!("{name} cut to {len}"));
        }
    }
}

/// Adds a custom section.
fn append(wasm: &mut Vec<u8>, name: &str, data: &[u8]) {
    let section = wasm_encoder::CustomSection { name: name.into(), data: data.into() };
    wasm_encoder::Section::append_to(&section, wasm);
}

/// A module of two functions with these debug sections.
fn with_debug_sections(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let text = r#"(module
        (func $roam (param i32) (result i32) unreachable)
        (func $tick (export "tick") (param i32) (result i32) (call $roam (local.get 0)) (i32.const 1) i32.add))"#;
    let mut wasm = wat::parse_str(text).expect("the text is valid");
    for (name, data) in sections {
        append(&mut wasm, name, data);
    }
    wasm
}

/// All addresses, as `DW_AT_low_pc` and `DW_AT_high_pc` have them below.
const EVERYWHERE: [u8; 8] = [0, 0, 0, 0, 0xff, 0xff, 0, 0];

/// Abbreviations: a unit, a unit with lines in a folder, a function with a source position, an inlined function
/// without one, and an inlined function with one.
const ABBREVIATIONS: &[u8] = &[
    1, 0x11, 1, 0x11, 0x01, 0x12, 0x06, 0, 0, //
    2, 0x11, 0, 0x11, 0x01, 0x12, 0x06, 0x10, 0x17, 0x1b, 0x0e, 0, 0, //
    3, 0x2e, 1, 0x11, 0x01, 0x12, 0x06, 0, 0, //
    4, 0x1d, 1, 0, 0, //
    5, 0x1d, 1, 0x11, 0x01, 0x12, 0x06, 0, 0, //
    0,
];

/// A unit of version 4 with these entries.
fn unit(entries: &[u8]) -> Vec<u8> {
    let mut unit = (entries.len() as u32 + 7).to_le_bytes().to_vec();
    unit.extend([4, 0, 0, 0, 0, 0, 4]);
    unit.extend_from_slice(entries);
    unit
}

fn nested(depth: usize, inlined: &[u8]) -> Vec<u8> {
    let mut entries = vec![1];
    entries.extend(EVERYWHERE);
    entries.push(3);
    entries.extend(EVERYWHERE);
    (0..depth).for_each(|_| entries.extend_from_slice(inlined));
    entries.extend(vec![0; depth + 2]);
    unit(&entries)
}

#[test]
fn functions_inlined_a_million_deep() {
    let engine = engine(|_| {});
    let placed: Vec<u8> = [5].into_iter().chain(EVERYWHERE).collect();
    for inlined in [&[4][..], &placed] {
        let info = nested(1_000_000, inlined);
        let wasm = with_debug_sections(&[(".debug_abbrev", ABBREVIATIONS), (".debug_info", &info)]);
        let error = error_of(&engine, &wasm, "tick");
        assert!(backtrace(&error).frames()[0].symbols().is_empty(), "it would be a million");
        check(&engine, &wasm, || "a million deep".into());
    }
    // Nesting as deep as compilers produce is shown.
    let info = nested(40, &placed);
    let wasm = with_debug_sections(&[(".debug_abbrev", ABBREVIATIONS), (".debug_info", &info)]);
    let error = error_of(&engine, &wasm, "tick");
    assert_eq!(backtrace(&error).frames()[0].symbols().len(), 41);
}

/// A line table of version 4 with this many files, in its first folder, and lines.
fn line_table(files: usize, lines: usize) -> Vec<u8> {
    // Instructions are one byte, lines rise from 0 by up to 13, and ten opcodes are standard.
    let mut header = vec![1, 1, 1, 0, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0];
    (0..files).for_each(|_| header.extend(b"f\0\0\0\0"));
    header.push(0);
    let mut table = vec![4, 0];
    table.extend((header.len() as u32).to_le_bytes());
    table.extend(header);
    // The address is 0; each special opcode is a row, one byte on; then the sequence ends.
    table.extend([0, 5, 2, 0, 0, 0, 0]);
    table.extend(vec![28; lines]);
    table.extend([0, 1, 1]);
    let mut whole = (table.len() as u32).to_le_bytes().to_vec();
    whole.extend(table);
    whole
}

/// n units that share a line table and a folder's name.
fn sharing_units(count: usize) -> Vec<u8> {
    let mut entries = vec![2];
    entries.extend(EVERYWHERE);
    entries.extend([0; 8]);
    unit(&entries).repeat(count)
}

#[test]
fn a_hundred_thousand_units_that_share_tables() {
    let engine = engine(|_| {});
    let long = [vec![b'x'; 1 << 20], vec![0]].concat();
    // One unit, one line in a short folder: the output if nothing is wrong.
    for (units, files, lines, folder) in [
        (1, 1, 100, &b"meadow\0"[..]),
        (100_000, 1, 1_000_000, b"meadow\0"),
        (100_000, 100_000, 10, b"meadow\0"),
        (1, 100_000, 100, &long),
    ] {
        let (info, line) = (sharing_units(units), line_table(files, lines));
        let sections = [
            (".debug_abbrev", ABBREVIATIONS),
            (".debug_info", &info),
            (".debug_line", &line),
            (".debug_str", folder),
        ];
        let wasm = with_debug_sections(&sections);
        check(&engine, &wasm, || format!("{units} units, {files} files, {lines} lines"));
        if units == 1 && files == 1 {
            let error = error_of(&engine, &wasm, "tick");
            let symbol = &backtrace(&error).frames()[0].symbols()[0];
            assert_eq!((symbol.file(), symbol.name()), (Some("meadow/f"), None));
            assert!(symbol.line().is_some());
        }
    }
}

#[test]
fn a_host_function_on_the_smallest_stack_may_show_it_all() -> Result<()> {
    let engine = engine(|config| {
        config.host_stack_reserve(0);
    });
    // Chains of references, as deep as a name may nest.
    let text = format!(
        r#"(module
            (import "" "show" (func $show (param i32) (result i32)))
            (func $_RIC1a{}jE (param i32) (result i32) (call $show (local.get 0)))
            (export "tick" (func 1)))"#,
        "R".repeat(480)
    );
    let mut wasm = wat::parse_str(text)?;
    append(&mut wasm, ".debug_abbrev", ABBREVIATIONS);
    append(&mut wasm, ".debug_info", &nested(1_000_000, &[4]));
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let show = Func::wrap(&mut store, |caller: Caller<'_, ()>, _: i32| {
        WasmBacktrace::capture(&caller).to_string().matches('&').count() as i32
    });
    let instance = Instance::new(&mut store, &Module::new(&engine, &wasm)?, &[show.into()])?;
    let tick = instance.get_typed_func::<i32, i32>(&mut store, "tick")?;
    let CallState::Finished(shown) = tick.call_resumable(&mut store, 0)? else { panic!("there is fuel") };
    assert_eq!(shown, 480);
    Ok(())
}
