//! Mods that were built for a look at them, into a folder that is gone afterwards.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempDir;
use tinkerbox::Interface;

use crate::build::console::Console;
use crate::build::{BuildRequest, build};
use crate::check::CheckSettings;

/// Mods that were built into a folder of their own each.
pub(super) struct FreshlyBuilt {
    pub mods: Vec<Fresh>,
    _folder: TempDir,
}

/// A mod that was built.
pub(super) struct Fresh {
    /// The id in its `mod.toml`.
    pub id: String,
    /// The folder of its sources.
    pub source: PathBuf,
    /// The folder that contains nothing but the folder of this mod.
    pub alone: PathBuf,
    /// What the game exposes, if a file says so.
    pub interface: Option<Interface>,
}

impl FreshlyBuilt {
    /// Builds the mods of a folder.
    ///
    /// # Errors
    /// If one can't be built, or a game would refuse it.
    pub fn new(folder: &Path, check: CheckSettings) -> anyhow::Result<FreshlyBuilt> {
        let temporary = tempfile::tempdir().context("no folder can be made for the built mods")?;
        let to = temporary.path().join("all");
        let request = BuildRequest { folder: folder.to_owned(), names: Vec::new(), to: Some(to), check };
        let report = build(&request, Console::StandardError)?;
        if let Err(error) = report.check() {
            report.print(Console::StandardError);
            return Err(error);
        }
        let mut mods = Vec::new();
        for built in report.mods.into_iter().filter(|built| built.outcome.is_built()) {
            let alone = temporary.path().join("alone").join(&built.name);
            let folder = alone.join(&built.name);
            std::fs::create_dir_all(&alone)?;
            std::fs::rename(&built.folder, &folder)?;
            let id = built.id.unwrap_or_else(|| built.name.clone());
            let interface = built.checked.and_then(|checked| checked.interface);
            mods.push(Fresh { id, source: built.source, alone, interface });
        }
        Ok(FreshlyBuilt { mods, _folder: temporary })
    }
}
