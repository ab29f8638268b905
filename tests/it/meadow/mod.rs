//! The demo as players run it: its own mods, built from `mods/`, in its own world; and what its authors read and test.

mod guide;
mod scenarios;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use bevy_app::App;
use meadow_game::game::{Census, Species};
use meadow_game::meadow_file::MeadowFile;
use meadow_game::project::Project;
use tinkerbox::{ModInfo, ModReloads, ModStats, ModStatus, ModdingPlugin};
use tinkerbox_abi::export::INTERFACE_SECTION;
use tinkerbox_cli::BuildRequest;
use tinkerbox_interface::Interface;

use crate::cargo_mods::custom_sections;

/// The project with its mods built, once for all tests.
static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let project = Project::find().expect("tests run within the project");
    let report = meadow_game::own_mods::build(&project, &[]).expect("the mods' workspace can be read");
    // Those whose compilers are not installed are skipped.
    assert_eq!(report.not_built(), [] as [&str; 0]);
    project
});

/// A Meadow with these mods, in a copy of their folder that is deleted with this value.
struct Meadow {
    app: App,
    folder: tempfile::TempDir,
}

impl Meadow {
    fn new() -> Meadow {
        Meadow::changed(|_| {})
    }

    /// With all mods, after a change to their folder.
    fn changed(change: impl FnOnce(&Path)) -> Meadow {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        for name in ["flock", "grass", "runaway", "weather", "wolves"] {
            copy_mod(&PROJECT.installed_mods().join(name), &folder.path().join(name));
        }
        change(folder.path());
        let file = MeadowFile::read(&PROJECT.assets()).expect("the demo's data is valid");
        let modding =
            ModdingPlugin::new(folder.path()).wait_for_mods(true).seed(file.world.seed).watch(false);
        let app = meadow_game::meadow(&file, modding, file.world.seed);
        Meadow { app, folder }
    }

    fn run(&mut self, frames: usize) {
        (0..frames).for_each(|_| self.app.update());
    }

    /// Status and statistics of a mod.
    fn mod_of(&mut self, id: &str) -> (ModStatus, ModStats) {
        let world = self.app.world_mut();
        let mut mods = world.query::<(&ModInfo, &ModStatus, &ModStats)>();
        let (_, status, stats) = mods.iter(world).find(|(info, ..)| info.id == id).expect("it is there");
        (*status, stats.clone())
    }

    fn census(&self) -> Census {
        self.app.world().resource::<Census>().clone()
    }
}

fn copy_mod(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder can be made");
    for file in std::fs::read_dir(from).expect("the mod is installed") {
        let file: PathBuf = file.expect("the folder can be read").path();
        std::fs::copy(&file, to.join(file.file_name().expect("it is a file"))).expect("it can be copied");
    }
}

#[test]
fn hundreds_of_animals_live_are_born_and_die() {
    let mut meadow = Meadow::new();
    meadow.run(1_500);
    let census = meadow.census();
    for species in [Species::Sheep, Species::Wolf, Species::Grass] {
        let population = census[species];
        assert!(population.births > 0 && population.deaths > 0, "{species:?}: {population:?}");
        assert!(population.least > 0, "{species:?} died out: {population:?}");
    }
    assert!(census[Species::Sheep].alive >= 100, "{census:?}");
    for id in ["flock", "grass", "weather", "wolves"] {
        let (status, stats) = meadow.mod_of(id);
        assert_eq!((status, stats.faults), (ModStatus::Live, 0), "{id}: {stats:?}");
    }
}

/// A mod whose types come from the game's interface file, and from no crate of the game.
#[test]
fn a_mod_can_be_built_from_the_interface_file_alone() {
    let built = tempfile::tempdir().expect("there is room for temporary files");
    let folder = PROJECT.mods().join("bench/drift");
    let request = BuildRequest { folder, to: Some(built.path().to_owned()), ..BuildRequest::default() };
    let report = tinkerbox_cli::build(&request, tinkerbox_cli::Console::StandardError)
        .expect("the mods' workspace can be read");
    report.check().expect("the mod can be built");

    let file = PROJECT.assets().join("meadow.interface.toml");
    let interface = Interface::read(&file).expect("the game's file is whole");
    let wasm = std::fs::read(built.path().join("drift/drift.wasm")).expect("the mod is installed");
    let noted = custom_sections(&wasm, INTERFACE_SECTION);
    assert_eq!(noted, [format!("meadow {}\n", interface.content_hash())]);

    let mut meadow = Meadow::changed(|folder| copy_mod(&built.path().join("drift"), &folder.join("drift")));
    meadow.run(10);
    let (status, stats) = meadow.mod_of("drift");
    assert_eq!((status, stats.faults), (ModStatus::Live, 0), "{stats:?}");
    assert!(stats.fuel_total > 0, "it moves what there is: {stats:?}");
}

#[test]
fn the_runaway_is_contained_and_takes_nothing_from_the_others() {
    let mut with = Meadow::new();
    // A mod without code is refused but still has an entity: all others have the same ids in both worlds.
    let mut without = Meadow::changed(|folder| {
        std::fs::remove_file(folder.join("runaway/runaway.wasm")).expect("the runaway's code is there");
    });
    with.run(600);
    without.run(600);
    let (status, stats) = with.mod_of("runaway");
    assert!(stats.faults >= 2 && stats.suspensions > 100, "{stats:?}");
    assert_ne!(status, ModStatus::Live);
    assert_eq!(with.census(), without.census());
    for id in ["flock", "grass", "weather", "wolves"] {
        assert_eq!(with.mod_of(id).1.fuel_total, without.mod_of(id).1.fuel_total, "{id}");
    }
}

#[test]
fn a_mod_of_the_demo_is_swapped_while_the_world_runs() {
    let mut meadow = Meadow::new();
    meadow.run(30);
    let before = meadow.census()[Species::Sheep].alive;
    assert_eq!(meadow.mod_of("flock").1.generation, 1);
    // From now on the flock's folder has the runaway's files, under the flock's name.
    let folder = meadow.folder.path().join("flock");
    std::fs::remove_file(folder.join("flock.wasm")).expect("the flock's code is there");
    std::fs::copy(PROJECT.installed_mods().join("runaway/runaway.wasm"), folder.join("flock.wasm"))
        .expect("the runaway's code is there");
    let mut reloads = meadow.app.world_mut().resource_mut::<ModReloads>();
    reloads.record(&folder.join("flock.wasm"), Duration::from_secs(1));
    reloads.settle(Duration::from_secs(2));
    reloads.finish_builds();
    meadow.run(3);
    let (status, stats) = meadow.mod_of("flock");
    assert_eq!(stats.generation, 2, "{stats:?}");
    assert!(matches!(status, ModStatus::Suspended { .. }), "{status:?}");
    assert!(meadow.census()[Species::Sheep].alive.abs_diff(before) < 50, "the world goes on");
}
