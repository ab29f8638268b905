//! Backtraces: each frame has the offset of the operator that the function was executing, and the host sets the
//! number of frames.

use std::num::NonZeroUsize;

use crate::runtime::{engine, instance};
use tinkerbox_wasm::*;

#[test]
fn the_innermost_frame_points_at_the_call_of_the_host_function_that_failed() -> Result<()> {
    let engine = engine(|_| {});
    let text = r#"(module
        (import "" "fail" (func $fail))
        (memory 1)
        (func (export "run") nop (call $fail) nop nop nop nop nop)
        (func (export "fill") (memory.fill (i32.const 65535) (i32.const 0) (i32.const 9)) nop nop nop))"#;
    let bytes = wat::parse_str(text)?;
    let module = Module::new(&engine, &bytes)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(100)?;
    let fail = Func::wrap(&mut store, || -> Result<()> { Err(format_err!("no")) });
    let instance = Instance::new(&mut store, &module, &[fail.into()])?;
    for (name, operator) in [("run", &[0x10, 0x00, 0x01][..]), ("fill", &[0xfc, 0x0b, 0x00][..])] {
        let func = instance.get_typed_func::<(), ()>(&mut store, name)?;
        let error = func.call(&mut store, ()).unwrap_err();
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace is attached");
        let at = backtrace.frames()[0].module_offset().expect("the offset is known");
        assert_eq!(&bytes[at..at + 3], operator, "{name} at {at:#x}");
    }
    Ok(())
}

/// Offsets of operators in a module, each with its offset in the function's body.
fn operators(wasm: &[u8], wanted: impl Fn(&wasmparser::Operator<'_>) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        let Ok(wasmparser::Payload::CodeSectionEntry(body)) = payload else { continue };
        for operator in body.get_operators_reader().expect("the body is valid").into_iter_with_offsets() {
            let (operator, offset) = operator.expect("the body is valid");
            if wanted(&operator) {
                found.push((offset as usize, (offset - body.range().start) as usize));
            }
        }
    }
    found
}

#[test]
fn offsets_are_those_of_the_operators() -> Result<()> {
    use wasmparser::Operator as O;
    // Each function traps at its only operator of that kind; `run` calls all existing functions.
    type Wanted = fn(&O<'_>) -> bool;
    let cases: [(&str, Wanted); 6] = [
        ("(if (local.get 0) (then (local.set 0 (i32.const 7)) unreachable))", |o| {
            matches!(o, O::Unreachable)
        }),
        ("(block (br_if 0 (i32.eqz (local.get 0))) unreachable)", |o| matches!(o, O::Unreachable)),
        ("(block (br_if 0 (local.get 0)) return) unreachable", |o| matches!(o, O::Unreachable)),
        (
            "(drop (i32.add (i32.const 1) (i32.div_u (i32.const 1) (i32.sub (local.get 0) (i32.const 1)))))",
            |o| matches!(o, O::I32DivU),
        ),
        ("(drop (i32.load (i32.const 0))) (drop (i64.load offset=70000 (local.get 0))) nop", |o| {
            matches!(o, O::I64Load { .. })
        }),
        ("(drop (ref.is_null (table.get 0 (i32.add (local.get 0) (i32.const 5))))) nop", |o| {
            matches!(o, O::TableGet { .. })
        }),
    ];
    for fuel in [true, false] {
        let engine = engine(|config| {
            config.consume_fuel(fuel);
        });
        for (body, is_trap) in &cases {
            let text = format!(
                "(module (memory 1) (table 1 funcref)
                    (func $trap (param i32) (local i64 f32) {body})
                    (func (export \"run\") (local i32 i64) nop (call $trap (i32.const 1)) nop))"
            );
            let wasm = wat::parse_str(&text)?;
            let mut store = Store::new(&engine, ());
            if fuel {
                store.set_fuel(1_000)?;
            }
            let instance = Instance::new(&mut store, &Module::new(&engine, &wasm)?, &[])?;
            let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
            let error = run.call(&mut store, ()).expect_err("it traps");
            let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace is attached");
            let offset = |frame: &FrameInfo| Some((frame.module_offset()?, frame.func_offset()?));
            let found: Vec<_> = backtrace.frames().iter().filter_map(offset).collect();
            let expected = [operators(&wasm, is_trap), operators(&wasm, |o| matches!(o, O::Call { .. }))];
            assert_eq!(found, expected.concat(), "{body}");
        }
    }
    Ok(())
}

const RECURSION: &str = r#"(module
    (import "host" "look" (func $look))
    (func $down (param i32)
        (if (local.get 0)
            (then (call $down (i32.sub (local.get 0) (i32.const 1))))
            (else (call $look)))
        nop)
    (func (export "run") (param i32) (call $down (local.get 0))))"#;

/// The frames that a host function sees below a recursion, and those attached to the error with which it ends.
fn at_depth(depth: i32, max_frames: Option<usize>) -> Result<([usize; 2], Option<String>)> {
    let engine = engine(|config| {
        config.max_wasm_stack(32 << 20).wasm_backtrace_max_frames(max_frames.and_then(NonZeroUsize::new));
    });
    let mut linker = Linker::<[usize; 2]>::new(&engine);
    linker.func_wrap("host", "look", |mut caller: Caller<'_, [usize; 2]>| -> Result<()> {
        let some = WasmBacktrace::capture(&caller).frames().len();
        *caller.data_mut() = [some, WasmBacktrace::force_capture(&caller).frames().len()];
        bail!("seen")
    })?;
    let mut store = Store::new(&engine, [0, 0]);
    store.set_fuel(u64::MAX)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, RECURSION)?)?;
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
    let error = run.call(&mut store, depth).expect_err("the host function fails");
    assert!(WasmBacktrace::force_capture(&store).frames().is_empty(), "nothing runs any more");
    Ok((*store.data(), error.downcast_ref::<WasmBacktrace>().map(ToString::to_string)))
}

#[test]
fn there_are_as_many_frames_as_the_host_wants() -> Result<()> {
    // The recursion, its first call and `run`.
    let whole = |depth: i32| depth as usize + 2;
    for max_frames in [1, 2, 5, 6, 7, 8, 9, 100] {
        let (captured, shown) = at_depth(5, Some(max_frames))?;
        assert_eq!(captured, [max_frames.min(whole(5)), whole(5)]);
        let shown = shown.expect("a backtrace is attached");
        assert_eq!(shown.contains("... and more"), max_frames < whole(5), "{shown}");
        assert_eq!(shown.lines().count(), 1 + max_frames.min(whole(5)) + usize::from(max_frames < whole(5)));
    }
    let (captured, shown) = at_depth(5, None)?;
    assert_eq!((captured, shown), ([0, whole(5)], None));
    Ok(())
}

#[test]
fn a_deep_recursion_is_cut() {
    let test = || at_depth(30_000, Some(20)).expect("the backtraces are as expected");
    let roomy = std::thread::Builder::new().stack_size(64 << 20);
    let (captured, shown) = roomy.spawn(test).expect("there is a thread").join().expect("it does not panic");
    assert_eq!(captured, [20, 30_002]);
    let shown = shown.expect("a backtrace is attached");
    assert_eq!(shown.lines().count(), 22, "{shown}");
}

#[test]
fn a_host_function_sees_the_frames_of_all_activations() -> Result<()> {
    let engine = engine(|_| {});
    let mut linker = Linker::<Vec<Vec<String>>>::new(&engine);
    linker.func_wrap(
        "host",
        "look",
        |mut caller: Caller<'_, Vec<Vec<String>>>, again: i32| -> Result<()> {
            if again > 0 {
                let inner = caller.get_export("inner").and_then(Extern::into_func);
                let inner = inner.ok_or_else(|| format_err!("there is no `inner`"))?;
                inner.typed::<i32, ()>(&caller)?.call(&mut caller, again - 1)?;
            }
            let backtrace = WasmBacktrace::capture(&caller);
            let names = backtrace.frames().iter().filter_map(|frame| frame.func_name().map(String::from));
            caller.data_mut().push(names.collect());
            Ok(())
        },
    )?;
    let module = r#"(module
        (import "host" "look" (func $look (param i32)))
        (func $inner (export "inner") (param i32) (call $look (local.get 0)))
        (func $middle (param i32) (call $look (local.get 0)))
        (func $outer (export "outer") (param i32) (call $middle (local.get 0))))"#;
    let mut store = Store::new(&engine, Vec::new());
    store.set_fuel(1_000)?;
    let instance = linker.instantiate(&mut store, &Module::new(&engine, module)?)?;
    instance.get_typed_func::<i32, ()>(&mut store, "outer")?.call(&mut store, 2)?;
    // The innermost call returns first, and then the frames that it saw are gone.
    let all = ["inner", "inner", "middle", "outer"];
    assert_eq!(*store.data(), [&all[..], &all[1..], &all[2..]]);
    assert!(WasmBacktrace::capture(&store).frames().is_empty());
    Ok(())
}

#[test]
fn a_suspended_call_shows_where_it_waits() -> Result<()> {
    let engine = engine(|_| {});
    let (mut store, instance) = instance(
        &engine,
        r#"(module
            (func $wait (loop $on (br $on)))
            (func $run (export "run") (call $wait)))"#,
    );
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    store.set_fuel(100)?;
    let CallState::Suspended(call) = run.call_resumable(&mut store, ())? else { panic!("it never ends") };
    let backtrace = WasmBacktrace::capture(&store);
    let names: Vec<_> = backtrace.frames().iter().map(FrameInfo::func_name).collect();
    assert_eq!(names, [Some("wait"), Some("run")]);
    assert!(
        backtrace.frames().iter().all(|frame| Module::same(frame.module(), backtrace.frames()[0].module()))
    );
    call.cancel(&mut store)?;
    assert!(WasmBacktrace::capture(&store).frames().is_empty());
    Ok(())
}
