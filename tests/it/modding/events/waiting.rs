//! Events for which a mod has no time: while it waits, rests, is disabled or is reloaded.

use bevy_ecs::prelude::*;
use tinkerbox::{FuelBudget, LogLevel, ModReportKind, ModStatus, Mods};

use super::crossing::*;
use crate::modding::games::exposed::*;
use crate::modding::games::game::*;
use crate::modding::games::wider_game::handles;

/// The mod with this much fuel in each frame.
fn with_fuel(text: ModText, fuel: u64) -> ModText {
    let budget = format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[perm");
    ModText { manifest: text.manifest.replace("[perm", &budget), ..text }
}

fn set_grant(game: &mut Game, id: &str, grant: u64) {
    let entity = game.entity(id);
    game.world().entity_mut(entity).insert(FuelBudget { grant, burst: grant });
}

fn ask(game: &mut Game, id: &str, request: fn(&mut Mods, Entity)) {
    let entity = game.entity(id);
    request(&mut game.world().resource_mut::<Mods>(), entity);
}

/// More fuel than any mod here needs.
const PLENTY: u64 = 10_000_000;

#[test]
fn a_handler_that_waits_hears_every_event_once_and_in_order() {
    // Some 860 units for each event.
    let code =
        format!("(local $i i32) {}", TELL_EACH.replace("(call $tell", &format!("{} (call $tell", ado(40))));
    for fuel in (1_000..6_000).step_by(473).chain([PLENTY]) {
        let mut game = Game::new(&[("a", &with_fuel(listener("aaa", &code), fuel))]);
        game.frame();
        let mut next = 0;
        for frame in 0..30 {
            let count = scramble(frame) as i64 % 4;
            ring(&mut game, next..next + count);
            next += count;
            game.frame();
        }
        game.frames(60);
        assert_eq!(game.told("aaa"), (0..next).collect::<Vec<_>>(), "with {fuel} units");
        let stats = game.stats("aaa");
        assert_eq!((game.status("aaa"), stats.faults), (ModStatus::Live, 0), "with {fuel} units");
        assert_eq!(stats.suspensions > 0, fuel < 2_700, "with {fuel} units: {}", stats.suspensions);
    }
}

#[test]
fn while_another_system_waits_events_gather_for_one_call() {
    let run = format!("(local $i i32) (if (i64.eq (call $tick) (i64.const 2)) (then {}))", ado(2_000));
    let hear = format!("(call $tell (i32.const -1)) {TELL_EACH}");
    let systems = [("hear", handles::<Bell>(), &hear[..]), ("run", String::new(), &run[..])];
    for fuel in (1_000..12_000).step_by(1_000) {
        let mut game = Game::new(&[("a", &with_fuel(mod_of("aaa", &systems), fuel))]);
        game.frame();
        let mut expected = vec![-1];
        for number in 0.. {
            game.frame();
            if number > 0 && game.status("aaa") == ModStatus::Live {
                break;
            }
            assert_eq!(game.told("aaa"), [0; 0], "with {fuel} units");
            ring(&mut game, [number]);
            expected.push(number);
        }
        // Telling them takes time, too.
        game.frames(20);
        assert_eq!(game.told("aaa"), expected, "with {fuel} units");
    }
}

/// Reads all events of the call, and tells how many there are, the first, the last, and the number of gaps.
const SUM_UP: &str = "
    (local.set $last (i32.const -1))
    (loop $more
        (local.set $n (call $event_next (i32.const 64) (i32.const 12000)))
        (local.set $at (i32.const 64))
        (if (i32.gt_s (local.get $n) (i32.const 0)) (then
            (loop $each
                (if (i32.eqz (local.get $count)) (then (local.set $first (i32.load (local.get $at))))
                    (else (if (i32.ne (i32.load (local.get $at)) (i32.add (local.get $last) (i32.const 1)))
                        (then (local.set $gaps (i32.add (local.get $gaps) (i32.const 1)))))))
                (local.set $last (i32.load (local.get $at)))
                (local.set $count (i32.add (local.get $count) (i32.const 1)))
                (local.set $at (i32.add (local.get $at) (i32.const 12)))
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $each (local.get $n)))
            (br $more))))
    (call $tell (local.get $count)) (call $tell (local.get $first))
    (call $tell (local.get $last)) (call $tell (local.get $gaps))";

const SUM_UP_LOCALS: &str =
    "(local $n i32) (local $at i32) (local $i i32) (local $count i32) (local $first i32)
    (local $last i32) (local $gaps i32)";

/// A mod that waits in its second tick, in the handler itself or in another system.
fn sleeper(waits_in_handler: bool) -> ModText {
    let wait = format!("(if (i64.eq (call $tick) (i64.const 2)) (then {}))", ado(2_000));
    let hear = format!("{SUM_UP_LOCALS} {} {SUM_UP}", if waits_in_handler { &wait } else { "" });
    let run = format!("(local $i i32) {}", if waits_in_handler { "" } else { &wait });
    with_fuel(mod_of("aaa", &[("hear", handles::<Bell>(), &hear), ("run", String::new(), &run)]), 10_000)
}

/// The number of events that reports say were dropped.
fn dropped(game: &Game) -> i64 {
    let warnings = game.reports("aaa", ModReportKind::Log(LogLevel::Warn));
    let number = |text: &String| {
        let (number, rest) = text.split_once(' ').unwrap();
        assert!(rest.starts_with("events `game:Bell` were dropped"), "{text}");
        number.parse::<i64>().unwrap()
    };
    warnings.iter().map(number).sum()
}

/// The mod waits for ten frames, in each of which the given number of events arrives.
fn too_many(waits_in_handler: bool, in_each_frame: i64) {
    let mut game = Game::new(&[("a", &sleeper(waits_in_handler))]);
    game.frame();
    // These belong to the running call, and are kept.
    let own = i64::from(waits_in_handler);
    ring(&mut game, 0..own);
    game.frame();
    assert!(matches!(game.status("aaa"), ModStatus::Suspended { .. }));
    set_grant(&mut game, "aaa", 0);
    for frame in 0..10 {
        ring(&mut game, (frame * in_each_frame..(frame + 1) * in_each_frame).map(|number| 100 + number));
        game.frame();
    }
    set_grant(&mut game, "aaa", PLENTY);
    game.frames(3);
    let what = format!("{in_each_frame} in each frame, waits in handler: {waits_in_handler}");
    let mut told = game.told("aaa");
    if waits_in_handler {
        assert_eq!(told.drain(..4).collect::<Vec<_>>(), [1, 0, 0, 0], "{what}");
    }
    let (sent, dropped) = (10 * in_each_frame, dropped(&game));
    // The oldest are dropped, the newest are kept, and there is no gap in between.
    assert_eq!(told, [sent - dropped, 100 + dropped, 99 + sent, 0], "{what}");
    let room = 4_096.max(in_each_frame);
    assert!(
        sent - dropped <= room && sent - dropped > (room - in_each_frame).min(sent - 1),
        "{what}: {dropped}"
    );
    assert_eq!((game.status("aaa"), game.stats("aaa").faults), (ModStatus::Live, 0), "{what}");
}

#[test]
fn of_too_many_that_wait_for_a_mod_the_oldest_go_and_their_number_is_told() {
    for in_each_frame in [1, 63, 409, 410, 1_365, 2_048, 2_049, 4_096, 5_000] {
        too_many(false, in_each_frame);
    }
}

#[test]
fn of_too_many_that_wait_for_a_handler_the_oldest_go_but_for_those_of_its_call() {
    for in_each_frame in [1, 63, 409, 410, 1_365, 2_048, 2_049, 4_096, 5_000] {
        too_many(true, in_each_frame);
    }
}

#[test]
fn events_pass_a_mod_by_that_is_turned_off() {
    let mut game = Game::new(&[("a", &listener("aaa", TELL_EACH)), ("b", &listener("bbb", TELL_EACH))]);
    game.frame();
    for number in 0..12 {
        match number {
            3 => ask(&mut game, "aaa", Mods::disable),
            8 => ask(&mut game, "aaa", Mods::enable),
            _ => {}
        }
        ring(&mut game, [number]);
        game.frame();
    }
    assert_eq!(game.told("aaa"), [0, 1, 2, 8, 9, 10, 11]);
    assert_eq!(game.told("bbb"), (0..12).collect::<Vec<_>>());
}

#[test]
fn events_that_wait_already_stay_when_the_mod_is_turned_off() {
    for waits_in_handler in [false, true] {
        let mut game = Game::new(&[("a", &sleeper(waits_in_handler))]);
        game.frame();
        ring(&mut game, 0..i64::from(waits_in_handler));
        game.frame();
        set_grant(&mut game, "aaa", 0);
        for (number, request) in [(1, None), (2, Some(Mods::disable as fn(&mut Mods, Entity))), (3, None)] {
            request.into_iter().for_each(|request| ask(&mut game, "aaa", request));
            ring(&mut game, [number]);
            game.frame();
        }
        ask(&mut game, "aaa", Mods::enable);
        set_grant(&mut game, "aaa", PLENTY);
        ring(&mut game, [4]);
        game.frames(3);
        let own: &[i64] = if waits_in_handler { &[1, 0, 0, 0] } else { &[] };
        // 1 and 4; the events in between are dropped.
        assert_eq!(game.told("aaa"), [own, &[2, 1, 4, 1]].concat(), "{waits_in_handler}");
    }
}

#[test]
fn events_of_a_call_that_faults_and_those_of_a_rest_are_gone() {
    // Traps at number 4 and at number 7, and tells the others, in pairs.
    let trap = "(if (i32.eq (i32.rem_u (i32.load (i32.const 64)) (i32.const 8)) (i32.const NUMBER)) (then unreachable))";
    let traps = [trap.replace("NUMBER", "4"), trap.replace("NUMBER", "7")].concat();
    let code = TELL_EACH.replace("(call $tell", &format!("{traps} (call $tell"));
    let mut game = Game::new(&[("a", &listener("aaa", &code)), ("b", &listener("bbb", TELL_EACH))]);
    game.frame();
    for pair in 0..6 {
        ring(&mut game, 2 * pair..2 * pair + 2);
        game.frame();
    }
    // It rests for one tick, which skips none, and then for two: the events of the first of these are dropped.
    assert_eq!(game.stats("aaa").faults, 2);
    assert_eq!(game.told("aaa"), [0, 1, 2, 3, 6, 10, 11]);
    assert_eq!(game.told("bbb"), (0..12).collect::<Vec<_>>());
}

#[test]
fn at_a_reload_every_event_is_heard_once_by_the_old_code_or_by_the_new() {
    let new = TELL_EACH
        .replace("(i32.load (i32.const 64))", "(i32.add (i32.const 1000) (i32.load (i32.const 64)))");
    for reload_at in 0..8 {
        let mut game = Game::new(&[("a", &listener("aaa", TELL_EACH))]);
        game.frame();
        let mut expected = Vec::new();
        for number in 0..8 {
            ring(&mut game, [number]);
            match number == reload_at {
                true => game.rewrite("a", &listener("aaa", &new)),
                false => game.frame(),
            }
            // Events from before the frame of the reload are for the new code.
            expected.push(if number >= reload_at { 1_000 + number } else { number });
        }
        assert_eq!(game.told("aaa"), expected);
    }
}

#[test]
fn what_has_waited_when_a_mod_is_reloaded_waits_for_the_new_handler_of_the_same_name() {
    for waits_in_handler in [false, true] {
        for (name, heard) in [("hear", [3, 5, 7, 0]), ("other", [1, 7, 7, 0])] {
            let mut game = Game::new(&[("a", &sleeper(waits_in_handler))]);
            game.frame();
            ring(&mut game, 0..i64::from(waits_in_handler));
            game.frame();
            ring(&mut game, [5, 6]);
            // In this frame the system finishes; then the new code takes over.
            let new = format!("{SUM_UP_LOCALS} {SUM_UP}");
            game.rewrite("a", &with_fuel(mod_of("aaa", &[(name, handles::<Bell>(), &new)]), 10_000));
            ring(&mut game, [7]);
            game.frames(2);
            game.report("aaa", ModReportKind::Reloaded);
            let own: &[i64] = if waits_in_handler { &[1, 0, 0, 0] } else { &[] };
            assert_eq!(game.told("aaa"), [own, &heard].concat(), "{name}, {waits_in_handler}");
        }
    }
}

#[test]
fn code_that_listens_for_the_first_time_hears_what_is_sent_from_then_on() {
    let deaf = mod_of("aaa", &[("run", String::new(), "")]);
    let mut game = Game::new(&[("a", &deaf)]);
    game.frame();
    ring(&mut game, [1]);
    game.rewrite("a", &listener("aaa", TELL_EACH));
    ring(&mut game, [2]);
    game.frame();
    // Then code without a handler again.
    ring(&mut game, [3]);
    game.rewrite("a", &deaf);
    ring(&mut game, [4]);
    game.frames(2);
    game.rewrite("a", &listener("aaa", TELL_EACH));
    ring(&mut game, [5]);
    game.frame();
    assert_eq!(game.told("aaa"), [2, 5]);
}
