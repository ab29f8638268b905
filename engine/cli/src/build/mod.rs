//! From the sources in `mods/` to mods that Meadow can load.
//!
//! ```text
//! sources -> the wasm32 target is there -> cargo -> installed: mods/target/meadow/<id>/{mod.toml, <id>.wasm}
//! ```
//!
//! Cargo does the work and keeps others waiting that build at the same time; what is here only starts it.

mod install;
mod sources;
mod target;

use std::env;
use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, bail};

use crate::project::Project;

pub use install::{Installed, install};
pub use sources::Source;

/// What mods are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Builds and installs the mods with these names, or all of them where none is named, and prints what has changed.
///
/// # Errors
/// If there is no such mod, if the target can't be installed, if cargo fails, or if a file can't be written.
pub fn build(project: &Project, names: &[String]) -> anyhow::Result<()> {
    let sources = sources::choose(sources::find(&project.mods())?, names)?;
    target::install(&project.mods())?;
    compile(project, &sources)?;
    if names.is_empty() {
        install::remove_others(&project.installed_mods(), &sources)?;
    }
    for source in &sources {
        let done = match install(source, &project.mods_target(), &project.installed_mods())? {
            Installed::Changed => "installed",
            Installed::Unchanged => "unchanged",
        };
        eprintln!("{done:>12} {}", source.name);
    }
    Ok(())
}

fn compile(project: &Project, sources: &[Source]) -> anyhow::Result<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo
        .current_dir(project.mods())
        .args(["build", "--release", "--target", TARGET, "--target-dir"])
        .arg(project.mods_target())
        // Flags for this machine's own code are none for WebAssembly.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    for source in sources {
        cargo.args(["--package", &source.name]);
    }
    let status = cargo.status().with_context(|| {
        format!(
            "{} can't be started. The mods are built with Rust's cargo: see https://rustup.rs",
            cargo.get_program().display()
        )
    })?;
    if !status.success() {
        bail!(
            "the mods in {} were not built: cargo says why above. Correct it and build again",
            project.mods().display()
        );
    }
    Ok(())
}
