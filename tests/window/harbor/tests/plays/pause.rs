//! While the game is paused nothing moves, and mods can be managed.

use harbor::screen::Screen;
use tinkerbox::{ModStatus, ModTime};

use crate::building;
use crate::session::{Session, Ship};

/// All that must not move.
fn scene(session: &mut Session) -> (Vec<Ship>, f32, u32, usize, u64, u64) {
    let ships = session.ships();
    let time = session.game.world().resource::<ModTime>().tick;
    let fuel = session.stats("pilot").fuel_total + session.stats("customs").fuel_total;
    (ships, session.tide(), session.treasury(), session.whistles().len(), time, fuel)
}

#[test]
fn nothing_moves_in_the_menu() {
    let mut session = Session::new();
    session.allow_all();
    session.ticks(100);
    assert_eq!(session.ships(), []);
    assert_eq!(session.stats("pilot").ticks, 0);

    session.go_to(Screen::Sailing);
    session.go_to(Screen::Menu);
    session.go_to(Screen::Sailing);
    assert_eq!(session.ships().len(), 3, "the harbour is built once");
}

#[test]
fn nothing_moves_in_a_pause() {
    let mut session = Session::sailing();
    session.ticks(200);
    session.go_to(Screen::Paused);
    let before = scene(&mut session);
    session.ticks(100);
    assert_eq!(scene(&mut session), before);

    session.go_to(Screen::Sailing);
    session.ticks(99);
    let after = scene(&mut session);
    assert_ne!(after.0, before.0);
    assert_eq!(after.4 - before.4, 100, "for mods, the pause took no time");
}

#[test]
fn mods_are_managed_in_a_pause() {
    let mut session = Session::sailing();
    session.ticks(100);
    session.go_to(Screen::Paused);
    let before = session.ships();

    let customs = session.entity("customs").unwrap();
    session.mods().disable(customs);
    session.install("pilot", building::faster_mods());
    let question = session.question().expect("the player is asked about the new pilot");
    assert!(question.starts_with("Pilot"), "{question}");
    session.answer(true);
    assert_eq!(session.status("customs"), ModStatus::Disabled);
    assert_eq!((session.status("pilot"), session.stats("pilot").generation), (ModStatus::Live, 2));
    assert_eq!(session.ships(), before);

    session.go_to(Screen::Sailing);
    session.ticks(300);
    assert!(session.whistles().iter().all(|whistle| whistle.speed == 16.0), "the new pilot is at work");
    assert_eq!(session.treasury(), 0, "customs are not");
    assert!(session.ships().iter().any(|ship| ship.berth.is_some()), "so nobody unloads ships");

    session.mods().enable(customs);
    session.ticks(1);
    assert_eq!(session.status("customs"), ModStatus::Live);
}

#[test]
fn a_mod_is_unloaded_and_loaded_in_a_pause() {
    let mut session = Session::sailing();
    session.ticks(100);
    session.go_to(Screen::Paused);
    let before = session.ships();
    let customs = session.entity("customs").unwrap();
    session.mods().unload(customs);
    session.ticks(1);
    assert_eq!(session.entity("customs"), None);

    session.load("customs");
    assert_eq!(session.question(), None, "it was allowed before");
    assert_eq!((session.status("customs"), session.stats("customs").ticks), (ModStatus::Live, 0));
    assert_eq!(session.ships(), before);
    session.go_to(Screen::Sailing);
    session.until("customs are at work", |session| session.treasury() > 0);
}
