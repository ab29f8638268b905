//! Anything in any order, against what would be if the game were started now.

use std::collections::{BTreeMap, BTreeSet};

use bevy_ecs::prelude::*;
use tinkerbox::{Consent, ModGrants, ModInfo, ModPermissions, ModReloads, ModStatus, Mods, content_hash};

use super::*;

struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most
    }
}

/// What no manifest holds.
const NONSENSE: &str = "[nonsense]\n";

const FOLDERS: [&str; 3] = ["aaa", "bbb", "ccc"];

/// The mods whose code is there, by their versions. A mod may be off in this session only.
fn live(game: &mut Game) -> BTreeSet<String> {
    let world = game.world();
    let mut mods = world.query::<(&ModInfo, &ModStatus, &ModPermissions)>();
    let grants = world.resource::<ModGrants>();
    let has_code = |(info, status, permissions): &(&ModInfo, &ModStatus, &ModPermissions)| match status {
        ModStatus::Live => true,
        ModStatus::Disabled => !grants.is_off(&info.id) && !permissions.granted.is_empty(),
        _ => false,
    };
    let live = mods.iter(world).filter(has_code);
    live.map(|(info, ..)| format!("{} {}", info.id, info.version)).collect()
}

/// The contents about which there is an open question, of mods that are on.
fn waiting(game: &mut Game) -> BTreeSet<String> {
    let world = game.world();
    let mut mods = world.query::<(&ModInfo, &ModPermissions)>();
    let grants = world.resource::<ModGrants>();
    let waiting = mods.iter(world).filter(|(info, it)| it.is_waiting && !grants.is_off(&info.id));
    waiting.map(|(_, it)| it.content.clone()).collect()
}

fn settle(game: &mut Game) {
    game.frame();
    game.world().resource_mut::<ModReloads>().finish_builds();
    game.frames(3);
}

/// Compares with a game that is started now.
fn compare(
    game: &mut Game,
    disk: &BTreeMap<&str, ModText>,
    consent: Consent,
    grants: &str,
) -> Result<(), String> {
    let mods: Vec<(&str, &ModText)> = disk.iter().map(|(folder, text)| (*folder, text)).collect();
    let mut fresh = Game::with(&mods, |plugin| plugin.game("pasture").consent(consent));
    fresh.world().insert_resource(toml::from_str::<ModGrants>(grants).unwrap());
    fresh.frames(2);
    let (ours, theirs) = (live(game), live(&mut fresh));
    if !theirs.is_subset(&ours) {
        return Err(format!("{theirs:?} would run if the game were started now, and {ours:?} runs"));
    }
    // A folder whose own files are refused keeps its old code, and with it its id, about which nobody else is asked then.
    if disk.values().any(|text| text.manifest.contains(NONSENSE)) {
        return Ok(());
    }
    let decided = |content: &String| grants.contains(content.as_str());
    let (mut ours, theirs) = (waiting(game), waiting(&mut fresh));
    // Of two folders with the same content only one is asked about.
    ours.retain(|content| theirs.contains(content) || !decided(content));
    if ours != theirs {
        return Err(format!("{theirs:?} would wait if the game were started now, and {ours:?} waits"));
    }
    Ok(())
}

fn play(consent: Consent, seed: u64, steps: usize) -> Result<(), String> {
    let mut random = Random(seed * 7919 + 1);
    let mut game = Game::with(&[], |plugin| plugin.game("pasture").consent(consent));
    game.frame();
    let mut disk: BTreeMap<&str, ModText> = BTreeMap::new();
    let mut hashes: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    let mut unloaded: BTreeSet<&str> = BTreeSet::new();
    let mut log = Vec::new();
    let mut allowed: BTreeSet<String> = BTreeSet::new();
    for _ in 0..steps {
        let folder = FOLDERS[random.below(3) as usize];
        let op = random.below(13);
        let number = random.below(4) as u32 + 1;
        let id = FOLDERS[random.below(2) as usize];
        let is_broken = random.below(6) == 0;
        let all: Vec<Entity> =
            game.world().query_filtered::<Entity, With<ModInfo>>().iter(game.app.world()).collect();
        let entity = all.get(random.below(all.len().max(1) as u64) as usize).copied();
        let of = entity.map(|entity| {
            game.world().get::<ModInfo>(entity).unwrap().folder.file_name().unwrap().display().to_string()
        });
        let request = |game: &mut Game, way: fn(&mut Mods, Entity)| {
            if let Some(entity) = entity {
                way(&mut game.world().resource_mut::<Mods>(), entity);
            }
        };
        match op {
            0..=2 => {
                let mut text = version(id, number, [LOOK, TOUCH, LOOK, TOUCH][number as usize - 1]);
                if is_broken {
                    text.manifest.push_str(NONSENSE);
                }
                log.push(format!("write {folder}: {id} {number}, broken: {is_broken}"));
                let hash = content_hash(text.manifest.as_bytes(), &wat::parse_str(&text.wat).unwrap());
                hashes.entry(number).or_default().insert(hash);
                game.rewrite(folder, &text);
                // The same content once more is no change.
                if disk.get(folder).is_none_or(|before| before.manifest != text.manifest) {
                    unloaded.remove(folder);
                }
                disk.insert(folder, text);
            }
            3 if disk.contains_key(folder) => {
                log.push(format!("take out {folder}"));
                game.take_out(folder);
                disk.remove(folder);
                unloaded.remove(folder);
            }
            4 if disk.contains_key(folder) => {
                log.push(format!("load {folder}"));
                let path = game.folder(folder);
                game.world().resource_mut::<Mods>().load(path);
                unloaded.remove(folder);
            }
            5 | 6 => {
                log.push(format!("grant {of:?}"));
                request(&mut game, Mods::grant);
            }
            7 => {
                log.push(format!("refuse {of:?}"));
                request(&mut game, Mods::refuse);
            }
            8 => {
                log.push(format!("disable {of:?}"));
                request(&mut game, Mods::disable);
            }
            9 => {
                log.push(format!("enable {of:?}"));
                request(&mut game, Mods::enable);
            }
            10 => {
                log.push(format!("unload {of:?}"));
                request(&mut game, Mods::unload);
                if let Some(of) = &of {
                    unloaded.extend(FOLDERS.iter().filter(|it| **it == of.as_str()));
                }
            }
            11 => {
                log.push(format!("reset {of:?}"));
                request(&mut game, Mods::reset);
            }
            12 => {
                log.push("pause, or not".to_owned());
                let mut mods = game.world().resource_mut::<Mods>();
                let is_paused = mods.is_paused();
                mods.pause(!is_paused);
            }
            _ => continue,
        }
        settle(&mut game);
        let grants = game.world().resource::<ModGrants>().clone();
        let text = toml::to_string(&grants).unwrap();
        for hash in hashes.values().flatten() {
            let granted: toml::Table = toml::from_str(&text).unwrap();
            let is_granted = granted.get("mods").and_then(|it| it.as_table()).is_some_and(|mods| {
                mods.values()
                    .any(|it| it["granted"].as_array().unwrap().iter().any(|it| it.as_str() == Some(hash)))
            });
            if is_granted {
                allowed.insert(hash.clone());
            }
        }
        for number in heard(&game) {
            if !hashes[&number].iter().any(|hash| allowed.contains(hash)) {
                return Err(format!("number {number} ran without a grant: {log:#?}"));
            }
        }
        if !unloaded.is_empty() {
            continue;
        }
        compare(&mut game, &disk, consent, &text).map_err(|why| format!("{why}: {log:#?}"))?;
    }
    Ok(())
}

/// Several folders have the same id. With an id for each folder there is no difference.
#[test]
fn what_runs_and_what_waits_is_what_would_if_the_game_were_started_now() {
    let mut failed = Vec::new();
    for consent in [Consent::Ask, Consent::OffUntilEnabled] {
        for seed in 1..=40 {
            failed
                .extend(play(consent, seed, 12).err().map(|why| format!("{consent:?}, seed {seed}: {why}")));
        }
    }
    failed.sort_by_key(String::len);
    let shortest: Vec<_> = failed.iter().take(6).cloned().collect();
    assert!(failed.is_empty(), "{} of them: {}", failed.len(), shortest.join("\n"));
}
