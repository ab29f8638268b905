//! Imports called where the host does not expect them: in `tb_init` and similar functions, exported in place of them,
//! and inside a function of the game that calls the mod back.

use tinkerbox::{Expose, ModState};
use tinkerbox_abi::ModType;
use tinkerbox_wasm::{Caller, Extern};

use super::*;
use crate::modding::games::snapshot::next_ids;

/// An exported function of the mod, as the host calls it.
const PLACES: [(&str, &str, &str); 5] = [
    ("start", "(start $start) (func $start", ""),
    ("tb_init", "(func (export \"tb_init\") (param i32)", ""),
    ("tb_save", "(func (export \"tb_save\") (result i64)", "(i64.const 8)"),
    ("tb_alloc", "(func (export \"tb_alloc\") (param i32) (result i32)", "(i32.const 256)"),
    ("tb_load", "(func (export \"tb_load\") (param i32 i32) (result i32)", "(i32.const 0)"),
];

/// Calls every import, and traps on any answer other than that the call is not allowed now.
const TRY_ALL: &str = r#"(func $try_all
    (call $not_now (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 64)))
    (call $not_now (call $get (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 64)))
    (call $not_now (call $set (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 64)))
    (call $not_now (call $command (i32.const 1024) (i32.const 32)))
    (call $not_now (call $entity_reserve (i32.const 64) (i32.const 4)))
    (call $not_now (call $event_next (i32.const 64) (i32.const 64)))
    (call $not_now (call $event_send (i32.const 0) (i32.const 64) (i32.const 4)))
    (call $not_now (call $resource_get (i32.const 0) (i32.const 64)))
    (call $not_now (call $resource_set (i32.const 0) (i32.const 64)))
    (drop (call $tick)) (drop (call $delta)) (drop (call $random (i32.const 0)))
    (if (i64.eqz (call $fuel_left)) (then unreachable))
    (call $log (i32.const 4) (i32.const 64) (i32.const 0)))
    (func $not_now (param i32) (if (i32.ne (local.get 0) (i32.const -6)) (then unreachable)))"#;

fn manifest() -> String {
    system("run", &[WRITE_POSITION]).replace("[[system.query]]", "commands = true\n[[system.query]]")
        + &resource::<Weather>("write")
        + &sends::<Gong>()
}

#[test]
fn imports_in_functions_that_are_no_systems() {
    let mut code = TRY_ALL.to_owned() + "(func (export \"sys_run\"))";
    code += &data(1024, &bytes_of(&spawn(0, &[(Sheep::ID, &[])])));
    for (_, head, result) in PLACES {
        code += &format!("{head} (call $try_all) {result})\n");
    }
    let mut trial = Trial::of(&with_code(ALL_RIGHTS, &manifest(), &code));
    trial.frames(2);
    let ids = next_ids(trial.game.world());
    // Saves, initializes, allocates and loads.
    trial.game.rewrite("hostile", &with_code(ALL_RIGHTS, &manifest(), &(code + "(func nop)")));
    trial.frames += 1;
    trial.frames(2);
    assert_eq!(trial.game.report("hostile", ModReportKind::Reloaded), "version 0.1.0 runs from now on");
    assert_eq!(trial.game.status("hostile"), ModStatus::Live);
    assert_eq!((trial.faults(), trial.count::<Sheep>()), (0, 0));
    assert_eq!(next_ids(trial.game.world()), ids);
}

#[test]
fn what_is_written_outside_of_a_system_is_not_taken_by_the_next_one() {
    // `tb_init` calls every import; its system then does nothing.
    let code = TRY_ALL.to_owned()
        + "(func (export \"sys_run\")) (func (export \"tb_init\") (param i32) (call $try_all)
            (i64.store (i32.const 64) (i64.const -1)))"
        + &data(1024, &bytes_of(&spawn(0, &[(Sheep::ID, &[])])));
    let mut trial = Trial::of(&with_code(ALL_RIGHTS, &manifest(), &code));
    trial.frames(3);
    assert_eq!((trial.faults(), trial.count::<Sheep>()), (0, 0));
    assert_eq!(trial.game.world().resource::<Weather>(), &Weather::default());
}

#[test]
fn a_change_asked_for_outside_of_a_system() {
    let mut trial = Trial::new();
    trial.game.app.expose_function("game:blow", 10, |mut caller: Caller<'_, ModState>| {
        caller.data_mut().defer(|world| world.resource_mut::<Weather>().wind += 1.0)
    });
    let init = "(func (export \"sys_run\")) (func (export \"tb_init\") (param i32) (call $blow))";
    trial.load(&importing("blow", init));
    trial.frames(3);
    assert!(trial.game.report("hostile", ModReportKind::Refused).contains("no system of the mod runs"));
    assert_eq!(trial.game.world().resource::<Weather>().wind, 0.0);
}

/// A mod that imports a function of type `() -> ()` from the game.
fn importing(name: &str, code: &str) -> ModText {
    let rights = ALL_RIGHTS.to_owned() + &format!("functions = [\"game:{name}\"]\n");
    let mut text = with_code(&rights, &manifest(), code);
    let import = format!("(import \"game\" \"{name}\" (func ${name}))\n(memory (export");
    text.wat = text.wat.replace("(memory (export", &import);
    text
}

/// Calls the mod's export `back`.
fn call_back(caller: &mut Caller<'_, ModState>) -> anyhow::Result<()> {
    let back = caller.get_export("back").and_then(Extern::into_func);
    let back = back.ok_or_else(|| anyhow::anyhow!("there is no `back`"))?;
    back.typed::<(), ()>(&*caller)?.call(caller, ())
}

/// A game with a function that calls the mod back and passes its errors on, and with one that discards them.
fn calling_back() -> Trial {
    let mut trial = Trial::new();
    trial
        .game
        .app
        .expose_function("game:pass", 10, |mut caller: Caller<'_, ModState>| call_back(&mut caller))
        .expose_function("game:keep", 10, |mut caller: Caller<'_, ModState>| drop(call_back(&mut caller)));
    trial
}

#[test]
fn a_call_back_goes_on_with_the_system_s_queries_and_effects() {
    let mut trial = calling_back();
    let lent = trial.game.world().spawn((Position { x: 0.0, y: 5.0 }, Sheep)).id();
    let target = trial.game.world().spawn((Position { x: 0.0, y: 5.0 }, Velocity::default())).id();
    // The system borrows all rows; the callback hands them back, and calls everything else. What the system then
    // writes to its chunk is no longer lent. The second row's y is at 76.
    let body = r#"
        (call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))
        (f32.store (i32.const 76) (f32.const 1))
        (call $pass)
        (f32.store (i32.const 76) (f32.const 2))
        (call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 512)))"#;
    let back = format!(
        r#"(func (export "back")
            (call $note (call $view_next (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 512)))
            (f32.store (i32.const 2052) (f32.const 9))
            (call $note (call $set (i32.const 0) (i32.const 0) (i64.const {}) (i32.const 2048)))
            (call $note (call $command (i32.const 4096) (i32.const 32)))
            (call $note (call $entity_reserve (i32.const 3072) (i32.const 2)))
            (call $note (call $event_send (i32.const 0) (i32.const 2048) (i32.const 4)))
            (call $note (call $resource_set (i32.const 0) (i32.const 2052))))"#,
        target.to_bits() as i64
    ) + &data(4096, &bytes_of(&spawn(0, &[(Sheep::ID, &[])])));
    let text = importing("pass", &(back + &run(body)));
    trial.load(&text);
    assert_eq!(trial.answers(), [3, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(trial.game.world().get::<Position>(lent).unwrap().y, 1.0);
    assert_eq!(trial.game.world().get::<Position>(target).unwrap().y, 9.0);
    assert_eq!(trial.count::<Sheep>(), 2);
    assert_eq!(trial.game.world().resource::<Weather>().wind, 9.0);
}

#[test]
fn a_trap_in_a_call_back_that_is_passed_on_leaves_no_trace() {
    let mut trial = calling_back();
    let body = "(call $note (call $command (i32.const 1024) (i32.const 32))) (call $pass)";
    let back =
        "(func (export \"back\") (drop (call $entity_reserve (i32.const 0) (i32.const 9))) unreachable)";
    let records = data(1024, &bytes_of(&spawn(0, &[(Sheep::ID, &[])])));
    trial.load(&importing("pass", &(records + back + &run(body))));
    let ids = next_ids(trial.game.world());
    trial.frames(1);
    assert!(trial.fault().contains("unreachable"), "{}", trial.fault());
    assert_eq!(trial.count::<Sheep>(), 0);
    assert_eq!(next_ids(trial.game.world())[..100], ids[2..102]);
}

#[test]
fn a_trap_in_a_call_back_that_the_game_keeps_to_itself_ends_nothing_else() {
    let mut trial = calling_back();
    let body = "(call $keep) (call $note (call $command (i32.const 1024) (i32.const 32)))";
    let back = "(func (export \"back\") (drop (call $command (i32.const 1024) (i32.const 32))) unreachable)";
    let records = data(1024, &bytes_of(&spawn(0, &[(Sheep::ID, &[])])));
    trial.load(&importing("keep", &(records + back + &run(body))));
    assert_eq!(trial.answers(), [0]);
    assert_eq!(trial.faults(), 0);
    assert_eq!(trial.count::<Sheep>(), 2, "it is one system, whose end is what counts");
}

#[test]
fn a_panic_in_a_call_back_is_the_mod_s() {
    let mut trial = calling_back();
    let back = "(func (export \"back\") (call $panic (i32.const 0) (i32.const 3)) unreachable)";
    trial.load(&importing("pass", &(data(0, b"baa") + back + &run("(call $pass)"))));
    trial.frames(1);
    assert!(trial.fault().contains("it panicked: baa"), "{}", trial.fault());
}

#[test]
fn call_backs_without_end() {
    for budget in ["overrun = \"suspend\"", "overrun = \"fault\""] {
        for back in ["(func (export \"back\") (call $pass))", "(export \"back\" (func $run))"] {
            let mut trial = calling_back();
            let code = format!("(func $run (export \"sys_run\") (call $pass)) {back}");
            let mut text = importing("pass", &code);
            text.manifest += &format!("{RICH}{budget}\n");
            trial.load(&text);
            trial.frames(1);
            assert!(trial.fault().contains("call stack exhausted"), "{budget}: {}", trial.fault());
        }
    }
}

#[test]
fn call_backs_without_end_cost_fuel_as_well() {
    for budget in ["overrun = \"suspend\"", "overrun = \"fault\""] {
        let mut trial = calling_back();
        let mut text = importing(
            "pass",
            "(func (export \"sys_run\") (call $pass)) (func (export \"back\") (call $pass))",
        );
        text.manifest += &format!("[budget]\nfuel = 500\n{budget}\n");
        trial.load(&text);
        trial.frames(1);
        // A function of the game is on the stack, and it can't wait.
        assert!(trial.fault().contains("used up its fuel"), "{budget}: {}", trial.fault());
    }
}

#[test]
fn a_loop_in_a_call_back_that_the_game_keeps_to_itself_is_cut_off() {
    for (budget, status) in
        [("suspend", ModStatus::Suspended { frames: 1 }), ("fault", ModStatus::Faulted { until_tick: 2 })]
    {
        let mut trial = calling_back();
        let body = "(loop $again (call $keep) (br $again))";
        let back = "(func (export \"back\") (loop $for_ever (br $for_ever)))";
        let mut text = importing("keep", &(back.to_owned() + &run(body)));
        text.manifest += &format!("[budget]\nfuel = 10_000\noverrun = \"{budget}\"\n");
        trial.load(&text);
        trial.frames(1);
        // The system itself can wait.
        assert_eq!(trial.game.status("hostile"), status, "{budget}");
        // Each call of the game's function costs 10, including the last, which nothing is left to pay for.
        let used = trial.game.stats("hostile").fuel_used;
        assert!(used <= 10_010, "{used}");
        trial.frames(70);
        assert!(trial.faults() > 0);
    }
}

#[test]
fn functions_of_the_game_that_give_fuel() {
    let mut trial = Trial::new();
    trial.game.app.expose_function(
        "game:feed",
        10,
        |mut caller: Caller<'_, ModState>| -> anyhow::Result<()> { caller.set_fuel(1_000_000_000) },
    );
    trial.load(&importing("feed", &run("(call $feed)")));
    trial.frames(3);
    assert_eq!((trial.faults(), trial.game.status("hostile")), (0, ModStatus::Live));
    // Fuel that the game adds does not accumulate beyond the burst.
    assert!(trial.game.stats("hostile").fuel_used <= 1_000_000_000);
}
