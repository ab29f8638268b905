//! Reports of faults: what happened on the first line, then where, then what to do.

use tinkerbox::{ModReportKind, ModStatus};

use crate::modding::games::game::*;

/// The first fault of a mod.
fn fault(text: &ModText, frames: usize) -> String {
    let mut game = Game::new(&[("a", text)]);
    game.frames(frames);
    game.reports("aaa", ModReportKind::Faulted).first().cloned().unwrap_or_else(|| {
        panic!("no fault in {:#?}", game.all_reports());
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap()
}

/// Functions under the names that Rust gives them, innermost first, around a mod's own.
const LIBRARY: [&str; 6] = [
    "_ZN4core9panicking9panic_fmt17h0123456789abcdefE",
    "_ZN4core6option13expect_failed17h0123456789abcdefE",
    "_ZN3std9panicking12default_hook17h0123456789abcdefE",
    "_RNvCs1234_7___rustc17rust_begin_unwind",
    "_ZN5alloc3vec12Vec$LT$T$GT$4push17h0123456789abcdefE",
    "_ZN13tinkerbox_sdk6system3run17h0123456789abcdefE",
];

/// A chain of calls through these functions, outermost last; the innermost runs `body`.
fn chain(names: &[&str], body: &str) -> ModText {
    let mut functions = String::new();
    for (at, name) in names.iter().enumerate() {
        let inner = if at == 0 { body.to_owned() } else { format!("(call ${})", names[at - 1]) };
        // Large enough not to be inlined.
        functions += &format!("(func ${name} (local $i i32) {} {inner})\n", ado(1));
    }
    let last = names.last().unwrap();
    let mut text = plain("aaa", "");
    text.wat = module(&format!(
        "(data (i32.const 0) \"panicked at src/lib.rs:12:9:\\nno hay!\\n  left: 1\")
        {functions} (func (export \"sys_run\") (call ${last}))"
    ));
    text
}

#[test]
fn a_panics_message_comes_first_and_the_library_is_folded() {
    let panic = "(call $panic (i32.const 0) (i32.const 46)) unreachable";
    let mut names = LIBRARY.to_vec();
    names.insert(4, "_ZN6wolves4hunt17h0123456789abcdefE");
    names.push("_ZN6wolves5prowl17h0123456789abcdefE");
    let told = fault(&chain(&names, panic), 1);
    assert!(
        first_line(&told).ends_with("ended in a fault at tick 1: it panicked: no hay! (at src/lib.rs:12:9)"),
        "{told}"
    );
    let place = |part: &str| told.find(part).unwrap_or_else(|| panic!("`{part}` is missing in {told}"));
    assert!(place("left: 1") < place("(4 functions of the standard library and the SDK)"));
    assert!(place("(4 functions") < place("wolves::hunt"));
    assert!(place("wolves::hunt") < place("(2 functions of"));
    assert!(place("(2 functions of") < place("wolves::prowl"));
    for folded in ["panic_fmt", "expect_failed", "rust_begin_unwind", "default_hook", "system::run"] {
        assert!(!told.contains(folded), "{folded}: {told}");
    }
    assert!(told.lines().count() < 9, "{told}");
}

#[test]
fn a_trap_says_where_it_was() {
    let told = fault(&chain(&["graze", "tick_all"], "(drop (i32.load (i32.const -4)))"), 1);
    assert!(first_line(&told).contains("out of bounds memory access"), "{told}");
    let graze = told.find("!graze").unwrap();
    assert!(graze < told.find("!tick_all").unwrap(), "{told}");
    assert!(!told.contains("functions of the standard library"), "{told}");
}

#[test]
fn where_everything_is_a_librarys_it_is_shown() {
    let told = fault(&chain(&LIBRARY[4..5], "(drop (i32.load (i32.const -4)))"), 1);
    assert!(told.contains("Vec<T>::push") || told.contains("<wasm function"), "{told}");
}

#[test]
fn a_recursion_without_end_is_told_in_a_few_lines() {
    let mut text = plain("aaa", "(call $deeper)");
    text.wat =
        module("(func $deeper (call $deeper) (call $deeper)) (func (export \"sys_run\") (call $deeper))");
    text.manifest =
        text.manifest.replace("[[system]]", "[budget]\nfuel = 50_000_000\nburst = 50_000_000\n[[system]]");
    let told = fault(&text, 1);
    assert!(first_line(&told).contains("call stack exhausted"), "{told}");
    assert!(told.lines().count() < 40, "{} lines", told.lines().count());
}

/// Grows memory until that is refused, then does `body`.
fn full(body: &str) -> String {
    format!("(loop $grow (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) {body}")
}

fn with_memory(mut text: ModText, memory: &str) -> ModText {
    text.manifest =
        text.manifest.replace("[[system]]", &format!("[budget]\nmemory = \"{memory}\"\n[[system]]"));
    text
}

#[test]
fn memory_that_is_used_up_is_told_as_such() {
    for memory in ["192 KiB", "1 MiB"] {
        let told = fault(&with_memory(plain("aaa", &full("unreachable")), memory), 1);
        let first = first_line(&told);
        assert!(first.contains(&format!("it used up its memory of {memory}")), "{told}");
        assert!(first.contains("raise [budget] memory") && !first.contains("unreachable"), "{told}");
    }
}

#[test]
fn rusts_failed_allocation_is_memory_used_up() {
    // The memory's own maximum: the game did not limit it.
    let name = "_RNvCs1234_7___rustc26___rust_alloc_error_handler";
    let told = fault(&chain(&[name, "_ZN6wolves4hunt17h0123456789abcdefE"], "unreachable"), 1);
    assert!(first_line(&told).contains("it used up its memory"), "{told}");
    assert!(told.contains("wolves::hunt"), "{told}");
}

#[test]
fn other_faults_say_that_memory_was_full() {
    let told = fault(&with_memory(plain("aaa", &full("(drop (i32.load (i32.const -4)))")), "192 KiB"), 1);
    assert!(first_line(&told).contains("out of bounds"), "{told}");
    assert!(told.contains("could not grow beyond 192 KiB in this tick"), "{told}");
    // In a tick without a request for memory, the report does not mention it.
    let later = full("") + "(if (i64.eq (call $tick) (i64.const 2)) (then unreachable))";
    let later = later.replace("(loop", "(if (i64.eq (call $tick) (i64.const 1)) (then (loop");
    let later = later.replacen("(i32.const -1))))", "(i32.const -1))))))", 1);
    let told = fault(&with_memory(plain("aaa", &later), "192 KiB"), 2);
    assert!(first_line(&told).contains("unreachable") && !told.contains("grow"), "{told}");
}

#[test]
fn a_panic_without_a_message_is_told_as_one() {
    let told = fault(&chain(&[LIBRARY[3], "_ZN6wolves4hunt17h0123456789abcdefE"], "unreachable"), 1);
    assert!(first_line(&told).contains("it panicked, and its message did not reach the game"), "{told}");
}

#[test]
fn an_overrun_says_where_it_stood() {
    let endless = "(loop $for_ever (br $for_ever))";
    let small = |overrun: &str| {
        let mut text = chain(&["chase", "run_all"], endless);
        let budget = format!("[budget]\nfuel = 1_000\noverrun = \"{overrun}\"\n[[system]]");
        text.manifest = text.manifest.replace("[[system]]", &budget);
        text
    };
    let told = fault(&small("fault"), 1);
    let first = first_line(&told);
    assert!(first.contains("it used up its fuel in ") && first.contains("!chase"), "{told}");
    assert!(first.contains("raise [budget] fuel"), "{told}");

    let mut game = Game::new(&[("a", &small("suspend"))]);
    game.frames(61);
    let waits = game.report("aaa", ModReportKind::Suspended);
    assert!(waits.contains("has used up the budget in ") && waits.contains("!chase"), "{waits}");
    let told = game.report("aaa", ModReportKind::Faulted);
    assert!(told.contains("did not finish within 60 frames: it is in ") && told.contains("!chase"), "{told}");
    assert!(matches!(game.status("aaa"), ModStatus::Faulted { .. }));
}

#[test]
fn an_overrun_while_a_mod_is_loaded_says_where_it_stood() {
    let mut text = plain("aaa", "");
    text.wat = module(
        "(func $settle (loop $for_ever (br $for_ever)))
        (func (export \"tb_init\") (param i32) (call $settle)) (func (export \"sys_run\"))",
    );
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    let told = game.report("aaa", ModReportKind::Refused);
    assert!(first_line(&told).contains("it used up its fuel in ") && told.contains("!settle"), "{told}");
}

#[test]
fn limits_are_told_in_the_games_words() {
    let mut text = plain("aaa", "");
    text.wat = module("(table 200000 funcref) (func (export \"sys_run\"))");
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    let told = game.report("aaa", ModReportKind::Refused);
    assert!(told.contains("more than a mod may have: table") && !told.contains("Store::"), "{told}");
}

#[test]
fn a_state_that_is_not_taken_names_the_answer_and_what_to_do() {
    let keeper = |answer: i32| {
        let mut text = plain("aaa", "");
        text.manifest = text.manifest.replace("0.1.0", &format!("0.1.{}", answer.unsigned_abs()));
        text.wat = module(&format!(
            "(func (export \"sys_run\"))
            (func (export \"tb_save\") (result i64) (i64.const 4))
            (func (export \"tb_alloc\") (param i32) (result i32) (i32.const 64))
            (func (export \"tb_load\") (param i32 i32) (result i32) (i32.const {answer}))"
        ));
        text
    };
    let mut game = Game::new(&[("a", &keeper(0))]);
    game.frame();
    for (answer, name) in [(-4, "-4 (BAD_ARGUMENT)"), (-77, "-77")] {
        game.rewrite("a", &keeper(answer));
        let told = game.reports("aaa", ModReportKind::ReloadRefused).pop().unwrap();
        for part in ["a/mod.wasm: ", "tb_load refused the saved state with", name, "begin with defaults"] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
