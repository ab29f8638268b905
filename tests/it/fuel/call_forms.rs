//! Every form of call costs its documented price, also across instances and through the host.

use super::cheats::PRELUDE;
use super::engines;
use super::holes::Cheater;
use tinkerbox_wasm::*;

/// A call that returns, and its total cost, counted by hand. Entering a function costs one.
const FORMS: [(&str, u64, &str); 12] = [
    ("directly", 6, "(call $step)"),
    ("a function that calls it", 8, "(call $through)"),
    ("in another instance", 6, "(call $other_step)"),
    ("the host", 1, "(call $host)"),
    ("the host, as another instance's", 1, "(call $host_of_another)"),
    ("by table", 7, "(call_indirect (type $nothing) (i32.const 0))"),
    ("the host by table", 2, "(call_indirect (type $nothing) (i32.const 1))"),
    ("another instance by table", 7, "(call_indirect (type $nothing) (i32.const 2))"),
    (
        "what was put into a table",
        10,
        "(table.set $small (i32.const 1) (ref.func $step)) (call_indirect $small (type $nothing) (i32.const 1))",
    ),
    // There: the entry, const, get, set, const, and the call.
    ("by another instance", 13, "(call $other_call (ref.func $step))"),
    ("the host, by another instance", 9, "(call $other_call (table.get $table (i32.const 1)))"),
    ("by the host", 6, "(call $swallow)"),
];

#[test]
fn every_form_of_calling_costs_the_same_everywhere() -> Result<()> {
    for engine in engines() {
        for (form, cost, call) in FORMS {
            let text = format!(
                r#"(module {PRELUDE}
                (func $through (call $step))
                (export "within" (func $step))
                (func $cheat (export "cheat")
                    {call}
                    (global.set $zero (i32.add (global.get $zero) (i32.const 1)))
                    {call} {call}))"#
            );
            let module = Module::new(&engine, text)?;
            let total = 1 + 4 + 3 * cost;
            for (budget, resumable) in [(total, false), (total + 9, false), (total, true)] {
                let run = Cheater::new(&engine, &module)?.run(budget, resumable)?;
                assert_eq!(run, (None, budget - total), "{form}, with {budget}");
            }
            for budget in 0..total {
                let (end, left) = Cheater::new(&engine, &module)?.run(budget, false)?;
                // The host discards the out-of-fuel error of its own call, and enough fuel may be left for the rest.
                let swallowed = form == "by the host" && end.is_none();
                assert!(swallowed || end == Some(Trap::OutOfFuel), "{form}, with {budget}: {end:?}");
                assert!(left <= budget, "{form}, with {budget}");
            }
        }
    }
    Ok(())
}
