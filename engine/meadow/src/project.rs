//! Finds the folder of this repository, and knows the paths inside it.
//!
//! The folder is searched for at run time, so that the binary and the repository can be moved after compiling.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// The files that identify the project's folder.
const MARKS: [&str; 2] = ["mods/Cargo.toml", "assets/meadow/meadow.toml"];

/// The project's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Searches the current folder and those above it, then the folder of the package that `cargo run` runs and those above.
    ///
    /// # Errors
    /// If none of these folders is the project's.
    pub fn find() -> anyhow::Result<Project> {
        let starts: Vec<PathBuf> =
            [env::current_dir().ok(), env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)]
                .into_iter()
                .flatten()
                .collect();
        Project::find_above(&starts)
    }

    /// Searches each of these folders and those above it.
    ///
    /// # Errors
    /// If none of these folders is the project's.
    pub fn find_above(starts: &[PathBuf]) -> anyhow::Result<Project> {
        let candidates = starts.iter().flat_map(|start| start.ancestors());
        let is_root = |folder: &&Path| MARKS.iter().all(|mark| folder.join(mark).is_file());
        match candidates.into_iter().find(is_root) {
            Some(root) => Ok(Project { root: root.to_owned() }),
            None => {
                let searched: Vec<String> = starts.iter().map(|start| start.display().to_string()).collect();
                bail!(
                    "Tinkerbox's project folder was not found: no folder from {} upwards contains {}. Run this inside the \
                     project's folder",
                    searched.join(" or "),
                    MARKS.join(" and ")
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
    fn the_error_says_what_was_searched_for() {
        let error = Project::find_above(&[PathBuf::from("/nowhere/at/all")]).unwrap_err().to_string();
        for part in ["mods/Cargo.toml", "assets/meadow/meadow.toml", "/nowhere/at/all", "Run this inside"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
