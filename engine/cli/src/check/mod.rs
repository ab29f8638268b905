//! Checks a built mod as a game would when it loads it, before it is installed.
//!
//! ```text
//! the folder of a built mod -> inspect -> facts -> loaded into a stand-in for the game -> what it says of the sources
//! ```

mod facts;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bevy_app::{App, Startup};
use bevy_ecs::message::Messages;
use tinkerbox::{Interface, ModDetails, ModReport, ModReportKind, ModdingPlugin, StandIn, inspect};

use crate::project::MANIFEST;
pub use facts::ModuleFacts;

/// A built mod to check.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The folder that it was built into: `mod.toml` and a `.wasm` file.
    pub built: &'a Path,
    /// The folder of its sources, which messages are about.
    pub source: &'a Path,
    /// What the game exposes; without it only what needs no game is checked.
    pub interface: Option<&'a Interface>,
    /// Folders of other mods that the game has.
    pub with: &'a [PathBuf],
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What the mod is and asks for.
    pub details: ModDetails,
    /// What its WebAssembly consists of.
    pub facts: ModuleFacts,
    /// Why a game would refuse it; empty if it would not.
    pub refusals: Vec<String>,
}

/// Checks a mod.
///
/// # Errors
/// Files can't be read or written. What is wrong with the mod itself is in the result, or it could not even be read.
pub fn check(candidate: Candidate<'_>) -> anyhow::Result<Result<Checked, String>> {
    let Candidate { built, source, interface, .. } = candidate;
    let details = match inspect(built) {
        Ok(details) => details,
        Err(why) => return Ok(Err(in_sources(&why, built, source))),
    };
    let facts = ModuleFacts::of(&fs::read(wasm_in(built)?)?)?;
    let refusals = match interface {
        Some(interface) => refusals(candidate, interface)?,
        None => Vec::new(),
    };
    Ok(Ok(Checked { details, facts, refusals }))
}

/// Why a game with this interface would refuse the mod: it is loaded into a stand-in.
fn refusals(candidate: Candidate<'_>, interface: &Interface) -> anyhow::Result<Vec<String>> {
    let Candidate { built, source, with, .. } = candidate;
    let together = tempfile::tempdir().context("no folder can be made for the check")?;
    let mods = together.path().join("mods");
    fs::create_dir(&mods)?;
    // The mod that is checked comes last: of two with the same id, or of a circle, it is the one that is refused.
    let own = mods.join(format!("{}-checked", "z".repeat(with.len())));
    copy_mod(built, &own)?;
    for (at, other) in with.iter().enumerate() {
        copy_mod(other, &mods.join(format!("{}other", "a".repeat(at + 1))))?;
    }
    let mut app = App::new();
    StandIn::new(app.world_mut(), interface, |id, _| {
        anyhow::bail!("the mod calls `{id}` while it is loaded, which can't be answered here")
    });
    app.add_plugins(ModdingPlugin::new(&mods).watch(false).threads(1));
    app.finish();
    app.cleanup();
    app.world_mut().run_schedule(Startup);
    let reports: Vec<ModReport> = app.world_mut().resource_mut::<Messages<ModReport>>().drain().collect();
    let bad = [ModReportKind::Refused, ModReportKind::Faulted, ModReportKind::ReloadRefused];
    let of_this =
        reports.into_iter().filter(|report| bad.contains(&report.kind) && report.text.contains("-checked"));
    Ok(of_this.map(|report| in_sources(&report.text, &own, source)).collect())
}

fn copy_mod(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = || -> anyhow::Result<()> {
        fs::create_dir_all(to)?;
        for file in [from.join(MANIFEST), wasm_in(from)?] {
            if let Some(name) = file.file_name() {
                fs::copy(&file, to.join(name))?;
            }
        }
        Ok(())
    };
    copy().with_context(|| format!("{} can't be read as a mod", from.display()))
}

fn wasm_in(folder: &Path) -> anyhow::Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden && path.extension().is_some_and(|extension| extension == "wasm") {
            return Ok(path);
        }
    }
    anyhow::bail!("there is no .wasm file in {}", folder.display())
}

/// The text with the paths of the author's files in place of those that were made for the check.
fn in_sources(text: &str, built: &Path, source: &Path) -> String {
    let manifest = |folder: &Path| folder.join(MANIFEST).display().to_string();
    let text = text.replace(&manifest(built), &manifest(source));
    text.replace(&built.display().to_string(), &format!("the mod built from {}", source.display()))
}
