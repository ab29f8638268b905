//! The start of a game beside its running frames, and the folder of compiled modules.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::time::{Duration, Instant};

use bevy_ecs::prelude::*;
use tinkerbox::{Consent, ModInfo, ModLoading, ModReloads, ModReportKind, ModStatus, Mods};

use super::*;

/// Plays frames until all mods are loaded.
fn until_loaded(game: &mut Game) {
    let begun = Instant::now();
    while !game.world().resource::<ModLoading>().is_done() {
        game.frame();
        assert!(begun.elapsed() < Duration::from_secs(60), "it never ends");
    }
}

#[test]
fn what_a_game_asks_for_when_it_first_sees_a_mod_is_done() {
    let mods = [("a", &version("aaa", 1, LOOK))];
    let mut game = Game::with(&mods, |plugin| plugin.consent(Consent::OffUntilEnabled).wait_for_mods(false));
    game.app.add_systems(bevy_app::Update, |new: Query<Entity, Added<ModInfo>>, mut mods: ResMut<Mods>| {
        new.iter().for_each(|entity| mods.enable(entity));
    });
    until_loaded(&mut game);
    game.frames(5);
    assert_eq!(game.status("aaa"), ModStatus::Live);
}

#[test]
fn a_folder_of_compiled_modules_that_is_another_users_is_refused() {
    let disk = tempfile::tempdir().unwrap();
    let cache = disk.path().join("cache");
    fs::create_dir(&cache).unwrap();
    if chown(&cache, Some(12_345), Some(12_345)).is_err() {
        return; // Only the superuser can make one.
    }
    let mut game = Game::with(&[("a", &mover("aaa", 1.0))], |plugin| plugin.cache(&cache));
    game.frame();
    assert!(
        game.world().resource::<ModReloads>().cache_failure().is_some(),
        "user 12345 can write machine code there"
    );
}

#[test]
fn a_folder_of_compiled_modules_that_every_user_can_replace_is_refused() {
    let disk = tempfile::tempdir().unwrap();
    let shared = disk.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
    let mut game = Game::with(&[("a", &mover("aaa", 1.0))], |plugin| plugin.cache(shared.join("cache")));
    game.frame();
    assert!(
        game.world().resource::<ModReloads>().cache_failure().is_some(),
        "every user can put another folder in its place"
    );
}

#[test]
fn a_game_that_takes_away_what_reloads_while_mods_are_loaded_goes_on() {
    let mut game = Game::with(&[("a", &mover("aaa", 1.0))], |plugin| plugin.wait_for_mods(false));
    game.frame();
    game.world().remove_resource::<ModReloads>();
    game.frames(3);
}

#[test]
fn a_link_to_a_folder_of_mods_counts_as_that_folder() {
    let disk = tempfile::tempdir().unwrap();
    let (mods, link) = (disk.path().join("mods"), disk.path().join("link"));
    fs::create_dir_all(mods.join("a")).unwrap();
    std::os::unix::fs::symlink(&mods, &link).unwrap();
    let text = mover("aaa", 1.0);
    fs::write(mods.join("a/mod.toml"), &text.manifest).unwrap();
    fs::write(mods.join("a/mod.wasm"), wat::parse_str(&text.wat).unwrap()).unwrap();
    let mut game = Game::with(&[], |plugin| plugin.also(&mods).also(&link));
    game.frame();
    assert_eq!(game.reports("aaa", ModReportKind::Refused), [""; 0]);
}

#[test]
fn a_folder_of_mods_inside_another_is_not_a_mod() {
    let disk = tempfile::tempdir().unwrap();
    let mods = disk.path().join("mods");
    fs::create_dir_all(mods.join("world/a")).unwrap();
    let text = mover("aaa", 1.0);
    fs::write(mods.join("world/a/mod.toml"), &text.manifest).unwrap();
    fs::write(mods.join("world/a/mod.wasm"), wat::parse_str(&text.wat).unwrap()).unwrap();
    let mut game = Game::with(&[], |plugin| plugin.also(&mods).also(mods.join("world")));
    game.frame();
    assert_eq!(game.status("aaa"), ModStatus::Live);
    assert_eq!(game.reports("world", ModReportKind::Refused), [""; 0]);
}
