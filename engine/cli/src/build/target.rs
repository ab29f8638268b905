//! Makes sure that Rust can compile to WebAssembly, and says what to do if it can't.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// What mods are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Installs the target with rustup if it is missing. `folder` decides which toolchain is used.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    if is_installed(folder)? {
        return Ok(());
    }
    eprintln!("Rust's target {TARGET} is missing and is installed now, with `rustup target add {TARGET}`");
    let rustup = Command::new("rustup").current_dir(folder).args(["target", "add", TARGET]).status();
    match rustup {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!(
            "Rust's target {TARGET} is missing, and `rustup target add {TARGET}` failed: rustup says why above. \
             Run it yourself once the machine is online"
        ),
        Err(error) => bail!(
            "Rust's target {TARGET} is missing, and rustup, which installs it, can't be started: {error}. \
             Install rustup from https://rustup.rs, or the target as your system installs Rust"
        ),
    }
}

/// Whether the target's standard library is installed.
pub(crate) fn is_installed(folder: &Path) -> anyhow::Result<bool> {
    Ok(print(folder, "target-libdir")?.is_dir())
}

/// The folder of the standard library's sources, if they are installed, and how rustc names it if they are not.
pub(crate) fn standard_library(folder: &Path) -> anyhow::Result<(PathBuf, String)> {
    let version = rustc(folder, &["-vV"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
    Ok((print(folder, "sysroot")?.join("lib/rustlib/src/rust"), format!("/rustc/{commit}")))
}

/// A path that rustc prints.
fn print(folder: &Path, what: &str) -> anyhow::Result<PathBuf> {
    Ok(PathBuf::from(rustc(folder, &["--print", what, "--target", TARGET])?.trim()))
}

fn rustc(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let output = Command::new(&rustc).current_dir(folder).args(arguments).output().with_context(|| {
        format!("{} can't be started. Install Rust from https://rustup.rs", rustc.display())
    })?;
    if !output.status.success() {
        bail!(
            "`{} {}` failed: {}",
            rustc.display(),
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
