//! Resources: reading and setting them in systems, and resources that the game inserts, removes and changes
//! meanwhile.
//!
//! `tests/it/hostile/undeclared.rs` tests that a read-only resource cannot be set.

use bevy_ecs::change_detection::DetectChanges;
use bevy_ecs::prelude::*;
use tinkerbox::{FuelBudget, ModReportKind, ModStatus};
use tinkerbox_abi::ModType;

use crate::modding::games::exposed::*;
use crate::modding::games::game::*;
use crate::modding::games::wider_game::resource;

const GONE: i64 = -2;

/// Reads the resource to address 64, and then tells its first four bytes.
const GET: &str =
    "(drop (call $resource_get (i32.const 0) (i32.const 64))) (call $tell (i32.load (i32.const 64)))";

/// Sets the resource to bytes that begin with these four; the others are 0.
fn set(word: u32) -> String {
    format!(
        "(i64.store (i32.const 128) (i64.const {word})) (call $tell (call $resource_set (i32.const 0) (i32.const 128)))"
    )
}

/// A mod whose system may write the resource `R`.
fn mod_of<R: ModType>(id: &str, code: &str) -> ModText {
    let rights = "[permissions]\nwrite = [\"game:Weather\", \"game:Season\"]\n";
    ModText {
        manifest: head(id) + rights + &plain_system("run") + &resource::<R>("write"),
        wat: module(&format!("{TELL} (func (export \"sys_run\") (local $i i32) {code})")),
    }
}

fn with_fuel(text: ModText, fuel: u64) -> ModText {
    let budget = format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n[perm");
    ModText { manifest: text.manifest.replace("[perm", &budget), ..text }
}

/// Weather whose wind is these bits.
fn weather(wind: u32) -> Weather {
    Weather { wind: f32::from_bits(wind), rain: 0.0 }
}

fn wind(game: &Game) -> u32 {
    game.app.world().resource::<Weather>().wind.to_bits()
}

#[test]
fn a_system_sees_what_it_has_set_and_others_what_has_landed() {
    let code = |number: u32| [GET, &set(number), GET, &set(number + 1), GET].concat();
    let mods = [mod_of::<Weather>("aaa", &code(10)), mod_of::<Weather>("bbb", &code(20))];
    for threads in [1, 2, 4] {
        let all = [("a", &mods[0]), ("b", &mods[1])];
        let mut game = Game::with(&all, |plugin| plugin.threads(threads));
        game.world().insert_resource(weather(5));
        game.frames(2);
        assert_eq!(game.told("aaa"), [5, 0, 10, 0, 11, 21, 0, 10, 0, 11]);
        assert_eq!(game.told("bbb"), [11, 0, 20, 0, 21, 11, 0, 20, 0, 21]);
        assert_eq!(wind(&game), 21);
    }
}

#[test]
fn what_is_set_lands_when_the_system_has_finished() {
    let code = [&set(7), &ado(2_000)[..], GET, &set(8)].concat();
    for fuel in (500..12_000).step_by(1_111) {
        let mut game = Game::new(&[("a", &with_fuel(mod_of::<Weather>("aaa", &code), fuel))]);
        game.world().insert_resource(weather(5));
        game.frame();
        while game.status("aaa") != ModStatus::Live {
            assert_eq!(wind(&game), 5, "with {fuel} units");
            game.frame();
        }
        assert_eq!((game.told("aaa"), wind(&game)), (vec![0, 7, 0], 8), "with {fuel} units");
        assert!(game.stats("aaa").suspensions > 0, "{fuel} units are less than it needs");
    }
}

#[test]
fn nothing_lands_of_a_system_that_faults() {
    // Before and after each of its sets.
    for sets in 0..=3 {
        let code = (0..sets).map(|number| set(10 + number)).collect::<String>() + "unreachable";
        let mut game = Game::new(&[("a", &mod_of::<Weather>("aaa", &code))]);
        game.world().insert_resource(weather(5));
        game.frame();
        assert_eq!(game.told("aaa"), vec![0; sets as usize]);
        assert_eq!((wind(&game), game.stats("aaa").faults), (5, 1));
    }
}

#[test]
fn a_resource_that_is_not_there_is_gone_until_it_comes() {
    let code = format!(
        "(i64.store (i32.const 64) (i64.const 77))
        (call $tell (call $resource_get (i32.const 0) (i32.const 64)))
        (call $tell (i32.load (i32.const 64)))
        {}",
        set(9)
    );
    let mut game = Game::new(&[("a", &mod_of::<Weather>("aaa", &code))]);
    let mut expected = Vec::new();
    for round in 0..3 {
        for _ in 0..2 {
            game.frame();
            expected.extend([GONE, 77, GONE]);
            assert_eq!(game.told("aaa"), expected, "in round {round} while it is not there");
            assert!(!game.app.world().contains_resource::<Weather>());
        }
        game.world().insert_resource(weather(5));
        for wind in [5, 9] {
            game.frame();
            expected.extend([8, wind, 0]);
            assert_eq!(game.told("aaa"), expected, "in round {round} while it is there");
        }
        game.world().remove_resource::<Weather>();
    }
    assert_eq!((game.stats("aaa").writes_skipped, game.stats("aaa").faults), (0, 0));
}

/// Runs a system that waits once between `before` and `after`; returns what it told. Meanwhile the game calls a
/// function.
fn meanwhile(before: &str, act: fn(&mut World), after: &str) -> (Vec<i64>, Game) {
    let code = [before, &ado(2_000), after].concat();
    let mut game = Game::new(&[("a", &with_fuel(mod_of::<Weather>("aaa", &code), 5_000))]);
    game.world().insert_resource(weather(5));
    game.frame();
    assert_eq!(game.status("aaa"), ModStatus::Suspended { frames: 1 });
    act(game.world());
    let entity = game.entity("aaa");
    game.world().entity_mut(entity).insert(FuelBudget { grant: 100_000, burst: 100_000 });
    game.frame();
    assert_eq!((game.status("aaa"), game.stats("aaa").faults), (ModStatus::Live, 0));
    (game.told("aaa"), game)
}

fn remove(world: &mut World) {
    world.remove_resource::<Weather>();
}

const GET_OR_GONE: &str = "(call $tell (call $resource_get (i32.const 0) (i32.const 64)))";

#[test]
fn a_system_that_has_waited_sees_what_the_game_has_changed_meanwhile() {
    let (told, game) = meanwhile(GET, |world| world.resource_mut::<Weather>().wind = f32::from_bits(6), GET);
    assert_eq!((told, wind(&game)), (vec![5, 6], 6));
    let (told, _) = meanwhile(GET, remove, GET_OR_GONE);
    assert_eq!(told, [5, GONE]);
    let again = |world: &mut World| {
        world.remove_resource::<Weather>();
        world.insert_resource(weather(6));
    };
    let (told, game) = meanwhile(GET, again, &(GET.to_owned() + &set(7)));
    assert_eq!((told, wind(&game)), (vec![5, 6, 0], 7));
}

#[test]
fn what_a_system_has_set_before_it_waited_counts_if_there_is_still_a_resource() {
    let (told, mut game) =
        meanwhile(&set(9), |world| world.resource_mut::<Weather>().wind = f32::from_bits(6), GET);
    assert_eq!((told, wind(&game)), (vec![0, 9], 9));
    assert_eq!(game.stats("aaa").writes_skipped, 0);
    // It is not inserted again.
    let (told, mut game) = meanwhile(&set(9), remove, &(GET_OR_GONE.to_owned() + &set(10)));
    assert_eq!(told, [0, GONE, GONE]);
    assert!(!game.world().contains_resource::<Weather>());
    assert_eq!(game.stats("aaa").writes_skipped, 1, "what it set at first");
}

const SEASONS: [Season; 4] = [Season::Spring, Season::Summer, Season::Autumn, Season::Winter];

#[test]
fn a_resource_that_is_no_plain_bytes_crosses_as_its_mirror() {
    for (from, &season) in SEASONS.iter().enumerate() {
        for (to, &expected) in SEASONS.iter().enumerate() {
            let code = [GET_OR_GONE, GET, &set(to as u32), GET].concat();
            let mut game = Game::new(&[("a", &mod_of::<SeasonNumber>("aaa", &code))]);
            game.world().insert_resource(season);
            game.frame();
            assert_eq!(game.told("aaa"), [4, from as i64, 0, to as i64]);
            assert_eq!(*game.world().resource::<Season>(), expected);
        }
    }
}

#[test]
fn bytes_that_are_no_value_end_the_system_and_the_resource_is_named() {
    for wrong in [4, 5, 255, 256, 0x7fff_ffff, u32::MAX] {
        for sets_another_before in [false, true] {
            let before = if sets_another_before { set(3) } else { String::new() };
            // The code after it is not reached.
            let code = [&before[..], &set(wrong), GET].concat();
            let mut game = Game::new(&[("a", &mod_of::<SeasonNumber>("aaa", &code))]);
            game.world().insert_resource(Season::Summer);
            game.frame();
            assert_eq!(game.told("aaa"), vec![0; usize::from(sets_another_before)], "{wrong}");
            let fault = game.report("aaa", ModReportKind::Faulted);
            assert!(
                fault.contains("system `run`") && fault.contains("not a valid `game:Season`: see"),
                "{fault}"
            );
            assert_eq!(*game.world().resource::<Season>(), Season::Summer, "{wrong}");
        }
    }
}

/// Whether a run with this code marks a resource as changed.
fn marks<R: Resource, F: ModType>(value: R, code: &str) -> bool {
    let mut game = Game::new(&[("a", &mod_of::<F>("aaa", code))]);
    game.world().insert_resource(value);
    let before = game.world().resource_ref::<R>().last_changed();
    game.frame();
    assert_eq!((game.status("aaa"), game.stats("aaa").faults), (ModStatus::Live, 0));
    game.world().resource_ref::<R>().last_changed() != before
}

/// `set` writes 0 to the remaining bytes, which is their value already.
#[test]
fn only_what_has_another_value_is_marked_as_changed() {
    let cases = [
        (String::new(), false),
        (GET.to_owned(), false),
        (set(1), false),
        (set(1) + &set(1), false),
        (GET.to_owned() + &set(1) + GET, false),
        (set(2), true),
        (set(2) + &set(3), true),
    ];
    for (code, expected) in cases {
        assert_eq!(marks::<Weather, Weather>(weather(1), &code), expected, "{code}");
        assert_eq!(marks::<Season, SeasonNumber>(Season::Summer, &code), expected, "{code}");
    }
}
