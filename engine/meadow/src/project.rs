//! Where the project's folder is, and what lies where in it.
//!
//! It is found at run time, by walking up: a binary that was moved or a project that was renamed must not look in the
//! place where it was compiled.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// What makes a folder the project's.
const MARKS: [&str; 2] = ["mods/Cargo.toml", "assets/meadow/meadow.toml"];

/// The project's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Walks up from the current folder, then from the package's folder that `cargo run` tells.
    ///
    /// # Errors
    /// If no folder on these ways is the project's.
    pub fn find() -> anyhow::Result<Project> {
        let starts: Vec<PathBuf> =
            [env::current_dir().ok(), env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)]
                .into_iter()
                .flatten()
                .collect();
        Project::find_above(&starts)
    }

    /// Walks up from each of these folders.
    ///
    /// # Errors
    /// If no folder on these ways is the project's.
    pub fn find_above(starts: &[PathBuf]) -> anyhow::Result<Project> {
        let on_the_way = starts.iter().flat_map(|start| start.ancestors());
        let is_root = |folder: &&Path| MARKS.iter().all(|mark| folder.join(mark).is_file());
        match on_the_way.into_iter().find(is_root) {
            Some(root) => Ok(Project { root: root.to_owned() }),
            None => {
                let looked_in: Vec<String> = starts.iter().map(|start| start.display().to_string()).collect();
                bail!(
                    "Tinkerbox's project folder is not found. Looked for a folder with {} in {} and every folder above. \
                     Run this inside the project's folder",
                    MARKS.join(" and "),
                    looked_in.join(", in ")
                )
            }
        }
    }

    /// The workspace of the mods' sources.
    pub fn mods(&self) -> PathBuf {
        self.root.join("mods")
    }

    /// Where built mods are installed, each in a folder of its own.
    pub fn installed_mods(&self) -> PathBuf {
        tinkerbox_cli::installed_mods(&self.mods())
    }

    /// Meadow's data.
    pub fn assets(&self) -> PathBuf {
        self.root.join("assets/meadow")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_found_from_inside() {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let project = Project::find_above(&[here.join("src/terminal")]).unwrap();
        assert!(project.assets().join("meadow.toml").is_file());
        assert_eq!(project.mods().parent(), here.parent().unwrap().parent());
    }

    #[test]
    fn what_was_looked_for_is_said() {
        let error = Project::find_above(&[PathBuf::from("/nowhere/at/all")]).unwrap_err().to_string();
        for part in ["mods/Cargo.toml", "assets/meadow/meadow.toml", "/nowhere/at/all", "Run this inside"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
