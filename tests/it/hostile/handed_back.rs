//! Imported functions that a mod hands back to the host: a function of the game is never called without a mod as its
//! caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tinkerbox::{Caller, Expose, ModState};

use super::*;

/// Functions of every type that the host calls: each needs the memory of its mod, and counts its calls.
const FUNCTIONS: [(&str, &str); 5] = [
    ("run", ""),
    ("init", "(param i32)"),
    ("save", "(result i64)"),
    ("alloc", "(param i32) (result i32)"),
    ("load", "(param i32 i32) (result i32)"),
];

fn trial() -> (Trial, Arc<AtomicU32>) {
    let mut trial = Trial::new();
    let calls = Arc::new(AtomicU32::new(0));
    fn visit(caller: &mut Caller<'_, ModState>, calls: &AtomicU32) {
        assert!(caller.memory().is_some() && caller.get_export("memory").is_some(), "a mod calls");
        calls.fetch_add(1, Ordering::Relaxed);
    }
    let count = || calls.clone();
    let (a, b, c, d, e) = (count(), count(), count(), count(), count());
    let app = &mut trial.game.app;
    app.expose_function("game:run", 10, move |mut caller: Caller<'_, ModState>| visit(&mut caller, &a))
        .expose_function("game:init", 10, move |mut caller: Caller<'_, ModState>, _: i32| {
            visit(&mut caller, &b)
        })
        .expose_function("game:save", 10, move |mut caller: Caller<'_, ModState>| {
            visit(&mut caller, &c);
            0i64
        })
        .expose_function("game:alloc", 10, move |mut caller: Caller<'_, ModState>, _: i32| {
            visit(&mut caller, &d);
            0i32
        })
        .expose_function("game:load", 10, move |mut caller: Caller<'_, ModState>, _: i32, _: i32| {
            visit(&mut caller, &e);
            0i32
        });
    (trial, calls)
}

/// A mod that imports all of them, with these additional parts.
fn text(code: &str) -> ModText {
    let names = FUNCTIONS.map(|(name, _)| format!("\"game:{name}\"")).join(", ");
    let imports: String = FUNCTIONS
        .iter()
        .map(|(name, ty)| format!("(import \"game\" \"{name}\" (func ${name} {ty}))"))
        .collect();
    let mut text = with_code(&format!("[permissions]\nfunctions = [{names}]\n"), &plain_system("run"), code);
    text.wat = text.wat.replacen("(module", &format!("(module {imports}"), 1);
    text
}

#[test]
fn an_imported_function_is_no_export() {
    let system = "(func (export \"sys_run\"))";
    let state = [
        "(func (export \"tb_save\") (result i64) (i64.const 0))",
        "(func (export \"tb_alloc\") (param i32) (result i32) (i32.const 0))",
        "(func (export \"tb_load\") (param i32 i32) (result i32) (i32.const 0))",
    ];
    let cases = [
        ("sys_run", "(export \"sys_run\" (func $run))".to_owned()),
        ("tb_init", format!("{system} (export \"tb_init\" (func $init))")),
        ("tb_save", format!("{system} {} {} (export \"tb_save\" (func $save))", state[1], state[2])),
        ("tb_alloc", format!("{system} {} {} (export \"tb_alloc\" (func $alloc))", state[0], state[2])),
        ("tb_load", format!("{system} {} {} (export \"tb_load\" (func $load))", state[0], state[1])),
        // The contract's own functions are treated alike, and so are those that only the game may call.
        ("tb_save", format!("{system} {} {} (export \"tb_save\" (func $tick))", state[1], state[2])),
        ("tb_load", format!("{system} {} {} (export \"tb_load\" (func $command))", state[0], state[1])),
        ("on_done", format!("{system} (export \"on_done\" (func $run))")),
        // Items that hold such a function, or may hold one.
        ("t", format!("{system} (table (export \"t\") 1 funcref) (elem (i32.const 0) $run)")),
        ("t", format!("{system} (table (export \"t\") 1 funcref) (elem declare func $run)")),
        (
            "t",
            format!("{system} (table 1 funcref) (table (export \"t\") 1 funcref) (elem (i32.const 0) $run)"),
        ),
        ("g", format!("{system} (global (export \"g\") funcref (ref.func $run))")),
        (
            "f",
            format!(
                "{system} (elem declare func $run) (func (export \"f\") (result funcref) (ref.func $run))"
            ),
        ),
    ];
    for (through, code) in cases {
        let (mut trial, calls) = trial();
        trial.load(&text(&code));
        trial.frames(3);
        let refusal = trial.game.report("hostile", ModReportKind::Refused);
        let told = format!("hands functions that it imports back to the game: through `{through}`");
        assert!(refusal.contains(&told), "{code}: {refusal}");
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    }
}

#[test]
fn a_mod_may_call_what_it_imports_in_any_way() {
    let cases = [
        ("(func (export \"sys_run\") (call $run))", 3),
        // The instance exists when its start function runs, even if that function is imported.
        ("(start $run) (func (export \"sys_run\"))", 1),
        ("(start $run) (table (export \"t\") 1 funcref) (elem (i32.const 0) $own) (func $own (export \"sys_run\"))", 1),
        (
            "(table 1 funcref) (elem (i32.const 0) $run) (func (export \"sys_run\") (call_indirect (i32.const 0)))",
            3,
        ),
        (
            "(global $g (mut funcref) (ref.func $run)) (table 1 funcref)
            (func (export \"sys_run\") (table.set (i32.const 0) (global.get $g)) (call_indirect (i32.const 0)))",
            3,
        ),
    ];
    for (code, expected) in cases {
        let (mut trial, calls) = trial();
        trial.load(&text(code));
        trial.frames(3);
        assert_eq!((trial.faults(), calls.load(Ordering::Relaxed)), (0, expected), "{code}");
    }
}
