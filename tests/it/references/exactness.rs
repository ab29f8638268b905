//! Small programs, with a collection at each of their calls in turn: exactly the values that are still needed are
//! alive.

use tinkerbox_wasm::*;

use super::herd::{self, Herd};

/// Runs `run` once for each check with a collection there, and once with one at each. Afterwards only the values in
/// `left` may be alive.
pub fn sweep(body: &str, left: u64) {
    for engine in herd::engines() {
        let (linker, module) = (herd::linker(&engine), herd::module(&engine, body));
        let run = |collect_at| {
            let mut store = Store::new(&engine, Herd { collect_at, ..Herd::default() });
            let _ = store.set_fuel(1_000_000);
            let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("it is exported");
            run.call(&mut store, ()).unwrap_or_else(|error| panic!("{error:#}\n{body}"));
            store.gc();
            assert_eq!(store.data().living(), left, "{body}");
            let (checks, living) = (store.data().checks, store.data().living.clone());
            drop(store);
            assert_eq!(*living.lock().expect("nobody panics with it"), 0, "a store keeps nothing\n{body}");
            checks
        };
        let checks = run(None);
        assert!(checks > 0, "{body}");
        (0..checks).for_each(|at| assert_eq!(run(Some(at)), checks));
    }
}

#[test]
fn in_locals() {
    sweep(
        r#"(func (export "run") (local $a externref) (local $b externref)
            (local.set $a (call $make (i32.const 0)))
            (local.set $b (call $make (i32.const 1)))
            (call $check (i64.const 0b11))
            (call $use (local.get $b) (i32.const 1))
            (call $check (i64.const 0b01))
            (local.set $b (local.get $a))
            (local.set $a (call $make (i32.const 2)))
            (call $check (i64.const 0b101))
            (call $use (local.get $a) (i32.const 2))
            (call $use (local.get $b) (i32.const 0))
            (call $check (i64.const 0)))"#,
        0,
    );
}

#[test]
fn on_the_operand_stack() {
    sweep(
        r#"(func (export "run")
            (call $make (i32.const 0))
            (call $make (i32.const 1))
            (drop (call $make (i32.const 2)))
            (call $check (i64.const 0b11))
            (call $use (i32.const 1))
            (call $check (i64.const 0b01))
            (call $use (i32.const 0))
            (call $check (i64.const 0)))"#,
        0,
    );
}

#[test]
fn through_blocks_loops_and_selections() {
    sweep(
        r#"(type $pass (func (param externref) (result externref)))
        (func (export "run") (local $turns i32)
            (call $make (i32.const 0))
            (block (type $pass) (call $check (i64.const 0b1)) (br 0))
            (if (type $pass) (i32.const 1)
                (then (call $check (i64.const 0b1)))
                (else (drop) (ref.null extern)))
            (local.set $turns (i32.const 3))
            (loop $again (type $pass)
                (call $check (i64.const 0b1))
                (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
                (br_if $again (local.get $turns)))
            (select (result externref) (call $make (i32.const 1)) (i32.const 0))
            (call $check (i64.const 0b10))
            (block $b (type $pass) (block $a (type $pass) (br_table $a $b (i32.const 1))) (drop) (ref.null extern))
            (call $check (i64.const 0b10))
            (call $use (i32.const 1))
            (call $check (i64.const 0)))"#,
        0,
    );
}

#[test]
fn in_frames_that_wait() {
    sweep(
        r#"(func $deep (param $left i32) (param $kept externref)
            (if (local.get $left)
                (then (call $deep (i32.sub (local.get $left) (i32.const 1)) (call $make (local.get $left))))
                (else (call $check (i64.const 0b11111))))
            (call $use (local.get $kept) (local.get $left)))
        (func $tail (param externref)
            (call $use (local.get 0) (i32.const 9))
            (call $check (i64.const 0)))
        (func (export "run")
            (call $deep (i32.const 4) (call $make (i32.const 4)))
            (call $check (i64.const 0))
            (call $tail (call $make (i32.const 9)))
            (call $check (i64.const 0)))"#
            .replace(
                "(call $make (local.get $left))",
                "(call $make (i32.sub (local.get $left) (i32.const 1)))",
            )
            .as_str(),
        0,
    );
}

#[test]
fn as_arguments_and_results_beyond_the_registers() {
    let many = |word: &str| format!("({word}{})", " externref".repeat(12));
    let each = |text: &str| (0..12).map(|id| text.replace('#', &id.to_string())).collect::<String>();
    sweep(
        &format!(
            r#"(func $pass {} {} (call $check (i64.const 0xfff)) {})
            (type $pass (func {} {}))
            (table funcref (elem $pass))
            (func (export "run") {}
                (call $pass {})
                {}
                (call $check (i64.const 0xfff))
                {}
                (call_indirect (type $pass) (i32.const 0))
                {}
                (call $check (i64.const 0xfff))
                {}
                (call $check (i64.const 0)))"#,
            many("param"),
            many("result"),
            each("(local.get #)"),
            many("param"),
            many("result"),
            many("local"),
            each("(call $make (i32.const #))"),
            (0..12).rev().map(|id| format!("(local.set {id})")).collect::<String>(),
            each("(local.get #)"),
            (0..12).rev().map(|id| format!("(local.set {id})")).collect::<String>(),
            each("(call $use (local.get #) (i32.const #))"),
        ),
        0,
    );
}

#[test]
fn in_tables() {
    sweep(
        r#"(table $t 4 8 externref)
        (table $other 4 externref)
        (func (export "run")
            (table.set $t (i32.const 0) (call $make (i32.const 0)))
            (table.set $t (i32.const 1) (call $make (i32.const 1)))
            (call $check (i64.const 0b11))
            (table.set $t (i32.const 0) (call $make (i32.const 2)))
            (call $check (i64.const 0b110))
            (drop (table.grow $t (call $make (i32.const 3)) (i32.const 2)))
            (call $check (i64.const 0b1110))
            (call $use (table.get $t (i32.const 5)) (i32.const 3))
            (table.fill $t (i32.const 1) (call $make (i32.const 4)) (i32.const 5))
            (call $check (i64.const 0b10100))
            (table.copy $other $t (i32.const 2) (i32.const 0) (i32.const 2))
            (table.fill $t (i32.const 0) (ref.null extern) (i32.const 6))
            (call $check (i64.const 0b10100))
            (call $use (table.get $other (i32.const 2)) (i32.const 2))
            (table.set $other (i32.const 2) (ref.null extern))
            (call $check (i64.const 0b10000)))"#,
        0b10000,
    );
}

#[test]
fn in_globals() {
    sweep(
        r#"(global $a (mut externref) (ref.null extern))
        (global $b (mut externref) (ref.null extern))
        (func (export "run")
            (global.set $a (call $make (i32.const 0)))
            (global.set $b (global.get $a))
            (call $check (i64.const 0b1))
            (global.set $a (call $make (i32.const 1)))
            (call $check (i64.const 0b11))
            (global.set $b (ref.null extern))
            (call $check (i64.const 0b10))
            (call $use (global.get $a) (i32.const 1)))"#,
        0b10,
    );
}

#[test]
fn in_frames_of_several_instances_and_activations() {
    for engine in herd::engines() {
        let mut linker = herd::linker(&engine);
        // The host calls back into the guest that called it, so guests and host wait for each other in alternation.
        let again = |mut caller: Caller<'_, Herd>, left: u32| -> Result<()> {
            let sheep = herd::Sheep::new(20 + left, &caller.data().living);
            let held = ExternRef::new(&mut caller, sheep)?;
            let run = caller.get_export("run").and_then(Extern::into_func).expect("guests export it");
            run.typed::<u32, ()>(&caller)?.call(&mut caller, left)?;
            ensure!(held.data(&caller)?.is_some(), "what the host holds stays");
            Ok(())
        };
        linker.func_wrap("herd", "again", again).expect("defined once");
        let module = Module::new(
            &engine,
            r#"(module
                (import "herd" "make" (func $make (param i32) (result externref)))
                (import "herd" "use" (func $use (param externref i32)))
                (import "herd" "check" (func $check (param i64)))
                (import "herd" "again" (func $again (param i32)))
                (func (export "run") (param $left i32) (local $kept externref)
                    (local.set $kept (call $make (local.get $left)))
                    (if (local.get $left)
                        (then (call $again (i32.sub (local.get $left) (i32.const 1))))
                        (else (call $check (i64.const 0x70000f))))
                    (call $use (local.get $kept) (local.get $left))))"#,
        )
        .expect("the module is valid");
        let mut store = Store::new(&engine, Herd::default());
        let _ = store.set_fuel(1_000_000);
        let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
        let run = instance.get_typed_func::<u32, ()>(&mut store, "run").expect("it is exported");
        run.call(&mut store, 3).expect("all live that are needed");
        store.gc();
        assert_eq!(store.data().living(), 0);
    }
}
