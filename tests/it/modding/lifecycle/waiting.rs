//! Removals for which a mod has no time, or that happen while no mod is ticked.

use bevy_app::Update;
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::ScheduleLabel;
use tinkerbox::{LogLevel, ModReportKind, ModStatus, Mods};
use tinkerbox_abi::ModType;

use super::*;
use crate::modding::events::crossing::scramble;

/// Removes a new component, and returns the entity.
fn remove_one(game: &mut Game) -> Entity {
    let entity = game.spawn_at(1.0);
    game.world().entity_mut(entity).remove::<Position>();
    entity
}

/// The schedule in which mods are ticked, as often as the test says in each update of the app.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct Fixed;

#[derive(Resource)]
struct Ticks(usize);

/// A game that ticks mods in a schedule that does not run in each update.
fn fixed_game(mods: &[(&str, &ModText)]) -> Game {
    let mut game = Game::with(mods, |plugin| plugin.schedule(Fixed));
    game.world().insert_resource(Ticks(1));
    let run = |world: &mut World| {
        for _ in 0..world.resource::<Ticks>().0 {
            world.run_schedule(Fixed);
        }
    };
    game.app.add_systems(Update, run);
    game
}

fn update(game: &mut Game, ticks: usize) {
    game.world().resource_mut::<Ticks>().0 = ticks;
    game.frame();
}

#[test]
fn nothing_is_lost_while_no_tick_runs_and_nothing_is_told_twice() {
    for pause in 0..9 {
        let mut game = fixed_game(&[("a", &mourner("aaa", Position::ID, TELL_EACH))]);
        update(&mut game, 1);
        let mut removed = Vec::new();
        for round in 0..6 {
            for _ in 0..pause {
                removed.extend((0..scramble(round + pause) % 3).map(|_| remove_one(&mut game)));
                update(&mut game, 0);
            }
            removed.push(remove_one(&mut game));
            update(&mut game, 1 + round % 3);
            assert_eq!(game.told("aaa"), ids(&removed), "after {pause} updates without a tick");
        }
    }
}

/// The number of removals that reports say were dropped.
fn dropped(game: &Game, id: &str) -> usize {
    let warnings = game.reports(id, ModReportKind::Log(LogLevel::Warn));
    let number = |text: &String| {
        let (number, rest) = text.split_once(' ').unwrap();
        assert!(rest.starts_with("removals of `game:Position` were dropped"), "{text}");
        number.parse::<usize>().unwrap()
    };
    warnings.iter().map(number).sum()
}

/// Counts what it reads, and tells the number.
const COUNT: &str = "(local $n i32) (local $count i32)
    (loop $more
        (local.set $n (call $event_next (i32.const 64) (i32.const 8000)))
        (local.set $count (i32.add (local.get $count) (local.get $n)))
        (br_if $more (local.get $n)))
    (call $tell (local.get $count))";

#[test]
fn of_too_many_removals_without_a_tick_the_oldest_go_and_their_number_is_told() {
    for in_each_update in [1, 63, 409, 410, 1_365, 2_048, 4_096, 5_000] {
        let mut game = fixed_game(&[("a", &mourner("aaa", Position::ID, COUNT))]);
        update(&mut game, 1);
        for _ in 0..10 {
            for _ in 0..in_each_update {
                remove_one(&mut game);
            }
            update(&mut game, 0);
        }
        update(&mut game, 1);
        let (removed, dropped) = (10 * in_each_update, dropped(&game, "aaa"));
        assert_eq!(game.told("aaa"), [(removed - dropped) as i64], "{in_each_update}");
        assert_eq!(removed - dropped, removed.min(4_096.max(in_each_update)), "{in_each_update}");
    }
}

#[test]
fn a_mod_that_is_loaded_later_is_told_of_what_was_removed_since() {
    for (has_other, pause) in [(false, 0), (true, 0), (false, 3), (true, 3)] {
        let mut game = fixed_game(&[]);
        if has_other {
            game.write("o", &mourner("other", Position::ID, TELL_EACH));
        }
        update(&mut game, 1);
        let mut removed = Vec::new();
        for _ in 0..=pause {
            removed.push(remove_one(&mut game));
            update(&mut game, 0);
        }
        removed.push(remove_one(&mut game));
        game.world().resource_mut::<Ticks>().0 = 1;
        game.write("a", &mourner("aaa", Position::ID, TELL_EACH));
        game.changed("a");
        assert_eq!(game.told("aaa"), [0; 0]);
        let later = remove_one(&mut game);
        update(&mut game, 1);
        assert_eq!(game.told("aaa"), ids(&[later]), "{has_other} {pause}");
        removed.push(later);
        assert_eq!(game.told("other"), if has_other { ids(&removed) } else { Vec::new() });
        assert_eq!(dropped(&game, "aaa"), 0);
    }
}

#[test]
fn a_handler_that_is_suspended_is_told_of_each_once() {
    let code =
        format!("(local $i i32) {}", TELL_EACH.replace("(call $tell", &format!("{} (call $tell", ado(40))));
    for fuel in (1_000..6_000).step_by(473) {
        let mut text = mourner("aaa", Position::ID, &code);
        let budget = format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[permissions]");
        text.manifest = text.manifest.replace("[permissions]", &budget);
        let mut game = Game::new(&[("a", &text)]);
        game.frame();
        let mut removed = Vec::new();
        for frame in 0..30 {
            removed.extend((0..scramble(frame) % 4).map(|_| remove_one(&mut game)));
            game.frame();
        }
        game.frames(60);
        assert_eq!(game.told("aaa"), ids(&removed), "with {fuel} units");
        let stats = game.stats("aaa");
        assert_eq!((game.status("aaa"), stats.faults), (ModStatus::Live, 0), "with {fuel} units");
        assert!(stats.suspensions > 0 || fuel > 2_000, "with {fuel} units");
    }
}

#[test]
fn at_a_reload_every_removal_is_told_once_to_the_old_code_or_to_the_new() {
    let new = TELL_EACH.replace("(call $tell_i64", "(call $tell (i32.const -1)) (call $tell_i64");
    for reload_at in 0..8 {
        let mut game = Game::new(&[("a", &mourner("aaa", Position::ID, TELL_EACH))]);
        game.frame();
        let mut expected = Vec::new();
        for number in 0..8 {
            expected.extend((number >= reload_at).then_some(-1));
            expected.push(remove_one(&mut game).to_bits() as i64);
            match number == reload_at {
                true => game.rewrite("a", &mourner("aaa", Position::ID, &new)),
                false => game.frame(),
            }
        }
        assert_eq!(game.told("aaa"), expected);
    }
}

#[test]
fn a_handler_of_another_component_is_not_told_of_what_waited_for_the_one_of_its_name() {
    // The budget is used up in the tick of the removal, so that it waits.
    for (component, is_told) in [(Position::ID, true), (Mood::ID, false)] {
        let budget =
            "[budget]\nfuel = 5000\nburst = 5000\n[permissions]\nread = [\"game:Position\", \"game:Mood\"]\n";
        let with_budget = |component: &str, code: &str| {
            let ModText { manifest, wat } = mourner("aaa", component, code);
            let known = format!("[permissions]\nread = [\"{component}\"]\n");
            ModText { manifest: manifest.replace(&known, budget), wat }
        };
        let old = with_budget(Position::ID, &format!("(local $i i32) {}", ado(2_000)));
        let mut game = Game::new(&[("a", &old)]);
        game.frame();
        remove_one(&mut game);
        game.frame();
        assert!(matches!(game.status("aaa"), ModStatus::Suspended { .. }));
        let waiting = remove_one(&mut game);
        game.rewrite("a", &with_budget(component, TELL_EACH));
        game.frames(4);
        game.report("aaa", ModReportKind::Reloaded);
        assert_eq!(game.told("aaa"), if is_told { ids(&[waiting]) } else { Vec::new() });
    }
}

#[test]
fn removals_pass_a_mod_by_that_is_turned_off_or_in_quarantine() {
    let code = TELL_EACH.replace("(call $tell_i64", "(if (call $is_bad) (then unreachable)) (call $tell_i64");
    let mut text = mourner("aaa", Position::ID, &code);
    // It traps at every removal in the first ticks.
    let is_bad = "(func $is_bad (result i32) (i64.lt_u (call $tick) (i64.const 100)))";
    text.wat = text.wat.replacen("(func (export", &format!("{is_bad} (func (export"), 1);
    let mut game = Game::new(&[("a", &text), ("b", &mourner("bbb", Position::ID, TELL_EACH))]);
    game.frame();
    let mut removed = Vec::new();
    while game.status("aaa") != ModStatus::Quarantined {
        removed.push(remove_one(&mut game));
        game.frame();
    }
    game.frames(100);
    removed.push(remove_one(&mut game));
    game.frame();
    let mut expected = Vec::new();
    for (number, request) in
        [Mods::reset as fn(&mut Mods, Entity), Mods::disable, Mods::enable].into_iter().enumerate()
    {
        let entity = game.entity("aaa");
        request(&mut game.world().resource_mut::<Mods>(), entity);
        game.frame();
        removed.push(remove_one(&mut game));
        expected.extend((number != 1).then_some(removed[removed.len() - 1]));
        game.frame();
    }
    assert_eq!(game.told("aaa"), ids(&expected));
    assert_eq!(game.told("bbb"), ids(&removed));
}
