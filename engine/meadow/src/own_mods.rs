//! Meadow's own mods: the author's tool builds and installs them, and Meadow itself says which of them it refuses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bevy_app::Startup;
use bevy_ecs::message::Messages;
use tinkerbox::{ModInfo, ModReport, ModReportKind, ModdingPlugin};
use tinkerbox_cli::dev::{DevRequest, DevSession};
use tinkerbox_cli::{BuildRequest, Console, Report};

use crate::app::meadow;
use crate::meadow_file::MeadowFile;
use crate::project::Project;

/// Builds and installs the mods with these names, or all of them if no name is given, and prints the outcome of each.
///
/// # Errors
/// If Meadow's data or the workspace of the mods can't be read, or there is no mod of such a name. Failures of single mods
/// are in the report.
pub fn build(project: &Project, names: &[String]) -> anyhow::Result<Report> {
    let file = MeadowFile::read(&project.assets())?;
    let request = BuildRequest { folder: project.mods(), names: names.to_vec(), ..BuildRequest::default() };
    let mut report = tinkerbox_cli::build(&request, Console::StandardError)?;
    report.refuse(&refusals(&file, &report.folder));
    report.print(Console::StandardError);
    Ok(report)
}

/// Builds Meadow's mods whenever their sources change, until what is returned is dropped. Nothing is printed: what compilers
/// find wrong, the game shows. If they were just built, they are not built again at first.
///
/// # Errors
/// If the workspace of the mods can't be read, or files can't be watched.
pub fn develop(project: &Project, is_built: bool) -> anyhow::Result<DevSession> {
    let build = BuildRequest { folder: project.mods(), ..BuildRequest::default() };
    DevSession::start(DevRequest { build, is_built, game: None }, Console::Silent)
}

/// The folders of mods in `installed` that Meadow refuses to load, and why: it loads them into a world that is thrown away.
fn refusals(file: &MeadowFile, installed: &Path) -> BTreeMap<PathBuf, String> {
    let seed = file.world.seed;
    let mut app =
        meadow(file, ModdingPlugin::new(installed).wait_for_mods(true).watch(false).threads(1), seed);
    app.finish();
    app.cleanup();
    // Loads the mods, and runs no tick.
    app.world_mut().run_schedule(Startup);
    let reports: Vec<ModReport> = app.world_mut().resource_mut::<Messages<ModReport>>().drain().collect();
    let refusals = reports.into_iter().filter(|report| report.kind == ModReportKind::Refused);
    let world = app.world();
    // Spelled as the caller spells them.
    let folder = |report: &ModReport| {
        Some(installed.join(world.get::<ModInfo>(report.mod_entity)?.folder.file_name()?))
    };
    refusals.filter_map(|report| Some((folder(&report)?, report.text))).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn meadow_says_which_mods_it_refuses() {
        let installed = tempfile::tempdir().unwrap();
        let file = MeadowFile::read(&Project::find().unwrap().assets()).unwrap();
        let refused = || refusals(&file, installed.path());
        assert_eq!(refused(), BTreeMap::new());
        let folder = installed.path().join("bad");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("mod.toml"), "[mod]\nid = \"bad\"\nversion = \"0.1.0\"\napi = 1\n").unwrap();
        assert!(refused()[&folder].contains("there is no .wasm file"), "{:?}", refused());
    }
}
