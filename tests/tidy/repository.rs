//! The repository's files, read once for all rules. Built things and other people's code are left out.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use crate::source::Source;

/// Folders that are made by tools.
const MADE: [&str; 3] = ["target", ".git", "node_modules"];

/// Endings of other files whose text is written by hand.
const WRITTEN: [&str; 9] = [".toml", ".wat", ".txt", ".c", ".h", ".lock", ".zig", ".ts", ".mjs"];

#[derive(Default)]
pub struct Repository {
    /// Files and folders, relative to the repository, with `/` between the parts.
    pub paths: Vec<String>,
    /// The Rust files.
    pub sources: Vec<Source>,
    /// The Markdown files: path and text.
    pub documents: Vec<(String, String)>,
    /// The `Cargo.toml` files: path and text.
    pub manifests: Vec<(String, String)>,
    /// Other files whose text is written by hand.
    others: Vec<(String, String)>,
    /// The places of the Rust files in `sources`, by path.
    numbers: HashMap<String, usize>,
}

impl Repository {
    /// The repository that these tests are in.
    pub fn get() -> &'static Repository {
        static REPOSITORY: OnceLock<Repository> = OnceLock::new();
        REPOSITORY.get_or_init(Repository::read)
    }

    /// The repository's folder.
    pub fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository")
    }

    fn read() -> Repository {
        let mut repository = Repository::default();
        repository.add_folder(Repository::root(), "");
        let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
        thread::scope(|scope| {
            for sources in repository.sources.chunks(repository.sources.len() / threads + 1) {
                scope.spawn(move || {
                    for source in sources {
                        source.syntax();
                    }
                });
            }
        });
        repository
    }

    /// A repository of these files: paths and texts.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Repository {
        let mut repository = Repository::default();
        for (path, text) in files {
            repository.add_text(path, || text.to_string());
            repository.paths.push(path.to_string());
        }
        repository
    }

    /// All files that are read, by path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let sources = self.sources.iter().map(|source| (source.path.as_str(), source.text.as_str()));
        let others = self.documents.iter().chain(&self.manifests).chain(&self.others);
        sources.chain(others.map(|(path, text)| (path.as_str(), text.as_str())))
    }

    /// The place of a Rust file in `sources`.
    pub fn number_of(&self, path: &str) -> Option<usize> {
        self.numbers.get(path).copied()
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
        self.add_text(path, || fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}")));
    }

    fn add_text(&mut self, path: &str, read: impl FnOnce() -> String) {
        if path.ends_with(".rs") {
            self.numbers.insert(path.to_string(), self.sources.len());
            self.sources.push(Source::new(path, read()));
        } else if path.ends_with(".md") {
            self.documents.push((path.to_string(), read()));
        } else if path.rsplit('/').next() == Some("Cargo.toml") {
            self.manifests.push((path.to_string(), read()));
        } else if WRITTEN.iter().any(|ending| path.ends_with(ending)) {
            self.others.push((path.to_string(), read()));
        }
    }
}
