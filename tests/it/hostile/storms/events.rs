//! Endless events, sent or never read: the queue is bounded, and no other mod loses an event.

use bevy_ecs::message::Messages;
use tinkerbox_abi::ModType;

use crate::hostile::*;

fn listening(id: &str, body: &str, budget: &str) -> ModText {
    let manifest = head(id)
        + budget
        + "[permissions]\nevents = [\"game:Gong\"]\n[[system]]\nname = \"run\"\n"
        + &handles::<Gong>();
    ModText { manifest, wat: module(&format!("(func (export \"sys_run\") {body})")) }
}

/// Sends pieces of `len` bytes until one is refused, and once more; traps unless that call is refused for want of
/// room.
fn sender(event: &str, layout: &str, len: u32) -> ModText {
    let manifest = head("hostile")
        + RICH
        + &format!("[permissions]\nsend = [\"{event}\"]\n[[system]]\nname = \"run\"\n[[system.send]]\n")
        + &format!("event = \"{event}\"\nlayout = \"{layout}\"\n");
    let code = format!(
        r#"(func (export "sys_run")
            (loop $again (br_if $again
                (i32.eqz (call $event_send (i32.const 0) (i32.const 0) (i32.const {len})))))
            (if (i32.ne (call $event_send (i32.const 0) (i32.const 0) (i32.const {len})) (i32.const {NO_ROOM}))
                (then unreachable)))"#
    );
    ModText { manifest, wat: module(&code) }
}

#[test]
fn a_system_sends_so_many_events_and_so_many_bytes() {
    let mut trial = Trial::of(&sender(Gong::ID, Gong::LAYOUT, 4 * 16));
    trial.frames(1);
    assert_eq!(trial.game.world().resource::<Messages<Gong>>().len(), 4_096);
    trial.frames(3);
    assert!(trial.game.world().resource::<Messages<Gong>>().len() <= 2 * 4_096, "two frames' at most");
    let mut trial = Trial::of(&sender(Letter::ID, Letter::LAYOUT, 1_024));
    trial.frames(1);
    assert_eq!(trial.game.world().resource::<Messages<Letter>>().len(), 1_024, "a MiB of them");
}

#[test]
fn a_handler_that_takes_none_keeps_none() {
    let mut trial = Trial::of(&listening("hostile", "", ""));
    trial.frames(1);
    for number in 0..200u32 {
        let ring = |at: u32| Gong(number * 1_000 + at);
        trial.game.world().resource_mut::<Messages<Gong>>().write_batch((0..1_000).map(ring));
        trial.frames(1);
    }
    assert_eq!(trial.game.status("hostile"), ModStatus::Live);
    assert_eq!(trial.game.reports("hostile", ModReportKind::Log(LogLevel::Warn)), [""; 0]);
}

#[test]
fn of_events_that_rain_on_who_never_ends_the_oldest_go() {
    let body = "(loop $for_ever (br $for_ever))";
    let mut trial = Trial::of(&listening("hostile", body, "[budget]\nfuel = 1_000\n"));
    let counting = "(local $count i32) (loop $again
        (local.set $count (call $event_next (i32.const 64) (i32.const 4096)))
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get $count)))
        (br_if $again (local.get $count)))
        (i32.store8 (i32.const 8) (i32.add (i32.const 48) (i32.rem_u (i32.load (i32.const 0)) (i32.const 10))))
        (call $log (i32.const 2) (i32.const 8) (i32.const 1))";
    trial.game.write("witness", &listening("witness", counting, ""));
    trial.frames(1);
    for _ in 0..50 {
        trial.game.world().resource_mut::<Messages<Gong>>().write_batch((0..1_001).map(Gong));
        trial.frames(1);
    }
    assert!(matches!(trial.game.status("hostile"), ModStatus::Suspended { .. }));
    let warnings = trial.game.reports("hostile", ModReportKind::Log(LogLevel::Warn));
    assert!(warnings.len() > 30 && warnings[0].contains("events `game:Gong` were dropped"), "{warnings:?}");
    // The other listener receives all of them: it logs the last digit of their count in each frame.
    let said = trial.game.reports("witness", ModReportKind::Log(LogLevel::Info)).join("");
    let expected: String = (1..=50).map(|frame| char::from(b'0' + (frame * 1_001 % 10) as u8)).collect();
    assert_eq!(said, expected);
}
