//! Every operator on numbers and vectors of WebAssembly 2.0, with operands that are difficult for a code generator.

use std::fmt::Write;

use tinkerbox_wasm::*;

/// An operator with its immediates.
pub struct Operator {
    pub name: String,
    pub operands: Vec<&'static str>,
    pub result: &'static str,
}

/// Prefixes, operands and result (`T` is the prefix), names; `~` precedes an immediate.
const TABLE: &[(&str, &str, &str)] = &[
    ("i32 i64", "T T = T", "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"),
    ("i32 i64", "T T = i32", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
    ("i32 i64", "T = T", "clz ctz popcnt extend8_s extend16_s"),
    ("i32 i64", "T = i32", "eqz"),
    ("i64", "T = T", "extend32_s"),
    ("f32 f64", "T T = T", "add sub mul div min max copysign"),
    ("f32 f64", "T T = i32", "eq ne lt gt le ge"),
    ("f32 f64", "T = T", "abs neg ceil floor trunc nearest sqrt"),
    ("i32 i64", "f32 = T", "trunc_f32_s trunc_f32_u trunc_sat_f32_s trunc_sat_f32_u"),
    ("i32 i64", "f64 = T", "trunc_f64_s trunc_f64_u trunc_sat_f64_s trunc_sat_f64_u"),
    ("i32", "i64 = T", "wrap_i64"),
    ("i64", "i32 = T", "extend_i32_s extend_i32_u"),
    ("f32 f64", "i32 = T", "convert_i32_s convert_i32_u"),
    ("f32 f64", "i64 = T", "convert_i64_s convert_i64_u"),
    ("f32", "f64 = T", "demote_f64"),
    ("f64", "f32 = T", "promote_f32"),
    ("i32", "f32 = T", "reinterpret_f32"),
    ("i64", "f64 = T", "reinterpret_f64"),
    ("f32", "i32 = T", "reinterpret_i32"),
    ("f64", "i64 = T", "reinterpret_i64"),
    ("i32 i64 f32 f64 v128", "T T i32 = T", "select"),
    ("v128", "T T = T", "and or xor andnot"),
    ("v128", "T = T", "not"),
    ("v128", "T = i32", "any_true"),
    ("v128", "T T T = T", "bitselect"),
    ("i8x16 i16x8 i32x4 i64x2", "v128 v128 = v128", "add sub eq ne lt_s gt_s le_s ge_s"),
    ("i8x16 i16x8 i32x4", "v128 v128 = v128", "lt_u gt_u le_u ge_u min_s min_u max_s max_u"),
    ("i8x16 i16x8", "v128 v128 = v128", "add_sat_s add_sat_u sub_sat_s sub_sat_u avgr_u"),
    ("i16x8 i32x4 i64x2", "v128 v128 = v128", "mul"),
    ("i8x16 i16x8 i32x4 i64x2", "v128 i32 = v128", "shl shr_s shr_u"),
    ("i8x16 i16x8 i32x4 i64x2", "v128 = v128", "abs neg"),
    ("i8x16 i16x8 i32x4 i64x2", "v128 = i32", "all_true bitmask"),
    ("i8x16", "v128 = v128", "popcnt"),
    ("i8x16", "v128 v128 = v128", "swizzle narrow_i16x8_s narrow_i16x8_u"),
    ("i16x8", "v128 v128 = v128", "narrow_i32x4_s narrow_i32x4_u q15mulr_sat_s"),
    ("i16x8", "v128 v128 = v128", "extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u"),
    ("i32x4", "v128 v128 = v128", "dot_i16x8_s extmul_low_i16x8_s extmul_high_i16x8_s extmul_high_i16x8_u"),
    ("i64x2", "v128 v128 = v128", "extmul_low_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u"),
    ("i16x8", "v128 = v128", "extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u"),
    ("i32x4", "v128 = v128", "extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u"),
    ("i64x2", "v128 = v128", "extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u"),
    ("i16x8", "v128 = v128", "extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u"),
    ("i32x4", "v128 = v128", "extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u"),
    ("i32x4", "v128 = v128", "trunc_sat_f32x4_s trunc_sat_f32x4_u"),
    ("i32x4", "v128 = v128", "trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero"),
    ("f32x4 f64x2", "v128 v128 = v128", "add sub mul div min max pmin pmax eq ne lt gt le ge"),
    ("f32x4 f64x2", "v128 = v128", "abs neg sqrt ceil floor trunc nearest"),
    ("f32x4", "v128 = v128", "convert_i32x4_s convert_i32x4_u demote_f64x2_zero"),
    ("f64x2", "v128 = v128", "convert_low_i32x4_s convert_low_i32x4_u promote_low_f32x4"),
    ("i8x16 i16x8 i32x4", "i32 = v128", "splat"),
    ("i64x2", "i64 = v128", "splat"),
    ("f32x4", "f32 = v128", "splat"),
    ("f64x2", "f64 = v128", "splat"),
    ("i8x16 i16x8", "v128 = i32", "extract_lane_s~0 extract_lane_u~7"),
    ("i8x16", "v128 = i32", "extract_lane_s~15"),
    ("i32x4", "v128 = i32", "extract_lane~0 extract_lane~3"),
    ("i64x2", "v128 = i64", "extract_lane~0 extract_lane~1"),
    ("f32x4", "v128 = f32", "extract_lane~0 extract_lane~2"),
    ("f64x2", "v128 = f64", "extract_lane~0 extract_lane~1"),
    ("i8x16 i16x8", "v128 i32 = v128", "replace_lane~0 replace_lane~7"),
    ("i32x4", "v128 i32 = v128", "replace_lane~0 replace_lane~3"),
    ("i64x2", "v128 i64 = v128", "replace_lane~0 replace_lane~1"),
    ("f32x4", "v128 f32 = v128", "replace_lane~0 replace_lane~2"),
    ("f64x2", "v128 f64 = v128", "replace_lane~0 replace_lane~1"),
    ("i8x16", "v128 v128 = v128", "shuffle~0~17~2~19~4~21~6~23~8~25~10~27~12~29~14~31"),
];

/// All of them.
pub fn all() -> Vec<Operator> {
    let mut all = Vec::new();
    for (prefixes, types, names) in TABLE {
        let (operands, result) = types.split_once(" = ").expect("the table has a result in each line");
        for prefix in prefixes.split(' ') {
            let ty = |word: &'static str| if word == "T" { prefix } else { word };
            for name in names.split(' ') {
                let name = if name == "select" {
                    name.to_string()
                } else {
                    format!("{prefix}.{name}").replace('~', " ")
                };
                let operands = operands.split(' ').map(ty).collect();
                all.push(Operator { name, operands, result: ty(result) });
            }
        }
    }
    all
}

impl Operator {
    pub fn apply(&self, operands: &[String]) -> String {
        format!("({} {})", self.name, operands.join(" "))
    }

    /// Its operands as parameters of a function, and its result as the function's result.
    pub fn signature(&self) -> String {
        format!("(param {}) (result {})", self.operands.join(" "), self.result)
    }
}

/// Bounds of all sizes, powers of two and their neighbours, and values that shifts and divisions handle specially.
pub fn values(ty: &str) -> Vec<Val> {
    const INTS: [u64; 16] = [
        0,
        1,
        2,
        7,
        31,
        32,
        64,
        0xff,
        0xffff_8000,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        0x1_0000_0001,
        0x7fff_ffff_ffff_ffff,
        0x8000_0000_0000_0000,
        u64::MAX,
    ];
    const FLOATS: [f64; 12] = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        2_147_483_648.0,
        -2_147_483_649.0,
        18_446_744_073_709_551_616.0,
        1e30,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        5e-324,
    ];
    match ty {
        "i32" => INTS.map(|number| Val::I32(number as i32)).to_vec(),
        "i64" => INTS.map(|number| Val::I64(number as i64)).to_vec(),
        "f32" => FLOATS.map(|float| Val::F32((float as f32).to_bits())).to_vec(),
        "f64" => FLOATS.map(|float| Val::F64(float.to_bits())).to_vec(),
        _ => {
            let lanes = |of: fn(u8) -> u8| u128::from_le_bytes(std::array::from_fn(|lane| of(lane as u8)));
            let floats = |a: f64, b: f64| u128::from(a.to_bits()) | u128::from(b.to_bits()) << 64;
            let halves = |a: f32, b: f32| u128::from(a.to_bits()) | u128::from(b.to_bits()) << 32;
            [
                0,
                u128::MAX,
                lanes(|lane| lane),
                lanes(|lane| 15 - lane),
                lanes(|lane| lane.wrapping_mul(37) ^ 0x80),
                lanes(|lane| if lane % 2 == 0 { 0x80 } else { 0xff }),
                lanes(|lane| if lane % 4 == 3 { 0x80 } else { 0 }),
                floats(-1.5, 4_294_967_296.5),
                floats(f64::NAN, -0.0),
                halves(1e30, -2.5) | halves(f32::NAN, f32::INFINITY) << 64,
                1 << 127 | 63,
            ]
            .map(|bits| Val::V128(V128::from(bits)))
            .to_vec()
        }
    }
}

/// A value in the text format.
pub fn constant(value: &Val) -> String {
    match value {
        Val::I32(number) => format!("(i32.const {number})"),
        Val::I64(number) => format!("(i64.const {number})"),
        Val::F32(bits) => {
            let (float, payload) = (f32::from_bits(*bits), u64::from(*bits & 0x007f_ffff));
            format!("(f32.const {})", float_text(float.into(), payload))
        }
        Val::F64(bits) => {
            let payload = bits & 0x000f_ffff_ffff_ffff;
            format!("(f64.const {})", float_text(f64::from_bits(*bits), payload))
        }
        Val::V128(vector) => {
            let mut text = String::from("(v128.const i8x16");
            for byte in vector.as_u128().to_le_bytes() {
                write!(text, " {byte}").expect("strings take everything");
            }
            text + ")"
        }
        other => panic!("not a number: {other:?}"),
    }
}

fn float_text(float: f64, payload: u64) -> String {
    let sign = if float.is_sign_negative() { "-" } else { "" };
    if float.is_nan() {
        return format!("{sign}nan:0x{payload:x}");
    }
    if float.is_infinite() {
        return format!("{sign}inf");
    }
    format!("{float:e}")
}
