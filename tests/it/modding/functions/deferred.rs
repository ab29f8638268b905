//! Functions of the game and the world: their view of it while a system runs, and the changes that they request,
//! which are made when the system has finished.

use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModReportKind, ModState, ModStatus};
use tinkerbox_abi::{ModType, command, component_key};
use tinkerbox_wasm::Caller;

use super::calls::*;
use crate::modding::games::game::*;
use crate::modding::games::wider_game::*;

/// The numbers that functions of the game have recorded, in order.
#[derive(Resource, Default)]
struct Notes(Vec<i64>);

fn notes(game: &Game) -> Vec<i64> {
    game.app.world().resource::<Notes>().0.clone()
}

/// Records a number when the system has finished.
fn note(mut caller: Caller<'_, ModState>, number: i64) -> anyhow::Result<()> {
    caller.data_mut().defer(move |world| world.resource_mut::<Notes>().0.push(number))
}

/// Records the state of the world at that time.
fn note_all(mut caller: Caller<'_, ModState>) -> anyhow::Result<()> {
    caller.data_mut().defer(|world| {
        let seen = look(world);
        world.resource_mut::<Notes>().0.push(seen);
    })
}

/// The observable effects of the busy mod below: rain, positions, sheep and bells, a digit each.
fn look(world: &World) -> i64 {
    let rain = world.resource::<Weather>().rain as i64;
    let entities = || world.iter_entities();
    let x = entities().filter_map(|entity| entity.get::<Position>()).map(|it| it.x as i64).sum::<i64>();
    let sheep = entities().filter(|entity| entity.contains::<Sheep>()).count() as i64;
    1_000 * rain + 100 * x + 10 * sheep + world.resource::<Messages<Gong>>().len() as i64
}

fn look_from_a_mod(caller: Caller<'_, ModState>) -> anyhow::Result<i64> {
    Ok(caller.with_lent(look)?)
}

const NOTE: Import<'_> = ("note", "(param i64)");
const NOTE_ALL: Import<'_> = ("note_all", "");
const LOOK: Import<'_> = ("look", "(result i64)");

fn game_with(mods: &[(&str, &ModText)]) -> Game {
    let mut game = wider_game(mods);
    game.app
        .init_resource::<Notes>()
        .expose_function("game:note", 1, note)
        .expose_function("game:note_all", 1, note_all)
        .expose_function("game:look", 1, look_from_a_mod);
    game
}

fn write_down(numbers: impl IntoIterator<Item = i64>) -> String {
    numbers.into_iter().map(|number| format!("(call $note (i64.const {number}))")).collect()
}

/// Records that spawn n sheep, of 32 bytes each.
fn sheep(count: usize) -> Vec<u64> {
    let mut records = Vec::new();
    for _ in 0..count {
        command::push_spawn(&mut records, 0, 1);
        command::push_component(&mut records, component_key(Sheep::ID), &[]);
    }
    records
}

/// A mod whose system makes it rain (4), moves everything to 3, spawns a sheep, and rings twice.
fn busy(functions: &[Import<'_>], code: [&str; 3]) -> ModText {
    let [first, between, last] = code;
    let rights = "write = [\"game:Position\", \"game:Sheep\", \"game:Weather\"]\nsend = [\"game:Gong\"]\nspawn = true\n";
    let keys = "commands = true\n".to_owned()
        + &query("write game:Position", "")
        + &resource::<Weather>("write")
        + &sends::<Gong>();
    let code = format!(
        "{first}
        (drop (call $event_send (i32.const 0) (i32.const 2048) (i32.const 8)))
        (drop (call $command (i32.const 4096) (i32.const 32)))
        (f32.store (i32.const 132) (f32.const 4))
        (drop (call $resource_set (i32.const 0) (i32.const 128)))
        {between}
        (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 8)))
        (f32.store (i32.const 64) (f32.const 3))
        (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 256) (i32.const 8)))
        {last}"
    );
    let mut text = calling("aaa", functions, rights, &keys, &code);
    text.wat =
        text.wat.replace("(func (export", &format!("{} (func (export", data(4096, &bytes_of(&sheep(1)))));
    text
}

#[test]
fn what_is_deferred_is_done_after_all_else_wherever_it_was_asked_for() {
    let ask = "(call $note_all)";
    for code in [[ask, "", ""], ["", ask, ""], ["", "", ask], [ask, ask, ask]] {
        let mut game = game_with(&[("a", &busy(&[NOTE_ALL], code))]);
        game.spawn_at(1.0);
        game.frame();
        let times = code.concat().matches(ask).count();
        assert_eq!(notes(&game), vec![4_312; times], "{}", game.stats("aaa").last_message);
    }
}

#[test]
fn the_world_that_is_lent_shows_nothing_of_what_the_running_system_does() {
    let tell = "(call $tell_i64 (call $look))";
    let mut game = game_with(&[("a", &busy(&[LOOK], [tell; 3]))]);
    game.spawn_at(1.0);
    game.frame();
    assert_eq!(game.told("aaa"), [100, 100, 100]);
    assert_eq!(look(game.app.world()), 4_312);
}

#[test]
fn the_world_that_is_lent_is_that_of_the_moment_when_a_system_has_waited() {
    let text = caller(
        "aaa",
        &[LOOK],
        &format!("(call $tell_i64 (call $look)) {} (call $tell_i64 (call $look))", ado(2_000)),
    );
    for fuel in (1_000..12_000).step_by(2_345) {
        let mut game = game_with(&[("a", &with_fuel(text.clone(), fuel))]);
        let mut rain = -1i64;
        while game.told("aaa").len() < 2 {
            rain += 1;
            game.world().resource_mut::<Weather>().rain = rain as f32;
            game.frame();
        }
        // It looks after waiting, and may have to wait once more before it tells.
        let told = game.told("aaa");
        assert!(told[0] == 0 && told[1] > 0, "with {fuel} units: {told:?}");
        assert!(
            (1_000 * (rain - 1)..=1_000 * rain).contains(&told[1]),
            "with {fuel} units: {told:?} after {rain}"
        );
    }
}

#[test]
fn changes_are_made_in_the_order_of_calls_systems_and_mods() {
    let second = |text: ModText| ModText {
        manifest: text.manifest + "[[system]]\nname = \"then\"\n",
        wat: text.wat.replace(
            "(memory (export",
            &format!("(func (export \"sys_then\") {}) (memory (export", write_down(3..5)),
        ),
    };
    let mods = [
        second(caller("aaa", &[NOTE], &write_down(0..3))),
        caller("bbb", &[NOTE], &write_down(5..9)),
        caller("ccc", &[NOTE], &write_down(9..10)),
    ];
    let mut game = game_with(&[("1", &mods[2]), ("2", &mods[0]), ("3", &mods[1])]);
    for frames in 1..4 {
        game.frame();
        let expected: Vec<i64> = (0..frames).flat_map(|_| 0..10).collect();
        assert_eq!(notes(&game), expected);
    }
}

#[test]
fn nothing_is_deferred_by_a_system_that_faults() {
    for calls in 0..5 {
        // A trap after this many of them; none in the second tick.
        let trap = "(if (i64.eq (call $tick) (i64.const 1)) (then unreachable))";
        let code = write_down(0..calls) + trap + &write_down(calls..5);
        let mut game = game_with(&[("a", &caller("aaa", &[NOTE], &code))]);
        game.frame();
        assert_eq!((notes(&game), game.stats("aaa").faults), (vec![], 1));
        game.frame();
        assert_eq!(notes(&game), [0, 1, 2, 3, 4], "what the fault has left behind is forgotten");
    }
}

#[test]
fn what_is_deferred_by_a_system_that_waits_is_done_at_its_end() {
    let code = write_down(0..2) + &ado(2_000) + &write_down(2..4);
    for fuel in (500..12_000).step_by(1_777) {
        let mut game = game_with(&[("a", &with_fuel(caller("aaa", &[NOTE], &code), fuel))]);
        game.frame();
        while game.status("aaa") != ModStatus::Live {
            assert_eq!(notes(&game), [], "with {fuel} units");
            game.frame();
        }
        assert_eq!(notes(&game), [0, 1, 2, 3], "with {fuel} units");
    }
}

#[test]
fn commands_and_changes_are_counted_together() {
    // Spawns as records of four words each; then changes, the last of which is one too many.
    const MOST: usize = 4_096;
    for spawns in [0, 1, 2_000, 4_095, 4_096] {
        for beyond in [0, 1] {
            let records = sheep(spawns);
            let changes = MOST - spawns + beyond;
            let code = format!(
                "(drop (call $command (i32.const 0) (i32.const {})))
                (loop $again
                    (if (i32.lt_u (local.get $i) (i32.const {changes})) (then
                        (call $note (i64.const 1))
                        (local.set $i (i32.add (local.get $i) (i32.const 1)))
                        (br $again))))",
                records.len() * 8
            );
            let rights = "write = [\"game:Sheep\"]\nspawn = true\n";
            let mut text = calling("aaa", &[NOTE], rights, "commands = true\n", &code);
            // The records take two pages.
            let records = data(0, &bytes_of(&records));
            text.wat = text.wat.replace("\"memory\") 2)", &format!("\"memory\") 3) {records}"));
            let mut game = game_with(&[("a", &with_fuel(text, 10_000_000))]);
            game.frame();
            let sheep = look(game.app.world()) / 10;
            match beyond {
                0 => assert_eq!((sheep as usize, notes(&game).len()), (spawns, changes)),
                _ => {
                    assert_eq!((sheep, notes(&game).len()), (0, 0), "with {spawns} spawns");
                    let fault = game.report("aaa", ModReportKind::Faulted);
                    assert!(fault.contains("more than 4096 changes"), "{fault}");
                }
            }
        }
    }
}

#[test]
fn no_world_is_lent_where_no_system_runs() {
    let text = caller("aaa", &[LOOK], "");
    let init = "(func (export \"tb_init\") (param i32) (drop (call $look))) (memory (export";
    let mut game =
        game_with(&[("a", &ModText { wat: text.wat.replace("(memory (export", init), ..text.clone() })]);
    game.frame();
    let refusal = game.report("aaa", ModReportKind::Refused);
    assert!(refusal.contains("a/mod.wasm: it ended in a fault before its first tick"), "{refusal}");
    // A function that needs no world may be called there.
    let init =
        "(func (export \"tb_init\") (param i32) (call $tell (call $double (i32.const 21)))) (memory (export";
    let text = caller("aaa", &[("double", "(param i32) (result i32)")], "");
    let mut game =
        game_with(&[("a", &ModText { wat: text.wat.replace("(memory (export", init), ..text.clone() })]);
    game.app.expose_function("game:double", 5, |number: i32| 2 * number);
    game.frame();
    assert_eq!(game.told("aaa"), [42]);
}
