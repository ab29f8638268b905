//! How the game manages its mods: disable and enable, unload and load, and reset.

use bevy_app::Update;
use bevy_ecs::prelude::*;
use tinkerbox::{ModReportKind, ModStatus, ModTime, Mods};

use crate::modding::games::game::*;
use crate::modding::games::log_lines::log_lines;

fn ask(game: &mut Game, id: &str, request: fn(&mut Mods, Entity)) {
    let mut mods = game.world().resource_mut::<Mods>();
    let entity = mods.entity(id).unwrap_or_else(|| panic!("there is no mod {id}"));
    request(&mut mods, entity);
}

#[test]
fn a_mod_is_turned_off_and_on() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0)), ("b", &mover("bbb", 100.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    ask(&mut game, "aaa", Mods::disable);
    game.frames(3);
    assert_eq!(game.x(entity), 401.0, "it is off from the next frame on, the other goes on");
    assert_eq!(game.status("aaa"), ModStatus::Disabled);
    assert_eq!(game.stats("aaa").ticks, 1);
    ask(&mut game, "aaa", Mods::enable);
    game.frame();
    assert_eq!((game.x(entity), game.status("aaa")), (502.0, ModStatus::Live));
    game.report("aaa", ModReportKind::Disabled);
    game.report("aaa", ModReportKind::Enabled);
}

#[test]
fn a_suspended_system_goes_on_where_it_was_when_its_mod_is_on_again() {
    let body = "(local $left i32) (local.set $left (i32.const 2000))
        (loop $ado (local.set $left (i32.sub (local.get $left) (i32.const 1))) (br_if $ado (local.get $left)))";
    let mut text = plain("slow", body);
    text.manifest = text.manifest.replace("[[system]]", "[budget]\nfuel = 5_000\nburst = 5_000\n[[system]]");
    let mut game = Game::new(&[("a", &text)]);
    game.frame();
    assert_eq!(game.status("slow"), ModStatus::Suspended { frames: 1 });
    ask(&mut game, "slow", Mods::disable);
    game.frames(100);
    assert_eq!((game.status("slow"), game.stats("slow").faults), (ModStatus::Disabled, 0));
    ask(&mut game, "slow", Mods::enable);
    game.frames(2);
    assert_eq!((game.status("slow"), game.stats("slow").faults), (ModStatus::Live, 0));
    assert_eq!(game.stats("slow").suspensions, 2, "10,000 units and some in three frames");
}

#[test]
fn a_mod_is_taken_out_and_comes_back_when_it_is_loaded() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    ask(&mut game, "aaa", Mods::unload);
    game.frames(2);
    assert_eq!(game.x(entity), 1.0);
    assert!(game.report("aaa", ModReportKind::Removed).contains("unloaded"));
    assert_eq!(game.world().resource::<Mods>().entity("aaa"), None);
    // Its files have not changed: a report that they have is not a reason to load it.
    game.changed("a");
    assert_eq!(game.x(entity), 1.0);
    let folder = game.folder("a");
    game.world().resource_mut::<Mods>().load(folder);
    game.frame();
    game.world().resource_mut::<tinkerbox::ModReloads>().finish_builds();
    // The frame that has started the build has not run it, however quickly it was built.
    assert_eq!(game.world().resource::<Mods>().entity("aaa"), None);
    game.frame();
    assert_eq!(game.stats("aaa").ticks, 1);
    assert_eq!(game.x(entity), 2.0);
    assert_eq!(game.reports("aaa", ModReportKind::Loaded).len(), 2);
}

#[test]
fn a_folder_is_loaded_however_its_path_is_spelled_and_only_from_where_mods_lie() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0)), ("b", &mover("bbb", 1.0))]);
    game.frame();
    let loads = |game: &mut Game, folder: &std::path::Path| {
        let before = game.reports("aaa", ModReportKind::Loaded).len();
        if game.world().resource::<Mods>().entity("aaa").is_some() {
            ask(game, "aaa", Mods::unload);
            game.frame();
        }
        game.world().resource_mut::<Mods>().load(folder);
        game.frame();
        game.world().resource_mut::<tinkerbox::ModReloads>().finish_builds();
        game.frame();
        let loaded = game.reports("aaa", ModReportKind::Loaded).len() - before;
        assert!(loaded <= 1, "{}", folder.display());
        loaded == 1
    };
    let folder = game.folder("a");
    let root = folder.parent().unwrap().to_owned();
    for spelled in ["b/../a", "./a", "a/", "a/.", "b/./../a"] {
        assert!(loads(&mut game, &root.join(spelled)), "{spelled}");
    }
    for elsewhere in ["a/..", "a/b", "", "../a", "b/a"] {
        assert!(!loads(&mut game, &root.join(elsewhere)), "{elsewhere}");
        // Loading it by its own name brings it back.
        assert!(loads(&mut game, &folder));
    }
    let infos: Vec<_> = game.world().query::<&tinkerbox::ModInfo>().iter(game.world()).cloned().collect();
    assert!(infos.iter().all(|info| info.folder.parent() == Some(&root)), "{infos:?}");
}

#[test]
fn a_mod_in_quarantine_gets_another_chance() {
    // It faults while the tick is below a thousand.
    let body = "(if (i64.lt_u (call $tick) (i64.const 1000)) (then unreachable))";
    let mut game = Game::new(&[("a", &plain("aaa", body))]);
    for _ in 0..100 {
        game.frame();
    }
    assert_eq!(game.status("aaa"), ModStatus::Quarantined);
    game.world().resource_mut::<ModTime>().tick = 2_000;
    game.frame();
    assert_eq!(game.status("aaa"), ModStatus::Quarantined);
    // Off and on is not enough, and that is said.
    game.report("aaa", ModReportKind::Quarantined);
    ask(&mut game, "aaa", Mods::disable);
    game.frame();
    assert_eq!(game.status("aaa"), ModStatus::Disabled);
    ask(&mut game, "aaa", Mods::enable);
    game.frame();
    assert_eq!(game.status("aaa"), ModStatus::Quarantined);
    assert_eq!(game.reports("aaa", ModReportKind::Quarantined).len(), 2);
    assert!(game.stats("aaa").last_message.contains("until its files change or the game resets it"));
    ask(&mut game, "aaa", Mods::reset);
    game.frames(3);
    assert_eq!(game.status("aaa"), ModStatus::Live);
    game.report("aaa", ModReportKind::Reset);
}

#[test]
fn a_reset_mod_begins_with_empty_memory_and_a_full_bucket() {
    let body = "(i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
        (i32.store8 (i32.const 8) (i32.add (i32.const 48) (i32.load8_u (i32.const 0))))
        (call $log (i32.const 2) (i32.const 8) (i32.const 1))";
    let mut game = Game::new(&[("a", &plain("aaa", body))]);
    game.frames(3);
    ask(&mut game, "aaa", Mods::reset);
    game.frames(2);
    let said = game.reports("aaa", ModReportKind::Log(tinkerbox::LogLevel::Info)).join("");
    assert_eq!(said, "12312");
}

#[test]
fn requests_about_what_is_no_mod_are_forgotten() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0))]);
    let entity = game.spawn_at(0.0);
    let mut mods = game.world().resource_mut::<Mods>();
    for request in [Mods::enable, Mods::disable, Mods::unload, Mods::reset] {
        request(&mut mods, entity);
        request(&mut mods, Entity::PLACEHOLDER);
    }
    game.frames(2);
    assert_eq!(game.x(entity), 2.0);
}

#[test]
fn mods_that_are_ticked_and_never_managed_are_told_of_once() {
    let mut game = Game::new(&[("a", &mover("aaa", 1.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    let mut ticks = |count: usize| {
        let lines = log_lines(|| (0..count).for_each(|_| game.world().run_schedule(Update)));
        lines.into_iter().filter(|(_, text)| text.contains("never managed")).count()
    };
    assert_eq!([ticks(998), ticks(1), ticks(3_000)], [0, 1, 0]);
    assert_eq!(game.x(entity), 4_000.0, "they run all the same");
    // A game that runs a fixed schedule often in a frame manages them in between.
    let lines = log_lines(|| {
        for _ in 0..50 {
            game.frame();
            (0..100).for_each(|_| game.world().run_schedule(Update));
        }
    });
    assert!(!lines.iter().any(|(_, text)| text.contains("never managed")));
}

#[test]
fn many_mods_that_are_added_to_a_running_game_are_started_over_several_frames() {
    let mut game = Game::new(&[("first", &mover("first", 1.0))]);
    game.frame();
    let name = |number: usize| format!("m{number:02}");
    let folders: Vec<String> = (0..40).map(name).collect();
    for folder in &folders {
        game.write(folder, &mover(folder, 1.0));
    }
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    game.changed_all(&folders);
    for live in [16, 32, 40] {
        for (number, id) in folders.iter().enumerate() {
            let expected = if number < live { ModStatus::Live } else { ModStatus::Loading };
            assert_eq!(game.status(id), expected, "{id} while {live} run");
        }
        game.frame();
    }
    assert!(
        game.all_reports().iter().all(|report| report.kind == ModReportKind::Loaded),
        "nothing else to say"
    );
}
