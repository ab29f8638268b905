//! Compiled mods in a folder of the game's: a second start compiles nothing, and nothing that is wrong with the folder stops
//! a game or is ever run.

use std::fs;
use std::path::{Path, PathBuf};

use tinkerbox::{ModReloads, ModStatus};
use tracing::Level;

use crate::modding::games::game::*;
use crate::modding::games::log_lines::log_lines;

const COUNT: usize = 5;

fn mods() -> Vec<(String, ModText)> {
    (0..COUNT).map(|number| (format!("m{number}"), mover(&format!("mover{number}"), 1.0))).collect()
}

/// Starts a game with these mods, plays a frame, and returns how many of them were compiled. All of them have to run.
fn start(cache: &Path) -> u64 {
    let mods = mods();
    let mods: Vec<(&str, &ModText)> = mods.iter().map(|(folder, text)| (folder.as_str(), text)).collect();
    let mut game = Game::with(&mods, |plugin| plugin.cache(cache));
    let entity = game.spawn_at(0.0);
    game.frame();
    assert_eq!(game.x(entity), COUNT as f32);
    game.world().resource::<ModReloads>().compiled()
}

fn files(cache: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_second_start_compiles_nothing() {
    let disk = tempfile::tempdir().unwrap();
    let cache = disk.path().join("cache/mods");
    // Their modules are equal, so that even the first start compiles fewer.
    let first = start(&cache);
    assert!((1..=COUNT as u64).contains(&first), "{first}");
    assert_eq!((start(&cache), start(&cache)), (0, 0));
    assert_eq!(files(&cache).len(), 1, "all movers have the same code");
}

#[test]
fn a_reload_goes_through_the_cache_too() {
    let disk = tempfile::tempdir().unwrap();
    let mut game = Game::with(&[("a", &mover("aaa", 1.0))], |plugin| plugin.cache(disk.path()));
    game.frame();
    let compiled = |game: &mut Game| game.world().resource::<ModReloads>().compiled();
    assert_eq!(compiled(&mut game), 1);
    game.rewrite("a", &mover("aaa", 2.0));
    assert_eq!((compiled(&mut game), game.stats("aaa").generation), (2, 2));
    game.rewrite("a", &mover("aaa", 1.0));
    assert_eq!((compiled(&mut game), game.stats("aaa").generation), (2, 3));
}

#[test]
fn every_damage_is_compiled_away() {
    let disk = tempfile::tempdir().unwrap();
    let cache = disk.path();
    start(cache);
    let [file] = &files(cache)[..] else { panic!("one module") };
    let whole = fs::read(file).unwrap();
    let damages: [&dyn Fn(); 5] = [
        &|| fs::write(file, b"").unwrap(),
        &|| fs::write(file, &whole[..whole.len() / 2]).unwrap(),
        &|| {
            let mut other = whole.clone();
            other[whole.len() / 2] ^= 1;
            fs::write(file, other).unwrap();
        },
        &|| fs::write(file, [&whole[..], b"more"].concat()).unwrap(),
        &|| {
            fs::remove_file(file).unwrap();
            fs::create_dir(file).unwrap();
        },
    ];
    for (number, damage) in damages.iter().enumerate() {
        damage();
        assert!(start(cache) > 0, "damage {number}");
        if file.is_file() {
            assert_eq!(fs::read(file).unwrap(), whole, "damage {number} is mended");
            assert_eq!(start(cache), 0);
        }
    }
}

#[test]
fn a_folder_that_can_not_be_used_is_said_once() {
    let disk = tempfile::tempdir().unwrap();
    let file = disk.path().join("file");
    fs::write(&file, "").unwrap();
    let mut compiled = 0;
    // A game that waits builds some of its mods on its own thread, where what is logged can be seen.
    let lines = log_lines(|| compiled = start(&file));
    let told: Vec<_> = lines.iter().filter(|(_, text)| text.contains("compiled mods are not kept")).collect();
    assert!(told.len() <= 1, "{told:#?}");
    assert!(told.iter().all(|(level, text)| *level == Level::WARN && text.contains("ModdingPlugin::cache")));
    assert_eq!(compiled, COUNT as u64);
}

#[test]
fn a_folder_of_mods_is_refused() {
    for inside in ["", "cache", "m0"] {
        let disk = tempfile::tempdir().unwrap();
        let mods = disk.path().join("mods");
        fs::create_dir(&mods).unwrap();
        let cache = mods.join(inside);
        let (mut game, mut status) = (None, None);
        let lines = log_lines(|| {
            let text = mover("aaa", 1.0);
            let mut made = Game::with(&[("a", &text)], |plugin| plugin.also(&mods).cache(&cache));
            made.frame();
            status = Some(made.status("aaa"));
            game = Some(made);
        });
        assert_eq!(status, Some(ModStatus::Live), "the game goes on without");
        let failure = game.unwrap().world().resource::<ModReloads>().cache_failure().unwrap().to_owned();
        assert!(failure.contains("a mod could bring machine code along"), "{failure}");
        assert!(lines.contains(&(Level::ERROR, failure)), "{lines:#?}");
        assert_eq!(fs::read_dir(&mods).unwrap().count(), 0, "nothing was written there");
    }
}
