//! Unsupported features are refused, with the feature's name and the offset in the module.

use tinkerbox_wasm::*;

/// A module that uses a feature, and the error's description of it.
const REFUSED: &[(&str, &str)] = &[
    (
        "(module (func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))))",
        "relaxed SIMD",
    ),
    ("(module (func $f (return_call $f)))", "tail calls"),
    ("(module (memory 1) (memory 1))", "multi-memory"),
    ("(module (memory i64 1))", "memory64"),
    ("(module (memory 1 1 shared))", "threads"),
    ("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", "extended constant expressions"),
    ("(module (tag))", "exceptions"),
    ("(module (type (struct)))", "GC"),
    ("(module (func (param (ref func))))", "typed function references"),
];

#[test]
fn a_missing_feature_is_named_with_its_offset() {
    let engine = Engine::default();
    for (module, feature) in REFUSED {
        let error = Module::new(&engine, module).expect_err("the feature is not there");
        let invalid = error.downcast_ref::<InvalidModule>().expect("the module is at fault");
        let text = error.to_string();
        assert!(text.contains(&format!("\"{feature}\" is not supported yet")), "{module}: {text}");
        assert!(invalid.offset().is_some() && text.contains("(at offset 0x"), "{module}: {text}");
    }
}

#[test]
fn text_that_is_no_module_says_where() {
    let error = Module::new(&Engine::default(), "(module (fun))").expect_err("there is no such thing");
    assert!(error.to_string().contains("1:10"), "{error}");
    let error = Module::new(&Engine::default(), b"\0asm\x02\0\0\0").expect_err("there is no such version");
    assert!(error.to_string().contains("unknown binary version"), "{error}");
    let error = Module::new(&Engine::default(), b"\0asm\x0d\0\x01\0").expect_err("it is a component");
    assert!(error.to_string().contains("this is a component; build a core module"), "{error}");
}
