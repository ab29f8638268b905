//! Runs the examples, which assert what they claim.

#![expect(clippy::duplicate_mod, reason = "each includes the module that writes its mods' files")]

#[path = "../examples/budgets.rs"]
mod budgets;
#[path = "../examples/expose.rs"]
mod expose;
#[path = "../examples/faults.rs"]
mod faults;
#[path = "../examples/game_functions.rs"]
mod game_functions;
#[path = "../examples/manage_mods.rs"]
mod manage_mods;
#[path = "../examples/mirrors.rs"]
mod mirrors;
#[path = "../examples/resources_and_events.rs"]
mod resources_and_events;

#[test]
fn expose_runs() {
    expose::main();
}

#[test]
fn resources_and_events_runs() {
    resources_and_events::main();
}

#[test]
fn game_functions_runs() {
    game_functions::main();
}

#[test]
fn mirrors_runs() {
    mirrors::main();
}

#[test]
fn budgets_runs() {
    budgets::main();
}

#[test]
fn faults_runs() {
    faults::main();
}

#[test]
fn manage_mods_runs() {
    manage_mods::main();
}
