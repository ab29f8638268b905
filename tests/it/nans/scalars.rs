//! Floats: each operator, and each way to observe the result of arithmetic.

use super::{Case, Writing, check};
use tinkerbox_wasm::*;

const UNARY: [&str; 5] = ["ceil", "floor", "trunc", "nearest", "sqrt"];
const BINARY: [&str; 6] = ["add", "sub", "mul", "div", "min", "max"];

/// A float type, with the words for it.
struct Float {
    name: &'static str,
    bits: &'static str,
    other: &'static str,
    convert: &'static str,
    back: &'static str,
}

const FLOATS: [Float; 2] = [
    Float { name: "f32", bits: "i32", other: "f64", convert: "f64.promote_f32", back: "f32.demote_f64" },
    Float { name: "f64", bits: "i64", other: "f32", convert: "f32.demote_f64", back: "f64.promote_f32" },
];

/// NaNs with unusual bits, quiet and signalling, of both signs; and operands that make NaNs from numbers.
fn operands(ty: &str) -> Vec<Val> {
    let narrow =
        [0x7fa0_0001, 0xffa0_0123, 0x7fc1_2345, 0xffc0_0000, 0x3fc0_0000, 0x7f80_0000, 0xff80_0000, 0];
    let wide = [
        0x7ff4_0000_0000_0001,
        0xfff4_0000_0000_0123,
        0x7ff8_1234_5678_9abc,
        0xfff8_0000_0000_0000,
        0x3ff8_0000_0000_0000,
        0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000,
        0,
    ];
    if ty == "f32" { narrow.map(Val::F32).to_vec() } else { wide.map(Val::F64).to_vec() }
}

fn arguments(ty: &str) -> Vec<[Val; 4]> {
    let kept = if ty == "f32" { Val::F32(0xffab_cdef) } else { Val::F64(0xfff4_5678_9abc_def0) };
    let operands = operands(ty);
    let pairs = operands.iter().flat_map(|a| operands.iter().map(move |b| (*a, *b)));
    pairs.flat_map(|(a, b)| [0, 1, 3].map(|c| [a, b, kept, Val::I32(c)])).collect()
}

#[test]
fn every_operator_makes_canonical_nans() {
    for Float { name: ty, bits, other, convert, back } in FLOATS {
        let cases = |writing: Writing| {
            let unary = UNARY.map(|op| (op, ty, format!("({ty}.{op} (local.get $a))")));
            let binary = BINARY.map(|op| (op, ty, format!("({ty}.{op} (local.get $a) (local.get $b))")));
            let convert = (convert, other, format!("({convert} (local.get $a))"));
            let mut cases = Vec::new();
            for (op, of, expression) in unary.into_iter().chain(binary).chain([convert]) {
                let value = writing.arithmetic(of, &expression);
                let (shown, result) = match (of == ty, bits) {
                    (true, _) => (format!("({bits}.reinterpret_{ty} {value})"), bits),
                    (false, "i32") => (format!("(i64.reinterpret_f64 {value})"), "i64"),
                    (false, _) => (format!("(i32.reinterpret_f32 {value})"), "i32"),
                };
                cases.push(Case::new(format!("{op}, its bits"), result, shown));
                cases.push(Case::new(format!("{op}, returned"), of_static(of), value.clone()));
                cases.push(Case::new(
                    format!("{op}, stored"),
                    "i32",
                    format!("({of}.store (i32.const 0) {value}) (i32.const 0)"),
                ));
                if of != ty {
                    let there_and_back = writing.arithmetic(ty, &format!("({back} {value})"));
                    cases.push(Case::new(format!("{op} and {back}"), ty, there_and_back));
                }
            }
            cases
        };
        let (told, all) = check(ty, cases, &arguments(ty));
        assert_eq!(told, all, "each needs the setting");
    }
}

fn of_static(ty: &str) -> &'static str {
    if ty == "f32" { "f32" } else { "f64" }
}

#[test]
fn arithmetic_is_canonical_in_whichever_way_it_is_seen() {
    for float in FLOATS {
        let cases = |writing: Writing| {
            let x = writing.arithmetic(float.name, "(T.add (local.get $a) (local.get $b))");
            seen(writing, &float, &x)
        };
        let (told, all) = check(float.name, cases, &arguments(float.name));
        assert!(told * 10 > all * 9, "only {told} of {all} need the setting");
    }
}

#[test]
fn what_is_only_moved_keeps_its_bits() {
    for float in FLOATS {
        let cases = |writing| seen(writing, &float, "(local.get $a)");
        let (told, all) = check(float.name, cases, &arguments(float.name));
        assert!(
            told > 0 && told * 2 < all,
            "{told} of {all} need the setting, where arithmetic is beside it"
        );
    }
}

/// The ways to observe a value `X`, in text. `Y` comes from arithmetic.
fn seen(writing: Writing, &Float { name: ty, bits, .. }: &Float, x: &str) -> Vec<Case> {
    let index = if ty == "f32" { 0 } else { 1 };
    let vector = if ty == "f32" { "f32x4" } else { "f64x2" };
    let is_float = [
        ("returned", "X".to_string()),
        ("returned early", "(return X)".into()),
        ("branched with", "(br 0 X)".into()),
        ("branched with, or not", "(drop (br_if 0 X (local.get $c))) Y".into()),
        ("out of a table", "(block (result T) (br_table 0 1 0 X (local.get $c)))".into()),
        ("negated", "(T.neg X)".into()),
        ("negated twice", "(T.neg (T.neg X))".into()),
        ("without its sign", "(T.abs X)".into()),
        ("its sign", "(T.copysign (T.const 1) X)".into()),
        ("with the sign of one kept", "(T.copysign X KEPT)".into()),
        ("its sign given to one kept", "(T.copysign KEPT X)".into()),
        ("negated and computed with", writing.arithmetic(ty, "(T.add (T.neg X) (local.get $b))")),
        ("in a local", "(local.set $local X) (local.get $local)".into()),
        ("selected, or one kept", "(select X KEPT (local.get $c))".into()),
        ("one kept, or selected", "(select KEPT X (local.get $c))".into()),
        ("selected, or other arithmetic", "(select X Y (local.get $c))".into()),
        ("selected, or a number", "(select X (T.const 1.5) (local.get $c))".into()),
        ("of an arm, or one kept", "(if (result T) (local.get $c) (then X) (else KEPT))".into()),
        ("of an arm, or other arithmetic", "(if (result T) (local.get $c) (then X) (else Y))".into()),
        (
            "of an arm, or a constant NaN",
            "(if (result T) (local.get $c) (then X) (else (T.const -nan:0x123)))".into(),
        ),
        (
            "a local set in an arm",
            "(local.set $local KEPT) (if (local.get $c) (then (local.set $local X))) (local.get $local)"
                .into(),
        ),
        (
            "a local set in one of two arms, selected",
            "(local.set $local KEPT)
            (if (local.get $c) (then (local.set $local X)))
            (select (local.get $local) Y (local.get $c))"
                .into(),
        ),
        ("a sum in a loop, from one kept", looped("KEPT", writing, ty)),
        ("a sum in a loop, from zero", looped("(T.const 0)", writing, ty)),
        ("a sum in a loop, from arithmetic", looped("Y", writing, ty)),
        ("a result of the host", "(call $host_T X)".into()),
        ("a lane", format!("({vector}.extract_lane 1 ({vector}.replace_lane 1 ({vector}.splat KEPT) X))")),
    ];
    let is_bits = [
        ("its bits", "(I.reinterpret_T X)".to_string()),
        ("stored", "(T.store (i32.const 0) X) (I.load (i32.const 0))".into()),
        (
            "stored, and loaded as it was",
            "(T.store (i32.const 0) X) (I.reinterpret_T (T.load (i32.const 0)))".into(),
        ),
        ("in a global", "(global.set $T X) (I.reinterpret_T (global.get $T))".into()),
        ("passed", "(call $bits_T X)".into()),
        ("passed through a table", format!("(call_indirect (type $of_T) X (i32.const {index}))")),
        ("passed after a local", "(local.set $local X) (call $bits_T (local.get $local))".into()),
    ];
    let is_vector = [
        ("in all lanes", format!("({vector}.splat X)")),
        ("in a lane beside others", format!("({vector}.replace_lane 1 ({vector}.splat KEPT) X)")),
        ("in a lane beside numbers", format!("({vector}.replace_lane 1 (v128.const i64x2 0 0) X)")),
        ("in a lane beside arithmetic", format!("({vector}.replace_lane 1 ({vector}.splat Y) X)")),
        ("in a lane, and one kept", format!("({vector}.replace_lane 0 ({vector}.splat X) KEPT)")),
    ];
    let y = writing.arithmetic(ty, "(T.div (local.get $b) (local.get $a))");
    let text = |body: &str| {
        let body = body.replace('X', x).replace('Y', &y).replace("KEPT", "(local.get $kept)");
        body.replace("I.", &format!("{bits}.")).replace('T', ty)
    };
    let is_float = is_float.iter().map(|(name, body)| (name, of_static(ty), text(body)));
    let is_bits = is_bits.iter().map(|(name, body)| (name, bits, text(body)));
    let is_vector = is_vector.iter().map(|(name, body)| (name, "v128", text(body)));
    let all = is_float.chain(is_bits).chain(is_vector);
    all.map(|(name, result, body)| Case::new((*name).to_string(), result, body)).collect()
}

fn looped(first: &str, writing: Writing, ty: &str) -> String {
    let sum = writing.arithmetic(ty, "(T.sub (local.get $local) (local.get $a))");
    format!(
        "(local.set $local {first})
        (block (loop
            (br_if 1 (i32.eqz (local.get $c)))
            (local.set $local {sum})
            (local.set $c (i32.sub (local.get $c) (i32.const 1)))
            (br 0)))
        (local.get $local)"
    )
}
