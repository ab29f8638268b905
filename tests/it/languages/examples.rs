//! The example mods in other languages than Rust: built as their `mod.toml` says, in Meadow.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bevy_app::App;
use bevy_ecs::message::Messages;
use meadow_game::game::{Census, Species};
use meadow_game::meadow_file::MeadowFile;
use meadow_game::project::Project;
use tinkerbox::{LogLevel, ModInfo, ModReport, ModReportKind, ModStats, ModStatus, ModdingPlugin};
use tinkerbox_abi::export::INTERFACE_SECTION;
use tinkerbox_bindings::Language;
use tinkerbox_interface::Interface;

use super::{assemblyscript, c, zig};
use crate::cargo_mods::custom_sections;

/// Builds an example, and installs it into a folder of mods.
fn install(project: &Project, name: &str, mods: &Path) {
    let source: PathBuf = project.mods().join(name);
    let manifest = fs::read_to_string(source.join("mod.toml")).unwrap();
    let table: toml::Table = manifest.parse().unwrap();
    let build = table["dev"]["build"].as_str().unwrap();
    let status = Command::new("sh").current_dir(&source).args(["-c", build]).status().unwrap();
    assert!(status.success(), "{name} can't be built: its compiler says why above");
    fs::create_dir_all(mods.join(name)).unwrap();
    fs::copy(source.join("mod.toml"), mods.join(name).join("mod.toml")).unwrap();
    let wasm = format!("{name}.wasm");
    fs::copy(source.join(&wasm), mods.join(name).join(&wasm)).unwrap();
}

/// Meadow with one example and no other mod, after 1,000 frames, and what the mod has said.
fn lived(name: &str) -> (App, Vec<String>) {
    let project = Project::find().unwrap();
    let mods = tempfile::tempdir().unwrap();
    install(&project, name, mods.path());
    let wasm = fs::read(mods.path().join(name).join(format!("{name}.wasm"))).unwrap();
    let interface = Interface::read(&project.assets().join("meadow.interface.toml")).unwrap();
    let noted = custom_sections(&wasm, INTERFACE_SECTION).concat();
    assert_eq!(noted.trim_end_matches('\0'), format!("meadow {}\n", interface.content_hash()), "{name}");
    lived_in(&project, mods.path(), name)
}

/// The same with the one mod that is in a folder.
pub fn lived_in(project: &Project, mods: &Path, name: &str) -> (App, Vec<String>) {
    let file = MeadowFile::read(&project.assets()).unwrap();
    let modding = ModdingPlugin::new(mods).wait_for_mods(true).seed(file.world.seed).watch(false);
    let mut app = meadow_game::meadow(&file, modding, file.world.seed);
    let mut said = Vec::new();
    for _ in 0..1_000 {
        app.update();
        let reports: Vec<ModReport> = app.world_mut().resource_mut::<Messages<ModReport>>().drain().collect();
        for report in reports {
            match report.kind {
                ModReportKind::Loaded => {}
                ModReportKind::Log(LogLevel::Info) => said.push(report.text),
                other => panic!("{name}: {} {}", other.word(), report.text),
            }
        }
    }
    let world = app.world_mut();
    let (info, status, stats) = world.query::<(&ModInfo, &ModStatus, &ModStats)>().single(world).unwrap();
    assert_eq!((info.id.as_str(), *status, stats.faults), (name, ModStatus::Live, 0));
    (app, said)
}

/// The bindings that the examples include are those of Meadow's interface file. `BLESS=1` writes them.
#[test]
fn bindings_of_the_examples_are_those_of_the_interface_file() {
    let project = Project::find().unwrap();
    let interface = Interface::read(&project.assets().join("meadow.interface.toml")).unwrap();
    let files = [
        (Language::C, "shepherd/meadow.h"),
        (Language::Zig, "hail/meadow.zig"),
        (Language::AssemblyScript, "gardener/meadow.ts"),
    ];
    for (language, file) in files {
        let (path, text) = (project.mods().join(file), language.bindings(&interface).unwrap());
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert!(
            fs::read_to_string(&path).unwrap() == text,
            "run with BLESS=1, and read what changes in mods/{file}"
        );
    }
}

#[test]
fn the_shepherd_in_c_calls_sheep() {
    if c::has_clang() {
        let (mut app, said) = lived("shepherd");
        assert!(said[0].starts_with("call 1, from ") && said[1].starts_with("call 2, from "), "{said:?}");
        let world = app.world_mut();
        let speeds: Vec<f32> =
            world.query::<&meadow::Velocity>().iter(world).map(|velocity| velocity.speed()).collect();
        let walking = speeds.iter().filter(|speed| (2.9..3.1).contains(*speed)).count();
        assert!(walking > 20, "{walking} of {} walk as the shepherd makes them", speeds.len());
    }
}

#[test]
fn the_hail_in_zig_destroys_grass() {
    if zig::has_zig() {
        let (app, said) = lived("hail");
        assert_eq!(said, ["a storm comes up"]);
        let grass = &app.world().resource::<Census>()[Species::Grass];
        assert!(grass.deaths > 10 && grass.births == 0, "{grass:?}");
    }
}

#[test]
fn the_gardener_in_assemblyscript_sows_grass() {
    if assemblyscript::has_asc() {
        let (app, said) = lived("gardener");
        assert_eq!(said.len(), 2, "{said:?}");
        let grass = &app.world().resource::<Census>()[Species::Grass];
        assert!(grass.births > 150 && grass.deaths == 0, "{grass:?}");
    }
}
