//! Where a mod is and what its `mod.toml` says to the tool.
//!
//! Only what the tool needs is read here: what a game makes of the manifest, the game itself decides.

mod settings;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

pub use settings::{CommandLine, DevSettings};

/// The manifest of a mod.
pub const MANIFEST: &str = "mod.toml";

/// The files of a mod as games load it, by their names.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What the tool reads of a `mod.toml`.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The id under `[mod]`.
    pub id: Option<String>,
    /// The version under `[mod]`.
    pub version: Option<String>,
    /// The table `[dev]`.
    pub dev: DevSettings,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "mod")]
    about: Option<toml::Table>,
    #[serde(default)]
    dev: DevSettings,
}

impl Manifest {
    /// Reads the manifest in a mod's folder.
    ///
    /// # Errors
    /// If it can't be read, is not valid TOML, or its `[dev]` has keys that do not exist.
    pub fn read(folder: &Path) -> anyhow::Result<Manifest> {
        let file = folder.join(MANIFEST);
        let text = fs::read_to_string(&file).with_context(|| format!("{} can't be read", file.display()))?;
        Manifest::parse(&text).with_context(|| format!("{} is not a valid manifest", file.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Manifest> {
        let File { about, dev } = toml::from_str(text)?;
        let said = |key: &str| Some(about.as_ref()?.get(key)?.as_str()?.to_owned());
        Ok(Manifest { id: said("id"), version: said("version"), dev })
    }
}

/// The folder of the mod that a folder is in: the nearest one from there upwards that has a `mod.toml`.
pub fn mod_above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(MANIFEST).is_file()).map(Path::to_owned)
}

/// The folder that a command works on: the one that was named; or that of the mod that the current folder is in; or the
/// current folder, which may contain mods.
///
/// # Errors
/// If the folder does not exist.
pub fn folder(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = named.unwrap_or(Path::new("."));
    let found = folder.canonicalize();
    let found = found.with_context(|| format!("the folder {} can't be found", folder.display()))?;
    Ok(match named {
        Some(_) => found,
        None => mod_above(&found).unwrap_or(found),
    })
}

/// The folder of the one mod that a command works on.
///
/// # Errors
/// If the folder does not exist, or is not in a mod.
pub fn one_mod(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = folder(named)?;
    if !folder.join(MANIFEST).is_file() {
        bail!(
            "there is no {MANIFEST} in {} or above it. Run this in the folder of a mod, or name one",
            folder.display()
        );
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mod_is_found_from_inside() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let inside = root.join("gale/src/deep");
        fs::create_dir_all(&inside).unwrap();
        assert_eq!(mod_above(&inside), None);
        fs::write(root.join("gale/mod.toml"), "").unwrap();
        assert_eq!(mod_above(&inside), Some(root.join("gale")));
        assert_eq!(mod_above(&root), None);
        assert_eq!(one_mod(Some(&root.join("gale"))).unwrap(), root.join("gale"));
        let error = one_mod(Some(&root)).unwrap_err().to_string();
        assert!(error.starts_with("there is no mod.toml in "), "{error}");
        let error = folder(Some(&root.join("nowhere"))).unwrap_err().to_string();
        assert!(error.contains("nowhere can't be found"), "{error}");
    }

    #[test]
    fn what_concerns_the_game_is_passed_over() {
        let text = "[mod]\nid = \"gale\"\nversion = \"0.1.0\"\nfuture = 3\n[permissions]\nx = []\n[dev]\nbuild = \"make x\"";
        let manifest = Manifest::parse(text).unwrap();
        assert_eq!((manifest.id.as_deref(), manifest.version.as_deref()), (Some("gale"), Some("0.1.0")));
        assert_eq!(manifest.dev.build.unwrap().words(), ["make", "x"]);
        assert_eq!(Manifest::parse("").unwrap().id, None);
    }

    #[test]
    fn an_error_names_the_line() {
        let error = format!("{:#}", Manifest::parse("[mod]\n[dev]\nbiuld = \"make\"\n").unwrap_err());
        assert!(error.contains("line 3") && error.contains("unknown field `biuld`"), "{error}");
    }
}
