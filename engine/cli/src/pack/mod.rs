//! Makes an archive of a mod for players, to be unpacked into a game's folder of mods.
//!
//! The same mod makes the same archive on every machine: entries are sorted and have no times. It holds the two files that a
//! game reads and nothing else: without `[dev]`, which would name folders of the author's machine, and without debug
//! information.

mod strip;
mod unpack;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tinkerbox_abi::names::{MOD_ID_RULE, is_mod_id};
use toml_edit::DocumentMut;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::build::console::Console;
use crate::build::{BuildRequest, build};
use crate::install;
use crate::project::{MANIFEST, Manifest};
pub(crate) use unpack::unpack;

/// Where to write an archive, and what of the mod is in it.
#[derive(Clone, Debug, Default)]
pub struct PackSettings {
    /// The file; without it, one in the mod's folder that is named after its id and version.
    pub file: Option<PathBuf>,
    /// Keep the debug information, from which backtraces have files and lines.
    pub keeps_debug_information: bool,
}

/// Builds the mod of a folder, writes its archive, and returns the archive's path.
///
/// # Errors
/// If the mod can't be built, its manifest has no valid id and version, or the archive can't be written.
pub fn pack(folder: &Path, settings: &PackSettings, console: Console) -> anyhow::Result<PathBuf> {
    let manifest = Manifest::read(folder)?;
    let (Some(id), Some(version)) = (&manifest.id, &manifest.version) else {
        bail!("{}: [mod] needs an id and a version", folder.join(MANIFEST).display());
    };
    if !is_mod_id(id) {
        bail!("{}: `{id}` is not a valid id of a mod: use {MOD_ID_RULE}", folder.join(MANIFEST).display());
    }
    // The version becomes a part of a file's name.
    if !version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c)) {
        bail!("{}: `{version}` is not a valid version: use one as 0.1.0", folder.join(MANIFEST).display());
    }
    let mut wasm = compiled(folder, console)?;
    if !settings.keeps_debug_information {
        wasm = strip::without_debug_information(&wasm)?;
    }
    let archive = archive(id, &public(&fs::read_to_string(folder.join(MANIFEST))?)?, &wasm)?;
    let file = settings.file.clone().unwrap_or_else(|| folder.join(format!("{id}-{version}.zip")));
    install::write_beside(&file, &archive).with_context(|| format!("{} can't be written", file.display()))?;
    Ok(file)
}

/// The WebAssembly of the mod as it is now, which is installed nowhere.
fn compiled(folder: &Path, console: Console) -> anyhow::Result<Vec<u8>> {
    let nowhere = tempfile::tempdir().context("temporary files can't be made")?;
    let to = Some(nowhere.path().to_owned());
    let report = build(&BuildRequest { folder: folder.to_owned(), to, ..BuildRequest::default() }, console)?;
    let built = report.mods.iter().find(|built| built.source == *folder);
    let Some(built) = built.filter(|built| built.outcome.is_built()) else {
        report.print(console);
        bail!("the mod is not packed, since it was not built: see the reason above");
    };
    Ok(fs::read(built.folder.join(format!("{}.wasm", built.name)))?)
}

/// The manifest without what is only for the author's tools.
fn public(manifest: &str) -> anyhow::Result<String> {
    let mut document: DocumentMut = manifest.parse()?;
    document.remove("dev");
    Ok(document.to_string().trim_end().to_owned() + "\n")
}

/// An archive with the files of a mod in a folder of its own.
fn archive(id: &str, manifest: &str, wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut files = [(format!("{id}/{id}.wasm"), wasm), (format!("{id}/{MANIFEST}"), manifest.as_bytes())];
    files.sort();
    for (name, content) in files {
        archive.start_file(name, options)?;
        archive.write_all(content)?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authors_own_part_is_left_out() {
        let text = "[mod]\nid = \"gale\" # mine\n\n# Where the game is.\n[dev]\ngame = \"/home/ada/game\"\n[budget]\nfuel = 3\n";
        assert_eq!(public(text).unwrap(), "[mod]\nid = \"gale\" # mine\n[budget]\nfuel = 3\n");
        assert_eq!(public("dev = { x = 1 }\n[mod]\n").unwrap(), "[mod]\n");
    }
}
