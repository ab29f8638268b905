//! What happens to the harbour when files of mods change.

use std::fs;

use tinkerbox::{ModReportKind, ModStatus};

use crate::building;
use crate::session::Session;

#[test]
fn a_changed_pilot_knows_how_many_ships_it_brought_in() {
    let mut session = Session::sailing();
    session.until("two ships came in", |session| session.whistles().len() == 2);
    session.install("pilot", building::faster_mods());
    session.answer(true);
    assert_eq!(session.reported("pilot", ModReportKind::Reloaded), 1);
    session.until("a third one comes in", |session| session.whistles().len() == 3);
    let whistles: Vec<_> = session.whistles().iter().map(|whistle| (whistle.ships, whistle.speed)).collect();
    assert_eq!(whistles, [(1, 8.0), (2, 8.0), (3, 16.0)]);
}

#[test]
fn without_customs_goods_stay_aboard_and_heaps_are_gone() {
    let mut session = Session::sailing();
    session.until("goods are ashore", |session| session.heaps() == 1);
    let coins = session.treasury();
    fs::remove_dir_all(session.folder("customs")).unwrap();
    session.notice("customs");
    assert_eq!(session.entity("customs"), None);
    assert_eq!(session.heaps(), 0, "what the mod has spawned is gone with it");

    session.ticks(1000);
    assert_eq!(session.treasury(), coins);
    assert_eq!(
        session.ships().iter().filter(|ship| ship.berth.is_some()).count(),
        2,
        "both berths are taken"
    );
    assert_eq!(session.status("pilot"), ModStatus::Live);
}

#[test]
fn a_mod_that_does_not_load_changes_nothing() {
    let mut session = Session::sailing();
    session.until("a ship came in", |session| session.whistles().len() == 1);
    building::edit(&session.folder("pilot").join("mod.toml"), r#""harbor:Heading""#, r#""harbor:Hull""#);
    session.notice("pilot");
    assert_eq!(session.reported("pilot", ModReportKind::ReloadRefused), 1);
    assert_eq!(session.question(), None);
    session.until("another ship comes in", |session| session.whistles().len() == 2);
}
