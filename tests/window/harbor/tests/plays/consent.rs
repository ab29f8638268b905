//! The player is asked, and what was answered counts: now, and when the game is started again.

use std::fs;

use harbor::screen::Screen;
use tinkerbox::{ModReportKind, ModStatus};

use crate::building;
use crate::session::Session;

/// The pilot asks for the game's screens, too.
fn wants_more(session: &mut Session) {
    let manifest = session.folder("pilot").join("mod.toml");
    building::edit(&manifest, r#"functions = ["#, r#"functions = ["harbor:go_to", "#);
    session.notice("pilot");
}

#[test]
fn nothing_runs_before_it_was_allowed() {
    let mut session = Session::new();
    session.go_to(Screen::Sailing);
    session.ticks(100);
    assert!(session.ships().iter().all(|ship| ship.berth.is_none() && ship.place.x == harbor::harbour::SEA));
    assert_eq!((session.status("pilot"), session.stats("pilot").ticks), (ModStatus::AwaitsConsent, 0));
    let question = session.question().unwrap();
    assert!(question.starts_with("Customs 0.1.0 would like"), "{question}");
    assert!(question.contains("harbor:Treasury"), "{question}");

    session.answer(true);
    assert!(session.question().unwrap().starts_with("Pilot 0.1.0"), "one question after the other");
    session.answer(false);
    assert_eq!(session.question(), None);
    session.ticks(200);
    assert_eq!((session.status("customs"), session.status("pilot")), (ModStatus::Live, ModStatus::Refused));
    assert_eq!(session.whistles(), []);
}

#[test]
fn a_question_about_a_mod_that_is_gone_is_withdrawn() {
    let mut session = Session::new();
    session.ticks(1);
    assert!(session.question().unwrap().starts_with("Customs"));
    fs::remove_dir_all(session.folder("customs")).unwrap();
    session.notice("customs");
    session.ticks(1);
    assert!(session.question().unwrap().starts_with("Pilot"));
    fs::remove_dir_all(session.folder("pilot")).unwrap();
    session.notice("pilot");
    session.ticks(1);
    assert_eq!(session.question(), None);
}

#[test]
fn a_mod_that_wants_more_is_denied_and_its_old_code_continues() {
    let mut session = Session::sailing();
    session.until("a ship came in", |session| session.whistles().len() == 1);
    wants_more(&mut session);
    assert_eq!(session.reported("pilot", ModReportKind::AsksForMore), 1);
    assert!(session.question().unwrap().contains("harbor:go_to"));
    session.answer(false);
    assert_eq!(session.question(), None);
    session.until("the old pilot brings in another ship", |session| session.whistles().len() == 2);
    assert_eq!(session.stats("pilot").generation, 1);

    session.start_again();
    session.ticks(1);
    assert_eq!(session.question(), None, "what was denied is not asked again");
    session.go_to(Screen::Sailing);
    session.ticks(300);
    assert_eq!(session.whistles(), [], "and the code that was denied does not run");
    assert!(session.entity("customs").is_some());
}

#[test]
fn what_was_allowed_is_kept_for_the_next_game() {
    let mut session = Session::sailing();
    session.ticks(600);
    let coins = session.treasury();
    assert!(coins > 0);
    session.start_again();
    session.ticks(1);
    assert_eq!(session.question(), None);
    session.go_to(Screen::Sailing);
    session.ticks(600);
    assert_eq!(session.treasury(), coins, "the same happens again");

    fs::remove_file(session.grants()).unwrap();
    session.start_again();
    session.ticks(1);
    assert!(session.question().is_some(), "without the file the player is asked again");
    assert_eq!(session.status("pilot"), ModStatus::AwaitsConsent);
}
