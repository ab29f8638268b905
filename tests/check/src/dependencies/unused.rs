//! Dependencies that no source of their package names.
//!
//! A dependency of the crate itself has to be named where the crate is; one for development anywhere in the package,
//! in documentation too, since examples there are compiled.

use std::collections::HashSet;
use std::path::Path;

use crate::metadata::{Kind, Package, Used};
use crate::package::rust_files;
use crate::tokens::{File, words};

pub fn problems(package: &Package) -> anyhow::Result<Vec<String>> {
    let mut names = Names::default();
    for path in rust_files(&package.folder)? {
        let text = std::fs::read_to_string(&path)?;
        let file = File::read(&text).map_err(|error| error.context(path.display().to_string()))?;
        names.add(file, is_shipped(package, &path));
    }
    if let Some(readme) = &package.readme {
        names.all.extend(words(&std::fs::read_to_string(readme)?).map(str::to_owned));
    }
    Ok(names.missing(&package.used, &package.silently_used, &package.name))
}

/// Whether a file is part of a library, a program or a build script, and not only of tests.
fn is_shipped(package: &Package, path: &Path) -> bool {
    package.targets.iter().filter(|target| target.is_shipped).any(|target| match target.path.parent() {
        // A build script stands alone beside the manifest.
        Some(folder) if folder == package.folder => target.path == path,
        Some(folder) => path.starts_with(folder),
        None => false,
    })
}

#[derive(Default)]
struct Names {
    /// In the code of the crate itself.
    shipped: HashSet<String>,
    /// Everywhere, in documentation too.
    all: HashSet<String>,
}

impl Names {
    fn add(&mut self, file: File, is_shipped: bool) {
        if is_shipped {
            self.shipped.extend(file.names.iter().cloned());
        }
        self.all.extend(file.names);
        self.all.extend(file.documented);
    }

    fn missing(&self, used: &[Used], silently_used: &[String], package: &str) -> Vec<String> {
        let is_missing = |used: &&Used| {
            let names = if used.kind == Kind::Dev { &self.all } else { &self.shipped };
            let is_silent = silently_used.iter().any(|silent| silent.replace('-', "_") == used.name);
            !is_silent && !names.contains(&used.name)
        };
        let told = |used: &Used| {
            let place =
                if used.kind == Kind::Dev { "anywhere in the package" } else { "by the crate itself" };
            format!("{package}: `{}` is not named {place}", used.name)
        };
        used.iter().filter(is_missing).map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_named_where_it_is_needed() {
        let mut names = Names::default();
        names.add(File::read("use a::b; // c").unwrap(), true);
        names.add(File::read("/// d::e\nuse f::g;").unwrap(), false);
        let missing = |name: &str, kind| {
            let used = Used { name: name.to_owned(), kind };
            !names.missing(&[used], &["silent-one".to_owned()], "own").is_empty()
        };
        assert!(!missing("a", Kind::Normal) && !missing("a", Kind::Dev));
        assert!(missing("c", Kind::Normal) && missing("c", Kind::Dev));
        assert!(missing("d", Kind::Normal) && !missing("d", Kind::Dev));
        assert!(missing("f", Kind::Build) && !missing("f", Kind::Dev));
        assert!(!missing("silent_one", Kind::Normal));
    }
}
