//! The game's clock stops, runs backwards, jumps and wraps; Bevy's change ticks wrap. No mod waits for a moment that
//! never comes.

use bevy_app::Update;
use bevy_ecs::change_detection::{CHECK_TICK_THRESHOLD, MAX_CHANGE_AGE};
use bevy_ecs::prelude::*;
use tinkerbox::{ModReportKind, ModStatus, ModTime, Mods, TickMods};
use tracing::Level;

use crate::modding::games::game::*;
use crate::modding::games::log_lines::log_lines;

/// The next frame's tick, for the remainder of the game.
fn set_clock(game: &mut Game, tick: u64) {
    game.world().resource_mut::<ModTime>().tick = tick.wrapping_sub(1);
}

fn frame_at(game: &mut Game, tick: u64) {
    set_clock(game, tick);
    game.frame();
}

/// Traps at the given ticks, and counts its other runs.
fn faulty(ticks: &[u64]) -> ModText {
    let traps: String = ticks
        .iter()
        .map(|tick| format!("(if (i64.eq (call $tick) (i64.const {tick})) (then unreachable))\n"))
        .collect();
    plain("faulty", &traps)
}

fn faults(game: &Game) -> usize {
    game.reports("faulty", ModReportKind::Faulted).len()
}

/// The time to which the clock is set during a rest: back, forward, far ahead, before the rest's end.
const JUMPS: [u64; 9] = [0, 1, 500, 1_016, 1_017, 5_000, 1 << 40, u64::MAX - 3, u64::MAX];

#[test]
fn a_rest_ends_wherever_the_clock_is_set() {
    for jump in JUMPS {
        // Five faults in a row: the rest is 16 ticks.
        let mut game = Game::new(&[("a", &faulty(&[1_000, 1_001, 1_003, 1_007, 1_015]))]);
        set_clock(&mut game, 1_000);
        game.frames(16);
        assert_eq!((faults(&game), game.status("faulty")), (5, ModStatus::Faulted { until_tick: 1_031 }));

        frame_at(&mut game, jump);
        if let ModStatus::Faulted { until_tick } = game.status("faulty") {
            // The rest is as long as before, or shorter, by the clock as it is now.
            let rest = until_tick.wrapping_sub(jump);
            assert!((1..=16).contains(&rest), "set to {jump}, it rests for {rest} ticks");
        }
        game.frames(17);
        assert_eq!(game.status("faulty"), ModStatus::Live, "set to {jump}");
    }
}

#[test]
fn a_rest_ends_on_a_clock_that_goes_back_again_and_again() {
    // As a game does that simulates its last ticks again when a message arrives late.
    let mut game = Game::new(&[("a", &faulty(&[1_000, 1_001, 1_003, 1_007, 1_015]))]);
    set_clock(&mut game, 1_000);
    game.frames(16);
    let mut frames = 0;
    while game.status("faulty") != ModStatus::Live {
        for tick in 500..508 {
            frame_at(&mut game, tick);
            frames += 1;
        }
        assert!(frames < 100, "it rests for ever");
    }
    assert_eq!(game.reports("faulty", ModReportKind::Quarantined).len(), 0);
}

#[test]
fn a_rest_does_not_end_while_the_clock_stands() {
    let mut game = Game::new(&[("a", &faulty(&[7]))]);
    for _ in 0..100 {
        frame_at(&mut game, 7);
    }
    assert_eq!((faults(&game), game.status("faulty")), (1, ModStatus::Faulted { until_tick: 8 }));
    game.frames(2);
    assert_eq!(game.status("faulty"), ModStatus::Live);
}

#[test]
fn faults_of_an_older_game_are_forgotten_in_time() {
    for start in [1_000_000, u64::MAX - 10_000] {
        let old: Vec<u64> = (0..5).map(|number| start + 10 * number).collect();
        let new = [700, 1_400, 2_100, 2_800, 3_500, 4_200, 4_900];
        let mut game = Game::new(&[("a", &faulty(&[&old[..], &new].concat()))]);
        set_clock(&mut game, start);
        game.frames(60);
        assert_eq!(faults(&game), 5);
        set_clock(&mut game, 0);
        game.frames(5_000);
        assert_eq!(faults(&game), 12);
        assert_eq!(game.status("faulty"), ModStatus::Live, "seven faults, 700 ticks apart");
    }
}

#[test]
fn many_faults_end_in_quarantine_whatever_the_clock_does() {
    // The clock returns to 0 every 50 ticks; the mod faults in each tick in which it runs.
    let mut game = Game::new(&[("a", &plain("faulty", "unreachable"))]);
    for round in 0..10 {
        set_clock(&mut game, 0);
        game.frames(50);
        if game.status("faulty") == ModStatus::Quarantined {
            assert!(round < 3);
            return;
        }
    }
    panic!("it was never put into quarantine");
}

#[test]
fn budgets_logs_and_overruns_know_no_clock() {
    // In every frame it logs a message and waits for fuel; the reports about it are the same with all clocks.
    let body = format!("(local $i i32) (call $tell (i32.const 1)) {}", ado(3_000));
    let mut chatty = plain("chatty", &body);
    chatty.manifest = chatty.manifest.replace("[[system]]", "[budget]\nfuel = 10_000\n[[system]]");
    chatty.wat = module(&format!("{TELL} (func (export \"sys_run\") {body})"));
    let told = |clock: &dyn Fn(u64) -> u64| {
        let mut game = Game::new(&[("a", &chatty)]);
        for frame in 0..1_300 {
            frame_at(&mut game, clock(frame));
        }
        let all = game.all_reports().iter().map(|report| (report.kind, report.text.clone()));
        (all.collect::<Vec<_>>(), game.stats("chatty").fuel_total)
    };
    let steady = told(&|frame| frame);
    assert!(steady.0.iter().any(|(kind, _)| *kind == ModReportKind::Suspended));
    assert_eq!(told(&|_| 5), steady);
    assert_eq!(told(&|frame| 10_000 - frame), steady);
    assert_eq!(told(&|frame| frame.wrapping_mul(0x9e37_79b9_7f4a_7c15)), steady);
    assert_eq!(told(&|frame| (u64::MAX - 600).wrapping_add(frame)), steady);
}

/// The warning about a clock that does not advance.
fn warnings(frames: usize, is_advanced: bool) -> Vec<String> {
    let mut game = Game::new(&[("a", &plain("aaa", ""))]);
    let lines = log_lines(|| {
        for _ in 0..frames {
            if !is_advanced {
                set_clock(&mut game, 3);
            }
            game.frame();
        }
    });
    let warnings =
        lines.into_iter().filter(|(level, text)| *level == Level::WARN && text.contains("ModTime"));
    warnings.map(|(_, text)| text).collect()
}

#[test]
fn a_clock_that_nothing_advances_is_told_once_with_what_to_add() {
    let told = warnings(400, false);
    let [text] = &told[..] else { panic!("{told:#?}") };
    for part in [
        "stood at tick 3",
        "add_systems(Update",
        "time.advance(1.0 / 60.0)",
        ".before(TickMods)",
        "add a system",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(warnings(400, true).is_empty());
    assert!(warnings(30, false).is_empty());
}

/// Adds 1 to the velocity's x of every row whose position has changed.
fn watcher() -> ModText {
    let add = "(f32.store (local.get $c0) (f32.add (f32.load (local.get $c0)) (f32.const 1)))";
    let rights = "[permissions]\nread = [\"game:Position\"]\nwrite = [\"game:Velocity\"]\n";
    let query = query("write game:Velocity", "changed = [\"game:Position\"]");
    ModText {
        manifest: head("watcher") + rights + &plain_system("run") + &query,
        wat: module(&each_row_of("run", &[8], 256, add)),
    }
}

#[derive(Resource, Default)]
struct Seen(u32);

/// Exists while the game's own system runs.
#[derive(Resource)]
struct Watching;

/// The game's own system, with the same filter and the same pauses.
fn watch(changed: Query<(), Changed<Position>>, mut seen: ResMut<Seen>) {
    seen.0 += changed.iter().count() as u32;
}

/// Advances the world's change tick as if systems had run; ticks are checked as often as schedules do it.
fn pass(game: &mut Game, mut ticks: u64) {
    while ticks > 0 {
        let step = ticks.min(u64::from(CHECK_TICK_THRESHOLD));
        ticks -= step;
        let world = game.world();
        (0..step).for_each(|_| {
            world.increment_change_tick();
        });
        world.check_change_ticks();
    }
}

#[test]
fn a_change_is_seen_by_a_mod_as_by_the_game_however_long_it_has_not_run() {
    let wrap = 1 << 32;
    let pauses = [
        1_000,
        1 << 31,
        u64::from(MAX_CHANGE_AGE),
        wrap - 2_000,
        wrap - 500,
        wrap,
        wrap + 500,
        2 * wrap + 77,
    ];
    for pause in pauses {
        let mut game = Game::new(&[("a", &watcher())]);
        game.world().init_resource::<Seen>();
        game.world().insert_resource(Watching);
        game.app.add_systems(Update, watch.run_if(resource_exists::<Watching>).after(TickMods));
        let entity = game.world().spawn((Position::default(), Velocity::default())).id();
        let game_and_mod = |game: &mut Game| {
            game.frame();
            (game.app.world().get::<Velocity>(entity).unwrap().x as u32, game.world().resource::<Seen>().0)
        };
        assert_eq!(game_and_mod(&mut game), (1, 1), "both see everything the first time");
        assert_eq!(game_and_mod(&mut game), (1, 1));

        let mods = game.world().resource::<Mods>().entity("watcher").unwrap();
        game.world().resource_mut::<Mods>().disable(mods);
        game.world().remove_resource::<Watching>();
        game.frame();
        pass(&mut game, pause);
        game.world().get_mut::<Position>(entity).unwrap().x += 1.0;
        pass(&mut game, 1_000);
        game.world().resource_mut::<Mods>().enable(mods);
        game.world().insert_resource(Watching);
        assert_eq!(game_and_mod(&mut game), (2, 2), "after {pause} ticks");
        assert_eq!(game_and_mod(&mut game), (2, 2), "after {pause} ticks, once");
    }
}
