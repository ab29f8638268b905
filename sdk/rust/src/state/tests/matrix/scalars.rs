//! Numbers, texts and bools.

use super::*;

pub fn integers(changes: &mut Changes) {
    changes.case(carry(200u8, 1u64), 200, &[]);
    changes.case(carry(200u64, 1u8), 200, &[]);
    changes.case(carry(300u32, 1u8), 1, &["Warn: the state's field `Diary::it` has its default: the value that the old code saved does not fit: expected a u8, found 300"]);
    changes.case(carry(-5i64, 1i8), -5, &[]);
    changes.case(carry(-5i32, 1u32), 1, &["expected a u32, found -5"]);
    changes.case(carry(u64::MAX, 1i64), 1, &["found 18446744073709551615"]);
    changes.case(carry(u128::MAX, 1u128), u128::MAX, &[]);
    changes.case(carry(u128::MAX, 1u64), 1, &["expected a u64, found a value of another kind"]);
    changes.case(carry(i128::MIN, 1i128), i128::MIN, &[]);
    changes.case(carry(u64::MAX, 1u128), u128::from(u64::MAX), &[]);
    changes.case(carry(1usize << 20, 1u32), 1 << 20, &[]);
}

pub fn integers_to_floats(changes: &mut Changes) {
    changes.case(carry(7u32, 1.0f32), 7.0, &[]);
    changes.case(carry(-7i64, 1.0f64), -7.0, &[]);
    changes.case(carry((1u64 << 53) + 1, 1.0f64), 1.0, &["expected an f64, found 9007199254740993"]);
    changes.case(carry((1u32 << 24) + 1, 1.0f32), 1.0, &["expected an f32, found 16777217"]);
}

pub fn floats_to_integers(changes: &mut Changes) {
    changes.case(carry(7.0f32, 1u8), 7, &[]);
    changes.case(carry(-0.0f64, 1u8), 0, &[]);
    changes.case(carry(7.5f64, 1u32), 1, &["expected a u32, found 7.5"]);
    changes.case(carry(1e300f64, 1i64), 1, &["expected an i64, found 1e300"]);
    changes.case(carry(f64::NAN, 1i64), 1, &["found NaN"]);
}

pub fn floats(changes: &mut Changes) {
    changes.case(carry(0.1f32, 1.0f64), f64::from(0.1f32), &[]);
    changes.case(carry(0.1f64, 1.0f32), 0.1, &[]);
    changes.case(carry(f64::INFINITY, 1.0f32), f32::INFINITY, &[]);
    changes.case(carry(1e300f64, 1.0f32), 1.0, &["expected an f32, found 1e300"]);
}

pub fn kinds(changes: &mut Changes) {
    changes.case(carry(1u8, false), false, &["expected a bool, found 1"]);
    changes.case(carry(true, 7u8), 7, &["expected a u8, found true"]);
    changes.case(carry("many".to_owned(), 7u8), 7, &["expected a u8, found \"many\""]);
    changes.case(carry(3u8, "few".to_owned()), "few".to_owned(), &["expected a text, found 3"]);
    changes.case(carry("x".repeat(50), 7u8), 7, &["xxx\"..."]);
    changes.case(carry(3u8, vec![1u8]), vec![1], &["expected a list, found 3"]);
    changes.case(carry(vec![1u8, 2], 7u8), 7, &["expected a u8, found a list of 2"]);
    changes.case(carry(3u8, ()), (), &["expected nothing, found 3"]);
}

pub fn characters(changes: &mut Changes) {
    changes.case(carry('x', "few".to_owned()), "x".to_owned(), &[]);
    changes.case(carry("x".to_owned(), 'c'), 'x', &[]);
    changes.case(carry("xy".to_owned(), 'c'), 'c', &["expected a char, found \"xy\""]);
}
