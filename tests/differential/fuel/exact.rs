//! The count after every end, and at every call of the host, equals the reference's.

use super::{End, Program, Reference, must_be_alive, programs, start, ways};
use crate::engines::ours::PLENTY;

/// Runs all cases of a program in all ways; returns how they ended.
pub fn check(program: &Program<'_>) -> Vec<End> {
    let wasm = program.wasm();
    let reference = Reference::new(&wasm);
    let cases = program.cases();
    let ends: Vec<End> = cases.iter().map(|case| reference.run(case)).collect();
    for way in &ways() {
        let module = way.compile(&wasm);
        for (case, expected) in cases.iter().zip(&ends) {
            let place = format!("{}, {}", case.place, way.name);
            let mut ours = start(&way.engine, &module, PLENTY);
            case.run(&mut ours).must_be(expected, &place);
            must_be_alive(&mut ours, &place);
        }
    }
    ends
}

#[test]
fn every_call_ends_as_the_reference_says() {
    let cases: usize = programs().map(|program| check(program).len()).sum();
    assert!(cases > 250, "only {cases} cases");
}
