//! Reads the file in which an author's tool says what it has built on this machine.
//!
//! It is beside the mods' folders and in none of them, and no link is followed to it: a folder that a stranger has made can't
//! bring it along.

use std::fs;
use std::io;
use std::path::Path;

use crate::dev_builds::DevBuilds;
use crate::limits::{DEV_BUILDS_BYTES_MAX, DEV_BUILDS_MODS_MAX, DEV_BUILDS_PROBLEM_CHARS_MAX};
use crate::package::files::read_bounded;
use crate::text::{cut_to, harmless, shown};

/// The builds of the mods in a folder; none if there is no file.
///
/// # Errors
/// If there is a file that can't be used: why, and what to do.
pub(crate) fn read(root: &Path) -> Result<DevBuilds, String> {
    let file = root.join(DevBuilds::FILE);
    let problem = |what: &str| {
        let what = harmless(&cut_to(DEV_BUILDS_PROBLEM_CHARS_MAX, what));
        Err(format!(
            "what was built here is not known: {}: {what}. Remove it and build the mods again",
            shown(&file)
        ))
    };
    let own = file.parent().unwrap_or(root);
    for (path, is_expected) in [(own, fs::FileType::is_dir as fn(&_) -> _), (&file, fs::FileType::is_file)] {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(DevBuilds::default()),
            Err(error) => return problem(&format!("it can't be read: {error}")),
            Ok(found) if is_expected(&found.file_type()) => {}
            Ok(_) => return problem(&format!("{} is a link or of another kind", shown(path))),
        }
    }
    let bytes = match read_bounded(&file, DEV_BUILDS_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(refusal) => return problem(&refusal.problem),
    };
    let Ok(text) = String::from_utf8(bytes) else { return problem("it is not UTF-8 text") };
    match DevBuilds::parse(&text) {
        Ok(builds) if builds.mods.len() > DEV_BUILDS_MODS_MAX => {
            problem(&format!("it names {} mods; the limit is {DEV_BUILDS_MODS_MAX}", builds.mods.len()))
        }
        Ok(builds) => Ok(builds),
        Err(error) => problem(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_can_not_be_used_says_why_and_never_stalls() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert_eq!(read(root), Ok(DevBuilds::default()));
        let error = || read(root).unwrap_err();
        fs::write(root.join(".tinkerbox"), "").unwrap();
        assert!(error().contains("is a link or of another kind"), "{}", error());
        fs::remove_file(root.join(".tinkerbox")).unwrap();
        fs::create_dir(root.join(".tinkerbox")).unwrap();
        assert_eq!(read(root), Ok(DevBuilds::default()));
        let file = root.join(DevBuilds::FILE);
        let many: String = (0..=DEV_BUILDS_MODS_MAX).map(|number| format!("[mods.m{number}]\n")).collect();
        let cases: [(&[u8], &str); 5] = [
            (b"[mods.gale]\ncontent = 3\n", "line 2"),
            (b"[mods.gale]\nfuture = 3\n", "unknown field"),
            (b"\xff", "not UTF-8"),
            (&vec![b'#'; DEV_BUILDS_BYTES_MAX as usize + 1], "more than"),
            (many.as_bytes(), "the limit is"),
        ];
        for (bytes, why) in cases {
            fs::write(&file, bytes).unwrap();
            let error = error();
            assert!(error.contains(why) && error.len() < 2_000 && error.ends_with("again"), "{why}: {error}");
        }
        fs::remove_file(&file).unwrap();
        symlink("/dev/zero", &file).unwrap();
        assert!(error().contains("is a link"));
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(error().contains("is a link or of another kind"));
    }
}
