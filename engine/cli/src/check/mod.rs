//! Checks a built mod as a game would when it loads it, before it is installed.
//!
//! ```text
//! the files of a built mod -> a folder that is thrown away -> inspect -> facts -> loaded into a stand-in for the game
//! what is said of that folder is said of the sources
//! ```

mod facts;
mod json;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bevy_app::{App, Startup};
use bevy_ecs::message::Messages;
use tinkerbox::{
    Interface, ModDetails, ModInfo, ModReport, ModReportKind, ModdingPlugin, StandIn, Val, inspect,
};
use tinkerbox_interface::Number;

use crate::project::{Files, MANIFEST};
pub use facts::ModuleFacts;
pub(crate) use json::json;
pub(crate) use words::describe;

/// With what a mod is checked, besides itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckSettings {
    /// The file that says what the game exposes, in place of the one that the mod's `mod.toml` names.
    pub interface: Option<PathBuf>,
    /// Folders of other mods that the game has.
    pub with: Vec<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What the mod is and asks for, and what its WebAssembly consists of; `None` if that can't be read.
    pub about: Option<(ModDetails, ModuleFacts)>,
    /// What the game exposes. Without it, only what needs no game was checked.
    pub interface: Option<Interface>,
    /// Why a game would refuse it; empty if it would not.
    pub refusals: Vec<String>,
}

/// Checks the files of a mod that was built from the sources in `source`. `interface` is the file that its manifest names.
///
/// # Errors
/// Files can't be read or written. What is wrong with the mod itself is in the result.
pub(crate) fn check(
    files: &Files,
    source: &Path,
    interface: Option<&Path>,
    settings: &CheckSettings,
) -> anyhow::Result<Checked> {
    let interface = settings.interface.as_deref().or(interface).map(Interface::read).transpose()?;
    let folders = Folders::new(files, source, &settings.with)?;
    let mut checked = Checked { about: None, interface, refusals: Vec::new() };
    let details = match inspect(&folders.own) {
        Ok(details) => details,
        Err(why) => {
            checked.refusals.push(folders.in_sources(&why));
            return Ok(checked);
        }
    };
    let wasm = files.iter().find(|(name, _)| *name != MANIFEST).map_or(&[][..], |(_, bytes)| bytes);
    checked.about = Some((details, ModuleFacts::of(wasm)?));
    if let Some(interface) = &checked.interface {
        checked.refusals = refusals(&folders, interface);
    }
    Ok(checked)
}

/// A folder of mods with the one that is checked, which is removed when it is dropped.
struct Folders<'a> {
    mods: tempfile::TempDir,
    /// That of the checked mod.
    own: PathBuf,
    source: &'a Path,
}

impl<'a> Folders<'a> {
    fn new(files: &Files, source: &'a Path, with: &[PathBuf]) -> anyhow::Result<Folders<'a>> {
        let cannot = "no folder can be made for the check";
        let mods = tempfile::tempdir().context(cannot)?;
        // It comes last: of two with the same id, or of a circle, it is the one that is refused.
        let own = mods.path().canonicalize().context(cannot)?.join("the mod");
        fs::create_dir(&own).context(cannot)?;
        for (name, bytes) in files {
            fs::write(own.join(name), bytes).context(cannot)?;
        }
        for (at, other) in with.iter().enumerate() {
            copy_mod(other, &mods.path().join(format!("other {at}")))
                .with_context(|| format!("{} can't be read as a mod", other.display()))?;
        }
        Ok(Folders { mods, own, source })
    }

    /// The text with the paths of the author's files in place of those that were made for the check.
    fn in_sources(&self, text: &str) -> String {
        let manifest = |folder: &Path| folder.join(MANIFEST).display().to_string();
        let text = text.replace(&manifest(&self.own), &manifest(self.source));
        text.replace(
            &self.own.display().to_string(),
            &format!("the mod built from {}", self.source.display()),
        )
    }
}

/// Why a game with this interface would refuse the mod: it is loaded into a stand-in, which runs no system.
fn refusals(folders: &Folders, interface: &Interface) -> Vec<String> {
    let mut app = App::new();
    let results: Vec<_> = interface.functions.iter().map(|of| (of.id.clone(), of.result)).collect();
    StandIn::new(app.world_mut(), interface, move |id, _| {
        let result = results.iter().find(|(known, _)| known == id).and_then(|(_, result)| *result);
        Ok(result.map_or(Val::I32(0), zero))
    });
    app.add_plugins(ModdingPlugin::new(folders.mods.path()).wait_for_mods(true).watch(false).threads(1));
    app.finish();
    app.cleanup();
    app.world_mut().run_schedule(Startup);
    let reports: Vec<ModReport> = app.world_mut().resource_mut::<Messages<ModReport>>().drain().collect();
    let bad = [ModReportKind::Refused, ModReportKind::Faulted, ModReportKind::ReloadRefused];
    let is_own = |report: &ModReport| {
        let info = app.world().get::<ModInfo>(report.mod_entity);
        info.is_some_and(|info| info.folder.file_name() == folders.own.file_name())
    };
    let own = reports.iter().filter(|report| bad.contains(&report.kind) && is_own(report));
    own.map(|report| folders.in_sources(&report.text)).collect()
}

/// What a function of the game answers here.
fn zero(number: Number) -> Val {
    match number {
        Number::F32 => Val::F32(0),
        Number::F64 => Val::F64(0),
        Number::I64 | Number::U64 => Val::I64(0),
        _ => Val::I32(0),
    }
}

fn copy_mod(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to)?;
    for file in [from.join(MANIFEST), wasm_in(from)?] {
        if let Some(name) = file.file_name() {
            fs::copy(&file, to.join(name))?;
        }
    }
    Ok(())
}

/// The WebAssembly of a mod in its folder.
pub(crate) fn wasm_in(folder: &Path) -> anyhow::Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden && path.extension().is_some_and(|extension| extension == "wasm") {
            return Ok(path);
        }
    }
    bail!("there is no .wasm file in {}", folder.display())
}
