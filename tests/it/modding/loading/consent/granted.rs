//! A grant to a mod covers one content of it: later contents have to ask again.

use bevy_ecs::entity::Entity;
use tinkerbox::{LogLevel, ModReportKind, ModStatus, Mods};

use crate::modding::games::game::*;

/// A mod that tells its number in each tick, with `rest` in its manifest.
fn version(number: u32, rest: &str) -> ModText {
    ModText {
        manifest: head("aaa").replace("0.1.0", &format!("0.{number}.0")) + rest + &plain_system("run"),
        wat: module(&format!("{TELL} (func (export \"sys_run\") (call $tell (i32.const {number})))")),
    }
}

const LITTLE: &str = "[permissions]\nread = [\"game:Position\"]\n";
const MORE: &str = "[permissions]\nread = [\"game:Position\", \"game:Mood\"]\nspawn = true\n";
const MOST: &str = "[permissions]\nread = [\"game:Position\", \"game:Mood\"]\nwrite = [\"game:Velocity\"]\nspawn = true\ndespawn = true\n";

fn allow(game: &mut Game) {
    let entity = game.entity("aaa");
    game.world().resource_mut::<Mods>().grant(entity);
}

/// The version that runs in the next frame.
fn runs(game: &mut Game) -> i64 {
    game.frame();
    *game.told("aaa").last().unwrap()
}

#[test]
fn what_is_allowed_is_the_version_that_waits_and_no_later_one() {
    let mut game = Game::new(&[("a", &version(1, LITTLE))]);
    game.frame();
    game.rewrite("a", &version(2, MORE));
    assert_eq!(runs(&mut game), 1);
    allow(&mut game);
    // The third version arrives before the frame that would apply the permission.
    game.rewrite("a", &version(3, MOST));
    assert_eq!(runs(&mut game), 1, "version 3 was not allowed");
    allow(&mut game);
    assert_eq!(runs(&mut game), 3);
    game.rewrite("a", &version(4, MOST));
    assert_eq!(runs(&mut game), 4, "it asks for no more");
}

#[test]
fn what_was_allowed_once_may_come_back_and_its_like_may_not() {
    let mut game = Game::new(&[("a", &version(1, LITTLE))]);
    game.frame();
    game.rewrite("a", &version(2, MORE));
    allow(&mut game);
    assert_eq!(runs(&mut game), 2);
    game.rewrite("a", &version(1, LITTLE));
    assert_eq!(runs(&mut game), 1);
    game.rewrite("a", &version(2, MORE));
    assert_eq!(runs(&mut game), 2, "the same content is known");
    game.rewrite("a", &version(1, LITTLE));
    game.rewrite("a", &version(3, MORE));
    assert_eq!(runs(&mut game), 1, "another one with the same wishes is not");
}

#[test]
fn it_does_nothing_where_nothing_waits_and_is_not_kept_for_later() {
    let mut game = Game::new(&[("a", &version(1, LITTLE))]);
    game.frame();
    allow(&mut game);
    assert_eq!(runs(&mut game), 1);
    let warning = game.report("aaa", ModReportKind::Log(LogLevel::Warn));
    assert!(warning.contains("`Mods::grant` does nothing"), "{warning}");
    game.rewrite("a", &version(2, MOST));
    assert_eq!(runs(&mut game), 1);
    assert_eq!(game.stats("aaa").generation, 1);
}

#[test]
fn a_larger_budget_is_more() {
    let budget = |budget: &str| format!("[budget]\n{budget}\n{LITTLE}");
    let first = budget("fuel = 10_000\nburst = 20_000\nmemory = \"1 MiB\"");
    for (rest, words) in [
        ("fuel = 10_001\nburst = 20_000\nmemory = \"1 MiB\"", "a fuel of 10001 in place of 10000"),
        ("fuel = 10_000\nburst = 20_001\nmemory = \"1 MiB\"", "a burst of 20001 in place of 20000"),
        ("fuel = 10_000\nburst = 20_000\nmemory = \"2 MiB\"", "a memory of 2097152 in place of 1048576"),
    ] {
        let mut game = Game::new(&[("a", &version(1, &first))]);
        game.frame();
        game.rewrite("a", &version(2, &budget(rest)));
        assert_eq!(runs(&mut game), 1, "{rest}");
        let refusal = game.report("aaa", ModReportKind::AsksForMore);
        assert!(refusal.contains(words), "{refusal}");
        allow(&mut game);
        assert_eq!(runs(&mut game), 2, "{rest}");
        game.rewrite("a", &version(3, &budget("fuel = 5_000\nburst = 5_000\nmemory = \"1 MiB\"")));
        assert_eq!(runs(&mut game), 3, "less is not more");
    }
}

#[test]
fn a_folder_that_is_put_back_is_granted_what_it_had() {
    let ways: [fn(&mut Game); 2] = [
        |game| {
            game.take_out("a");
        },
        |game| {
            game.unload("aaa");
        },
    ];
    for take_out in ways {
        for folder in ["a", "b"] {
            let mut game = Game::new(&[("a", &version(1, LITTLE))]);
            game.frame();
            take_out(&mut game);
            assert_eq!(game.world().resource::<Mods>().entity("aaa"), None);
            game.rewrite(folder, &version(2, MOST));
            assert_eq!(runs(&mut game), 1, "nothing runs");
            assert_eq!(game.status("aaa"), ModStatus::AwaitsConsent);
            let refusal = game.report("aaa", ModReportKind::AsksForMore);
            assert!(
                refusal.contains("asks for more than it was granted before: read game:Mood"),
                "{refusal}"
            );
            allow(&mut game);
            assert_eq!(runs(&mut game), 2);
            assert_eq!(game.status("aaa"), ModStatus::Live);
            game.take_out(folder);
            game.rewrite(folder, &version(2, MOST));
            game.frame();
            assert_eq!(game.status("aaa"), ModStatus::Live, "what was allowed is remembered");
        }
    }
}

/// The same mod under another id.
fn under(id: &str, text: &ModText) -> ModText {
    ModText {
        manifest: text.manifest.replace("id = \"aaa\"", &format!("id = \"{id}\"")),
        wat: text.wat.clone(),
    }
}

/// The ids of running mods.
fn running(game: &mut Game) -> Vec<String> {
    let world = game.world();
    let mut mods = world.query::<(&tinkerbox::ModInfo, &ModStatus)>();
    let live = mods
        .iter(world)
        .filter(|(_, status)| !matches!(status, ModStatus::Refused | ModStatus::AwaitsConsent));
    let mut ids: Vec<_> = live.map(|(info, _)| info.id.clone()).collect();
    ids.sort();
    ids
}

#[test]
fn another_id_in_a_folder_is_no_way_to_more() {
    let budget = |fuel: u32| format!("[budget]\nfuel = {fuel}\nburst = {fuel}\n");
    let steps = ["", LITTLE, MORE, MOST];
    for (before, old) in steps.into_iter().enumerate() {
        for (after, new) in steps.into_iter().enumerate() {
            for (fuel_before, fuel_after) in [(50, 50), (50, 40), (50, 60)] {
                let [old, new] = [(old, fuel_before), (new, fuel_after)]
                    .map(|(rights, fuel)| version(1, &(budget(fuel * 1_000) + rights)));
                let mut game = Game::new(&[("a", &old)]);
                game.frame();
                game.rewrite("a", &under("bbb", &new));
                let context = format!("{before}, then {after}; {fuel_before}, then {fuel_after}");
                if after <= before && fuel_after <= fuel_before {
                    assert_eq!(running(&mut game), ["bbb"], "{context}");
                    continue;
                }
                game.frames(3);
                assert_eq!(running(&mut game), [""; 0], "{context}: neither of them");
                let refusal = game.report("bbb", ModReportKind::AsksForMore);
                let words = "asks for more than the mod `aaa` had, which ran in its folder before: ";
                assert!(refusal.contains("a/mod.toml: ") && refusal.contains(words), "{refusal}");
                game.report("aaa", ModReportKind::Removed);
                // Neither is a third one, nor the folder when it is created again.
                game.rewrite("a", &under("ccc", &new));
                assert_eq!(running(&mut game), [""; 0], "{context}: the third");
                game.take_out("a");
                game.rewrite("a", &under("bbb", &new));
                assert_eq!(running(&mut game), [""; 0], "{context}: it comes back");
                let entity = game.entity("bbb");
                game.world().resource_mut::<Mods>().grant(entity);
                game.frame();
                assert_eq!(running(&mut game), ["bbb"], "{context}: it is allowed");
                // From now on these are the folder's grants, and the first id's grants are unchanged.
                game.rewrite("a", &under("ddd", &new));
                assert_eq!(running(&mut game), ["ddd"], "{context}");
                game.rewrite("a", &old);
                assert_eq!(running(&mut game), ["aaa"], "{context}");
                game.rewrite("a", &under("aaa", &new));
                assert_eq!(running(&mut game), ["aaa"], "{context}");
                let entity = game.entity("aaa");
                assert_eq!(
                    game.world().get::<tinkerbox::ModStats>(entity).unwrap().generation,
                    1,
                    "{context}"
                );
            }
        }
    }
}

#[test]
fn what_is_allowed_to_another_id_is_that_content_and_no_other() {
    let mut game = Game::new(&[("a", &version(1, LITTLE))]);
    game.frame();
    game.rewrite("a", &under("bbb", &version(2, MORE)));
    let entity = game.entity("bbb");
    game.world().resource_mut::<Mods>().grant(entity);
    // The next version arrives before the frame that would apply the permission.
    game.rewrite("a", &under("bbb", &version(3, MORE)));
    assert_eq!(running(&mut game), [""; 0], "version 3 was not allowed");
    game.rewrite("a", &under("bbb", &version(2, MORE)));
    game.frame();
    assert_eq!(running(&mut game), ["bbb"], "version 2 was");
}

#[test]
fn an_id_with_grants_of_its_own_has_these_in_any_folder() {
    let mut game = Game::new(&[("a", &version(1, LITTLE)), ("b", &under("bbb", &version(1, MOST)))]);
    game.frame();
    assert_eq!(running(&mut game), ["aaa", "bbb"]);
    // A mod with few grants gets no more in the folder of one that has more.
    game.take_out("a");
    game.rewrite("b", &version(2, MORE));
    game.frame();
    assert_eq!(running(&mut game), [""; 0]);
    let refusal = game.report("aaa", ModReportKind::AsksForMore);
    assert!(refusal.contains("asks for more than it was granted before: "), "{refusal}");
    // A mod with many grants keeps them in the folder of one that has few.
    game.rewrite("b", &version(1, LITTLE));
    game.frame();
    assert_eq!(running(&mut game), ["aaa"]);
    game.rewrite("b", &under("bbb", &version(2, MOST)));
    game.frame();
    assert_eq!(running(&mut game), ["bbb"]);
    // A new id in a new folder is a new mod.
    game.rewrite("c", &under("ccc", &version(1, MOST)));
    game.frame();
    assert_eq!(running(&mut game), ["bbb", "ccc"]);
}

#[test]
fn allowing_is_not_offered_where_another_mod_has_the_id() {
    // The folder of the mod that takes the id comes after the owner's, or before it.
    for folder in ["b", "0"] {
        let mut game = Game::new(&[("a", &version(1, LITTLE)), (folder, &under("bbb", &version(1, LITTLE)))]);
        game.frame();
        game.rewrite(folder, &version(2, MOST));
        game.frame();
        assert_eq!(running(&mut game), ["aaa"], "{folder}");
        let refusal = game.report("aaa", ModReportKind::Refused);
        assert!(refusal.contains(&format!("{folder}/mod.toml")), "{refusal}");
        assert!(refusal.contains("has the id `aaa` too"), "{refusal}");
        assert!(!refusal.contains("asks for more"), "{refusal}");
        // Once the other one is gone, what it asks for is the question that is left.
        game.take_out("a");
        game.frame();
        assert_eq!(running(&mut game), [""; 0], "{folder}");
        let question = game.report("aaa", ModReportKind::AsksForMore);
        assert!(question.contains("asks for more than it was granted before: "), "{question}");
        allow(&mut game);
        game.frame();
        assert_eq!(running(&mut game), ["aaa"], "{folder}: it is allowed");
    }
}

#[test]
fn on_another_entity_it_does_nothing() {
    let mut game = Game::new(&[("a", &version(1, LITTLE))]);
    game.frame();
    let other = game.world().spawn_empty().id();
    for entity in [other, Entity::PLACEHOLDER] {
        game.world().resource_mut::<Mods>().grant(entity);
        game.world().resource_mut::<Mods>().refuse(entity);
    }
    assert_eq!(runs(&mut game), 1);
    assert!(game.app.world().get_entity(other).is_ok());
}

#[test]
fn what_waits_is_forgotten_when_what_may_run_comes_back() {
    let mut game = Game::new(&[("a", &version(1, LITTLE))]);
    game.frame();
    game.take_out("a");
    game.rewrite("a", &version(2, MOST));
    assert_eq!(runs(&mut game), 1, "nothing runs");
    game.rewrite("a", &version(1, LITTLE));
    assert_eq!((runs(&mut game), game.status("aaa")), (1, ModStatus::Live));
    allow(&mut game);
    assert_eq!(runs(&mut game), 1, "version 2 waits no more");
    assert_eq!(game.reports("aaa", ModReportKind::Reloaded), [""; 0]);
}
