//! Which mods there are in `mods/`: each folder with a `Cargo.toml` is one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A mod's sources. Folder, package and mod have the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name of the folder, the package and the mod.
    pub name: String,
    /// Where its `mod.toml` is.
    pub folder: PathBuf,
}

/// All mods of the workspace, in the alphabet's order.
pub(super) fn find(workspace: &Path) -> anyhow::Result<Vec<Source>> {
    let cannot = || format!("{} can't be read: it should hold the mods' sources", workspace.display());
    let mut sources = Vec::new();
    for entry in fs::read_dir(workspace).with_context(cannot)? {
        let folder = entry.with_context(cannot)?.path();
        let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { continue };
        if folder.join("Cargo.toml").is_file() {
            sources.push(Source { name: name.to_owned(), folder });
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sources)
}

/// Those with these names, or all where none is named.
pub(super) fn choose(mut sources: Vec<Source>, names: &[String]) -> anyhow::Result<Vec<Source>> {
    if let Some(unknown) = names.iter().find(|name| !sources.iter().any(|source| source.name == **name)) {
        let there: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        bail!("there is no mod `{unknown}` in mods/. There are: {}", there.join(", "));
    }
    sources.retain(|source| names.is_empty() || names.contains(&source.name));
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chosen: &[&str]) -> Result<Vec<String>, String> {
        let sources =
            ["flock", "grass", "wolves"].map(|name| Source { name: name.to_owned(), folder: name.into() });
        let chosen: Vec<String> = chosen.iter().map(|&name| name.to_owned()).collect();
        let sources = choose(sources.into(), &chosen).map_err(|error| error.to_string())?;
        Ok(sources.into_iter().map(|source| source.name).collect())
    }

    #[test]
    fn no_name_means_all() {
        assert_eq!(names(&[]).unwrap(), ["flock", "grass", "wolves"]);
        assert_eq!(names(&["wolves", "flock"]).unwrap(), ["flock", "wolves"]);
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_there_are() {
        assert_eq!(
            names(&["wolf"]).unwrap_err(),
            "there is no mod `wolf` in mods/. There are: flock, grass, wolves"
        );
    }
}
