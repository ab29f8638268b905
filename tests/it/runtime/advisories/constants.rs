//! Operators with constant operands compute the same results as with variable ones.
//!
//! A code generator treats constants specially: it folds them, chooses other instructions, and builds masks and shift
//! counts from them. Divisions by constants, shifts of lanes by constants, selections, shuffles and swizzles of
//! constants were each wrong in some release. Here each operator with any of its operands constant is compared with
//! the same operator on parameters, compiled without optimisation.

use tinkerbox_wasm::*;

use super::operators::{self, Operator, constant, values};
use super::{ROOMS, Random, call, way, ways_without_memory};

/// The number of combinations that are tried with more than one constant operand.
const COMBINATIONS: usize = 6;

/// Which operands are constant, and the values of all of them in the calls of the function.
struct Case {
    constant: Vec<bool>,
    calls: Vec<Vec<Val>>,
}

fn cases(operator: &Operator, random: &mut Random) -> Vec<Case> {
    let count = operator.operands.len();
    let mut cases = Vec::new();
    for subset in 1_u32..1 << count {
        let is_constant: Vec<bool> = (0..count).map(|at| subset >> at & 1 == 1).collect();
        let all: Vec<Vec<Val>> = operator.operands.iter().map(|ty| values(ty)).collect();
        if let (1, Some(at)) = (subset.count_ones(), is_constant.iter().position(|is| *is)) {
            for fixed in all[at].clone() {
                let calls = (0..8).map(|_| pick(&all, random, &[(at, fixed)])).collect();
                cases.push(Case { constant: is_constant.clone(), calls });
            }
            continue;
        }
        for _ in 0..COMBINATIONS {
            let fixed = pick(&all, random, &[]);
            let kept: Vec<(usize, Val)> =
                (0..count).filter(|at| is_constant[*at]).map(|at| (at, fixed[at])).collect();
            let calls = (0..4).map(|_| pick(&all, random, &kept)).collect();
            cases.push(Case { constant: is_constant.clone(), calls });
        }
    }
    cases
}

fn pick(all: &[Vec<Val>], random: &mut Random, fixed: &[(usize, Val)]) -> Vec<Val> {
    let mut picked: Vec<Val> = all.iter().map(|values| *random.one_of(values)).collect();
    for (at, value) in fixed {
        picked[*at] = *value;
    }
    picked
}

/// One function for each case. It takes all operands, and uses those that are not constant.
fn module(operator: &Operator, cases: &[Case]) -> String {
    let func = |(at, case): (usize, &Case)| {
        let operand = |operand: usize| match case.constant[operand] {
            true => constant(&case.calls[0][operand]),
            false => format!("(local.get {operand})"),
        };
        let operands: Vec<String> = (0..operator.operands.len()).map(operand).collect();
        format!("(func (export \"{at}\") {} {})\n", operator.signature(), operator.apply(&operands))
    };
    format!("(module {})", cases.iter().enumerate().map(func).collect::<String>())
}

#[test]
fn operators_on_constants_are_the_same_as_on_parameters() {
    let plain = way(OptLevel::None, true, ROOMS[0], false);
    let ways: Vec<_> = ways_without_memory().collect();
    let mut random = Random(1);
    for operator in operators::all() {
        let cases = cases(&operator, &mut random);
        let gets: Vec<String> = (0..operator.operands.len()).map(|at| format!("(local.get {at})")).collect();
        let text =
            format!("(module (func (export \"f\") {} {}))", operator.signature(), operator.apply(&gets));
        let (mut store, instance) = plain.instance(&text);
        let func = instance.get_func(&mut store, "f").expect("it is exported");
        let wanted: Vec<Vec<_>> = cases
            .iter()
            .map(|case| case.calls.iter().map(|operands| call(&mut store, func, operands)).collect())
            .collect();
        let text = module(&operator, &cases);
        for way in &ways {
            let (mut store, instance) = way.instance(&text);
            for (at, (case, wanted)) in cases.iter().zip(&wanted).enumerate() {
                let func = instance.get_func(&mut store, &at.to_string()).expect("it is exported");
                for (operands, wanted) in case.calls.iter().zip(wanted) {
                    let found = call(&mut store, func, operands);
                    let (name, constant) = (&operator.name, &case.constant);
                    assert_eq!(found, *wanted, "{name} {operands:?}, constant {constant:?}: {}", way.name);
                }
            }
        }
    }
}
