//! Where compiled modules may be kept: in a folder of the game's, and in none into which mods are put.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::text::shown;

/// Why compiled modules must not be kept in a folder, if that is so: someone else than the game may write there.
pub(crate) fn why_not_there(folder: &Path, mods_folders: &[&Path]) -> Option<String> {
    let real = real(folder);
    let holding = mods_folders.iter().find(|mods| real.starts_with(self::real(mods)));
    let why = match holding {
        Some(mods) => format!(
            "it is inside {}, where mods are: a mod could bring machine code along. Name a folder of the game's own",
            shown(mods)
        ),
        None if anyone_may_write(&real) => {
            "every user of this machine may write there, and the game would run what they write. Take that permission \
             away, or name another folder"
                .to_owned()
        }
        None => return None,
    };
    Some(format!("compiled mods are not kept in {}: {why}", shown(folder)))
}

/// The absolute path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(Path::new(".").join(path)).unwrap_or_else(|_| path.to_owned());
    for existing in absolute.ancestors() {
        if let Ok(real) = existing.canonicalize() {
            let rest = absolute.strip_prefix(existing).unwrap_or(Path::new(""));
            return real.join(rest);
        }
    }
    absolute
}

#[cfg(unix)]
fn anyone_may_write(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o002 != 0)
}

#[cfg(not(unix))]
fn anyone_may_write(_folder: &Path) -> bool {
    false
}

/// Makes the folder if it does not exist, so that only the user who plays may enter it.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
