//! The authors' guide runs as written: each mod in it is built as its reader would, loaded in Meadow, and ticked without a
//! fault and without a word from the game. Each `mod.toml` in it is one that Meadow takes.

use std::fs;
use std::path::{Path, PathBuf};

use bevy_app::App;
use bevy_ecs::message::Messages;
use meadow::Caught;
use meadow_game::meadow_file::MeadowFile;
use tinkerbox::{LogLevel, ModReport, ModReportKind, ModStats, ModdingPlugin, Mods};
use tinkerbox_abi::ModEntity;
use tinkerbox_cli::{BuildRequest, Console};

use super::PROJECT;
use crate::modding::games::game::{head, module, plain_system};

/// What the guide says its reader puts in front of what uses the game's types.
const GAME: &str = "mod meadow {\n    tinkerbox_sdk::game!(\"meadow.interface.toml\");\n}\n";

/// Enough for every() in the guide.
const FRAMES: u64 = 700;

fn guide() -> PathBuf {
    PROJECT.mods().join("../sdk/rust/README.md").canonicalize().expect("the guide is there")
}

/// The blocks of the guide in this language, whatever stands behind it on the line.
fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string(guide()).unwrap();
    let fence = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let is_in_language =
            line.strip_prefix(&fence).is_some_and(|rest| rest.is_empty() || rest.starts_with(','));
        if line.starts_with("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.extend(is_in_language.then(|| block.join("\n") + "\n"));
        }
    }
    blocks
}

/// The guide's `mod.toml`s; those without a head get one.
fn manifests() -> Vec<String> {
    let sections = ["[mod]", "[permissions]", "[budget]", "[dev]"];
    let blocks = blocks("toml").into_iter();
    let manifests = blocks.filter(|block| block.lines().any(|line| sections.contains(&line.trim())));
    manifests
        .map(|block| if block.contains("[mod]") { block } else { head("of_the_guide") + &block })
        .collect()
}

/// What the guide's longest list of permissions allows is all that its mods need.
fn permissions() -> String {
    let permissions = manifests().into_iter().filter_map(|text| {
        let table: toml::Table = toml::from_str(&text).unwrap();
        let permissions = table.get("permissions")?.clone();
        let wrapped = toml::Table::from_iter([("permissions".to_owned(), permissions)]);
        Some(toml::to_string(&wrapped).unwrap())
    });
    permissions.max_by_key(String::len).expect("the guide has permissions")
}

/// Builds the guide's mods as one workspace, with the settings of the example mods, and returns the folder of each.
fn build(snippets: &[String]) -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide");
    let (workspace, installed) = (root.join("mods"), root.join("installed"));
    // What an earlier guide had, apart from what was compiled.
    let _ = fs::remove_dir_all(&installed);
    let mods = PROJECT.mods();
    let names: Vec<String> = (0..snippets.len()).map(|at| format!("snippet_{at}")).collect();
    for (name, snippet) in names.iter().zip(snippets) {
        let folder = workspace.join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::copy(PROJECT.assets().join("meadow.interface.toml"), folder.join("meadow.interface.toml"))
            .unwrap();
        // The reader's own mod knows the game by its interface file alone.
        let has_game = snippet.contains("mod meadow {") || !snippet.contains("meadow");
        let source = if has_game { snippet.clone() } else { format!("{snippet}\n{GAME}") };
        fs::write(folder.join("src/lib.rs"), source).unwrap();
        fs::write(folder.join("mod.toml"), manifest(name)).unwrap();
        let package = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\n\
             crate-type = [\"cdylib\"]\n\n[dependencies]\ntinkerbox-sdk.workspace = true\n"
        );
        fs::write(folder.join("Cargo.toml"), package).unwrap();
    }
    fs::write(workspace.join("Cargo.toml"), workspace_of(&names)).unwrap();
    fs::copy(mods.join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    fs::create_dir_all(workspace.join(".cargo")).unwrap();
    fs::copy(mods.join(".cargo/config.toml"), workspace.join(".cargo/config.toml")).unwrap();
    let request = BuildRequest {
        folder: workspace,
        names: names.clone(),
        to: Some(installed.clone()),
        ..BuildRequest::default()
    };
    let report = tinkerbox_cli::build(&request, Console::StandardError).expect("the workspace can be read");
    report.check().expect("each mod of the guide can be built");
    names.into_iter().map(|name| (name.clone(), installed.join(name))).collect()
}

fn manifest(id: &str) -> String {
    head(id) + "[budget]\nfuel = 5_000_000\nmemory = \"4 MiB\"\n" + &permissions()
}

/// The workspace of the example mods with other members, optimised less: many small mods are built.
fn workspace_of(names: &[String]) -> String {
    let text = fs::read_to_string(PROJECT.mods().join("Cargo.toml")).unwrap();
    let mut workspace: toml::Table = toml::from_str(&text).unwrap();
    workspace["workspace"]["members"] = names.iter().map(String::as_str).collect::<Vec<_>>().into();
    let sdk = PROJECT.mods().join("../sdk/rust").canonicalize().unwrap();
    let dependencies = format!("tinkerbox-sdk = {{ path = {sdk:?} }}\n");
    workspace["workspace"]["dependencies"] = toml::from_str::<toml::Table>(&dependencies).unwrap().into();
    workspace["profile"]["release"]["opt-level"] = 1.into();
    workspace["profile"]["release"]["lto"] = false.into();
    toml::to_string(&workspace).unwrap()
}

/// Meadow with the mods of a folder.
fn meadow(mods: &Path) -> App {
    let file = MeadowFile::read(&PROJECT.assets()).unwrap();
    let modding = ModdingPlugin::new(mods).wait_for_mods(true).seed(file.world.seed).watch(false);
    meadow_game::meadow(&file, modding, file.world.seed)
}

fn take_reports(app: &mut App) -> Vec<ModReport> {
    app.world_mut().resource_mut::<Messages<ModReport>>().drain().collect()
}

/// Runs a mod in Meadow. Returns what it and the game said that is no sign of a mod that does well.
fn trouble_with(id: &str, built: &Path) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    super::copy_mod(built, &folder.path().join(id));
    let mut app = meadow(folder.path());
    let mut trouble = Vec::new();
    for frame in 1..=FRAMES {
        if frame.is_multiple_of(50) {
            let caught = caught(&mut app);
            app.world_mut().resource_mut::<Messages<Caught>>().write(caught);
            lose_a_sheep(&mut app);
        }
        app.update();
        let is_fine = |kind| {
            use LogLevel::{Debug, Info, Trace};
            matches!(kind, ModReportKind::Loaded | ModReportKind::Log(Info | Debug | Trace))
        };
        let reports = take_reports(&mut app).into_iter().filter(|report| !is_fine(report.kind));
        trouble
            .extend(reports.map(|report| format!("frame {frame}: {}: {}", report.kind.word(), report.text)));
    }
    let entity = app.world().resource::<Mods>().entity(id).expect("it was found");
    let stats = app.world().get::<ModStats>(entity).unwrap();
    if stats.ticks != FRAMES || stats.fuel_total == 0 {
        trouble.push(format!("it has run in {} of {FRAMES} frames", stats.ticks));
    }
    trouble
}

/// One sheep is a sheep no longer.
fn lose_a_sheep(app: &mut App) {
    use bevy_ecs::entity::Entity;
    let world = app.world_mut();
    let sheep = world.query_filtered::<Entity, bevy_ecs::query::With<meadow::Sheep>>().iter(world).next();
    world.entity_mut(sheep.expect("sheep live in Meadow")).remove::<meadow::Sheep>();
}

/// A wolf that lives has caught a sheep.
fn caught(app: &mut App) -> Caught {
    let world = app.world_mut();
    let wolf = world
        .query_filtered::<bevy_ecs::entity::Entity, bevy_ecs::query::With<meadow::Wolf>>()
        .iter(world)
        .next()
        .expect("wolves live in Meadow");
    let wolf = ModEntity::from_bits(wolf.to_bits());
    Caught { sheep: wolf, wolf, x: 10.0, y: 10.0 }
}

#[test]
fn every_mod_of_the_guide_runs_in_meadow() {
    let snippets: Vec<String> = blocks("rust");
    assert!(snippets.len() >= 14, "{} blocks", snippets.len());
    for snippet in &snippets {
        assert!(snippet.contains("#[system]"), "this is not a whole mod:\n{snippet}");
    }
    for ((id, built), snippet) in build(&snippets).iter().zip(&snippets) {
        let trouble = trouble_with(id, built);
        assert!(trouble.is_empty(), "{snippet}\n{trouble:#?}");
    }
}

#[test]
fn every_manifest_of_the_guide_is_one_that_meadow_takes() {
    let manifests = manifests();
    assert!(manifests.len() >= 3, "{} manifests", manifests.len());
    let wasm = wat::parse_str(module("(func (export \"sys_rest\"))")).unwrap();
    for manifest in manifests {
        let folder = tempfile::tempdir().unwrap();
        let of_mod = folder.path().join("a");
        fs::create_dir(&of_mod).unwrap();
        fs::write(of_mod.join("mod.toml"), manifest.clone() + "\n" + &plain_system("rest")).unwrap();
        fs::write(of_mod.join("a.wasm"), &wasm).unwrap();
        let mut app = meadow(folder.path());
        app.update();
        let reports = take_reports(&mut app);
        let kinds: Vec<ModReportKind> = reports.iter().map(|report| report.kind).collect();
        assert_eq!(kinds, [ModReportKind::Loaded], "{manifest}\n{reports:#?}");
    }
}
