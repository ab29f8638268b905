//! Large files in the history: git keeps them for ever, even if a later commit removes them.

use std::path::Path;
use std::process::{Command, Stdio};

const BYTES_MAX: u64 = 500 << 10;

/// Large files that are not listed. Without git or without a history there are none.
pub fn problems(root: &Path, listed: &[&str]) -> Vec<String> {
    let Some(objects) = objects(root) else { return Vec::new() };
    let large = large(&objects);
    let unlisted = large.iter().filter(|(_, path)| !listed.contains(path));
    let mut problems: Vec<String> = unlisted
        .map(|(bytes, path)| {
            format!("{path}: {bytes} bytes in the history of this branch: remove it from the commit before it is merged")
        })
        .collect();
    let gone = listed.iter().filter(|path| !large.iter().any(|(_, large)| large == *path));
    problems.extend(gone.map(|path| format!("{path}: no large file: remove it from LARGE_FILES")));
    problems
}

/// Type, size and path of each object that this branch reaches.
fn objects(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(root).args(arguments).stderr(Stdio::null());
        command
    };
    let mut list = git(&["rev-list", "--objects", "HEAD"]).stdout(Stdio::piped()).spawn().ok()?;
    let format = "--batch-check=%(objecttype) %(objectsize) %(rest)";
    let sizes = git(&["cat-file", format]).stdin(list.stdout.take()?).output().ok()?;
    let is_listed = list.wait().ok()?.success();
    (is_listed && sizes.status.success()).then(|| String::from_utf8_lossy(&sizes.stdout).into_owned())
}

/// Size and path of the large files.
fn large(objects: &str) -> Vec<(u64, &str)> {
    let blobs = objects.lines().filter_map(|line| line.strip_prefix("blob ")?.split_once(' '));
    let blobs = blobs.filter_map(|(bytes, path)| Some((bytes.parse().ok()?, path)));
    blobs.filter(|(bytes, _)| *bytes > BYTES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn large_files_are_told_from_the_rest() {
        let objects = "commit 9999999 \nblob 12 a.rs\nblob 600000 b c.bin\ntree 600000 d\n";
        assert_eq!(large(objects), [(600_000, "b c.bin")]);
    }

    #[test]
    fn large_files_are_found_when_they_are_gone() {
        let folder = tempfile::tempdir().expect("there is room for a small repository");
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.current_dir(&folder).args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(arguments);
            command.output().is_ok_and(|output| output.status.success())
        };
        if !git(&["init"]) {
            return;
        }
        fs::write(folder.path().join("large.bin"), vec![b'x'; 600 << 10])
            .expect("the folder can be written to");
        assert!(git(&["add", "."]) && git(&["commit", "-m", "x"]));
        assert!(git(&["rm", "large.bin"]) && git(&["commit", "-m", "y"]));
        let found = problems(folder.path(), &[]);
        assert!(found.len() == 1 && found[0].starts_with("large.bin: 614400 bytes"), "{found:?}");
        assert!(problems(folder.path(), &["large.bin"]).is_empty());
        assert!(problems(folder.path(), &["large.bin", "gone"])[0].contains("no large file"));
    }
}
