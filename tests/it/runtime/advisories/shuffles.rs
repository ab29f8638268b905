//! Shuffles, swizzles and selections of lanes, in every pattern for which a code generator has an instruction.
//!
//! Equal operands, constants, and indices beyond the lanes have each been wrong in some release.

use tinkerbox_wasm::*;

use super::{Random, bits, ways_without_memory};

type Lanes = [u8; 16];

/// Patterns of lanes of all sizes: broadcasts, rotations, halves, interleaving, blends; then random ones.
fn patterns(random: &mut Random) -> Vec<Lanes> {
    let mut patterns: Vec<Lanes> = vec![std::array::from_fn(|lane| lane as u8)];
    for size in [1, 2, 4, 8] {
        let of_lanes = |pick: &dyn Fn(usize) -> usize| -> Lanes {
            std::array::from_fn(|byte| ((pick(byte / size) * size + byte % size) % 32) as u8)
        };
        let count = 16 / size;
        for first in 0..2 * count {
            patterns.push(of_lanes(&|_| first));
            patterns.push(of_lanes(&|lane| lane + first));
            patterns.push(of_lanes(&|lane| (lane ^ 1) + first));
        }
        for start in [0, count / 2] {
            patterns.push(of_lanes(&|lane| start + lane / 2 + lane % 2 * count));
            patterns.push(of_lanes(&|lane| start + lane / 2 + (lane + 1) % 2 * count));
        }
        for _ in 0..12 {
            let picks: Vec<usize> = (0..count).map(|_| random.below(2 * count)).collect();
            patterns.push(of_lanes(&|lane| picks[lane]));
            let sides: Vec<usize> = (0..count).map(|lane| lane + random.below(2) * count).collect();
            patterns.push(of_lanes(&|lane| sides[lane]));
        }
    }
    for _ in 0..60 {
        patterns.push(std::array::from_fn(|_| random.below(32) as u8));
    }
    patterns
}

fn shuffle(a: Lanes, b: Lanes, pattern: &Lanes) -> Lanes {
    pattern.map(|index| if index < 16 { a[index as usize] } else { b[index as usize - 16] })
}

fn swizzle(a: Lanes, indices: &Lanes) -> Lanes {
    indices.map(|index| a.get(index as usize).copied().unwrap_or(0))
}

fn text(lanes: &Lanes) -> String {
    lanes.iter().map(|lane| format!(" {lane}")).collect()
}

fn any(random: &mut Random) -> Lanes {
    (u128::from(random.next()) << 64 | u128::from(random.next())).to_le_bytes()
}

fn vector(lanes: Lanes) -> Val {
    Val::V128(V128::from(u128::from_le_bytes(lanes)))
}

/// Calls functions of two vectors, which are named by their index.
fn check(functions: &[(String, Lanes, Lanes, Lanes)]) {
    let func = |(at, (body, ..)): (usize, &(String, Lanes, Lanes, Lanes))| {
        format!("(func (export \"{at}\") (param v128 v128) (result v128) {body})\n")
    };
    let text = format!("(module {})", functions.iter().enumerate().map(func).collect::<String>());
    for way in ways_without_memory() {
        let (mut store, instance) = way.instance(&text);
        for (at, (body, a, b, wanted)) in functions.iter().enumerate() {
            let func = instance.get_func(&mut store, &at.to_string()).expect("it is exported");
            let mut result = [Val::I32(0)];
            func.call(&mut store, &[vector(*a), vector(*b)], &mut result).expect("nothing traps");
            assert_eq!(bits(&result[0]).to_le_bytes(), *wanted, "{body} of {a:?} and {b:?}: {}", way.name);
        }
    }
}

#[test]
fn shuffles_of_any_pattern() {
    let mut random = Random(2);
    let mut functions = Vec::new();
    for pattern in patterns(&mut random) {
        let [a, b, c] = std::array::from_fn(|_| any(&mut random));
        let shuffled =
            |first: &str, second: &str| format!("(i8x16.shuffle{} {first} {second})", text(&pattern));
        let constant = format!("(v128.const i8x16{})", text(&c));
        let zeros = "(v128.const i64x2 0 0)";
        let [x, y] = ["(local.get 0)", "(local.get 1)"];
        functions.push((shuffled(x, y), a, b, shuffle(a, b, &pattern)));
        functions.push((shuffled(x, x), a, b, shuffle(a, a, &pattern)));
        functions.push((shuffled(x, &constant), a, b, shuffle(a, c, &pattern)));
        functions.push((shuffled(&constant, x), a, b, shuffle(c, a, &pattern)));
        functions.push((shuffled(&constant, &constant), a, b, shuffle(c, c, &pattern)));
        functions.push((shuffled(x, zeros), a, b, shuffle(a, [0; 16], &pattern)));
        functions.push((shuffled(zeros, y), a, b, shuffle([0; 16], b, &pattern)));
    }
    check(&functions);
}

#[test]
fn swizzles_by_any_indices() {
    let mut random = Random(3);
    let mut functions = Vec::new();
    let mut indices = patterns(&mut random);
    indices.extend([[15; 16], [16; 16], [127; 16], [128; 16], [143; 16], [144; 16], [255; 16]]);
    indices.extend((0..60).map(|_| any(&mut random)));
    for indices in indices {
        let (a, c) = (any(&mut random), any(&mut random));
        let (constant, by) =
            (format!("(v128.const i8x16{})", text(&c)), format!("(v128.const i8x16{})", text(&indices)));
        let body = |first: &str, second: &str| format!("(i8x16.swizzle {first} {second})");
        let [x, y] = ["(local.get 0)", "(local.get 1)"];
        functions.push((body(x, y), a, indices, swizzle(a, &indices)));
        functions.push((body(x, &by), a, indices, swizzle(a, &indices)));
        functions.push((body(&constant, y), a, indices, swizzle(c, &indices)));
        functions.push((body(&constant, &by), a, indices, swizzle(c, &indices)));
        functions.push((body(y, y), a, indices, swizzle(indices, &indices)));
    }
    check(&functions);
}

/// Masks that come from comparisons have whole lanes of ones or zeros, and may be compiled to other instructions than
/// arbitrary masks.
#[test]
fn selections_by_any_mask() {
    let mut random = Random(4);
    let mut functions = Vec::new();
    let select = |a: Lanes, b: Lanes, mask: Lanes| -> Lanes {
        std::array::from_fn(|at| a[at] & mask[at] | b[at] & !mask[at])
    };
    for size in [1, 2, 4, 8_usize] {
        let lanes = ["i8x16", "i16x8", "i32x4", "i64x2"][size.ilog2() as usize];
        for round in 0..40 {
            let (a, mut b) = (any(&mut random), any(&mut random));
            if round % 2 == 0 {
                b[..8].copy_from_slice(&a[..8]);
            }
            let chunks = |test: &dyn Fn(&[u8], &[u8]) -> bool| -> Lanes {
                let all = a.chunks(size).zip(b.chunks(size)).flat_map(|(a, b)| vec![test(a, b); size]);
                let all: Vec<u8> = all.map(|is| if is { 0xff } else { 0 }).collect();
                all.try_into().expect("there are sixteen bytes")
            };
            let equal = chunks(&|a, b| a == b);
            let less = chunks(&|a, b| i64_of(a) < i64_of(b));
            let [x, y] = ["(local.get 0)", "(local.get 1)"];
            let body = |mask: &str| format!("(v128.bitselect {x} {y} {mask})");
            functions.push((body(&format!("({lanes}.eq {x} {y})")), a, b, select(a, b, equal)));
            functions.push((body(&format!("({lanes}.lt_s {x} {y})")), a, b, select(a, b, less)));
            functions.push((body(&format!("(v128.not ({lanes}.lt_s {x} {y}))")), a, b, select(b, a, less)));
            let mask = if round % 4 == 0 { less } else { any(&mut random) };
            functions.push((body(&format!("(v128.const i8x16{})", text(&mask))), a, b, select(a, b, mask)));
            functions.push((body(x), a, b, select(a, b, a)));
            functions.push((body(y), a, b, select(a, b, b)));
            let whole = |condition: &str| format!("(select {x} {y} {condition})");
            let chosen = if less == [0; 16] { b } else { a };
            functions.push((whole(&format!("(v128.any_true ({lanes}.lt_s {x} {y}))")), a, b, chosen));
            let chosen = if equal == [0xff; 16] { a } else { b };
            functions.push((whole(&format!("({lanes}.all_true ({lanes}.eq {x} {y}))")), a, b, chosen));
        }
    }
    check(&functions);
}

/// The bytes of a lane as a signed number.
fn i64_of(lane: &[u8]) -> i64 {
    let mut bytes = [0; 8];
    bytes[8 - lane.len()..].copy_from_slice(lane);
    i64::from_le_bytes(bytes)
}
