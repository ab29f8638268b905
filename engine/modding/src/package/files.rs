//! Reads the files of a mod's folder, once: later steps do not access the file system.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest;
use super::refusal::Refusal;
use crate::limits::{MANIFEST_BYTES_MAX, WASM_BYTES_MAX};
use crate::text::{cut, list};

const SHAPE: &str = "A mod's folder holds mod.toml and exactly one .wasm file";

/// SHA-256 over both files.
pub(crate) type ContentHash = [u8; 32];

/// What a mod's folder holds.
#[derive(Debug)]
pub(crate) struct Files {
    pub manifest_file: PathBuf,
    pub manifest: String,
    pub wasm_file: PathBuf,
    pub wasm: Vec<u8>,
    pub hash: ContentHash,
}

/// Whether a folder with this name inside the mods' folder is a mod's. Hidden folders are not: version control and file
/// managers keep their own data in them.
pub(crate) fn is_mods_name(name: &OsStr) -> bool {
    !name.as_encoded_bytes().starts_with(b".")
}

/// Whether a file with this name in a mod's folder is its WebAssembly. Hidden files are not: some archivers add
/// `._mod.wasm` to `mod.wasm`.
pub(crate) fn is_wasms_name(name: &OsStr) -> bool {
    is_mods_name(name) && Path::new(name).extension().is_some_and(|extension| extension == "wasm")
}

/// Whether this is a folder, or a link to one. A folder that the game must not look at counts: why it can't be read is
/// reported later.
pub(crate) fn is_folder(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(metadata) => metadata.is_dir(),
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

/// The absolute path without links, as far as it exists.
pub(crate) fn real_path(path: &Path) -> PathBuf {
    // The empty path names this folder, too.
    let absolute = std::path::absolute(Path::new(".").join(path)).unwrap_or_else(|_| path.to_owned());
    for existing in absolute.ancestors() {
        if let Ok(real) = existing.canonicalize() {
            let rest = absolute.strip_prefix(existing).unwrap_or(Path::new(""));
            return real.join(rest);
        }
    }
    absolute
}

/// The folders of mods in `root`, sorted, under their names in `root`. Links to folders count.
///
/// # Errors
/// If `root` can't be read.
pub(crate) fn mod_folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if is_mods_name(&entry.file_name()) && is_folder(&entry.path()) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

/// Reads a mod's folder.
pub(crate) fn read(folder: &Path) -> Result<Files, Refusal> {
    let manifest_file = folder.join(manifest::FILE_NAME);
    if let Some((problem, remedy)) = why_no_manifest(folder, &manifest_file) {
        return Err(Refusal::new(&manifest_file, problem, remedy));
    }
    let manifest = as_text(&manifest_file, read_bounded(&manifest_file, MANIFEST_BYTES_MAX)?)?;
    let wasm_file = find_wasm(folder)?;
    let wasm = read_bounded(&wasm_file, WASM_BYTES_MAX)?;
    let hash = hash(manifest.as_bytes(), &wasm);
    Ok(Files { manifest_file, manifest, wasm_file, wasm, hash })
}

/// The files of a mod that the game has in memory, as if they were in a folder with this path.
pub(crate) fn embedded(path: &Path, manifest: &[u8], wasm: &[u8]) -> Result<Files, Refusal> {
    let (manifest_file, wasm_file) = (path.join(manifest::FILE_NAME), path.join("mod.wasm"));
    for (file, bytes, most_bytes) in
        [(&manifest_file, manifest, MANIFEST_BYTES_MAX), (&wasm_file, wasm, WASM_BYTES_MAX)]
    {
        if bytes.len() as u64 > most_bytes {
            return Err(too_large(file, most_bytes));
        }
    }
    let hash = hash(manifest, wasm);
    let manifest = as_text(&manifest_file, manifest.to_vec())?;
    Ok(Files { manifest_file, manifest, wasm_file, wasm: wasm.to_vec(), hash })
}

fn as_text(manifest_file: &Path, bytes: Vec<u8>) -> Result<String, Refusal> {
    String::from_utf8(bytes)
        .map_err(|_| Refusal::new(manifest_file, "the file is not UTF-8 text", "Save it as UTF-8."))
}

fn too_large(file: &Path, most_bytes: u64) -> Refusal {
    Refusal::new(file, format!("the file has more than {most_bytes} bytes"), "Make it smaller.")
}

/// The hash of a mod's content.
pub(crate) fn hash(manifest: &[u8], wasm: &[u8]) -> ContentHash {
    let hasher = Sha256::new().chain_update((manifest.len() as u64).to_le_bytes());
    hasher.chain_update(manifest).chain_update(wasm).finalize().into()
}

/// A hash in hexadecimal digits.
pub(crate) fn hash_text(hash: &ContentHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is there in place of a missing manifest, and what to do.
fn why_no_manifest(folder: &Path, manifest_file: &Path) -> Option<(String, String)> {
    let is_missing =
        fs::symlink_metadata(manifest_file).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let names = names_in(folder).ok().filter(|_| is_missing)?;
    let expected = manifest::FILE_NAME;
    let is_like_it = |name: &&OsString| name.to_string_lossy().to_lowercase().starts_with(expected);
    if let Some(name) = names.iter().find(is_like_it) {
        let name = cut(&name.to_string_lossy());
        return Some((
            format!("there is no such file, but `{name}`"),
            format!("Rename it to `{expected}`: some systems hide the end of a name."),
        ));
    }
    let inner = names.iter().find(|name| is_mods_name(name) && folder.join(name).join(expected).is_file())?;
    let inner = cut(&inner.to_string_lossy());
    Some((
        format!("there is no such file, but one in the folder `{inner}` inside"),
        format!(
            "Move the content of `{inner}` one folder up: {expected} must be in the mod's folder itself."
        ),
    ))
}

/// The names in a folder, sorted.
fn names_in(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names: Vec<_> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    names.sort();
    Ok(names)
}

/// Whether a file may be meant as the mod's WebAssembly, but has another name, in capitals or with a
/// second ending.
fn is_like_wasms_name(name: &OsStr) -> bool {
    let lower = name.to_string_lossy().to_lowercase();
    is_mods_name(name) && !is_wasms_name(name) && lower.contains(".wasm")
}

fn find_wasm(folder: &Path) -> Result<PathBuf, Refusal> {
    let names = names_in(folder).map_err(|error| unreadable(folder, &error))?;
    let named = names.iter().filter(|name| is_wasms_name(name)).map(|name| folder.join(name));
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for file in named {
        match why_no_file(&file) {
            None => found.push(file),
            Some(why) => others.push(format!("`{}` {why}", cut(&file_name(&file)))),
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => {
            let mut problem = "there is no .wasm file".to_owned();
            if !others.is_empty() {
                problem = format!("{problem}: {}", others.join(", "));
            } else if let Some(name) = names.iter().find(|name| is_like_wasms_name(name)) {
                let name = cut(&name.to_string_lossy());
                let problem = format!("{problem}, but `{name}`");
                let remedy = format!("Rename it so that its name ends in `.wasm`. {SHAPE}.");
                return Err(Refusal::new(folder, problem, remedy));
            }
            Err(Refusal::new(folder, problem, format!("{SHAPE}: build the mod into it.")))
        }
        _ => {
            let names = list(found.iter().map(|path| file_name(path)));
            let problem = format!("there are {} .wasm files: {names}", found.len());
            Err(Refusal::new(folder, problem, format!("{SHAPE}: remove the others.")))
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Why something that is named like the WebAssembly can't be it.
fn why_no_file(path: &Path) -> Option<&'static str> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => None,
        Ok(metadata) if metadata.is_dir() => Some("is a folder"),
        Ok(_) => Some("is not a file"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is a link to a file that is missing"),
        // That it can't be read is reported when it is read.
        Err(_) => None,
    }
}

pub(crate) fn read_bounded(file: &Path, most_bytes: u64) -> Result<Vec<u8>, Refusal> {
    let unreadable = |error: io::Error| unreadable(file, &error);
    // Reading a link to a device or a pipe would never end.
    if !fs::metadata(file).map_err(unreadable)?.is_file() {
        return Err(Refusal::new(file, "this is not a file", "Put the file itself there."));
    }
    let mut content = Vec::new();
    let reader = fs::File::open(file).map_err(unreadable)?;
    reader.take(most_bytes + 1).read_to_end(&mut content).map_err(unreadable)?;
    if content.len() as u64 > most_bytes {
        return Err(too_large(file, most_bytes));
    }
    Ok(content)
}

fn unreadable(file: &Path, error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::NotFound => Refusal::new(file, "there is no such file", format!("{SHAPE}: add it.")),
        _ => Refusal::new(file, format!("it can't be read: {error}"), "Make it readable for the game."),
    }
}
