//! Compiled modules in a folder of the game's, so that no start compiles what an earlier one has compiled.
//!
//! ```text
//! get     read <key>.module, and note that it was used
//! insert  make room (what was used longest ago goes first) -> write a file of another name -> rename it to <key>.module
//! ```
//!
//! A file is written under its name in one step, so a process that reads at the same time, or a crash, finds all of it or
//! nothing. What is in it is checked by the runtime, for which damaged files do not exist. Nothing that goes wrong here ends
//! or delays a game: it is said once, and modules are compiled as if there were no cache.

mod place;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tinkerbox_wasm::CacheStore;

use crate::limits::{CACHE_ADDED_BYTES_MAX, CACHE_LEFTOVER_AGE};
use crate::text::shown;

pub(crate) use place::why_not_there;

const ENDING: &str = "module";
const UNFINISHED: &str = "unfinished";

/// Compiled modules in a folder.
#[derive(Debug)]
pub(crate) struct FolderCache {
    folder: PathBuf,
    bytes_max: u64,
    /// What is in the folder as far as this process knows: other processes may add to it.
    known: Mutex<Option<Known>>,
    /// It was said that the folder can't be used.
    is_reported: AtomicBool,
}

/// The number of files that this process has written, for their names until they are whole.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

#[derive(Clone, Copy, Debug)]
struct Known {
    bytes: u64,
    /// What was added since the folder was last listed.
    added: u64,
}

impl FolderCache {
    pub fn new(folder: PathBuf, bytes_max: u64) -> FolderCache {
        let (known, is_reported) = Default::default();
        FolderCache { folder, bytes_max, known, is_reported }
    }

    fn file(&self, key: &[u8]) -> PathBuf {
        let mut name = String::with_capacity(2 * key.len());
        for byte in key {
            let _ = write!(name, "{byte:02x}");
        }
        self.folder.join(name).with_extension(ENDING)
    }

    /// Says once that the folder can't be used.
    fn report(&self, what: &str, error: &io::Error) {
        if !self.is_reported.swap(true, Ordering::Relaxed) {
            let remedy = match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Make room on its disk",
                _ => "Let the game read and write it, or name another folder in ModdingPlugin::cache",
            };
            tracing::warn!(
                "compiled mods are not kept in {}: {what}: {error}. The game compiles them each time it starts. {remedy}",
                shown(&self.folder)
            );
        }
    }

    fn read(&self, file: &Path) -> io::Result<Option<Vec<u8>>> {
        let found = fs::symlink_metadata(file)?;
        if !found.is_file() || found.len() > self.bytes_max {
            return Ok(None);
        }
        let file = File::open(file)?;
        let mut bytes = Vec::new();
        // It may have become longer since.
        (&file).take(self.bytes_max).read_to_end(&mut bytes)?;
        // Without that it is removed earlier than others, which is no harm.
        let _ = file.set_modified(SystemTime::now());
        Ok(Some(bytes))
    }

    fn write(&self, file: &Path, value: &[u8]) -> io::Result<()> {
        place::make_private_folder(&self.folder)?;
        self.make_room(value.len() as u64)?;
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let unfinished = file.with_extension(format!("{}-{number}.{UNFINISHED}", std::process::id()));
        let renamed = fs::write(&unfinished, value).and_then(|()| fs::rename(&unfinished, file));
        if renamed.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        renamed
    }

    /// Removes what was used longest ago until there is room for this many bytes, and counts them as added.
    fn make_room(&self, bytes: u64) -> io::Result<()> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_up_to_date = |known: &Known| {
            known.added < CACHE_ADDED_BYTES_MAX && known.bytes.saturating_add(bytes) <= self.bytes_max
        };
        let before = match known.filter(is_up_to_date) {
            Some(known) => known,
            None => Known { bytes: self.clear(bytes)?, added: 0 },
        };
        *known = Some(Known { bytes: before.bytes + bytes, added: before.added + bytes });
        Ok(())
    }

    /// Lists the folder, and removes what leaves no room for this many bytes. Returns the number of bytes that stay.
    fn clear(&self, bytes: u64) -> io::Result<u64> {
        let mut kept = self.list()?;
        let mut total: u64 = kept.iter().map(|kept| kept.bytes).sum();
        if total.saturating_add(bytes) <= self.bytes_max {
            return Ok(total);
        }
        // A little more than needed, so that the folder need not be listed for each module from now on.
        let room = (self.bytes_max - self.bytes_max / 8).saturating_sub(bytes);
        kept.sort_by(|a, b| (a.used, &a.file).cmp(&(b.used, &b.file)));
        let is_whole = |kept: &Kept| kept.file.extension() == Some(OsStr::new(ENDING));
        // What is not whole is being written by another process.
        for Kept { file, bytes, .. } in kept.into_iter().filter(is_whole) {
            if total <= room {
                break;
            }
            match fs::remove_file(&file) {
                // Another process may have removed it.
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => total -= bytes,
            }
        }
        Ok(total)
    }

    /// The cache's own files. Those that a crash has left unfinished are removed.
    fn list(&self) -> io::Result<Vec<Kept>> {
        let mut list = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let file = entry.path();
            let ending = file.extension().and_then(OsStr::to_str);
            // Another process may remove files while they are listed.
            let Ok(found) = entry.metadata() else { continue };
            let used = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let age = || used.elapsed().unwrap_or(Duration::ZERO);
            match ending {
                Some(UNFINISHED) if age() >= CACHE_LEFTOVER_AGE => drop(fs::remove_file(&file)),
                Some(UNFINISHED | ENDING) if found.is_file() => {
                    list.push(Kept { file, bytes: found.len(), used });
                }
                _ => {}
            }
        }
        Ok(list)
    }
}

/// A file of the cache.
struct Kept {
    file: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl CacheStore for FolderCache {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        match self.read(&self.file(key)) {
            Ok(bytes) => bytes.map(Cow::Owned),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.report("a module can't be read", &error);
                None
            }
        }
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        if value.len() as u64 > self.bytes_max {
            return false;
        }
        let written = self.write(&self.file(key), &value);
        if let Err(error) = &written {
            self.report("a module can't be written", error);
        }
        written.is_ok()
    }
}

#[cfg(test)]
mod tests;
