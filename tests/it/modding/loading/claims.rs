//! Which of several mods run: after any changes to their folders, the same ones as in a game that starts now.

use std::collections::BTreeMap;
use std::fs;

use bevy_ecs::prelude::*;
use tinkerbox::{ModInfo, ModReportKind, ModStatus, Mods};

use crate::modding::games::game::*;

/// The running mods: id, version and folder's name.
fn running(game: &mut Game) -> BTreeMap<String, (String, String)> {
    let world = game.world();
    let mut mods = world.query::<(&ModInfo, &ModStatus)>();
    let live = mods
        .iter(world)
        .filter(|(_, status)| !matches!(status, ModStatus::Refused | ModStatus::AwaitsConsent));
    live.map(|(info, _)| {
        let folder = info.folder.file_name().unwrap().to_string_lossy().into_owned();
        (info.id.clone(), (info.version.clone(), folder))
    })
    .collect()
}

fn version(id: &str, version: &str) -> ModText {
    let mut text = mover(id, 1.0);
    text.manifest = text.manifest.replace("0.1.0", version);
    text
}

#[test]
fn a_folder_is_renamed_and_its_mod_runs_on_from_there() {
    for [from, to] in [["b", "a"], ["a", "b"], ["Flock", "flock"], ["flock", "Flock"]] {
        // In whatever way the system reports it: together, or one after the other.
        for order in [vec![vec![from, to]], vec![vec![from], vec![to]], vec![vec![to], vec![from]]] {
            let mut game = Game::new(&[(from, &mover("mover", 1.0))]);
            let entity = game.spawn_at(0.0);
            game.frame();
            fs::rename(game.folder(from), game.folder(to)).unwrap();
            order.iter().for_each(|folders| game.changed_all(folders));
            let x = game.x(entity);
            game.frame();
            assert_eq!(game.x(entity), x + 1.0, "{from} {to} {order:?}");
            assert_eq!(running(&mut game)["mover"].1, to);
            assert_eq!(game.status("mover"), ModStatus::Live);
            let it = game.entity("mover");
            assert_eq!(game.world().resource::<Mods>().entity("mover"), Some(it));
        }
    }
}

#[test]
fn the_first_of_two_namesakes_goes_and_the_other_runs() {
    let mut game = Game::new(&[("a", &mover("twin", 1.0)), ("b", &mover("twin", 10.0))]);
    let entity = game.spawn_at(0.0);
    game.frame();
    assert_eq!(game.x(entity), 1.0);
    game.take_out("a");
    assert_eq!(game.x(entity), 11.0, "in the frame in which the first is gone");
    assert_eq!(game.reports("twin", ModReportKind::Refused).len(), 1);
    game.report("twin", ModReportKind::Removed);
}

#[test]
fn a_namesake_runs_once_the_other_has_another_id_and_waits_again_when_it_is_back() {
    let mut game = Game::new(&[("a", &version("twin", "1.0.0")), ("b", &version("twin", "2.0.0"))]);
    game.frame();
    for _ in 0..3 {
        game.rewrite("a", &version("single", "1.0.0"));
        assert_eq!(running(&mut game)["twin"].1, "b");
        assert_eq!(running(&mut game)["single"].1, "a");
        game.rewrite("a", &version("twin", "1.0.0"));
        assert_eq!(running(&mut game)["twin"].1, "a");
        assert_eq!(running(&mut game).len(), 1);
    }
}

#[test]
fn two_folders_swap_their_ids() {
    for folders in [vec![vec!["a", "b"]], vec![vec!["a"], vec!["b"]], vec![vec!["b"], vec!["a"]]] {
        let mut game = Game::new(&[("a", &version("one", "1.0.0")), ("b", &version("two", "2.0.0"))]);
        game.frame();
        game.write("a", &version("two", "2.1.0"));
        game.write("b", &version("one", "1.1.0"));
        folders.iter().for_each(|folders| game.changed_all(folders));
        let expected = [("one", ("1.1.0", "b")), ("two", ("2.1.0", "a"))];
        let expected = expected.map(|(id, (version, folder))| (id.into(), (version.into(), folder.into())));
        assert_eq!(running(&mut game), expected.into(), "{folders:?}");
    }
}

#[test]
fn another_mod_in_the_same_folder_takes_its_place() {
    let mut game = Game::new(&[("mover", &mover("mover", 1.0))]);
    game.frame();
    game.rewrite("mover", &mover("other", 1.0));
    assert_eq!(running(&mut game).into_keys().collect::<Vec<_>>(), ["other"]);
    let removed = game.report("mover", ModReportKind::Removed);
    assert!(removed.contains("its folder holds the mod `other` now"), "{removed}");
    game.report("other", ModReportKind::Loaded);
}

#[test]
fn who_was_taken_out_by_the_game_makes_room_too() {
    let mut game = Game::new(&[("a", &mover("twin", 1.0)), ("b", &mover("twin", 10.0))]);
    game.frame();
    let first = game.world().resource::<Mods>().entity("twin").unwrap();
    game.world().despawn(first);
    game.frame();
    assert_eq!(running(&mut game)["twin"].1, "b");
    let second = game.world().resource::<Mods>().entity("twin").unwrap();
    game.world().resource_mut::<Mods>().unload(second);
    game.frame();
    assert!(running(&mut game).is_empty());
}

#[test]
fn a_circle_is_looked_at_again_when_one_of_it_goes_or_changes() {
    let wish = |id: &str, version: &str, after: &str| {
        let mut text = mover(id, 1.0);
        text.manifest = text
            .manifest
            .replace("0.1.0", version)
            .replace("name = \"move\"\n", &format!("name = \"move\"\nafter = [\"{after}:move\"]\n"));
        text
    };
    let [first, second] = [wish("aaa", "1.0.0", "bbb"), wish("bbb", "1.0.0", "aaa")];
    let mut game = Game::new(&[("a", &first), ("b", &second)]);
    game.frame();
    assert_eq!(running(&mut game).into_keys().collect::<Vec<_>>(), ["aaa"]);
    game.rewrite("a", &wish("aaa", "1.1.0", "ccc"));
    assert_eq!(running(&mut game).into_keys().collect::<Vec<_>>(), ["aaa", "bbb"]);
    // The last mod in a circle is held back, whatever happens to the others, until one of them is removed.
    game.rewrite("c", &wish("ccc", "1.0.0", "bbb"));
    game.rewrite("b", &wish("bbb", "1.2.0", "ccc"));
    let expected = [("aaa", "1.1.0"), ("bbb", "1.2.0")];
    let versions = |game: &mut Game| -> Vec<(String, String)> {
        running(game).into_iter().map(|(id, (version, _))| (id, version)).collect()
    };
    assert_eq!(versions(&mut game), expected.map(|(id, version)| (id.to_owned(), version.to_owned())));
    game.take_out("b");
    assert_eq!(running(&mut game).into_keys().collect::<Vec<_>>(), ["aaa", "ccc"]);
}

#[test]
fn old_code_goes_on_while_the_new_one_would_close_a_circle() {
    let wish = |id: &str, version_is: &str, order: &str| {
        let mut text = version(id, version_is);
        text.manifest = text.manifest.replace("name = \"move\"\n", &format!("name = \"move\"\n{order}\n"));
        text
    };
    let waits = wish("aaa", "1.0.0", "after = [\"bbb:move\"]");
    let mut game = Game::new(&[("a", &waits), ("b", &version("bbb", "1.0.0"))]);
    game.frame();
    game.rewrite("b", &wish("bbb", "2.0.0", "after = [\"aaa:move\"]"));
    assert_eq!(running(&mut game)["bbb"].0, "1.0.0");
    let refusal = game.report("bbb", ModReportKind::ReloadRefused);
    assert!(refusal.contains("waits for") && refusal.contains("The old code continues"), "{refusal}");
    game.frames(3);
    game.report("bbb", ModReportKind::ReloadRefused);
    game.rewrite("a", &version("aaa", "1.1.0"));
    game.frame();
    assert_eq!(running(&mut game)["bbb"].0, "2.0.0");
    assert_eq!(running(&mut game)["aaa"].0, "1.1.0");
}

/// A small pseudo-random generator, the same on every platform.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const FOLDERS: [&str; 6] = ["B", "a", "b", "c", "flock", "z"];

/// Changes the folders at random, and returns the names of those that changed.
fn change(game: &Game, chance: &mut Chance, round: usize) -> Vec<&'static str> {
    let folder = chance.one_of(&FOLDERS);
    let other = chance.one_of(&FOLDERS);
    let is_there = |name: &str| game.folder(name).is_dir();
    match chance.below(6) {
        0 if is_there(folder) => game.remove_folder(folder),
        1 | 2 if is_there(folder) && !is_there(other) => {
            fs::rename(game.folder(folder), game.folder(other)).unwrap();
        }
        3 if is_there(folder) && is_there(other) && folder != other => {
            let [folder, other, aside] = [folder, other, ".aside"].map(|name| game.folder(name));
            fs::rename(&folder, &aside).unwrap();
            fs::rename(&other, &folder).unwrap();
            fs::rename(&aside, &other).unwrap();
        }
        4 if is_there(folder) && !is_there(other) => {
            for file in ["mod.toml", "mod.wasm"] {
                game.write_file(other, file, &fs::read(game.folder(folder).join(file)).unwrap());
            }
        }
        _ => game.write(folder, &version(chance.one_of(&["one", "two", "three"]), &format!("1.0.{round}"))),
    }
    vec![folder, other]
}

/// Copies of all mods, in a game that starts now.
fn fresh(game: &Game) -> BTreeMap<String, (String, String)> {
    let mut fresh = Game::new(&[]);
    for folder in FOLDERS.into_iter().filter(|folder| game.folder(folder).is_dir()) {
        for file in ["mod.toml", "mod.wasm"] {
            fresh.write_file(folder, file, &fs::read(game.folder(folder).join(file)).unwrap());
        }
    }
    fresh.frame();
    running(&mut fresh)
}

#[test]
fn after_any_changes_the_same_runs_as_after_a_fresh_start() {
    for seed in 0..12 {
        let mut chance = Chance(seed);
        let mut game = Game::new(&[]);
        let mut done = Vec::new();
        game.frame();
        for round in 0..25 {
            let folders = change(&game, &mut chance, round);
            done.push((round, folders.clone()));
            // Some changes are reported together, some one by one, some as "anything may have changed".
            match chance.below(4) {
                0 => continue,
                1 => game.changed(""),
                2 => game.changed_all(&folders),
                _ => folders.iter().rev().for_each(|folder| game.changed(folder)),
            }
            if chance.below(3) == 0 {
                FOLDERS.iter().for_each(|folder| game.changed(folder));
                assert_eq!(running(&mut game), fresh(&game), "seed {seed}, {done:?}");
            }
        }
        game.changed("");
        assert_eq!(running(&mut game), fresh(&game), "seed {seed}, {done:?}");
        let world = game.world();
        let count = world.query_filtered::<Entity, With<ModInfo>>().iter(world).count();
        let there = FOLDERS.iter().filter(|folder| game.folder(folder).is_dir()).count();
        assert_eq!(count, there, "seed {seed}: an entity for each folder");
    }
}
