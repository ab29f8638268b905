//! Names the sources that the runtime is built from, for `src/compile/artifact.rs`: a compiled module fits exactly the
//! runtime that made it, and the version in `Cargo.toml` does not change with every edit.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let mut hasher = DefaultHasher::new();
    add(&root.join("src"), &mut hasher)?;
    println!("cargo::rustc-env=TINKERBOX_SOURCES={:016x}", hasher.finish());
    Ok(())
}

/// Adds the names and contents of a folder's files, in the order of their names.
fn add(folder: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        hasher.write(entry.file_name().as_encoded_bytes());
        if entry.file_type()?.is_dir() {
            add(&entry.path(), hasher)?;
        } else {
            let contents = fs::read(entry.path())?;
            hasher.write_usize(contents.len());
            hasher.write(&contents);
        }
    }
    Ok(())
}
