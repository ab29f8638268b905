//! Where compiled modules may be kept: in a folder of the game's, and in none into which mods are put.

use std::fs;
use std::io;
use std::path::Path;

use crate::package::files::real_path;
use crate::text::shown;

/// Why compiled modules must not be kept in a folder, if that is so: someone else than the game may write there.
pub(crate) fn why_not_there(folder: &Path, mods_folders: &[&Path]) -> Option<String> {
    let real = real_path(folder);
    let holding = mods_folders.iter().find(|mods| real.starts_with(real_path(mods)));
    let why = match holding {
        Some(mods) => format!(
            "it is inside {}, where mods are: a mod could bring machine code along. Name a folder of the game's own",
            shown(mods)
        ),
        None => format!(
            "{}, and the game would run what they write. Take that permission away, or name another folder",
            who_else_may_write(&real)?
        ),
    };
    Some(format!("compiled mods are not kept in {}: {why}", shown(folder)))
}

/// Which other users may write into this folder, which may not exist yet, or put another one in its place.
///
/// Groups are trusted: many systems give each user a group of their own, which may write.
#[cfg(unix)]
fn who_else_may_write(real: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    const ANYONE: u32 = 0o002;
    /// Only its owner may rename or remove what is in such a folder.
    const STICKY: u32 = 0o1000;
    let mut existing = real.ancestors().filter_map(|folder| Some((folder, fs::metadata(folder).ok()?)));
    // The folder itself, or the one in which it is made: what is there first is trusted later.
    let (folder, found) = existing.next()?;
    if !is_own(found.uid()) {
        return Some(format!("{} belongs to another user", shown(folder)));
    }
    if found.mode() & ANYONE != 0 {
        return Some(format!("every user of this machine may write into {}", shown(folder)));
    }
    let is_open = |mode: u32| mode & ANYONE != 0 && mode & STICKY == 0;
    let (open, _) = existing.find(|(_, around)| is_open(around.mode()))?;
    Some(format!("every user of this machine may put another folder in its place in {}", shown(open)))
}

/// Whether this user is the game's own, or the system's, who may write anywhere. A process belongs to its user.
#[cfg(unix)]
fn is_own(user: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    user == 0 || fs::metadata("/proc/self").is_ok_and(|process| process.uid() == user)
}

#[cfg(not(unix))]
fn who_else_may_write(_folder: &Path) -> Option<String> {
    None
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
