//! Faults with references in other runtimes: values freed on the way in or out, frames mistaken for others, instances
//! that failed half-way, dropped segments. `SECURITY.md` has the list.

use tinkerbox_wasm::*;

use super::exactness::sweep;
use super::herd::{self, Herd, Sheep};

/// A reference is live at the first call of a function and not at the second, when its slot in the frame holds
/// another value.
#[test]
fn a_call_that_needs_nothing_after_one_that_did() {
    sweep(
        r#"(func $busy (param i64) (result i64)
            (i64.mul (i64.add (local.get 0) (i64.const 0x1234567812345678)) (i64.const 0x10001)))
        (func (export "run") (local $a externref) (local $b externref) (local $x i64) (local $y i64)
            (local.set $a (call $make (i32.const 0)))
            (local.set $b (call $make (i32.const 1)))
            (call $check (i64.const 0b11))
            (call $use (local.get $a) (i32.const 0))
            (call $use (local.get $b) (i32.const 1))
            (local.set $x (call $busy (i64.const 0xffffffff)))
            (local.set $y (call $busy (local.get $x)))
            (call $check (i64.const 0))
            (drop (call $busy (i64.add (local.get $x) (local.get $y))))
            (call $check (i64.const 0)))"#,
        0,
    );
}

/// Functions without references in their signature, traps and memory accesses: the references that they hold come
/// from a table, a global or a call.
#[test]
fn functions_that_show_no_reference_in_their_signature() {
    sweep(
        r#"(table $pen 3 externref)
        (global $one (mut externref) (ref.null extern))
        (func $from_table (param i32) (local $kept externref)
            (local.set $kept (table.get $pen (local.get 0)))
            (table.set $pen (local.get 0) (ref.null extern))
            (call $check (i64.const 0b11))
            (call $use (local.get $kept) (i32.const 0)))
        (func $from_global
            (global.get $one)
            (global.set $one (ref.null extern))
            (call $check (i64.const 0b10))
            (call $use (i32.const 1)))
        (func $from_call
            (call $make (i32.const 2))
            (call $check (i64.const 0b100))
            (call $use (i32.const 2)))
        (func (export "run")
            (table.set $pen (i32.const 1) (call $make (i32.const 0)))
            (global.set $one (call $make (i32.const 1)))
            (call $from_table (i32.const 1))
            (call $from_global)
            (call $from_call)
            (call $check (i64.const 0)))"#,
        0,
    );
}

/// More references than fit into registers, over a loop whose calls need fewer each time.
#[test]
fn more_references_than_registers_go_one_after_the_other() {
    let sheep = 24;
    let make: String = (0..sheep).map(|id| format!("(call $make (i32.const {id}))")).collect();
    let go: String = (0..sheep)
        .rev()
        .map(|id| format!("(call $use (i32.const {id})) (call $check (i64.const {}))", (1_u64 << id) - 1))
        .collect();
    sweep(
        &format!("(func (export \"run\") {make} (call $check (i64.const {})) {go})", (1_u64 << sheep) - 1),
        0,
    );
}

/// Tables grown, filled and copied while only they hold the references.
#[test]
fn what_tables_are_filled_with() {
    sweep(
        r#"(table $pen 4 20 externref) (table $other 4 externref)
        (elem $none externref (ref.null extern) (ref.null extern))
        (func (export "run") (local $a externref)
            (drop (table.grow $pen (call $make (i32.const 0)) (i32.const 3)))
            (call $check (i64.const 0b1))
            (table.fill $pen (i32.const 1) (call $make (i32.const 1)) (i32.const 5))
            (call $check (i64.const 0b11))
            (table.copy $other $pen (i32.const 0) (i32.const 4) (i32.const 3))
            (table.fill $pen (i32.const 0) (ref.null extern) (i32.const 7))
            (call $check (i64.const 0b11))
            (local.set $a (table.get $other (i32.const 0)))
            (table.fill $other (i32.const 0) (local.get $a) (i32.const 4))
            (call $check (i64.const 0b10))
            (call $use (local.get $a) (i32.const 1))
            (table.init $other $none (i32.const 0) (i32.const 0) (i32.const 2))
            (table.init $other $none (i32.const 2) (i32.const 0) (i32.const 2))
            (call $check (i64.const 0)))"#,
        0,
    );
}

/// A collection is due after a number of new references. Wherever it happens among those that go in or come out
/// together, none of them is lost.
#[test]
fn several_references_cross_the_doors_while_a_collection_is_due() {
    for engine in herd::engines() {
        let mut linker = herd::linker(&engine);
        let three = |mut caller: Caller<'_, Herd>| -> Result<(Rooted<ExternRef>, Rooted<ExternRef>, Rooted<ExternRef>)> {
            let living = caller.data().living.clone();
            let mut make = |id| ExternRef::new(&mut caller, Sheep::new(id, &living));
            Ok((make(3)?, make(4)?, make(5)?))
        };
        linker.func_wrap("herd", "three", three).expect("defined once");
        let text = r#"(module
            (import "herd" "use" (func $use (param externref i32)))
            (import "herd" "three" (func $three (result externref externref externref)))
            (func (export "run") (param externref externref externref) (local $a externref) (local $b externref)
                (call $three)
                (call $use (i32.const 5)) (call $use (i32.const 4)) (call $use (i32.const 3))
                (call $three)
                (local.set $a) (local.set $b)
                (call $use (local.get 2) (i32.const 2)) (call $use (local.get 1) (i32.const 1))
                (call $use (local.get 0) (i32.const 0))
                (call $use (i32.const 3)) (call $use (local.get $b) (i32.const 4)) (call $use (local.get $a) (i32.const 5))))"#;
        let module = Module::new(&engine, text).expect("the module is valid");
        for garbage in (240..262).chain([0, 1, 600]) {
            let mut store = Store::new(&engine, Herd::default());
            let _ = store.set_fuel(1_000_000);
            let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
            let run = instance.get_func(&mut store, "run").expect("it is exported");
            {
                let mut scope = RootScope::new(&mut store);
                for _ in 0..garbage {
                    ExternRef::new(&mut scope, "garbage").expect("there is room");
                }
            }
            let living = store.data().living.clone();
            let arguments = [0, 1, 2].map(|id| {
                let sheep = Sheep::new(id, &living);
                Val::from(ExternRef::new(&mut store, sheep).expect("there is room"))
            });
            run.call(&mut store, &arguments, &mut []).unwrap_or_else(|error| panic!("{garbage}: {error:#}"));
        }
    }
}

/// Instances that fail after creating some of their globals, tables and elements keep nothing alive that they should
/// not, and free nothing twice.
#[test]
fn instances_that_fail_half_made() {
    let globals = r#"(import "herd" "kept" (global $kept externref))
        (global (export "own") (mut externref) (global.get $kept)) (global externref (ref.null extern))
        (table $own 4 externref) (memory 1)"#;
    let fails = [
        "(table 1 funcref) (elem (table 1) (i32.const 1) func $f) (func $f)",
        "(data (i32.const 65536) \"beyond\")",
        "(elem (table $own) (i32.const 3) externref (ref.null extern) (ref.null extern))",
        "(func $start (table.set $own (i32.const 1) (global.get $kept)) unreachable) (start $start)",
        "(import \"herd\" \"pen\" (table $pen 2 externref)) (func $start (table.set $pen (i32.const 1) (global.get $kept)) unreachable) (start $start)",
    ];
    for engine in herd::engines() {
        for fail in fails {
            // Imports come first.
            let (import, rest) = match fail.split_once(") (func $start") {
                Some((import, rest)) if import.starts_with("(import") => {
                    (format!("{import})"), format!("(func $start{rest}"))
                }
                _ => (String::new(), fail.to_string()),
            };
            let fail = if import.is_empty() { fail } else { "a start function with an imported table" };
            let module = Module::new(&engine, format!("(module {import} {globals} {rest})"));
            let module = module.unwrap_or_else(|error| panic!("{fail}: {error:#}"));
            let mut store = Store::new(&engine, Herd::default());
            let _ = store.set_fuel(1_000_000);
            let living = store.data().living.clone();
            let sheep = Sheep::new(0, &living);
            let kept = ExternRef::new(&mut store, sheep).expect("there is room");
            let mut linker = herd::linker(&engine);
            let ty = GlobalType::new(ValType::EXTERNREF, Mutability::Const);
            let global = Global::new(&mut store, ty, kept.into()).expect("the type is right");
            linker.define(&store, "herd", "kept", global).expect("defined once");
            let ty = TableType::new(RefType::EXTERNREF, 2, None);
            let pen = Table::new(&mut store, ty, Ref::Extern(None)).expect("there is room");
            linker.define(&store, "herd", "pen", pen).expect("defined once");
            for _ in 0..3 {
                assert!(linker.instantiate(&mut store, &module).is_err(), "{fail}");
                store.gc();
                assert_eq!(store.data().living(), 1, "{fail}");
                assert!(kept.data(&store).is_ok_and(|data| data.is_some()), "{fail}");
            }
            drop(store);
            assert_eq!(*living.lock().expect("nobody panics with it"), 0, "{fail}");
        }
    }
}

/// Segments of references, dropped by the guest or by being used up.
#[test]
fn segments_that_are_gone() {
    let text = r#"(module
        (table $pen 4 externref)
        (elem $passive externref (ref.null extern) (ref.null extern))
        (elem $active (table $pen) (i32.const 0) externref (ref.null extern) (ref.null extern))
        (elem $declared declare externref (ref.null extern) (ref.null extern))
        (func (export "drop") (elem.drop $passive) (elem.drop $active) (elem.drop $declared))
        (func (export "passive") (param i32) (table.init $pen $passive (i32.const 0) (i32.const 0) (local.get 0)))
        (func (export "active") (param i32) (table.init $pen $active (i32.const 0) (i32.const 0) (local.get 0)))
        (func (export "declared") (param i32) (table.init $pen $declared (i32.const 0) (i32.const 0) (local.get 0))))"#;
    for engine in herd::engines() {
        let module = Module::new(&engine, text).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let _ = store.set_fuel(u64::MAX / 2);
        let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
        for dropped in [false, true, true] {
            for name in ["passive", "active", "declared"] {
                let func = instance.get_typed_func::<i32, ()>(&mut store, name).expect("it is exported");
                let left = if name == "passive" && !dropped { 2 } else { 0 };
                for len in [0, 1, 2, 3, -1] {
                    let called = func.call(&mut store, len);
                    let trap = called.as_ref().err().and_then(|error| error.downcast_ref());
                    let fits = (0..=left).contains(&len);
                    assert_eq!(
                        trap,
                        (!fits).then_some(&Trap::TableOutOfBounds),
                        "{name} {len}, dropped {dropped}"
                    );
                }
            }
            let drop = instance.get_typed_func::<(), ()>(&mut store, "drop").expect("it is exported");
            drop.call(&mut store, ()).expect("nothing fails");
        }
    }
}
