//! Whether Meadow would load what is installed: it is asked itself, in a world that is thrown away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bevy_app::Startup;
use bevy_ecs::message::Messages;
use tinkerbox::{ModInfo, ModReport, ModReportKind, ModdingPlugin};

use crate::meadow_file::MeadowFile;

/// The folders of `installed` that Meadow refuses, and why.
pub(super) fn refused(file: &MeadowFile, installed: &Path) -> BTreeMap<PathBuf, String> {
    let seed = file.world.seed;
    let mut app = crate::meadow(file, ModdingPlugin::new(installed).watch(false).threads(1), seed);
    app.finish();
    app.cleanup();
    // Mods are loaded, and no tick is run.
    app.world_mut().run_schedule(Startup);
    let reports: Vec<ModReport> = app.world_mut().resource_mut::<Messages<ModReport>>().drain().collect();
    let refusals = reports.into_iter().filter(|report| report.kind == ModReportKind::Refused);
    let world = app.world();
    // Their names, as the caller spells them.
    let folder = |report: &ModReport| {
        Some(installed.join(world.get::<ModInfo>(report.mod_entity)?.folder.file_name()?))
    };
    refusals.filter_map(|report| Some((folder(&report)?, report.text))).collect()
}
