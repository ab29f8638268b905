//! The question to the player: that it is about what an answer allows, and that it is neither lost nor left over.

use tinkerbox::{Consent, ModGrants, ModStatus, Mods, Permission};

use super::*;

/// Version 1 runs from `b`, version 2 of it waits there, and then a copy of version 1 takes its id from `a`.
fn displaced_with_an_open_question() -> Game {
    let mut game = asking(&[("b", &version("aaa", 1, LOOK))]);
    ask(&mut game, "b", Mods::grant);
    game.rewrite("b", &version("aaa", 2, TOUCH));
    assert!(permissions(&mut game, "b").is_waiting);
    game.rewrite("a", &version("aaa", 1, LOOK));
    game.frame();
    game
}

#[test]
fn a_question_shows_what_the_answer_allows() {
    let mut game = displaced_with_an_open_question();
    let shown = permissions(&mut game, "b");
    let asks_to_write = shown.asked.contains(&Permission::Write("game:Position".to_owned()));
    assert!(!shown.is_waiting || asks_to_write, "it waits for an answer to: {shown:?}");
}

#[test]
fn a_question_that_is_shown_can_be_answered() {
    let mut game = displaced_with_an_open_question();
    let shown = permissions(&mut game, "b");
    if shown.is_waiting {
        let entity = in_folder(&mut game, "b");
        game.world().resource_mut::<Mods>().grant_seen(entity, &shown);
        game.frames(2);
        assert!(!permissions(&mut game, "b").is_waiting, "{:?}", game.all_reports().last());
    }
}

#[test]
fn a_harmless_question_allows_nothing_else() {
    let mut game = displaced_with_an_open_question();
    let shown = permissions(&mut game, "b");
    let is_harmless = shown.asked.iter().all(|asked| matches!(asked, Permission::Read(_)));
    if shown.is_waiting && is_harmless {
        // As the documentation of `Mods::grant` does it.
        ask(&mut game, "b", Mods::grant);
        game.take_out("a");
        game.frames(3);
        // And then whatever its files hold.
        let folder = game.folder("b");
        game.world().resource_mut::<Mods>().load(folder);
        game.frame();
        game.world().resource_mut::<tinkerbox::ModReloads>().finish_builds();
        game.frames(3);
        assert_eq!(heard(&game), [1], "version 2 writes, and no question said so");
    }
}

#[test]
fn a_question_is_open_as_long_as_the_files_ask_it() {
    let mut game = displaced_with_an_open_question();
    game.take_out("a");
    game.frames(3);
    let shown = permissions(&mut game, "b");
    assert!(shown.is_waiting, "the files hold version 2, and nobody has answered: {shown:?}");
}

#[test]
fn a_question_names_the_version_that_it_is_about() {
    let mut game = asking(&[("a", &version("aaa", 1, LOOK))]);
    game.rewrite("a", &version("aaa", 2, TOUCH));
    game.frame();
    let (shown, about) = (permissions(&mut game, "a"), info(&mut game, "a"));
    assert!(shown.is_waiting && shown.asked.contains(&Permission::Spawn));
    assert_eq!(about.version, "0.2.0");
}

#[test]
fn a_question_names_the_mod_that_it_is_about() {
    let mut game = asking(&[("a", &version("aaa", 1, LOOK))]);
    game.rewrite("a", &version("bbb", 2, TOUCH));
    game.frame();
    assert!(permissions(&mut game, "a").is_waiting);
    assert_eq!(info(&mut game, "a").id, "bbb");
}

#[test]
fn a_mod_whose_manifest_was_broken_is_found_by_its_id_when_it_waits() {
    let mut broken = version("aaa", 1, LOOK);
    broken.manifest = "[mod".to_owned();
    let mut game = asking(&[("folder", &broken)]);
    game.rewrite("folder", &version("aaa", 1, LOOK));
    game.frame();
    assert_eq!(info(&mut game, "folder").id, "aaa");
    assert_eq!(game.world().resource::<Mods>().entity("aaa"), Some(in_folder(&mut game, "folder")));
}

#[test]
fn a_mod_that_is_turned_off_is_the_one_that_is_off() {
    let mut broken = version("ccc", 1, LOOK);
    broken.manifest = "[mod".to_owned();
    let mut game = asking(&[("x", &version("bbb", 1, LOOK)), ("bbb", &broken)]);
    ask(&mut game, "x", Mods::grant);
    game.rewrite("bbb", &version("ccc", 2, TOUCH));
    game.frame();
    ask(&mut game, "bbb", Mods::disable);
    let grants = game.world().resource::<ModGrants>();
    assert_eq!((grants.is_off("bbb"), grants.is_off("ccc")), (false, true));
}

#[test]
fn what_was_refused_is_not_allowed_by_turning_the_mod_off_and_on() {
    for consent in [Consent::Ask, Consent::OffUntilEnabled] {
        let mut game = Game::with(&[("a", &version("aaa", 1, TOUCH))], |plugin| plugin.consent(consent));
        game.frame();
        ask(&mut game, "a", Mods::refuse);
        ask(&mut game, "a", Mods::disable);
        ask(&mut game, "a", Mods::enable);
        game.frames(2);
        assert_eq!(heard(&game), [0; 0], "{consent:?}");
    }
}

#[test]
fn no_question_is_open_about_an_id_that_is_taken() {
    let mut game = asking(&[("a", &version("aaa", 1, LOOK)), ("b", &version("aaa", 2, TOUCH))]);
    ask(&mut game, "a", Mods::grant);
    game.frames(2);
    assert_eq!(heard(&game), [1]);
    let shown = permissions(&mut game, "b");
    let entity = in_folder(&mut game, "b");
    let status = *game.world().get::<ModStatus>(entity).unwrap();
    assert_eq!((shown.is_waiting, status), (false, ModStatus::Refused));
}

#[test]
fn a_mod_that_waits_is_found_when_the_one_that_had_its_id_is_gone() {
    let mut game = asking(&[("a", &version("aaa", 1, LOOK))]);
    ask(&mut game, "a", Mods::grant);
    game.rewrite("b", &version("aaa", 2, TOUCH));
    game.take_out("a");
    game.frame();
    assert!(permissions(&mut game, "b").is_waiting);
    assert_eq!(game.world().resource::<Mods>().entity("aaa"), Some(in_folder(&mut game, "b")));
}

#[test]
fn a_mod_that_is_shown_as_off_is_off_after_a_restart() {
    let mut game = asking(&[("a", &version("aaa", 1, LOOK))]);
    ask(&mut game, "a", Mods::grant);
    ask(&mut game, "a", Mods::disable);
    game.rewrite("a", &version("aaa", 2, TOUCH));
    ask(&mut game, "a", Mods::grant);
    game.frames(2);
    let is_shown_off = game.status("aaa") == ModStatus::Disabled;
    assert_eq!(game.world().resource::<ModGrants>().is_off("aaa"), is_shown_off);
}

#[test]
fn what_is_enabled_is_what_the_player_has_seen() {
    let mut game =
        Game::with(&[("a", &version("aaa", 1, LOOK))], |plugin| plugin.consent(Consent::OffUntilEnabled));
    game.frame();
    let seen = permissions(&mut game, "a");
    assert_eq!(seen.asked, [Permission::Read("game:Position".to_owned())]);
    // While the player looks at that, its files change.
    game.rewrite("a", &version("aaa", 2, TOUCH));
    let entity = in_folder(&mut game, "a");
    game.world().resource_mut::<Mods>().enable_seen(entity, &seen);
    game.frames(2);
    assert_eq!(heard(&game), [0; 0], "nobody was asked whether it may write");
}
