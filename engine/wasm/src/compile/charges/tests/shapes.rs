//! The plans of functions of every shape as text: each operator with what is charged ahead after it, and what happens to
//! the counter there.

use super::{ChargePlan, Operators, with_operators};
use crate::compile::charges::{Adjustment, EdgeKind};

/// A line for each operator that has a price, or after which something happens.
fn shown(operators: &Operators<'_>) -> String {
    let plan = ChargePlan::new(operators);
    let mut lines: Vec<String> =
        plan.at_entry().iter().map(|entry| format!("entry: {}", shown_adjustment(entry))).collect();
    for (at, step) in operators.iter().enumerate() {
        let name = format!("{:?}", step.operator);
        let name = name.split(' ').next().expect("it has a name");
        let mut line = format!("{name} {}", plan.refund(at));
        for ((_, kind), adjustment) in
            plan.on_edges.iter().filter(|((operator, _), _)| *operator as usize == at)
        {
            let edge = match kind {
                EdgeKind::Next => "on".to_string(),
                EdgeKind::Branch(depth) => format!("branch {depth}"),
                EdgeKind::Else => "otherwise".to_string(),
            };
            line += &format!(", {edge}: {}", shown_adjustment(adjustment));
        }
        if let Some(adjustment) = plan.behind(at) {
            line += &format!(", behind: {}", shown_adjustment(&adjustment));
        }
        if step.price > 0 || line.contains(':') {
            lines.push(line);
        }
    }
    lines.join("\n")
}

fn shown_adjustment(adjustment: &Adjustment) -> String {
    match adjustment {
        Adjustment::Charge(charge) => format!("charge {} ahead {}", charge.cost, charge.ahead),
        Adjustment::GiveBack(fuel) => format!("give back {fuel}"),
    }
}

#[track_caller]
fn plan(body: &str, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let found = with_operators(body, |operators| shown(&operators));
    assert!(found.lines().eq(expected), "{body}\n\n{found}\n");
}

/// Only what happens to the counter.
#[track_caller]
fn adjustments(body: &str, expected: &[&str]) {
    let found = with_operators(body, |operators| shown(&operators));
    assert!(found.lines().filter(|line| line.contains(':')).eq(expected.iter().copied()), "{found}\n");
}

#[test]
fn straight_code_is_charged_at_entry() {
    plan(
        "(i32.add (i32.load (local.get 0)) (i32.const 1))",
        "entry: charge 5 ahead 0
         LocalGet 3
         I32Load 2
         I32Const 1
         I32Add 0",
    );
}

#[test]
fn what_follows_an_if_is_charged_before_it() {
    plan(
        "(if (local.get 0) (then (drop (i32.clz (local.get 0))))) (i32.const 1)",
        "entry: charge 4 ahead 0
         LocalGet 2
         If 1, behind: charge 2 ahead 1
         LocalGet 2
         I32Clz 1
         I32Const 0",
    );
}

#[test]
fn the_cheaper_way_is_charged_before_an_if_and_else() {
    plan(
        "(if (local.get 0) (then (drop (local.get 0))) (else (drop (i32.clz (i32.ctz (local.get 0)))))) (i32.const 1)",
        "entry: charge 5 ahead 0
         LocalGet 3
         If 2
         LocalGet 1
         Else 1, behind: charge 2 ahead 2
         LocalGet 3
         I32Ctz 2
         I32Clz 1
         I32Const 0",
    );
    plan(
        "(if (local.get 0) (then (drop (i32.clz (i32.ctz (local.get 0))))) (else (drop (local.get 0)))) (i32.const 1)",
        "entry: charge 5 ahead 0
         LocalGet 3
         If 2, behind: charge 2 ahead 2
         LocalGet 3
         I32Ctz 2
         I32Clz 1
         LocalGet 1
         I32Const 0",
    );
}

#[test]
fn whoever_stays_in_a_block_pays_for_what_others_leave_out() {
    plan(
        "(block (br_if 0 (local.get 0)) (drop (i32.clz (local.get 0)))) (i32.const 1)",
        "entry: charge 4 ahead 0
         LocalGet 2
         BrIf 1, behind: charge 2 ahead 1
         LocalGet 2
         I32Clz 1
         I32Const 0",
    );
}

#[test]
fn a_loop_tested_at_its_bottom_pays_each_round_at_its_top() {
    plan(
        "(loop (drop (local.get 0)) (br_if 0 (local.get 0))) (i32.const 1)",
        "entry: charge 1 ahead 0
         Loop 0, behind: charge 3 ahead 0
         LocalGet 2
         LocalGet 1
         BrIf 0, behind: charge 1 ahead 0
         I32Const 0",
    );
}

#[test]
fn a_loop_tested_at_its_top_pays_in_its_body() {
    plan(
        "(block (loop (br_if 1 (local.get 0)) (drop (i32.clz (local.get 0))) (br 0))) (i32.const 1)",
        "entry: charge 4 ahead 0
         LocalGet 2
         BrIf 1, behind: charge 5 ahead 1
         LocalGet 5
         I32Clz 4
         Br 3
         I32Const 0",
    );
}

#[test]
fn a_loop_is_left_on_several_ways() {
    plan(
        "(block (loop (br_if 1 (local.get 0)) (drop (local.get 0))
            (if (local.get 0) (then (return (i32.const 7))))
            (br_if 0 (local.get 0)) (br_if 1 (local.get 0)) (br 0)))
        (i32.const 1)",
        "entry: charge 1 ahead 0
         Loop 0, behind: charge 3 ahead 0
         LocalGet 2
         BrIf 1, behind: charge 3 ahead 1
         LocalGet 3
         LocalGet 2
         If 1
         I32Const 0
         End 0, behind: charge 1 ahead 1
         LocalGet 1
         BrIf 0, behind: charge 3 ahead 0
         LocalGet 2
         BrIf 1
         Br 0
         I32Const 0",
    );
}

#[test]
fn a_loop_that_is_not_repeated_is_no_end() {
    plan(
        "(loop (drop (local.get 0))) (i32.const 1)",
        "entry: charge 3 ahead 0
         LocalGet 1
         I32Const 0",
    );
}

#[test]
fn equal_targets_of_a_table_are_one_way() {
    plan(
        "(block (block (block (br_table 0 1 0 2 1 (local.get 0))) (drop (local.get 0)))
            (drop (local.get 0)) (drop (local.get 0))) (i32.const 1)",
        "entry: charge 4 ahead 0
         LocalGet 2
         BrTable 1
         End 0, behind: charge 1 ahead 1
         LocalGet 1
         End 1, behind: charge 2 ahead 1
         LocalGet 2
         LocalGet 1
         I32Const 0",
    );
}

#[test]
fn the_way_to_a_panic_asks_for_nothing() {
    plan(
        "(if (local.get 0) (then (unreachable))) (drop (local.get 0)) (i32.const 1)",
        "entry: charge 5 ahead 0
         LocalGet 3
         If 2
         LocalGet 1
         I32Const 0",
    );
    plan(
        "(if (local.get 0) (then (call 0) (unreachable))) (drop (i32.clz (local.get 0))) (i32.const 1)",
        "entry: charge 6 ahead 0
         LocalGet 4
         If 3, behind: give back 2
         Call 0
         LocalGet 2
         I32Clz 1
         I32Const 0",
    );
    plan(
        "(block (br_if 0 (local.get 0)) (drop (local.get 0)) (br_if 0 (local.get 0)) (return (i32.const 1)))
        (unreachable)",
        "entry: charge 7 ahead 0
         LocalGet 5
         BrIf 4, branch 0: give back 4
         LocalGet 3
         LocalGet 2
         BrIf 1, branch 0: give back 1
         I32Const 0",
    );
}

#[test]
fn the_count_is_exact_where_somebody_looks() {
    plan(
        "(call 0) (drop (local.get 0)) (call 0) (i32.const 1)",
        "entry: charge 2 ahead 0
         Call 0, behind: charge 2 ahead 0
         LocalGet 1
         Call 0, behind: charge 1 ahead 0
         I32Const 0",
    );
    plan(
        "(memory.fill (local.get 0) (i32.const 1) (local.get 0)) (i32.const 1)",
        "entry: charge 5 ahead 0
         LocalGet 3
         I32Const 2
         LocalGet 1
         MemoryFill 0, behind: charge 1 ahead 0
         I32Const 0",
    );
}

#[test]
fn long_code_is_cut() {
    let long = |operators: usize| format!("(i32.const 1) {}", "(i32.clz)".repeat(operators - 1));
    adjustments(&long(95), &["entry: charge 96 ahead 0"]);
    adjustments(
        &long(200),
        &[
            "entry: charge 96 ahead 0",
            "I32Clz 0, behind: charge 96 ahead 0",
            "I32Clz 0, behind: charge 9 ahead 0",
        ],
    );
    // Operators after an `if` are charged for before it, but not where they cost more than a block may.
    let after = |operators: usize| {
        let rest = "(if (local.get 0) (then (nop))) (i32.const 1)";
        format!("(if (local.get 0) (then (nop))) {} (drop) {rest}", long(operators))
    };
    adjustments(&after(93), &["entry: charge 99 ahead 0"]);
    adjustments(&after(94), &["entry: charge 3 ahead 0", "End 0, behind: charge 97 ahead 0"]);
}

#[test]
fn what_cannot_be_reached_is_not_charged() {
    adjustments(
        "(return (i32.const 1)) (block (br_if 0 (local.get 0)) (call 0)) (loop (br 0)) (i32.const 2)",
        &["entry: charge 2 ahead 0"],
    );
    adjustments(
        "(block (br 0) (if (local.get 0) (then (call 0)) (else (nop)))) (i32.const 1)",
        &["entry: charge 3 ahead 0"],
    );
}
