//! The cost of instantiation: bounded when a mod is loaded, and paid for when it restarts after a fault.

use crate::hostile::*;

/// A mod that traps, with these additional parts.
fn trapping(parts: &str, fuel: u64) -> ModText {
    let mut text =
        with_code("", &plain_system("run"), &format!("{parts} (func (export \"sys_run\") unreachable)"));
    text.manifest =
        text.manifest.replace("[[system]]", &format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[[system]]"));
    text
}

fn elements(count: usize) -> String {
    "(func $f) (table 1000 funcref)".to_owned()
        + &format!("(elem (i32.const 0) func {})", "$f ".repeat(1_000)).repeat(count / 1_000)
}

#[test]
fn beginning_anew_is_paid_for() {
    let cost = |parts: &str| {
        let mut trial = Trial::new();
        trial.load(&trapping(parts, 1_000_000));
        // It traps in the first frame, rests for a tick, and restarts in the second.
        trial.frames(1);
        let before = trial.game.stats("hostile").fuel_total;
        trial.frames(1);
        assert_eq!(trial.faults(), 2);
        trial.game.stats("hostile").fuel_total - before
    };
    let plain = cost("");
    assert!(plain >= 1_000 + 2 * 256, "an instance and two pages: {plain}");
    let globals: String = (0..1_000).map(|_| "(global i32 (i32.const 0))").collect();
    let parts = [
        (elements(200_000), 200_000),
        ("(table 80000 funcref)".to_owned(), 10_000),
        (globals, 2_000),
        (format!("(data (i32.const 0) \"{}\")", "x".repeat(100_000)), 1_500),
        ("(func (export \"tb_init\") (param i32) (local.set 0 (i32.const 9999))
            (loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0))))".to_owned(), 50_000),
        ("(func $s (local $i i32) (local.set $i (i32.const 9999))
            (loop $l (local.set $i (i32.sub (local.get $i) (i32.const 1))) (br_if $l (local.get $i)))) (start $s)".to_owned(), 50_000),
    ];
    for (parts, least) in parts {
        let more = cost(&parts) - plain;
        assert!(more >= least, "{more} of {least}: {}", &parts[..parts.len().min(200)]);
    }
}

#[test]
fn one_that_costs_more_than_it_is_granted_waits_until_it_has_paid() {
    let mut trial = Trial::new();
    trial.load(&trapping(&elements(200_000), 10_000));
    trial.frames(100);
    // Three restarts in a row rest for 1, 2 and 4 ticks, and each has to be paid for first: 20 frames.
    let stats = trial.game.stats("hostile");
    assert!((4..=6).contains(&stats.faults), "{stats:?}");
    assert!(stats.fuel_total <= 101 * 10_000 + 210_000, "{stats:?}");
}

#[test]
fn one_that_costs_too_much_is_refused() {
    let globals: String = (0..900_000).map(|_| "(global i32 (i32.const 0))").collect();
    let cases = [
        (elements(2_100_000), "2100000 elements in active segments"),
        (format!("{globals} {}", elements(300_000)), "900001 globals"),
    ];
    for (parts, named) in cases {
        let mut trial = Trial::new();
        trial.load(&trapping(&parts, 10_000));
        trial.frames(1);
        let refusal = trial.game.report("hostile", ModReportKind::Refused);
        assert!(refusal.contains("the limit is 2000000") && refusal.contains(named), "{refusal}");
        assert!(refusal.ends_with('.') && refusal.contains("passive segments"), "{refusal}");
    }
}

#[test]
fn saving_is_paid_for() {
    let save = "(func (export \"tb_save\") (result i64) (i64.const 100000))
        (func (export \"tb_alloc\") (param i32) (result i32) (i32.const 0))
        (func (export \"tb_load\") (param i32 i32) (result i32) (i32.const 0))
        (func (export \"sys_run\"))";
    let mut trial = Trial::of(&with_code("", &plain_system("run"), save));
    trial.frames(299);
    let each = trial.game.stats("hostile").fuel_used;
    trial.frames(1);
    let stats = trial.game.stats("hostile");
    assert_eq!(stats.fuel_used - each, 100_000 / 8 + 2, "the bytes, and what the function used");
}
