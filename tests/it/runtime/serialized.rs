//! Compiled modules that are serialized and deserialized: the result is the same module, or a clear error and no
//! module.

#![expect(unsafe_code, reason = "loading a compiled module is for its caller to vouch for")]

use super::depth::stacks;
use super::engine;
use tinkerbox_wasm::*;

/// At least one of everything that a module can contain.
const WHOLE: &str = r#"(module $whole
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (import "host" "base" (global $base i32))
    (@custom "notes" "first")
    (@custom "notes" (after code) "second")
    (type $binary (func (param i32 i32) (result i32)))
    (memory (export "memory") 1 3)
    (table (export "table") 4 8 funcref)
    (global (export "count") (mut i64) (i64.const -5))
    (global (export "half") f64 (f64.const 0.5))
    (global $lanes (export "lanes") v128 (v128.const i32x4 1 -2 3 -4))
    (global (export "from the host") i32 (global.get $base))
    (global (export "function") funcref (ref.func $divide))
    (elem (i32.const 1) $divide $add)
    (elem $later funcref (ref.func $grow) (ref.null func))
    (data (i32.const 16) "meadow")
    (data $later "flock")
    (start $begin)
    (func $begin (memory.init $later (i32.const 32) (i32.const 0) (i32.const 5)))
    (func $divide (export "divide") (param i32 i32) (result i32)
        (i32.store8 (i32.const 40) (i32.const 7))
        (i32.div_s (local.get 0) (local.get 1)))
    (func $outer (export "outer") (param i32 i32) (result i32)
        (call_indirect (type $binary) (local.get 0) (local.get 1) (i32.const 1)))
    (func $through (export "through host") (param i32) (result i32)
        (call_indirect (type $binary) (local.get 0) (i32.const 1) (i32.const 2)))
    (func $grow (export "grow") (result i32)
        (table.init $later (i32.const 0) (i32.const 0) (i32.const 2))
        (memory.grow (i32.const 1)))
    (func $deep (export "deep") (param i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        (call $deep (i32.sub (local.get 0) (i32.const 1))))
    (func (export "vectors") (result v128) (i32x4.mul (global.get $lanes) (v128.const i32x4 2 2 2 2)))
    (func (export "beyond") (param i32) (result i32) (i32.add (i32.load (local.get 0)) (i32.const 1)))
    (func (export "keep") (param externref) (result externref)
        (drop (call $add (i32.const 1) (i32.const 2)))
        (local.get 0))
    (func (export "forever") (loop (br 0))))"#;

/// Small enough to flip every bit of it.
const SMALL: &str = r#"(module (func (export "f") (result i32) (i32.const 7)))"#;

fn read(engine: &Engine, bytes: &[u8]) -> Result<Module> {
    // SAFETY: the tests change bytes on purpose; they test the code that verifies the checksum.
    unsafe { Module::deserialize(engine, bytes) }
}

fn refusal(engine: &Engine, bytes: &[u8]) -> DeserializeError {
    let error = read(engine, bytes).expect_err("these bytes are not to be believed");
    error.downcast::<DeserializeError>().expect("the error is a typed one")
}

/// Everything observable about a module without running it.
fn face(module: &Module) -> String {
    let imports: Vec<_> = module.imports().collect();
    let exports: Vec<_> = module.exports().collect();
    let notes: Vec<_> = module.custom_sections("notes").collect();
    let functions: Vec<_> = module.functions().collect();
    let map: Vec<_> = module.address_map().expect("it is always there").collect();
    let required = module.resources_required();
    format!(
        "{:?} {imports:?} {exports:?} {notes:?} {functions:?} {map:?} {required:?} {:?}",
        module.name(),
        module.text()
    )
}

/// The behaviour of a module: results, errors with backtraces, the fuel after each, and its final memory.
fn conduct(engine: &Engine, module: &Module) -> Result<String> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "add", |mut caller: Caller<'_, ()>, a: i32, b: i32| {
        caller.gc();
        a + b
    })?;
    let mut store = Store::new(engine, ());
    store.set_fuel(100_000)?;
    let base = Global::new(&mut store, GlobalType::new(ValType::I32, Mutability::Const), Val::I32(42))?;
    linker.define(&store, "host", "base", base)?;
    let instance = linker.instantiate(&mut store, module)?;
    let mut seen = String::new();
    let calls: [(&str, &[Val]); 11] = [
        ("divide", &[Val::I32(7), Val::I32(2)]),
        ("divide", &[Val::I32(7), Val::I32(0)]),
        ("outer", &[Val::I32(i32::MIN), Val::I32(-1)]),
        ("outer", &[Val::I32(9), Val::I32(3)]),
        ("through host", &[Val::I32(6)]),
        ("grow", &[]),
        ("grow", &[]),
        ("vectors", &[]),
        ("beyond", &[Val::I32(131_070)]),
        ("deep", &[Val::I32(5)]),
        ("forever", &[]),
    ];
    for (name, args) in calls {
        store.set_fuel(100_000)?;
        let function = instance.get_func(&mut store, name).expect("it is exported");
        let mut results = vec![Val::I32(0); function.ty(&store).results().len()];
        let outcome = function.call(&mut store, args, &mut results).map_err(|error| format!("{error:#}"));
        seen += &format!("{name}: {outcome:?} {results:?}, fuel {}\n", store.get_fuel()?);
    }
    store.set_fuel(100_000)?;
    // While the host function collects, only the guest has the reference.
    let kept = {
        let mut scope = RootScope::new(&mut store);
        let sheep = ExternRef::new(&mut scope, "sheep")?.to_owned_rooted(&mut scope)?;
        let keep = instance.get_func(&mut scope, "keep").expect("it is exported");
        let keep = keep.typed::<Option<OwnedRooted<ExternRef>>, Option<OwnedRooted<ExternRef>>>(&scope)?;
        keep.call(&mut scope, Some(sheep))?.expect("it is passed through")
    };
    store.gc();
    seen += &format!("{:?}\n", kept.data(&store)?.and_then(|data| data.downcast_ref::<&str>()));
    for name in ["count", "half", "lanes", "from the host"] {
        let global = instance.get_global(&mut store, name).expect("it is exported");
        seen += &format!("{name}: {:?}\n", global.get(&mut store));
    }
    let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
    seen += &format!("{:?} {}", &memory.data(&store)[..64], memory.data_size(&store));
    Ok(seen)
}

/// Settings that lead to different code.
fn settings() -> Vec<(&'static str, Engine)> {
    vec![
        ("Config::consume_fuel", engine(|config| _ = config.consume_fuel(false))),
        ("Config::memory_reservation", engine(|config| _ = config.memory_reservation(1 << 20))),
        ("Config::memory_guard_size", engine(|config| _ = config.memory_guard_size(1 << 16))),
        ("Config::signals_based_traps", engine(|config| _ = config.signals_based_traps(false))),
        ("Config::cranelift_opt_level", engine(|config| _ = config.cranelift_opt_level(OptLevel::None))),
        (
            "Config::cranelift_nan_canonicalization",
            engine(|config| _ = config.cranelift_nan_canonicalization(true)),
        ),
    ]
}

#[test]
fn what_is_read_back_is_the_same_module() {
    for engine in [engine(|_| ()), engine(|config| _ = config.memory_reservation(1 << 20))] {
        let module = Module::new(&engine, WHOLE).expect("the module is valid");
        let bytes = module.serialize().expect("a module can be written");
        let again = read(&engine, &bytes).expect("nothing was changed");
        assert_eq!(face(&module), face(&again));
        let first = conduct(&engine, &module).expect("the module instantiates");
        assert_eq!(first, conduct(&engine, &again).expect("the module instantiates"));
        for wanted in
            ["whole!divide", "integer divide by zero", "  5: 0x", "all fuel consumed", "102, 108, 111"]
        {
            assert!(first.contains(wanted), "{wanted} is not in {first}");
        }
        assert_eq!(bytes, again.serialize().expect("a module can be written"), "written again");
        drop((module, engine.clone()));
        conduct(&engine, &again).expect("it does not depend on the one that was written");
    }
}

#[test]
fn compiling_gives_the_same_bytes_on_any_number_of_threads() {
    let functions = (0..200).map(|at| {
        format!("(func (export \"{at}\") (param i32) (result i32) (call {} (i32.mul (local.get 0) (i32.const {at}))))", (at * 7 + 1) % 200)
    });
    let text = format!("(module {})", functions.collect::<String>());
    let (parallel, serial) = (engine(|_| ()), engine(|config| _ = config.parallel_compilation(false)));
    let wanted = parallel.precompile_module(text.as_bytes()).expect("the module is valid");
    for engine in [&parallel, &serial, &parallel, &serial] {
        assert!(engine.precompile_module(text.as_bytes()).expect("the module is valid") == wanted);
        let module = Module::new(engine, &text).expect("the module is valid");
        assert!(module.serialize().expect("a module can be written") == wanted);
    }
    read(&serial, &wanted).expect("the number of threads is no difference");
}

#[test]
fn every_flipped_bit_is_found() {
    let engine = engine(|_| ());
    let mut bytes = engine.precompile_module(SMALL.as_bytes()).expect("the module is valid");
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            let error = refusal(&engine, &bytes);
            let says = error.to_string();
            let clear = says.contains("compile the module again") || says.contains("not a compiled module");
            assert!(clear, "byte {at}, bit {bit}: {says}");
            bytes[at] ^= 1 << bit;
        }
    }
    read(&engine, &bytes).expect("all is as it was");
}

#[test]
fn every_cut_is_found_and_so_is_what_is_added() {
    let engine = engine(|_| ());
    let bytes = engine.precompile_module(SMALL.as_bytes()).expect("the module is valid");
    for len in 0..bytes.len() {
        match refusal(&engine, &bytes[..len]) {
            DeserializeError::NotCompiled(_) if len == 0 => {}
            DeserializeError::Damaged(_) => {}
            other => panic!("cut to {len} bytes: {other}"),
        }
    }
    for more in [&b"\0"[..], &bytes] {
        let error = refusal(&engine, &[&bytes, more].concat());
        assert!(matches!(error, DeserializeError::Damaged(_)), "{error}");
    }
}

#[test]
fn lengths_that_are_not_true_cost_no_memory() {
    let engine = engine(|_| ());
    let bytes = engine.precompile_module(SMALL.as_bytes()).expect("the module is valid");
    // Four bytes of the header, then three numbers of eight bytes with the lengths of the parts.
    for lengths in [12..16, 16..24, 24..32, 32..40] {
        for byte in [0x00, 0x7f, 0xff] {
            let mut bytes = bytes.clone();
            bytes[lengths.clone()].fill(byte);
            refusal(&engine, &bytes);
        }
    }
}

#[test]
fn settings_that_make_other_code_are_named() {
    let usual = engine(|_| ());
    let bytes = usual.precompile_module(SMALL.as_bytes()).expect("the module is valid");
    for (name, other) in settings() {
        let there = other.precompile_module(SMALL.as_bytes()).expect("the module is valid");
        for error in [refusal(&other, &bytes), refusal(&usual, &there)] {
            assert!(matches!(error, DeserializeError::OtherSettings { .. }), "{error}");
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
        read(&other, &there).expect("an engine reads its own");
    }
    for same in [
        engine(|config| _ = config.max_wasm_stack(64 << 10)),
        engine(|config| _ = config.host_stack_reserve(128 << 10)),
        engine(|config| _ = config.async_stack_size(2 << 20).async_support(true)),
    ] {
        read(&same, &bytes).expect("these settings make the same code");
    }
}

/// Replaces a text in the recorded settings, and leaves the checksum wrong.
fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let at = bytes.windows(old.len()).position(|part| part == old.as_bytes()).expect("the text is there");
    let mut bytes = [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat();
    // Its length is in the header.
    let len = u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes"));
    let len = (len as usize + new.len() - old.len()) as u32;
    bytes[12..16].copy_from_slice(&len.to_le_bytes());
    bytes
}

#[test]
fn other_versions_and_machines_are_named_before_damage() {
    let engine = engine(|_| ());
    let bytes = engine.precompile_module(SMALL.as_bytes()).expect("the module is valid");
    let prices = refusal(&engine, &replaced(&bytes, "fuel-prices ", "fuel-prices 9"));
    assert!(matches!(prices, DeserializeError::OtherVersion { .. }), "{prices}");
    assert!(prices.to_string().contains("fuel-prices 9"), "{prices}");
    let stack = refusal(&engine, &replaced(&bytes, "stack-prices ", "stack-prices 9"));
    assert!(matches!(stack, DeserializeError::OtherVersion { .. }), "{stack}");
    let version = refusal(&engine, &replaced(&bytes, "tinkerbox-wasm 0.", "tinkerbox-wasm 9."));
    assert!(matches!(version, DeserializeError::OtherVersion { .. }), "{version}");
    let elsewhere = refusal(&engine, &replaced(&bytes, "target triple ", "target triple mips64-"));
    assert!(matches!(elsewhere, DeserializeError::OtherTarget { .. }), "{elsewhere}");
    // If several things differ, the version is reported before the machine, and the machine before a setting.
    let other = replaced(&bytes, "consume_fuel true", "consume_fuel false");
    assert!(matches!(refusal(&engine, &other), DeserializeError::OtherSettings { .. }));
    let other = replaced(&other, "target triple ", "target triple mips64-");
    assert!(matches!(refusal(&engine, &other), DeserializeError::OtherTarget { .. }));
    let other = replaced(&other, "version cranelift ", "version cranelift 9");
    assert!(matches!(refusal(&engine, &other), DeserializeError::OtherVersion { .. }));
}

#[test]
fn features_of_the_processor_must_be_there_but_need_not_be_used() {
    let engine = engine(|_| ());
    let bytes = engine.precompile_module(SMALL.as_bytes()).expect("the module is valid");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for line in text.lines().filter(|line| line.starts_with("target has_")) {
        if let Some(name) = line.strip_suffix(" true") {
            let without = refusal(&engine, &replaced(&bytes, line, &format!("{name} false")));
            assert!(matches!(without, DeserializeError::Damaged(_)), "only the checksum is wrong: {without}");
        } else {
            let with = refusal(&engine, &replaced(&bytes, line, &line.replace("false", "true")));
            assert!(matches!(with, DeserializeError::OtherTarget { .. }), "{with}");
        }
    }
}

#[test]
fn what_is_no_compiled_module_is_told_what_it_is() {
    let engine = engine(|_| ());
    let wasm = wat::parse_str(SMALL).expect("the text is fine");
    for (bytes, says) in [
        (&b""[..], "no bytes"),
        (&wasm, "this is WebAssembly: load it with Module::new"),
        (&wasm[..4], "this is WebAssembly"),
        (SMALL.as_bytes(), "this is text"),
        (b"\x7fELF\x02\x01\x01\xff", "does not begin"),
    ] {
        let error = refusal(&engine, bytes);
        assert!(matches!(error, DeserializeError::NotCompiled(_)), "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(Engine::detect_precompiled(bytes), None);
    }
}

#[test]
fn the_compiler_says_what_to_do_with_what_is_compiled() {
    let engine = engine(|_| ());
    let bytes = engine.precompile_module(SMALL.as_bytes()).expect("the module is valid");
    for error in [
        Module::new(&engine, &bytes).map(drop).expect_err("it is no WebAssembly"),
        Module::from_binary(&engine, &bytes).map(drop).expect_err("it is no WebAssembly"),
        Module::validate(&engine, &bytes).expect_err("it is no WebAssembly"),
        engine.precompile_module(&bytes).map(drop).expect_err("it is no WebAssembly"),
    ] {
        assert!(error.is::<InvalidModule>(), "{error}");
        assert!(error.to_string().contains("load it with Module::deserialize"), "{error}");
    }
}

#[test]
fn files_are_read_back_and_named_when_they_cannot_be() {
    let engine = engine(|_| ());
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("small.bin");
    // SAFETY: the folder belongs to this test; its contents are damaged on purpose.
    let read = || unsafe { Module::deserialize_file(&engine, &path) };
    let missing = format!("{:#}", read().expect_err("there is no file"));
    assert!(missing.contains("small.bin") && missing.contains("No such file"), "{missing}");
    assert!(Engine::detect_precompiled_file(&path).is_err());

    std::fs::write(&path, engine.precompile_module(SMALL.as_bytes()).expect("the module is valid"))
        .expect("there is room");
    assert_eq!(read().expect("it was written just now").exports().len(), 1);
    assert_eq!(Engine::detect_precompiled_file(&path).expect("it is there"), Some(Precompiled::Module));

    std::fs::write(&path, SMALL).expect("there is room");
    let text = format!("{:#}", read().expect_err("it is text"));
    assert!(text.contains("small.bin") && text.contains("Module::new"), "{text}");
    assert_eq!(Engine::detect_precompiled_file(&path).expect("it is there"), None);
}

#[test]
fn validating_takes_and_refuses_what_compiling_does() {
    let engine = engine(|_| ());
    let wasm = wat::parse_str(WHOLE).expect("the text is fine");
    Module::validate(&engine, &wasm).expect("the module is valid");
    for len in 0..wasm.len() {
        let refused = Module::from_binary(&engine, &wasm[..len]).map(drop).map_err(|error| error.to_string());
        let validated = Module::validate(&engine, &wasm[..len]).map_err(|error| error.to_string());
        assert_eq!(refused, validated, "cut to {len} bytes");
    }
    for text in [
        "(module (func (result i32)))".to_string(),
        "(module (func (param externref)))".to_string(),
        "(module (func (return_call 0)))".to_string(),
        "(module (memory i64 1))".to_string(),
        "(module (table 20000000 funcref))".to_string(),
        format!("(module (func (br_table{} (i32.const 0))))", " 0".repeat(100_001)),
        format!("(module {})", "(global i32 (i32.const 0))".repeat(1_000)),
    ] {
        let wasm = wat::parse_str(&text).expect("the text is fine");
        let compiled = Module::new(&engine, &text).map(drop).map_err(|error| error.to_string());
        let validated = Module::validate(&engine, &wasm).map_err(|error| error.to_string());
        assert_eq!(compiled, validated);
    }
}

#[test]
fn whatever_compiles_can_be_written_and_read_back() {
    let engine = engine(|_| ());
    let mut wasm = wat::parse_str(SMALL).expect("the text is fine");
    // A custom section, last.
    wasm.extend(b"\x00\x05\x01x...");
    let mut compiled = 0;
    for at in 0..wasm.len() {
        for bit in 0..8 {
            wasm[at] ^= 1 << bit;
            let written = engine.precompile_module(&wasm);
            assert_eq!(written.is_ok(), Module::validate(&engine, &wasm).is_ok(), "byte {at}, bit {bit}");
            if let Ok(bytes) = written {
                let again = read(&engine, &bytes).expect("nothing was changed");
                assert!(again.serialize().expect("a module can be written") == bytes);
                compiled += 1;
            }
            wasm[at] ^= 1 << bit;
        }
    }
    assert!(compiled > 20, "only {compiled} changes left a module");
}

#[test]
fn texts_that_are_no_module_are_refused_in_few_words() {
    let engine = Engine::default();
    let refusal = |bytes: &[u8]| {
        let error = Module::new(&engine, bytes).map(drop).expect_err("it is no module");
        assert!(error.is::<InvalidModule>(), "{error}");
        error.to_string()
    };
    for other in
        [&b""[..], b"\0as", b"\xff\xfe(\0m\0", b"<!DOCTYPE html>", b"[mod]\nid = \"flock\"", b"PK\x03\x04"]
    {
        let message = refusal(other);
        assert!(message.contains("this begins with") || message.contains("no bytes"), "{message}");
    }
    assert!(refusal(b"(module \xff)").contains("not UTF-8 (at offset 0x8)"));
    assert!(refusal(b"\0asm\x0d\0\x01\0").contains("this is a component"));
    assert!(refusal(b"(module (func (nonsense)))").contains("nonsense"));
    let long_line = format!("(module nonsense{})", " i32".repeat(1_000_000));
    assert!(refusal(long_line.as_bytes()).len() < 3_000);
    for nested in [
        "(".repeat(1_000_000),
        format!("(module (func {}", "(block ".repeat(1_000_000)),
        "(;".repeat(1_000_000),
    ] {
        assert!(refusal(nested.as_bytes()).len() < 3_000);
    }
    let too_long = "(;".repeat(5 << 20);
    assert!(refusal(too_long.as_bytes()).contains("use the binary format"));
}

/// The size of the stack that its functions need is serialized as well.
#[test]
fn what_is_read_back_nests_as_deep() -> Result<()> {
    let engine = engine(|config| _ = config.max_wasm_stack(128 << 10));
    let module = Module::new(&engine, format!("(module {})", stacks::keeps(800)))?;
    // SAFETY: the bytes were serialized just now.
    let read_back = unsafe { Module::deserialize(&engine, module.serialize()?)? };
    assert_eq!(stacks::fuel_of_keeps(&engine, &module)?, stacks::fuel_of_keeps(&engine, &read_back)?);
    Ok(())
}
