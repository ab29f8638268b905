//! Faults found by an outside review: prices that reveal hidden entities, conversions that panic on their way to a
//! mod, a clock ahead of the ticks gained, and folders that may not run beside ones that do.

use bevy_ecs::message::Message;
use bevy_ecs::prelude::*;
use tinkerbox::{Expose, ModReportKind, ModState, ModTime};
use tinkerbox_abi::ModType;
use tinkerbox_macros::mod_type;
use tinkerbox_wasm::Caller;

use super::calls::*;
use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script};
use crate::modding::games::wider_game::{handles, sends};

const DESPAWN: &str = "[permissions]\nread = [\"game:Position\"]\ndespawn = true\n";

/// The fuel that a mod reads in the tick after it despawned a visible entity, and the answer it got.
fn fuel_after_despawn(hidden_children: usize) -> Vec<i64> {
    let mut game = Game::new(&[]);
    let parent = game.spawn_at(0.0);
    for _ in 0..hidden_children {
        game.world().spawn((Secret, ChildOf(parent)));
    }
    let script = Script::new()
        .send(&[Cmd::Despawn(parent.to_bits())])
        .in_tick(2)
        .wat("(call $tell_i64 (call $fuel_left))");
    game.write("script", &script.mod_with(DESPAWN, ""));
    game.frames(3);
    game.told("script")
}

#[test]
fn fuel_does_not_count_hidden_children() {
    let all: Vec<_> = [1, 2, 7, 1000].map(fuel_after_despawn).into();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
}

/// A message whose conversion to its mirror panics.
#[derive(Message, Clone, Copy)]
struct Curse(u32);

#[mod_type("game:Curse")]
struct CurseBytes(u32);

/// A component whose conversion to its mirror panics.
#[derive(Component, Clone, Copy)]
struct Hex(u32);

#[mod_type("game:Hex")]
struct HexBytes(u32);

impl From<&Curse> for CurseBytes {
    fn from(curse: &Curse) -> CurseBytes {
        assert!(curse.0 != 13, "the conversion panics");
        CurseBytes(curse.0)
    }
}

impl TryFrom<CurseBytes> for Curse {
    type Error = ();

    fn try_from(bytes: CurseBytes) -> Result<Curse, ()> {
        Ok(Curse(bytes.0))
    }
}

/// The message of a panic.
fn said(payload: Box<dyn std::any::Any + Send>) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    text.or(payload.downcast_ref::<&str>().map(|it| (*it).to_owned())).unwrap_or_default()
}

fn frame_caught(game: &mut Game) -> Option<String> {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| game.frame()));
    caught.err().map(said)
}

/// A mod sends an event that the game's own conversion refuses to convert back.
#[test]
fn a_message_whose_conversion_panics_does_not_stop_the_others() {
    let rights = "[permissions]\nevents = [\"game:Curse\"]\nsend = [\"game:Curse\"]\n";
    let listener = ModText {
        manifest: head("hears") + rights + &plain_system("hear") + &handles::<CurseBytes>(),
        wat: module("(func (export \"sys_hear\"))"),
    };
    let sender = ModText {
        manifest: head("sender") + rights + &plain_system("run") + &sends::<CurseBytes>(),
        wat: module(
            "(func (export \"sys_run\") (i32.store (i32.const 64) (i32.const 13))
                (drop (call $event_send (i32.const 0) (i32.const 64) (i32.const 4))))",
        ),
    };
    let mut game = Game::new(&[("mover", &mover("mover", 1.0)), ("hears", &listener), ("sender", &sender)]);
    game.app.expose_event_as::<Curse, CurseBytes>();
    let witness = game.spawn_at(0.0);
    for _ in 1..=6 {
        assert_eq!(frame_caught(&mut game), None);
    }
    assert_eq!(game.x(witness), 6.0);
}

impl From<&Hex> for HexBytes {
    fn from(hex: &Hex) -> HexBytes {
        assert!(hex.0 != 13, "the conversion of a component panics");
        HexBytes(hex.0)
    }
}

impl TryFrom<HexBytes> for Hex {
    type Error = ();

    fn try_from(bytes: HexBytes) -> Result<Hex, ()> {
        Ok(Hex(bytes.0))
    }
}

#[test]
fn a_component_whose_conversion_panics_does_not_stop_the_others() {
    let text = ModText {
        manifest: head("aaa")
            + "[permissions]\nwrite = [\"game:Hex\"]\n"
            + &system("move", &[("game:Hex", "write", "{ 0: u32 }")]),
        wat: module(&each_row("move", [4, 0], 4096, "(i32.store (local.get $a) (i32.const 13))")),
    };
    let mut game = Game::new(&[("mover", &mover("mover", 1.0)), ("aaa", &text)]);
    game.app.expose_component_as::<Hex, HexBytes>();
    let witness = game.spawn_at(0.0);
    game.world().spawn(Hex(5));
    for _ in 1..=6 {
        assert_eq!(frame_caught(&mut game), None);
    }
    assert_eq!(game.x(witness), 6.0);
}

/// A frame's mods, without the schedule, which Bevy loses when a panic unwinds through it.
fn tick(game: &mut Game) -> Option<String> {
    game.world().resource_mut::<ModTime>().advance(0.5);
    let world = game.app.world_mut();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tinkerbox::tick_mods(world)));
    caught.err().map(said)
}

/// A function of the game panics once, in a game whose clock is far ahead of the ticks that it has gained.
#[test]
fn after_a_panic_of_the_game_a_mod_begins_again_whatever_the_clock_says() {
    for begin in [0, 1_000_000] {
        let code = "(call $tell (i32.const 1)) (call $doit)";
        let text = caller("aaa", &[("doit", "")], code);
        let mut game = Game::new(&[("aaa", &text)]);
        game.world().resource_mut::<ModTime>().tick = begin;
        game.app.expose_function("game:doit", 1, move |caller: Caller<'_, ModState>| -> anyhow::Result<()> {
            let _ = &caller;
            static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
            let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            assert!(count != 5 && count != 250, "the game stumbles");
            Ok(())
        });
        let before = |game: &mut Game| game.stats("aaa").ticks;
        game.frames(1);
        let panics = (0..200).filter_map(|_| tick(&mut game)).count();
        assert!(panics > 0, "the game's function panics in one of them");
        assert!(before(&mut game) > 190, "{begin}");
    }
}

#[test]
fn events_go_on_after_a_conversion_has_panicked() {
    let rights = "[permissions]\nevents = [\"game:Curse\"]\n";
    let listener = ModText {
        manifest: head("hears") + rights + &plain_system("hear") + &handles::<CurseBytes>(),
        wat: module(&format!(
            "{TELL} (func (export \"sys_hear\") (loop $more
                (if (i32.gt_s (call $event_next (i32.const 64) (i32.const 4)) (i32.const 0)) (then
                (call $tell (i32.load (i32.const 64))) (br $more)))))"
        )),
    };
    let mut game = Game::new(&[("mover", &mover("mover", 1.0)), ("hears", &listener)]);
    game.app.expose_event_as::<Curse, CurseBytes>();
    let witness = game.spawn_at(0.0);
    game.frame();
    for number in [1, 2, 13, 4, 5] {
        game.world().write_message(Curse(number));
    }
    for _ in 2..6 {
        assert_eq!(tick(&mut game), None);
    }
    game.frame();
    assert_eq!(game.x(witness), 6.0);
    assert_eq!(game.told("hears"), [1, 2, 4, 5]);
}

/// A folder that may not run, because its id was granted less, appears beside the one that runs.
#[test]
fn a_folder_that_has_to_wait_leaves_the_running_mod_alone() {
    let text = |rights: &str| ModText {
        manifest: head("flock") + rights + &plain_system("run"),
        wat: module(&format!(
            "{TELL} (global $n (mut i32) (i32.const 0))
            (func (export \"sys_run\")
                (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $tell (global.get $n)))"
        )),
    };
    let most = "[permissions]\nwrite = [\"game:Position\", \"game:Velocity\"]\nspawn = true\n";
    let mut game = Game::new(&[("b", &text("[permissions]\nread = [\"game:Position\"]\n"))]);
    game.frames(5);
    let entity = game.entity("flock");
    game.write("a", &text(most));
    game.changed("a");
    game.frames(2);
    assert_eq!(game.told("flock"), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(game.world().get_entity(entity).is_ok());
}

/// The same releases a mod from quarantine whose files have not changed.
#[test]
fn a_folder_that_has_to_wait_lets_nobody_out_of_quarantine() {
    let text = |rights: &str, code: &str| ModText {
        manifest: head("flock") + rights + &plain_system("run"),
        wat: module(&format!("(func (export \"sys_run\") {code})")),
    };
    let most = "[permissions]\nwrite = [\"game:Position\", \"game:Velocity\"]\nspawn = true\n";
    let mut game = Game::new(&[("b", &text("", "unreachable"))]);
    game.frames(100);
    game.write("a", &text(most, ""));
    game.changed("a");
    game.frames(3);
    assert_eq!(game.reports("flock", ModReportKind::Faulted).len(), 6);
}

/// A folder that sorts first and can't start.
#[test]
fn a_folder_that_can_not_begin_leaves_the_running_mod_alone() {
    let text = |init: &str| ModText {
        manifest: head("flock") + &plain_system("run"),
        wat: module(&format!(
            "{TELL} (global $n (mut i32) (i32.const 0)) {init}
            (func (export \"sys_run\")
                (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $tell (global.get $n)))"
        )),
    };
    let mut game = Game::new(&[("b", &text(""))]);
    game.frames(5);
    game.write("a", &text("(func (export \"tb_init\") (param i32) unreachable)"));
    game.changed("a");
    game.frames(2);
    assert_eq!(game.told("flock"), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[derive(Component)]
struct Kind<const N: usize>;

/// One kind of entity for each subset of the components, each with a component that mods see.
fn kinds_of_entities(world: &mut World) {
    for number in 0..64 {
        let mut it = world.spawn(Position { x: 0.0, y: 0.0 });
        macro_rules! parts {
            ($($bit:literal)*) => { $( if number >> $bit & 1 == 1 { it.insert(Kind::<$bit>); } )* };
        }
        parts!(0 1 2 3 4 5);
    }
}

/// A restarted mod keeps its queries' record of what they have seen: no budget would pay for looking at the whole
/// world again after each fault. It finds what was added in the meantime.
#[test]
fn a_mod_that_begins_again_does_not_look_at_the_whole_world_again() {
    let text = ModText {
        manifest: head("flock")
            + "[permissions]\nread = [\"game:Position\"]\n"
            + &system("count", &[("game:Position", "read", Position::LAYOUT)]),
        wat: module(&format!(
            "{TELL} (global $runs (mut i32) (i32.const 0))
            (func $count (export \"sys_count\") (local $rows i32) (local $all i32)
                (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
                (if (i32.eq (global.get $runs) (i32.const 2)) (then unreachable))
                (block $end (loop $more
                    (br_if $end (i32.le_s (local.tee $rows (call $view_next (i32.const 0) (i32.const 64) (i32.const 1024)
                        (i32.const 32768))) (i32.const 0)))
                    (local.set $all (i32.add (local.get $all) (local.get $rows)))
                    (br $more)))
                (call $tell (local.get $all)))"
        )),
    };
    let mut game = Game::new(&[("flock", &text)]);
    kinds_of_entities(game.world());
    game.frames(2);
    assert_eq!(game.told("flock"), [64], "it has run, and faulted");
    kinds_of_entities(game.world());
    game.frames(2);
    assert_eq!(game.told("flock"), [64, 128], "it has rested, and run again");
}
