//! Builds mods and installs each on its own, so that one that fails does not hold back the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cargo::{self, Workspace};
use crate::report::{BuildOutcome, BuiltMod, Report};
use crate::sources::{self, MANIFEST, Source};
use crate::{install, target};

/// Which mods to build, and where to install them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildRequest {
    /// The folder of a mod, or a folder that contains folders of mods.
    pub folder: PathBuf,
    /// The names of the packages to build; all of them if empty.
    pub names: Vec<String>,
    /// The folder to install them into; that of the workspace if not given: see [`installed_mods`].
    pub to: Option<PathBuf>,
}

/// The folder that the mods of a cargo workspace are installed into.
pub fn installed_mods(workspace: &Path) -> PathBuf {
    workspace.join("target/mods")
}

/// Builds and installs mods. Cargo's own messages go to standard error; the rest is in the report.
///
/// A whole workspace that is installed into its own folder is also tidied: mods that have no sources any more are removed.
///
/// # Errors
/// If the folder can't be read, no mod is found in it, the target can't be installed, or cargo can't read the workspace.
/// Failures of single mods are in the report.
pub fn build(request: &BuildRequest) -> anyhow::Result<Report> {
    let folder = request.folder.canonicalize();
    let folder = folder.with_context(|| format!("the folder {} can't be found", request.folder.display()))?;
    let workspace = Workspace::of(&folder)?;
    let all = sources::find(&folder, &workspace)?;
    let is_whole = folder == workspace.root && request.names.is_empty() && request.to.is_none();
    let sources = sources::choose(all, &request.names)?;
    target::install(&folder)?;
    let mut built = compile(&workspace, &sources)?;
    let to = request.to.clone().unwrap_or_else(|| installed_mods(&workspace.root));
    let mut report = Report { folder: to.clone(), ..Report::default() };
    if is_whole {
        let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        (report.removed, report.kept) = install::remove_others(&to, &names)?;
    }
    for source in sources {
        let wasm = built.remove(&source.folder).unwrap_or_else(|| Err("it was not built".to_owned()));
        let installed =
            wasm.and_then(|wasm| install::install(&source, &wasm, &to).map_err(|error| format!("{error:#}")));
        let outcome = installed.unwrap_or_else(BuildOutcome::NotBuilt);
        report.mods.push(BuiltMod {
            folder: to.join(&source.name),
            source: source.folder,
            name: source.name,
            outcome,
        });
    }
    Ok(report)
}

/// The WebAssembly file of each source, or why there is none, by the source's folder.
fn compile(
    workspace: &Workspace,
    sources: &[Source],
) -> anyhow::Result<BTreeMap<PathBuf, Result<PathBuf, String>>> {
    let packages: Vec<&str> = sources.iter().filter_map(|source| source.package.as_deref()).collect();
    let built = match packages.is_empty() {
        true => BTreeMap::new(),
        false => cargo::compile(workspace, &packages)?,
    };
    let is_shared = |wasm: &PathBuf| built.values().filter(|other| *other == wasm).count() > 1;
    let outcome = |source: &Source| match built.get(&source.folder) {
        _ if !source.folder.join(MANIFEST).is_file() => Err(no_manifest(source)),
        Some(wasm) if is_shared(wasm) => Err(shared(wasm)),
        Some(wasm) => Ok(wasm.clone()),
        None if source.package.is_none() => Err(no_member(workspace, source)),
        None => Err(format!(
            "cargo says why above; if it does not, add crate-type = [\"cdylib\"] under [lib] in {}",
            source.folder.join("Cargo.toml").display()
        )),
    };
    Ok(sources.iter().map(|source| (source.folder.clone(), outcome(source))).collect())
}

fn no_manifest(source: &Source) -> String {
    format!(
        "{} is missing. Write it: a mod has it beside its Cargo.toml",
        source.folder.join(MANIFEST).display()
    )
}

fn no_member(workspace: &Workspace, source: &Source) -> String {
    let within = source.folder.strip_prefix(&workspace.root).unwrap_or(&source.folder);
    format!(
        "it is not a member of the workspace. Add \"{}\" to `members` in {}",
        within.display(),
        workspace.root.join("Cargo.toml").display()
    )
}

fn shared(wasm: &Path) -> String {
    format!(
        "the library of another mod has the same name, and both are built into {}. Rename one of them under [lib] in \
         its Cargo.toml",
        wasm.display()
    )
}
