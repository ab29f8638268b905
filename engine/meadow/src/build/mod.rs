//! From the sources in `mods/` to mods that Meadow can load.
//!
//! ```text
//! sources -> the wasm32 target is there -> cargo -> installed: mods/target/meadow/<id>/{mod.toml, <id>.wasm} -> checked
//! ```
//!
//! Cargo does the work and keeps others waiting that build at the same time; what is here only starts it. Each mod goes
//! its own way: one that can't be built keeps none of the others back.

mod cargo;
mod check;
mod install;
mod sources;
mod target;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::bail;

use crate::meadow_file::MeadowFile;
use crate::project::Project;

pub use install::{Installed, install};
pub use sources::Source;

/// What mods are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// What did not go well, by the names of mods; the reasons are printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// They are not built, or not installed: what is there, if anything, is from an earlier build.
    pub not_built: Vec<String>,
    /// They are installed, and Meadow does not load them.
    pub refused: Vec<String>,
}

impl Report {
    /// An error that names every mod with which something went wrong.
    ///
    /// # Errors
    /// If there is such a mod.
    pub fn check(&self) -> anyhow::Result<()> {
        let name =
            |names: &[String], what| (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")));
        let parts = [name(&self.not_built, "not built"), name(&self.refused, "refused by Meadow")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            bail!("{}. The reasons stand above", parts.join("; "));
        }
        Ok(())
    }
}

/// Builds and installs the mods with these names, or all of them where none is named, and prints what has come of each.
///
/// # Errors
/// If there is no such mod, if the target can't be installed, or if cargo can't read the workspace. What goes wrong with
/// one mod is in the report.
pub fn build(project: &Project, names: &[String]) -> anyhow::Result<Report> {
    let sources = sources::choose(sources::find(&project.mods())?, names)?;
    target::install(&project.mods())?;
    let mut not_built = BTreeMap::new();
    let built = compile(project, &sources, &mut not_built)?;
    if names.is_empty() {
        for removed in install::remove_others(&project.installed_mods(), &sources)? {
            say("removed", &format!("{}: it has no sources in mods/ any more", removed.display()));
        }
    }
    let mut installed = Vec::new();
    for source in &sources {
        let Some(wasm) = built.get(&source.folder) else { continue };
        match install(source, wasm, &project.installed_mods()) {
            Ok(done) => installed.push((source, done)),
            Err(error) => drop(not_built.insert(source.name.clone(), format!("{error:#}"))),
        }
    }
    let refused = check::refused(&MeadowFile::read(&project.assets())?, &project.installed_mods());
    let mut report = Report::default();
    for (source, done) in installed {
        let folder = project.installed_mods().join(&source.name);
        match (refused.get(&folder), done) {
            (Some(why), _) => {
                say(
                    "refused",
                    &format!("{}: it is installed, and Meadow will not load it: {why}", source.name),
                );
                report.refused.push(source.name.clone());
            }
            (None, Installed::Changed) => say("installed", &source.name),
            (None, Installed::Unchanged) => say("unchanged", &source.name),
        }
    }
    for (name, why) in &not_built {
        say("not built", &format!("{name}: {why}"));
    }
    report.not_built = not_built.into_keys().collect();
    Ok(report)
}

fn say(done: &str, what: &str) {
    eprintln!("{done:>12} {what}");
}

/// The WebAssembly of each source that could be built, by its folder.
fn compile(
    project: &Project,
    sources: &[Source],
    not_built: &mut BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<PathBuf, PathBuf>> {
    let members = cargo::members(&project.mods())?;
    // As cargo names them: it asks the system where it is.
    let workspace = project.mods().canonicalize()?;
    let member = |source: &Source| members.get(&workspace.join(&source.name));
    let packages: Vec<&str> = sources.iter().filter_map(member).map(String::as_str).collect();
    let built = match packages.is_empty() {
        true => BTreeMap::new(),
        false => cargo::compile(project, &packages)?,
    };
    let is_shared = |wasm: &PathBuf| built.values().filter(|other| *other == wasm).count() > 1;
    let mut found = BTreeMap::new();
    for source in sources {
        match (member(source), built.get(&workspace.join(&source.name))) {
            (_, Some(wasm)) if is_shared(wasm) => {
                let why = format!(
                    "another mod's library has the same name, and both are built into {}. Give one of them another \
                     name under [lib] in its Cargo.toml",
                    wasm.display()
                );
                not_built.insert(source.name.clone(), why);
            }
            (_, Some(wasm)) => drop(found.insert(source.folder.clone(), wasm.clone())),
            (None, None) => {
                drop(not_built.insert(source.name.clone(), cargo::no_member(&project.mods(), source)))
            }
            (Some(_), None) => {
                let why = format!(
                    "cargo says why above; if it says nothing, {} lacks crate-type = [\"cdylib\"] under [lib]",
                    source.folder.join("Cargo.toml").display()
                );
                not_built.insert(source.name.clone(), why);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_mod_that_is_not_a_member_is_named_and_the_others_are_built() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("assets/meadow/meadow.toml", "");
        write(
            "mods/Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"bare\", \"empty\", \"wrong\"]\n",
        );
        let package = |name: &str, rest: &str, code: &str| {
            let head = "version = \"0.1.0\"\nedition = \"2024\"\n";
            write(&format!("mods/{name}/Cargo.toml"), &format!("[package]\nname = \"{name}\"\n{head}{rest}"));
            write(&format!("mods/{name}/src/lib.rs"), code);
        };
        let bare = "#![no_std]\n#[panic_handler]\nfn stop(_: &core::panic::PanicInfo) -> ! { loop {} }\n";
        let cdylib = "[lib]\ncrate-type = [\"cdylib\"]\n";
        package("bare", &format!("{cdylib}name = \"other_name\"\n"), bare);
        package("gale", cdylib, bare);
        package("empty", "", "#![no_std]\n");
        package("wrong", cdylib, "this is not Rust");
        // From an earlier build.
        write("mods/target/wasm32-unknown-unknown/release/wrong.wasm", "old");

        let project = Project::find_above(&[root.path().to_owned()]).unwrap();
        let sources = sources::find(&project.mods()).unwrap();
        let mut not_built = BTreeMap::new();
        let built = compile(&project, &sources, &mut not_built).unwrap();
        let gale = &not_built["gale"];
        assert!(gale.contains("not a member") && gale.contains("Add \"gale\" to `members` in"), "{gale}");
        assert!(gale.ends_with("mods/Cargo.toml"), "{gale}");
        assert!(not_built["empty"].contains("empty/Cargo.toml lacks crate-type"), "{not_built:?}");
        assert!(not_built["wrong"].starts_with("cargo says why above"), "{not_built:?}");
        let names: Vec<_> =
            built.iter().map(|(folder, wasm)| (folder.file_name(), wasm.file_name())).collect();
        // As far as this machine can build for it at all.
        let expected = [(Some("bare".as_ref()), Some("other_name.wasm".as_ref()))];
        let can_build = target::is_installed(&project.mods()).unwrap();
        assert_eq!(names, expected[..usize::from(can_build)], "{not_built:?}");
    }

    #[test]
    fn what_meadow_refuses_is_not_called_installed() {
        let installed = tempfile::tempdir().unwrap();
        let file = MeadowFile::read(&Project::find().unwrap().assets()).unwrap();
        let refused = || check::refused(&file, installed.path());
        assert_eq!(refused(), BTreeMap::new());
        let folder = installed.path().join("bad");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("mod.toml"), "[mod]\nid = \"bad\"\nversion = \"0.1.0\"\napi = 1\n").unwrap();
        assert!(refused()[&folder].contains("there is no .wasm file"), "{:?}", refused());
        let report =
            Report { not_built: vec!["a".to_owned()], refused: vec!["b".to_owned(), "c".to_owned()] };
        let error = report.check().unwrap_err().to_string();
        assert_eq!(error, "not built: a; refused by Meadow: b, c. The reasons stand above");
    }
}
