//! The repository's files, as text. Built things and other people's code are left out.

use std::fs;
use std::path::Path;

use crate::source::Source;

/// Folders that are made by tools.
const MADE: [&str; 2] = ["target", ".git"];

#[derive(Default)]
pub struct Repository {
    /// Files and folders, relative to the repository, with `/` between the parts.
    pub paths: Vec<String>,
    /// The Rust files.
    pub sources: Vec<Source>,
    /// The Markdown files: path and text.
    pub documents: Vec<(String, String)>,
    /// The manifests of packages and workspaces: path and text.
    pub manifests: Vec<(String, String)>,
}

impl Repository {
    pub fn read() -> Repository {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository");
        let mut repository = Repository::default();
        repository.add_folder(root, "");
        repository
    }

    fn add_folder(&mut self, folder: &Path, prefix: &str) {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("the folder can be read").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        for name in names.iter().filter(|name| !MADE.contains(&name.as_str())) {
            let (file, path) = (folder.join(name), format!("{prefix}{name}"));
            if file.is_dir() {
                self.add_folder(&file, &format!("{path}/"));
            } else {
                self.add_file(&file, &path);
            }
            self.paths.push(path);
        }
    }

    fn add_file(&mut self, file: &Path, path: &str) {
        let read = || fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"));
        if path.ends_with(".rs") {
            self.sources.push(Source::new(path, read()));
        } else if path.ends_with(".md") {
            self.documents.push((path.to_string(), read()));
        } else if path.ends_with("Cargo.toml") {
            self.manifests.push((path.to_string(), read()));
        }
    }
}
