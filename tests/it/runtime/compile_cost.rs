//! A small module must not cost its host gigabytes or minutes when it is compiled.

use tinkerbox_wasm::*;

fn refusal(text: &str) -> String {
    Module::new(&Engine::default(), text).expect_err("the module asks too much").to_string()
}

/// The maximum number of values in a function type.
fn many(word: &str) -> String {
    format!("({word}{})", " i64".repeat(1_000))
}

#[test]
fn calls_that_pass_too_many_values_in_all_are_refused() {
    let (params, results) = (many("param"), many("result"));
    let message = refusal(&format!(
        "(module (func $f {params} {results} {} {}))",
        (0..1_000).map(|local| format!("(local.get {local})")).collect::<String>(),
        "(call $f)".repeat(5_000)
    ));
    assert!(message.contains("values passed"), "{message}");
}

#[test]
fn branches_that_pass_too_many_values_in_all_are_refused() {
    let (params, results) = (many("param"), many("result"));
    let message = refusal(&format!(
        "(module (func {params} {results} {} (br_table{} (i32.const 0))))",
        (0..1_000).map(|local| format!("(local.get {local})")).collect::<String>(),
        " 0".repeat(20_000)
    ));
    assert!(message.contains("values passed"), "{message}");
}

#[test]
fn blocks_that_take_too_many_values_in_all_are_refused_even_where_nothing_gets() {
    let (params, results) = (many("param"), many("result"));
    let message = refusal(&format!(
        "(module (type $t (func {params} {results})) (func unreachable {} unreachable))",
        "block (type $t) end ".repeat(5_000)
    ));
    assert!(message.contains("values passed"), "{message}");
}

#[test]
fn what_is_beyond_a_limit_is_not_said_to_lack_a_feature() {
    let message = refusal(&format!("(module (func (br_table{} (i32.const 0))))", " 0".repeat(100_001)));
    assert!(message.contains("branch table targets"), "{message}");
    assert!(!message.contains("feature"), "{message}");
}

#[test]
fn many_locals_in_deeply_nested_loops_are_refused() {
    let message = refusal(&format!(
        "(module (func (local {}) {} {}))",
        "i32 ".repeat(1_000),
        "loop ".repeat(101),
        "end ".repeat(101)
    ));
    assert!(message.contains("nested loops"), "{message}");
    let one_after_the_other = "loop end ".repeat(200);
    let text = format!("(module (func (local {}) {one_after_the_other}))", "i32 ".repeat(1_000));
    Module::new(&Engine::default(), text).expect("loops that are not nested are no burden");
}
