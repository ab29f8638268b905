//! The number of source files in a folder: at most as many as a reader takes in at a glance.

use std::collections::BTreeMap;

use crate::repository::Repository;

/// The most files in a folder, `mod.rs` among them.
const FILES_MAX: usize = 12;

/// Folders with more files, unless they are listed with their exact number.
pub fn problems(repository: &Repository, full: &[(&str, usize)]) -> Vec<String> {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for source in &repository.sources {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        *folders.entry(folder).or_default() += 1;
    }
    let mut problems = Vec::new();
    for (folder, files) in &folders {
        let listed = full.iter().find(|(listed, _)| listed == folder).map(|(_, files)| *files);
        match listed {
            None if *files > FILES_MAX => problems.push(format!(
                "{folder}: {files} source files in one folder: group them in folders of at most {FILES_MAX}"
            )),
            Some(_) if *files <= FILES_MAX => {
                problems.push(format!("{folder}: {files} source files: remove it from FULL_FOLDERS"));
            }
            Some(listed) if listed < *files => problems.push(format!(
                "{folder}: {files} source files, FULL_FOLDERS says {listed}: put the new files into a folder of their own"
            )),
            Some(listed) if listed > *files => {
                problems.push(format!("{folder}: now {files} source files, FULL_FOLDERS says {listed}: write {files}"));
            }
            _ => {}
        }
    }
    let gone = full.iter().filter(|(listed, _)| !folders.contains_key(listed));
    problems.extend(gone.map(|(listed, _)| format!("{listed}: no such folder: remove it from FULL_FOLDERS")));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_folders_are_found_and_listed_exactly() {
        let paths: Vec<String> =
            (0..13).map(|n| format!("a/f{n}.rs")).chain(["b/c.rs".to_string()]).collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        let repository = Repository::of(&files);
        let found = |full: &[(&str, usize)]| problems(&repository, full);
        assert!(found(&[])[0].starts_with("a: 13 source files in one folder"));
        assert!(found(&[("a", 13)]).is_empty());
        assert!(found(&[("a", 12)])[0].contains("the new files"));
        assert!(found(&[("a", 14)])[0].ends_with("write 13"));
        assert!(found(&[("a", 13), ("b", 13)])[0].starts_with("b: 1 source files: remove it from"));
        assert!(found(&[("a", 13), ("c", 13)])[0].starts_with("c: no such folder"));
    }
}
