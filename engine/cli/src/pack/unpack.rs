//! Takes a mod out of an archive that anyone has made, to look at it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path};

use anyhow::{Context, bail};
use tempfile::TempDir;
use zip::ZipArchive;

use crate::project::MANIFEST;

/// More files than a mod has; a game reads two.
const ENTRIES_MAX: usize = 256;
/// More than a game reads of a file, which then says so.
const FILE_BYTES_MAX: u64 = (64 << 20) + 1;

/// A folder with the two files of the mod in an archive. It is removed when it is dropped.
///
/// # Errors
/// If it is not an archive of one mod.
pub(crate) fn unpack(archive: &Path) -> anyhow::Result<TempDir> {
    let cannot = || format!("{} is not an archive of a mod", archive.display());
    let mut zip = ZipArchive::new(File::open(archive).with_context(cannot)?).with_context(cannot)?;
    if zip.len() > ENTRIES_MAX {
        bail!("{}: it has {} entries, and a mod has two files", cannot(), zip.len());
    }
    let folder = tempfile::tempdir().context("temporary files can't be made")?;
    let (mut own, mut modules) = (None, 0);
    for at in 0..zip.len() {
        let entry = zip.by_index(at).with_context(cannot)?;
        let Some(path) = entry.enclosed_name() else {
            bail!("{}: an entry of it leads out of it", cannot());
        };
        let parts: Vec<Component> = path.components().collect();
        let [Component::Normal(of_mod), Component::Normal(name)] = parts[..] else { continue };
        if entry.is_dir()
            || !(name == MANIFEST || Path::new(name).extension().is_some_and(|end| end == "wasm"))
        {
            continue;
        }
        if own.get_or_insert(of_mod.to_owned()) != of_mod {
            bail!("{}: it has several folders with files of mods, and an archive holds one mod", cannot());
        }
        modules += u32::from(name != MANIFEST);
        if modules > 1 {
            bail!("{}: it has several .wasm files, and a mod has one", cannot());
        }
        let mut file = File::create_new(folder.path().join(name)).with_context(cannot)?;
        io::copy(&mut entry.take(FILE_BYTES_MAX), &mut file).with_context(cannot)?;
    }
    if !fs::exists(folder.path().join(MANIFEST))? {
        bail!("{}: there is no {MANIFEST} in a folder of it", cannot());
    }
    Ok(folder)
}
