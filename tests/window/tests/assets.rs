//! Mods that are assets: they run when they are loaded, change with the asset, and files that are no mod end in no harm.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::Path;

use bevy::prelude::*;
use tempfile::TempDir;
use tinkerbox::{
    ModAsset, ModAssetPlugin, ModAssets, ModInfo, ModReport, ModReportKind, ModStatus, ModdingPlugin, Mods,
};

const WASM: &str = r#"(module (memory (export "memory") 1) (func (export "sys_run")))"#;

fn manifest(version: &str) -> String {
    format!("[mod]\nid = \"wolves\"\nversion = \"{version}\"\napi = 1\n[[system]]\nname = \"run\"\n")
}

fn write(assets: &Path, folder: &str, version: &str) {
    let folder = assets.join("mods").join(folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("mod.toml"), manifest(version)).unwrap();
    fs::write(folder.join("mod.wasm"), wat::parse_str(WASM).unwrap()).unwrap();
}

/// A game whose only mod is the asset in this folder.
fn game(assets: &Path, folder: &'static str) -> App {
    let mut app = App::new();
    let file_path = assets.to_str().unwrap().to_owned();
    app.add_plugins((MinimalPlugins, AssetPlugin { file_path, ..default() }));
    app.add_plugins((ModdingPlugin::new(assets.join("none")).watch(false), ModAssetPlugin));
    app.add_systems(Startup, move |mut mods: ResMut<ModAssets>, server: Res<AssetServer>| {
        mods.add("wolves", server.load(format!("mods/{folder}/mod.toml")));
    });
    app
}

/// Updates until something holds. How long files take to be read is not known.
fn until(app: &mut App, what: &str, holds: impl Fn(&mut World) -> bool) {
    for _ in 0..10_000 {
        app.update();
        if holds(app.world_mut()) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("it never happened: {what}");
}

/// The version and status of the only mod, if there is one.
fn mods(world: &mut World) -> Option<(String, ModStatus)> {
    let mut all = world.query::<(&ModInfo, &ModStatus)>();
    all.single(world).ok().map(|(info, status)| (info.version.clone(), *status))
}

fn is_live(version: &str) -> impl Fn(&mut World) -> bool {
    move |world| mods(world) == Some((version.to_owned(), ModStatus::Live))
}

#[test]
fn a_mod_runs_and_changes_with_its_asset() {
    let assets = TempDir::new().unwrap();
    write(assets.path(), "wolves", "1.0.0");
    let mut app = game(assets.path(), "wolves");
    until(&mut app, "it runs", is_live("1.0.0"));
    write(assets.path(), "wolves", "1.1.0");
    app.world().resource::<AssetServer>().reload("mods/wolves/mod.toml");
    until(&mut app, "the new version runs", is_live("1.1.0"));
    // The file beside it counts as part of the asset.
    let wasm = wat::parse_str(WASM.replace("1)", "2)")).unwrap();
    fs::write(assets.path().join("mods/wolves/mod.wasm"), wasm).unwrap();
    app.world().resource::<AssetServer>().reload("mods/wolves/mod.toml");
    let reloads = |world: &World| {
        let reports = world.resource::<Messages<ModReport>>();
        reports.iter_current_update_messages().filter(|it| it.kind == ModReportKind::Reloaded).count()
    };
    until(&mut app, "the new code runs", |world| reloads(world) > 0);
    let wolves = app.world().resource::<Mods>().entity("wolves").unwrap();
    app.world_mut().resource_mut::<ModAssets>().forget("wolves");
    app.update();
    assert!(is_live("1.1.0")(app.world_mut()), "it runs on");
    app.world_mut().resource_mut::<Mods>().unload(wolves);
    app.update();
    assert_eq!(mods(app.world_mut()), None);
}

#[test]
fn what_can_not_be_loaded_is_no_mod() {
    let assets = TempDir::new().unwrap();
    write(assets.path(), "wolves", "1.0.0");
    fs::remove_file(assets.path().join("mods/wolves/mod.wasm")).unwrap();
    for folder in ["wolves", "nowhere"] {
        let mut app = game(assets.path(), folder);
        until(&mut app, "the asset fails", |world| {
            let mods = world.resource::<ModAssets>();
            let handle = mods.handle("wolves").unwrap().clone();
            world.resource::<AssetServer>().load_state(&handle).is_failed()
        });
        for _ in 0..10 {
            app.update();
        }
        assert_eq!(mods(app.world_mut()), None, "{folder}");
        assert_eq!(app.world().resource::<Assets<ModAsset>>().len(), 0);
    }
}

#[test]
fn an_asset_that_is_no_mod_is_refused_by_name() {
    let assets = TempDir::new().unwrap();
    write(assets.path(), "wolves", "1.0.0");
    fs::write(assets.path().join("mods/wolves/mod.toml"), "[mod]\nid = 3\n").unwrap();
    let mut app = game(assets.path(), "wolves");
    until(&mut app, "it is refused", |world| {
        mods(world).is_some_and(|(_, status)| status == ModStatus::Refused)
    });
    write(assets.path(), "wolves", "1.0.0");
    app.world().resource::<AssetServer>().reload("mods/wolves/mod.toml");
    until(&mut app, "it runs", is_live("1.0.0"));
}
