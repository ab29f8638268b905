//! Values of the game whose drops panic: payloads of panics, errors, changes that are made or discarded, values that
//! a mod overwrites or removes. A mod causes the drop; the game and the other mods continue.

use bevy_ecs::error::BevyError;
use bevy_ecs::lifecycle::Insert;
use bevy_ecs::message::Message;
use bevy_ecs::prelude::*;
use std::panic::resume_unwind;
use tinkerbox::{Expose, ModReportKind, ModState, ModStatus, Mods};
use tinkerbox_abi::ModType;
use tinkerbox_macros::mod_type;
use tinkerbox_wasm::Caller;

use super::calls::*;
use crate::modding::games::game::*;
use crate::modding::games::script::{Cmd, Script};
use crate::modding::games::wider_game::{handles, sends};

/// Panics when it is dropped. These panics bypass the process's hook, since there are thousands of them.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("a bomb is dropped"));
    }
}

impl std::fmt::Display for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an error that is a bomb")
    }
}

impl std::error::Error for Bomb {}

/// A panic payload of this type panics with another one when it is dropped, endlessly.
struct Chain;

impl Drop for Chain {
    fn drop(&mut self) {
        resume_unwind(Box::new(Chain));
    }
}

/// A component and an event that panic when they are dropped with the number 13. The number 14 can't be converted for
/// a mod, and the error is a bomb. The numbers 15 and 17 from a mod can't be converted, and 16 is refused.
macro_rules! numbers {
    ($($name:ident as $bytes:ident, $id:literal;)*) => {$(
        impl Drop for $name {
            fn drop(&mut self) {
                // A failed test is unwinding already.
                if self.0 == 13 && !std::thread::panicking() {
                    resume_unwind(Box::new("a number is dropped"));
                }
            }
        }

        #[mod_type($id)]
        struct $bytes(u32);

        impl From<&$name> for $bytes {
            fn from(it: &$name) -> $bytes {
                if it.0 == 14 {
                    resume_unwind(Box::new(Bomb));
                }
                $bytes(it.0)
            }
        }

        impl TryFrom<$bytes> for $name {
            type Error = Option<Bomb>;

            fn try_from(bytes: $bytes) -> Result<$name, Option<Bomb>> {
                match bytes.0 {
                    15 => resume_unwind(Box::new(Bomb)),
                    16 => Err(Some(Bomb)),
                    17 => resume_unwind(Box::new(Chain)),
                    number => Ok($name(number)),
                }
            }
        }
    )*};
}

#[derive(Component)]
struct Fuse(u32);

#[derive(Message)]
struct Spark(u32);

numbers! {
    Fuse as FuseNumber, "game:Fuse";
    Spark as SparkNumber, "game:Spark";
}

/// The good mod beside each trial has moved its witness in each frame, and the game has not ended.
fn assert_goes_on(game: &mut Game, frames: u32, context: &str) {
    let witness = game.spawn_at(0.0);
    for frame in 1..=frames {
        game.frame();
        assert_eq!(game.x(witness), frame as f32, "{context}");
    }
    assert_eq!((game.status("mover"), game.stats("mover").faults), (ModStatus::Live, 0), "{context}");
}

fn game_with(folder: &str, text: &ModText) -> Game {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0)), (folder, text)]);
    game.app.expose_component_as::<Fuse, FuseNumber>().expose_event_as::<Spark, SparkNumber>();
    game
}

/// The reaction of an observer of the game.
type Reaction = fn(&mut Commands<'_, '_>) -> Result<(), BevyError>;

#[test]
fn what_panics_and_errors_carry_may_be_bombs() {
    let ways: [(&str, Reaction); 6] = [
        ("a panic", |_| resume_unwind(Box::new(Bomb))),
        ("a panic, without end", |_| resume_unwind(Box::new(Chain))),
        ("an error", |_| Err(Bomb.into())),
        ("a command's panic", |commands| {
            commands.queue(|_: &mut World| -> () { resume_unwind(Box::new(Bomb)) });
            Ok(())
        }),
        ("a command's error", |commands| {
            commands.queue(|_: &mut World| -> Result<(), BevyError> { Err(Bomb.into()) });
            Ok(())
        }),
        ("what a command has", |commands| {
            let bomb = Bomb;
            commands.queue(move |_: &mut World| drop(bomb));
            Ok(())
        }),
    ];
    for (context, way) in ways {
        let rights = "[permissions]\nwrite = [\"game:Mood\"]\nspawn = true\n";
        let mood: (&str, &[u8]) = (Mood::ID, &[7, 0, 0, 0]);
        let script = Script::new().send(&[Cmd::Spawn(0, &[mood]), Cmd::Spawn(0, &[mood])]);
        let mut game = game_with("script", &script.mod_with(rights, ""));
        game.world()
            .add_observer(move |_: On<Insert<Mood>>, mut commands: Commands<'_, '_>| way(&mut commands));
        assert_goes_on(&mut game, 4, context);
        let errors = game.stats("script").game_errors;
        assert!(errors >= 2, "{context}: each of two is told: {errors}");
        assert_eq!(game.reports("script", ModReportKind::GameError).len(), 1, "{context}");
        let mut moods = game.world().query::<&Mood>();
        assert_eq!(moods.iter(game.app.world()).count(), 2, "{context}");
    }
}

/// What happens to changes that hold a bomb.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Made,
    /// Its system faults.
    Faults,
    /// Its system is suspended for too long, and is aborted.
    Waits,
    /// Its mod is removed while the system is suspended.
    Unloaded,
    /// There are too many of them.
    Refused,
}

#[test]
fn changes_that_are_made_or_not_may_hold_bombs() {
    for how in [Change::Made, Change::Faults, Change::Waits, Change::Unloaded, Change::Refused] {
        let code = match how {
            Change::Made => "(call $leave) (call $leave)",
            Change::Faults => "(call $leave) (call $leave) (unreachable)",
            Change::Waits | Change::Unloaded => "(call $leave) (call $leave) (loop $for_ever (br $for_ever))",
            Change::Refused => "(loop $for_ever (call $leave) (br $for_ever))",
        };
        let fuel = if how == Change::Refused { 2_000_000 } else { 10_000 };
        let text = with_fuel(caller("aaa", &[("leave", "")], code), fuel);
        let mut game = game_with("a", &text);
        game.app.expose_function("game:leave", 1, |mut caller: Caller<'_, ModState>| {
            let bomb = Bomb;
            caller.data_mut().defer(move |_| drop(bomb))
        });
        if how == Change::Unloaded {
            assert_goes_on(&mut game, 2, "it is suspended");
            let it = game.entity("aaa");
            game.world().resource_mut::<Mods>().unload(it);
        }
        assert_goes_on(&mut game, if how == Change::Waits { 70 } else { 3 }, &format!("{how:?}"));
        let told = game.reports("aaa", ModReportKind::GameError);
        let is_told = told.iter().any(|text| text.contains("dropped") || text.contains("panicked"));
        assert!(is_told, "{how:?}: {told:?}");
        if matches!(how, Change::Faults | Change::Waits | Change::Refused) {
            assert!(!game.reports("aaa", ModReportKind::Faulted).is_empty(), "{how:?}");
        }
    }
}

/// The component with these bytes.
fn fuse(bytes: &[u8]) -> (&str, &[u8]) {
    (FuseNumber::ID, bytes)
}

#[test]
fn values_that_a_mod_makes_overwrites_and_takes_away_may_be_bombs() {
    let rights = "[permissions]\nwrite = [\"game:Fuse\", \"game:Mood\"]\nspawn = true\ndespawn = true\n";
    let bytes = |number: u32| number.to_le_bytes();
    let [one, thirteen, fifteen, sixteen, seventeen] = [1, 13, 15, 16, 17].map(bytes);
    let mood: (&str, &[u8]) = (Mood::ID, &[7, 0, 0, 0]);
    for number in [1, 13] {
        let mut game = game_with("none", &plain("none", ""));
        let them = [0; 6].map(|_| game.world().spawn((Fuse(number), Mood(5))).id());
        let [a, b, c, d, e, f] = them.map(Entity::to_bits);
        let script = Script::new()
            .send(&[Cmd::Insert(a, &[fuse(&one)]), Cmd::Insert(b, &[mood, fuse(&one)])])
            .send(&[Cmd::Remove(c, &[FuseNumber::ID]), Cmd::Remove(d, &[FuseNumber::ID, Mood::ID])])
            .send(&[Cmd::Despawn(e), Cmd::Despawn(f), Cmd::Spawn(0, &[fuse(&one), mood])])
            .in_tick(2)
            .send(&[Cmd::Spawn(0, &[fuse(&fifteen), mood])])
            .send(&[Cmd::Spawn(0, &[fuse(&sixteen), mood])])
            .send(&[Cmd::Spawn(0, &[fuse(&seventeen), mood])])
            .send(&[Cmd::Spawn(0, &[mood, fuse(&thirteen)])])
            .send(&[Cmd::Spawn(0, &[fuse(&one), mood])]);
        game.write("script", &script.mod_with(rights, ""));
        let context = format!("{number}");
        assert_goes_on(&mut game, 4, &context);
        // An invalid value is refused, and so is one whose drop panics.
        assert_eq!(game.told("script"), [0, 0, 0, -4, -4, -4, -4, 0], "{context}");
        let mut all = game.world().query::<(&Fuse, &Mood)>();
        assert!(all.iter(game.app.world()).filter(|(fuse, _)| fuse.0 == 1).count() >= 2, "{context}");
        // They end with the test.
        game.world().query::<&mut Fuse>().iter_mut(game.app.world_mut()).for_each(|mut fuse| fuse.0 = 0);
    }
}

/// Each row is written through the mod's memory, over values that panic when they are dropped.
#[test]
fn rows_are_all_written_whatever_the_old_values_do() {
    let text = ModText {
        manifest: head("aaa")
            + "[permissions]\nwrite = [\"game:Fuse\"]\n"
            + &system("move", &[("game:Fuse", "write", "{ 0: u32 }")]),
        wat: module(&each_row("move", [4, 0], 4096, "(i32.store (local.get $a) (i32.const 2))")),
    };
    let mut game = game_with("aaa", &text);
    for number in [1, 13, 13, 3, 13] {
        game.world().spawn(Fuse(number));
    }
    assert_goes_on(&mut game, 3, "rows");
    let mut all = game.world().query::<&Fuse>();
    assert!(all.iter(game.app.world()).all(|fuse| fuse.0 == 2), "all of them");
    assert_eq!((game.status("aaa"), game.stats("aaa").faults), (ModStatus::Live, 0));
}

#[test]
fn conversions_to_mods_may_panic_with_bombs() {
    let text = ModText {
        manifest: head("aaa")
            + "[permissions]\nread = [\"game:Fuse\"]\n"
            + &system("look", &[("game:Fuse", "read", "{ 0: u32 }")]),
        wat: module(&each_row("look", [4, 0], 4096, "")),
    };
    let mut game = game_with("aaa", &text);
    game.world().spawn(Fuse(14));
    assert_goes_on(&mut game, 3, "a component");
    assert!(game.stats("aaa").faults > 0);
}

#[test]
fn events_may_be_bombs_both_ways() {
    let rights = "[permissions]\nevents = [\"game:Spark\"]\nsend = [\"game:Spark\"]\n";
    let send: String = [1, 13, 15, 16, 17, 14, 2]
        .map(|number| {
            format!(
                "(i32.store (i32.const 64) (i32.const {number}))
                (call $tell (call $event_send (i32.const 0) (i32.const 64) (i32.const 4)))"
            )
        })
        .concat();
    let sender = ModText {
        manifest: head("sender") + rights + &plain_system("run") + &sends::<SparkNumber>(),
        wat: module(&format!(
            "{TELL} (func (export \"sys_run\") (if (i64.eq (call $tick) (i64.const 1)) (then {send})))"
        )),
    };
    let hears = ModText {
        manifest: head("hears") + rights + &plain_system("hear") + &handles::<SparkNumber>(),
        wat: module(&format!(
            "{TELL} (func (export \"sys_hear\") (loop $more
                (if (i32.gt_s (call $event_next (i32.const 64) (i32.const 4)) (i32.const 0)) (then
                (call $tell (i32.load (i32.const 64))) (br $more)))))"
        )),
    };
    let mut game = game_with("sender", &sender);
    game.write("hears", &hears);
    assert_goes_on(&mut game, 5, "events");
    assert_eq!(game.told("sender"), [0, -4, -4, -4, -4, 0, 0]);
    assert_eq!(game.told("hears"), [1, 2], "14 is no number to a mod");
}
