//! Whatever a game, a player or an author does between any two steps of loading, the mods that run in the end are those that
//! should, and none was ticked before.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bevy_app::App;
use bevy_ecs::component::Component;
use tempfile::TempDir;
use tinkerbox_macros::mod_type;

use super::{wasm, write, write_with};
use crate::reload::reloads::ModReloads;
use crate::{Expose, ModInfo, ModLoading, ModStats, ModStatus, ModdingPlugin, Mods};

#[mod_type("game:Heat")]
#[derive(Component)]
struct Heat {
    x: f32,
}

/// A game that loads its mods in frames of one step each.
struct Stepped {
    disk: TempDir,
    app: App,
}

impl Stepped {
    /// Three mods, a namesake of the second, one that needs what is not exposed, and one whose files are wrong.
    fn new() -> Stepped {
        let disk = tempfile::tempdir().unwrap();
        let folder = |name: &str| disk.path().join(name);
        write(&folder("a"), "aa", "1.0.0");
        write(&folder("b"), "bb", "1.0.0");
        write(&folder("c"), "cc", "1.0.0");
        write(&folder("d"), "bb", "4.0.0");
        write_with(&folder("h"), "heat", "1.0.0", "[permissions]\nread = [\"game:Heat\"]\n");
        fs::create_dir(folder("wrong")).unwrap();
        let mut app = App::new();
        app.add_plugins(ModdingPlugin::new(disk.path()).watch(false));
        app.world_mut().resource_mut::<ModReloads>().load_step_by_step();
        Stepped { disk, app }
    }

    fn is_done(&self) -> bool {
        self.app.world().resource::<ModLoading>().is_done()
    }

    fn frame(&mut self) {
        // What is built does not depend on how fast this machine is.
        self.app.world_mut().resource_mut::<ModReloads>().finish_builds();
        self.app.update();
        let world = self.app.world_mut();
        let ticks: u64 = world.query::<&ModStats>().iter(world).map(|stats| stats.ticks).sum();
        assert!(self.is_done() || ticks == 0, "a mod is ticked while others are loaded");
    }

    /// Runs until all is loaded, and some frames more.
    fn finish(&mut self) {
        while !self.is_done() {
            self.frame();
        }
        (0..5).for_each(|_| self.frame());
    }

    fn mods(&mut self) -> bevy_ecs::change_detection::Mut<'_, Mods> {
        self.app.world_mut().get_resource_or_init::<Mods>()
    }

    fn changed(&mut self, folder: &str) {
        let path = self.disk.path().join(folder);
        let mut reloads = self.app.world_mut().resource_mut::<ModReloads>();
        reloads.record(&path, Duration::ZERO);
        reloads.settle(Duration::from_secs(1));
    }

    /// The ids and versions of the mods that run, sorted.
    fn running(&mut self) -> Vec<String> {
        let world = self.app.world_mut();
        let mut mods = world.query::<(&ModInfo, &ModStatus, &ModStats)>();
        let live = mods.iter(world).filter(|(_, status, _)| **status == ModStatus::Live);
        let mut running: Vec<String> = live
            .map(|(ModInfo { id, version, .. }, _, stats)| {
                assert!(stats.ticks > 0, "{id} is live and not ticked");
                format!("{id} {version}")
            })
            .collect();
        running.sort();
        running
    }
}

/// Acts after each number of steps, and compares what runs in the end. `act` returns whether it could act.
fn sweep(act: fn(&mut Stepped) -> bool, acted: &[&str]) {
    let undisturbed = ["aa 1.0.0", "bb 1.0.0", "cc 1.0.0"];
    let mut steps = 0;
    loop {
        let mut game = Stepped::new();
        for _ in 0..steps {
            game.frame();
        }
        let is_last = game.is_done();
        let expected = if act(&mut game) { acted } else { &undisturbed };
        game.finish();
        assert_eq!(game.running(), expected, "after {steps} steps");
        let world = game.app.world_mut();
        let mut statuses = world.query::<&ModStatus>();
        assert!(statuses.iter(world).all(|status| *status != ModStatus::Loading), "after {steps} steps");
        if is_last {
            break;
        }
        steps += 1;
    }
    assert!(steps > 12, "loading has more steps than {steps}");
}

#[test]
fn nothing_happens() {
    sweep(|_| false, &[]);
}

#[test]
fn the_game_unloads_a_mod_and_its_namesake_takes_its_place() {
    let unload = |game: &mut Stepped| {
        let entity = game.mods().entity("bb");
        entity.into_iter().for_each(|entity| game.mods().unload(entity));
        entity.is_some()
    };
    sweep(unload, &["aa 1.0.0", "bb 4.0.0", "cc 1.0.0"]);
}

#[test]
fn the_game_despawns_a_mods_entity() {
    let despawn = |game: &mut Stepped| {
        let entity = game.mods().entity("cc");
        entity.is_some_and(|entity| game.app.world_mut().despawn(entity))
    };
    sweep(despawn, &["aa 1.0.0", "bb 1.0.0"]);
}

#[test]
fn the_game_turns_a_mod_off() {
    let disable = |game: &mut Stepped| {
        let entity = game.mods().entity("cc");
        entity.into_iter().for_each(|entity| game.mods().disable(entity));
        entity.is_some()
    };
    sweep(disable, &["aa 1.0.0", "bb 1.0.0"]);
}

#[test]
fn the_game_turns_a_mod_off_and_on() {
    let both = |game: &mut Stepped| {
        let entity = game.mods().entity("cc");
        if let Some(entity) = entity {
            game.mods().disable(entity);
            game.frame();
            game.mods().enable(entity);
        }
        entity.is_some()
    };
    sweep(both, &["aa 1.0.0", "bb 1.0.0", "cc 1.0.0"]);
}

#[test]
fn a_folder_vanishes() {
    let remove = |game: &mut Stepped| {
        fs::remove_dir_all(game.disk.path().join("b")).unwrap();
        game.changed("b");
        true
    };
    sweep(remove, &["aa 1.0.0", "bb 4.0.0", "cc 1.0.0"]);
}

#[test]
fn all_folders_vanish() {
    let remove = |game: &mut Stepped| {
        fs::remove_dir_all(game.disk.path()).unwrap();
        game.changed("");
        true
    };
    sweep(remove, &[]);
}

#[test]
fn a_folder_is_installed() {
    let install = |game: &mut Stepped| {
        write(&game.disk.path().join("e"), "ee", "5.0.0");
        game.changed("e");
        true
    };
    sweep(install, &["aa 1.0.0", "bb 1.0.0", "cc 1.0.0", "ee 5.0.0"]);
}

#[test]
fn an_author_saves_a_new_version() {
    let save = |game: &mut Stepped| {
        write(&game.disk.path().join("b"), "bb", "2.0.0");
        game.changed("b");
        true
    };
    sweep(save, &["aa 1.0.0", "bb 2.0.0", "cc 1.0.0"]);
}

#[test]
fn a_mod_gets_the_id_of_another_one() {
    let rename = |game: &mut Stepped| {
        write(&game.disk.path().join("a"), "cc", "9.0.0");
        game.changed("a");
        true
    };
    sweep(rename, &["bb 1.0.0", "cc 9.0.0"]);
}

#[test]
fn the_game_adds_a_mod_from_memory() {
    let add = |game: &mut Stepped| {
        let manifest = "[mod]\nid = \"ee\"\nversion = \"6.0.0\"\napi = 1\n[[system]]\nname = \"run\"\n";
        game.mods().add_bytes("ee", manifest, wasm());
        true
    };
    sweep(add, &["aa 1.0.0", "bb 1.0.0", "cc 1.0.0", "ee 6.0.0"]);
}

#[test]
fn the_game_exposes_what_a_mod_was_refused_for() {
    let expose = |game: &mut Stepped| {
        game.app.expose_component::<Heat>();
        true
    };
    sweep(expose, &["aa 1.0.0", "bb 1.0.0", "cc 1.0.0", "heat 1.0.0"]);
}

/// A mod whose new version is being built is unloaded, or its entity despawned: the build does not bring it back.
#[test]
fn what_is_being_built_does_not_bring_a_mod_back() {
    let away: [fn(&mut Stepped); 2] = [
        |game| {
            let entity = game.mods().entity("aa").unwrap();
            game.mods().unload(entity);
        },
        |game| {
            let entity = game.mods().entity("aa").unwrap();
            game.app.world_mut().despawn(entity);
        },
    ];
    for (away, is_queued) in away.into_iter().flat_map(|away| [(away, false), (away, true)]) {
        let mut game = Stepped::new();
        game.finish();
        if is_queued {
            // Something else is built first.
            game.changed("c");
        }
        let path: &Path = &game.disk.path().join("a");
        write(path, "aa", "2.0.0");
        game.changed("a");
        away(&mut game);
        game.app.update();
        game.finish();
        assert_eq!(game.running(), ["bb 1.0.0", "cc 1.0.0"], "{is_queued}");
        // It comes back when its files change again, or when the game loads it.
        game.mods().load(path);
        game.finish();
        assert_eq!(game.running(), ["aa 2.0.0", "bb 1.0.0", "cc 1.0.0"], "{is_queued}");
    }
}
