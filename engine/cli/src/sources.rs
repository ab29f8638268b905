//! Finds the mods among the packages in a folder.
//!
//! A mod is a cargo package with a `mod.toml`. A package that compiles to WebAssembly for a game to load (a `cdylib`) and
//! has no `mod.toml` is an unfinished one, which its author wants to hear about; any other package is a library.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cargo::{Member, Workspace};

/// The manifest of a mod, beside its `Cargo.toml`.
pub(crate) const MANIFEST: &str = "mod.toml";

/// The sources of a mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The name of the package, and of the folder that the mod is installed in.
    pub name: String,
    /// The folder of `Cargo.toml` and `mod.toml`, as cargo spells it.
    pub folder: PathBuf,
    /// The id of the package if it is a member of the workspace; cargo builds no other.
    pub package: Option<String>,
}

/// The mods of a folder, in alphabetical order: the folder itself and the folders directly inside it.
pub(crate) fn find(folder: &Path, workspace: &Workspace) -> anyhow::Result<Vec<Source>> {
    let cannot = || format!("{} can't be read", folder.display());
    let mut sources = Vec::new();
    sources.extend(source(folder.to_owned(), workspace));
    for entry in fs::read_dir(folder).with_context(cannot)? {
        sources.extend(source(entry.with_context(cannot)?.path(), workspace));
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    if sources.is_empty() {
        bail!(
            "there is no mod in {}: a mod is a folder with Cargo.toml and {MANIFEST}. Name such a folder, or one that \
             contains some",
            folder.display()
        );
    }
    Ok(sources)
}

/// The mod in this folder, if it is one.
fn source(folder: PathBuf, workspace: &Workspace) -> Option<Source> {
    if !folder.join("Cargo.toml").is_file() {
        return None;
    }
    // As cargo spells it.
    let folder = folder.canonicalize().unwrap_or(folder);
    let has_manifest = folder.join(MANIFEST).is_file();
    match workspace.members.get(&folder) {
        Some(Member { is_cdylib, .. }) if !is_cdylib && !has_manifest => None,
        Some(Member { id, name, .. }) => {
            Some(Source { name: name.clone(), folder, package: Some(id.clone()) })
        }
        None if has_manifest => {
            let name = folder.file_name()?.to_string_lossy().into_owned();
            Some(Source { name, folder, package: None })
        }
        None => None,
    }
}

/// The sources with these names, or all of them if no name is given.
pub(crate) fn choose(mut sources: Vec<Source>, names: &[String]) -> anyhow::Result<Vec<Source>> {
    if let Some(unknown) = names.iter().find(|name| !sources.iter().any(|source| source.name == **name)) {
        let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        bail!("there is no mod `{unknown}`. Name some of {}", known.join(", "));
    }
    sources.retain(|source| names.is_empty() || names.contains(&source.name));
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chosen: &[&str]) -> Result<Vec<String>, String> {
        let source = |name: &str| Source { name: name.to_owned(), folder: name.into(), package: None };
        let chosen: Vec<String> = chosen.iter().map(|&name| name.to_owned()).collect();
        let sources = choose(["flock", "grass", "wolves"].map(source).into(), &chosen);
        Ok(sources.map_err(|error| error.to_string())?.into_iter().map(|source| source.name).collect())
    }

    #[test]
    fn no_name_means_all() {
        assert_eq!(names(&[]).unwrap(), ["flock", "grass", "wolves"]);
        assert_eq!(names(&["wolves", "flock"]).unwrap(), ["flock", "wolves"]);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        assert_eq!(
            names(&["wolf"]).unwrap_err(),
            "there is no mod `wolf`. Name some of flock, grass, wolves"
        );
    }

    #[test]
    fn mods_are_told_from_libraries() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap();
        let mut workspace = Workspace { root: folder.clone(), members: Default::default() };
        let mut add = |name: &str, is_member: bool, is_cdylib: bool, has_manifest: bool| {
            let package = folder.join(name);
            fs::create_dir_all(&package).unwrap();
            fs::write(package.join("Cargo.toml"), "").unwrap();
            if has_manifest {
                fs::write(package.join(MANIFEST), "").unwrap();
            }
            let member = Member { id: format!("{name}#0.1.0"), name: format!("{name}-package"), is_cdylib };
            if is_member {
                workspace.members.insert(package, member);
            }
        };
        add("a_mod", true, true, true);
        add("no_cdylib", true, false, true);
        add("no_manifest", true, true, false);
        add("a_library", true, false, false);
        add("no_member", false, false, true);
        add("of_others", false, false, false);
        add("deeper/a_mod", true, true, true);
        fs::create_dir_all(folder.join("target")).unwrap();
        let found = |folder: &Path| find(folder, &workspace).map_err(|error| error.to_string());
        let names: Vec<String> = found(&folder).unwrap().into_iter().map(|source| source.name).collect();
        assert_eq!(names, ["a_mod-package", "no_cdylib-package", "no_manifest-package", "no_member"]);
        assert_eq!(
            found(&folder.join("deeper/a_mod")).unwrap()[0].package.as_deref(),
            Some("deeper/a_mod#0.1.0")
        );
        let error = found(&folder.join("a_library")).unwrap_err();
        assert!(
            error.starts_with("there is no mod in ") && error.contains("a_library: a mod is a folder"),
            "{error}"
        );
    }
}
