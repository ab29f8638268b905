//! Vectors: each operator on lanes, applied to the results of arithmetic on lanes of either size.

use super::{Case, Writing, check};
use tinkerbox_wasm::*;

/// With one operand; in the lines after the first, the lanes are those of the result.
const UNARY: &str = "
    v128.not i8x16.popcnt
    i8x16.abs i16x8.abs i32x4.abs i64x2.abs i8x16.neg i16x8.neg i32x4.neg i64x2.neg
    i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u
    i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u
    i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u
    i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u
    i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u
    i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero
    f32x4.convert_i32x4_s f32x4.convert_i32x4_u f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u
    f32x4.abs f64x2.abs f32x4.neg f64x2.neg";

/// The same for arithmetic.
const UNARY_ARITHMETIC: &str = "
    f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest f32x4.sqrt f32x4.demote_f64x2_zero
    f64x2.ceil f64x2.floor f64x2.trunc f64x2.nearest f64x2.sqrt f64x2.promote_low_f32x4";

const BINARY: &str = "
    v128.and v128.andnot v128.or v128.xor i8x16.swizzle
    i8x16.shuffle|0|17|2|19|4|21|6|23|8|25|10|27|12|29|14|31 i8x16.shuffle|4|5|6|7|0|1|2|3|12|13|14|15|8|9|10|11
    i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u
    i8x16.eq i8x16.lt_u i16x8.ne i16x8.gt_s i32x4.eq i32x4.ge_u i64x2.eq i64x2.le_s f32x4.lt f32x4.ne f64x2.eq f64x2.ge
    i8x16.add i16x8.add i32x4.add i64x2.add i8x16.sub i16x8.sub i32x4.sub i64x2.sub i16x8.mul i32x4.mul i64x2.mul
    i8x16.add_sat_s i8x16.add_sat_u i8x16.sub_sat_s i8x16.sub_sat_u
    i16x8.add_sat_s i16x8.add_sat_u i16x8.sub_sat_s i16x8.sub_sat_u
    i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u i16x8.min_s i16x8.max_u i32x4.min_s i32x4.min_u i32x4.max_s
    i8x16.avgr_u i16x8.avgr_u i16x8.q15mulr_sat_s i32x4.dot_i16x8_s
    i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_u i32x4.extmul_low_i16x8_u i64x2.extmul_high_i32x4_s
    f32x4.pmin f32x4.pmax f64x2.pmin f64x2.pmax";

const BINARY_ARITHMETIC: &str = "
    f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max
    f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max";

/// Other ways to observe a vector `X`. `Y` comes from arithmetic on lanes of the other size.
const VECTORS: &[(&str, &str)] = &[
    ("returned", "X"),
    ("returned early", "(return X)"),
    ("in a local", "(local.set $local X) (local.get $local)"),
    ("in a global", "(global.set $v128 X) (global.get $v128)"),
    ("the host's", "(call $host_v128 X)"),
    ("stored", "(v128.store (i32.const 0) X) (v128.load (i32.const 0))"),
    ("bits chosen from it", "(v128.bitselect X KEPT (v128.const i32x4 -1 0xffff 0 -1))"),
    ("bits chosen from one kept", "(v128.bitselect KEPT X (v128.const i32x4 -1 0xffff 0 -1))"),
    ("bits chosen by it", "(v128.bitselect (v128.const i64x2 -1 -1) KEPT X)"),
    ("selected, or one kept", "(select X KEPT (local.get $c))"),
    ("selected, or lanes of the other size", "(select X Y (local.get $c))"),
    ("selected, or numbers", "(select X (v128.const f64x2 1.5 2.5) (local.get $c))"),
    ("selected, or a constant NaN", "(select X (v128.const i64x2 -1 1) (local.get $c))"),
    ("of an arm", "(if (result v128) (local.get $c) (then X) (else Y))"),
    (
        "a local set in an arm",
        "(local.set $local Y) (if (local.get $c) (then (local.set $local X))) (local.get $local)",
    ),
    ("a kept lane in it", "(f32x4.replace_lane 1 X (f32x4.extract_lane 0 KEPT))"),
    ("a kept wide lane in it", "(f64x2.replace_lane 1 X (f64x2.extract_lane 0 KEPT))"),
    ("a lane of its own in it", "(f32x4.replace_lane 0 X (f32x4.extract_lane 2 X))"),
    ("a wide lane of its own in it", "(f64x2.replace_lane 0 X (f64x2.extract_lane 1 X))"),
    ("an integer in it", "(i32x4.replace_lane 1 X (i32.const 0x7fffffff))"),
    ("a byte in it", "(i8x16.replace_lane 3 X (i32.const 0xff))"),
    ("a lane loaded into it", "(v128.load32_lane 2 (i32.const 0) X)"),
    ("its lane beside kept ones", "(f32x4.replace_lane 1 KEPT (f32x4.extract_lane 0 X))"),
    ("its lane in all", "(f64x2.splat (f64x2.extract_lane 1 X))"),
    (
        "a sum in a loop",
        "(local.set $local KEPT)
        (block (loop
            (br_if 1 (i32.eqz (local.get $c)))
            (local.set $local X)
            (local.set $c (i32.sub (local.get $c) (i32.const 1)))
            (br 0)))
        (local.get $local)",
    ),
];

/// The same, as numbers.
const NUMBERS: &[(&str, &str, &str)] = &[
    ("passed", "i64", "(call $bits_v128 X)"),
    ("passed through a table", "i64", "(call_indirect (type $of_v128) X (i32.const 2))"),
    ("a float", "f32", "(f32x4.extract_lane 1 X)"),
    ("a double", "f64", "(f64x2.extract_lane 1 X)"),
    ("bits of a lane", "i32", "(i32x4.extract_lane 0 X)"),
    ("bits of a wide lane", "i64", "(i64x2.extract_lane 0 X)"),
    ("a byte, signed", "i32", "(i8x16.extract_lane_s 7 X)"),
    ("two bytes", "i32", "(i16x8.extract_lane_u 3 X)"),
    ("signs of lanes", "i32", "(i32x4.bitmask X)"),
    ("signs of bytes", "i32", "(i8x16.bitmask X)"),
    ("a byte stored", "i64", "(v128.store8_lane 3 (i32.const 3) X) (i64.load (i32.const 0))"),
    ("two bytes stored", "i64", "(v128.store16_lane 1 (i32.const 2) X) (i64.load (i32.const 0))"),
    ("a lane stored", "i64", "(v128.store32_lane 0 (i32.const 4) X) (i64.load (i32.const 0))"),
    ("a wide lane stored", "i64", "(v128.store64_lane 1 (i32.const 0) X) (i64.load (i32.const 0))"),
];

const SHIFTS: [&str; 6] =
    ["i8x16.shl", "i16x8.shr_u", "i32x4.shl", "i32x4.shr_s", "i64x2.shr_u", "i64x2.shl"];

/// The lanes on which an operator that makes floats works.
fn lanes(operator: &str) -> &str {
    operator.split('.').next().unwrap_or(operator)
}

fn operators(list: &str) -> impl Iterator<Item = String> {
    list.split_whitespace().map(|operator| operator.replace('|', " "))
}

fn seen(writing: Writing, of: &str, other: &str, x: &str) -> Vec<Case> {
    let y = writing.arithmetic(other, &format!("({other}.mul (local.get $b) (local.get $a))"));
    let kept = "(local.get $kept)";
    let text = |body: &str| body.replace('X', x).replace('Y', &y).replace("KEPT", kept);
    let mut cases = Vec::new();
    let mut add = |name: &str, result, body| cases.push(Case::new(format!("{of}: {name}"), result, body));
    for operator in operators(UNARY) {
        add(&operator, "v128", format!("({operator} {x})"));
    }
    for operator in operators(BINARY) {
        add(&operator, "v128", format!("({operator} {x} {kept})"));
        add(&format!("{operator}, reversed"), "v128", format!("({operator} {kept} {x})"));
    }
    for operator in operators(UNARY_ARITHMETIC) {
        add(&operator, "v128", writing.arithmetic(lanes(&operator), &format!("({operator} {x})")));
        let kept = writing.arithmetic(lanes(&operator), &format!("({operator} (local.get $a))"));
        add(&format!("{operator} of one kept"), "v128", kept);
    }
    for operator in operators(BINARY_ARITHMETIC) {
        let operands = [("X", "KEPT"), ("KEPT", "X"), ("X", "Y"), ("(local.get $a)", "(local.get $b)")];
        for (left, right) in operands {
            let expression = format!("({operator} {left} {right})");
            let body = writing.arithmetic(lanes(&operator), &text(&expression));
            add(&expression, "v128", body);
        }
    }
    for operator in SHIFTS {
        add(operator, "v128", format!("({operator} {x} (local.get $c))"));
    }
    for (name, body) in VECTORS {
        add(name, "v128", text(body));
    }
    for (name, result, body) in NUMBERS {
        add(name, result, text(body));
    }
    cases
}

/// Vectors in which each lane is one of the unusual floats, and others in which each wide lane is.
fn arguments() -> Vec<[Val; 4]> {
    let narrow: [u32; 6] = [0x7fa0_0001, 0xffa0_0123, 0x7fc1_2345, 0x3fc0_0000, 0x7f80_0000, 0xff80_0000];
    let wide: [u64; 6] = [
        0x7ff4_0000_0000_0001,
        0xfff4_0000_0000_0123,
        0x7ff8_1234_5678_9abc,
        0x3ff8_0000_0000_0000,
        0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000,
    ];
    let of_narrow = |at: usize| (0..4).fold(0, |all, lane| all << 32 | u128::from(narrow[(at + lane) % 6]));
    let of_wide = |at: usize| u128::from(wide[at]) << 64 | u128::from(wide[(at + 1) % 6]);
    let kept = 0xffab_cdef_7fa5_5aa5_fff4_5678_9abc_def0;
    let mut arguments = Vec::new();
    for a in 0..6 {
        for b in 0..6 {
            for (a, b) in [(of_narrow(a), of_narrow(b)), (of_wide(a), of_wide(b)), (of_narrow(a), of_wide(b))]
            {
                let vector = |bits: u128| Val::V128(V128::from(bits));
                arguments.extend([0, 1, 3].map(|c| [vector(a), vector(b), vector(kept), Val::I32(c)]));
            }
        }
    }
    arguments
}

#[test]
fn lanes_are_canonical_in_whichever_way_they_are_seen() {
    for (of, other) in [("f32x4", "f64x2"), ("f64x2", "f32x4")] {
        let cases = |writing: Writing| {
            let x = writing.arithmetic(of, &format!("({of}.add (local.get $a) (local.get $b))"));
            seen(writing, of, other, &x)
        };
        let (told, all) = check("v128", cases, &arguments());
        assert!(told * 4 > all * 3, "only {told} of {all} need the setting");
    }
}

#[test]
fn what_is_only_moved_keeps_its_bits() {
    let (told, all) =
        check("v128", |writing| seen(writing, "f32x4", "f64x2", "(local.get $a)"), &arguments());
    assert!(told > 0 && told * 3 < all, "{told} of {all} need the setting, where arithmetic is beside it");
}

/// A double that is a number keeps its bits, even if one of its halves, taken as a float, is a NaN.
#[test]
fn doubles_that_are_numbers_are_not_taken_for_floats() -> Result<()> {
    // An integer whose lower half, as a float, is a NaN.
    let bits = 0x4330_0000_7f80_0001_u64;
    let number = f64::from_bits(bits);
    let doubles = [
        "(f64x2.splat (f64.convert_i64_s (local.get 0)))".to_owned(),
        "(f64x2.splat (f64.convert_i64_u (local.get 0)))".to_owned(),
        format!("(f64x2.splat (f64.const {number:e}))"),
        "(f64x2.replace_lane 0 (v128.const i64x2 0 0) (f64.convert_i64_s (local.get 0)))".to_owned(),
    ];
    for double in doubles {
        let forms = [
            format!(
                "(select {double} (f32x4.add (v128.load (i32.const 16)) (v128.load (i32.const 16))) (local.get 1))"
            ),
            format!(
                "(if (result v128) (local.get 1) (then {double})
                    (else (f32x4.sqrt (v128.load (i32.const 16)))))"
            ),
        ];
        for form in forms {
            let text = format!(
                r#"(module (memory (export "memory") 1)
                    (func (export "run") (param i64 i32) (v128.store (i32.const 0) {form})))"#
            );
            for on in [false, true] {
                let engine = Engine::new(Config::new().cranelift_nan_canonicalization(on))?;
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &Module::new(&engine, &text)?, &[])?;
                let run = instance.get_typed_func::<(i64, i32), ()>(&mut store, "run")?;
                run.call(&mut store, (number as i64, 1))?;
                let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
                assert_eq!(memory.data(&store)[..8], bits.to_le_bytes(), "{form}, canonical: {on}");
            }
        }
    }
    Ok(())
}
