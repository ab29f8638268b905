//! Builds mods and installs each on its own, so that one that fails does not hold back the others.
//!
//! ```text
//! folder -> sources (with workspace) -> bindings -> cargo or own_command -> check -> the game's file of builds -> install -> report
//! ```

mod bindings;
mod cargo;
pub(crate) mod compile_error;
pub(crate) mod console;
mod json;
pub(crate) mod made;
mod own_command;
pub(crate) mod process;
pub(crate) mod sources;
mod target;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::channel;
use crate::check::{CheckSettings, check};
use crate::install;
use crate::project::Files;
use crate::report::{BuildOutcome, BuiltMod, Report};
use cargo::Compiled;
use compile_error::CompileError;
use console::Console;
use made::Made;
use process::Run;
use sources::{How, Source};
use workspace::Workspace;

pub use target::TARGET;

/// Which mods to build, and where to install them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildRequest {
    /// The folder of a mod, or a folder that contains folders of mods.
    pub folder: PathBuf,
    /// The names of the mods to build; all of them if empty.
    pub names: Vec<String>,
    /// The folder to install them into. If not given, it is the one that a mod's `mod.toml` names; otherwise that of the
    /// workspace: see [`installed_mods`].
    pub to: Option<PathBuf>,
    /// With what each mod is checked before it is installed.
    pub check: CheckSettings,
}

/// The folder that the mods of a cargo workspace are installed into.
pub fn installed_mods(workspace: &Path) -> PathBuf {
    workspace.join("target/mods")
}

/// Builds and installs mods. What compilers say goes to the console; the rest is in the report.
///
/// A whole workspace that is installed into its own folder is also tidied: mods that have no sources any more are removed.
///
/// # Errors
/// If the folder can't be read, no mod is found in it, the target can't be installed, or cargo can't read the workspace.
/// Failures of single mods are in the report.
#[expect(clippy::missing_panics_doc, reason = "without a way to cancel it, a build comes to its end")]
pub fn build(request: &BuildRequest, console: Console) -> anyhow::Result<Report> {
    let prepared = Prepared::new(request, console)?;
    let report = prepared.build(&prepared.names(), Run { console, cancel: None })?;
    Ok(report.expect("a build that can't be cancelled comes to its end"))
}

/// Mods that were found, and all that has to be known to build them, again and again.
pub(crate) struct Prepared {
    pub sources: Vec<Source>,
    workspaces: Vec<Workspace>,
    /// Settings for cargo, by the root of the workspace.
    flags: BTreeMap<PathBuf, String>,
    /// Where to install mods whose manifests do not say it.
    to: PathBuf,
    /// The request says where to install all mods.
    to_is_given: bool,
    /// All mods of the workspace are built and installed into its own folder.
    is_whole: bool,
    check: CheckSettings,
}

impl Prepared {
    /// Finds the mods that a request is about.
    pub fn new(request: &BuildRequest, console: Console) -> anyhow::Result<Prepared> {
        let folder = crate::project::folder(Some(&request.folder))?;
        let found = sources::find(&folder, console)?;
        let own = found.workspaces.iter().find(|workspace| folder.starts_with(&workspace.root));
        let root = own.map_or(&folder, |workspace| &workspace.root);
        let is_whole = own.is_some_and(|workspace| workspace.root == folder);
        let to = request.to.clone().unwrap_or_else(|| installed_mods(root));
        let mut prepared = Prepared {
            sources: sources::choose(found.sources, &request.names)?,
            flags: BTreeMap::new(),
            to,
            to_is_given: request.to.is_some(),
            is_whole: is_whole && request.names.is_empty() && request.to.is_none(),
            workspaces: found.workspaces,
            check: request.check.clone(),
        };
        let is_wanted =
            |workspace: &Workspace| prepared.sources.iter().any(|source| is_of(source, workspace));
        for workspace in prepared.workspaces.iter().filter(|workspace| is_wanted(workspace)) {
            target::install(&workspace.root)?;
            prepared.flags.insert(workspace.root.clone(), cargo::path_remapping(&workspace.root)?);
        }
        Ok(prepared)
    }

    /// The names of all mods.
    pub fn names(&self) -> BTreeSet<String> {
        self.sources.iter().map(|source| source.name.clone()).collect()
    }

    /// The folder that a mod is installed into, beside other mods.
    pub fn destination<'p>(&'p self, source: &'p Source) -> &'p Path {
        source.game.mods.as_deref().filter(|_| !self.to_is_given).unwrap_or(&self.to)
    }

    /// The folders in which a change is one of the mod: its own, and those of packages that it depends on by path.
    pub fn watched(&self, source: &Source) -> BTreeSet<PathBuf> {
        let mut folders = BTreeSet::from([source.folder.clone()]);
        let members = self.workspaces.iter().filter_map(|workspace| workspace.members.get(&source.folder));
        folders.extend(members.flat_map(|member| member.near.iter().cloned()));
        folders
    }

    /// A mod whose manifest can't be read belongs where it was installed before: the game there shows what is wrong.
    pub fn keep_destinations(&mut self, before: &Prepared) {
        let unread = self.sources.iter_mut().filter(|source| matches!(source.how, How::Not(_)));
        for source in unread.filter(|source| source.game.mods.is_none()) {
            let old = before.sources.iter().find(|old| old.folder == source.folder);
            source.game.mods = old.and_then(|old| old.game.mods.clone());
        }
    }

    /// Builds the mods with these names and installs them. Returns nothing if that was cancelled.
    pub fn build(&self, names: &BTreeSet<String>, run: Run) -> anyhow::Result<Option<Report>> {
        let mut made = Vec::new();
        let mut chosen: Vec<&Source> =
            self.sources.iter().filter(|source| names.contains(&source.name)).collect();
        chosen.retain(|source| match bindings::refresh(source) {
            Ok(()) => true,
            Err(error) => {
                made.push(Made::not(source, format!("{error:#}")));
                false
            }
        });
        for workspace in &self.workspaces {
            let members: Vec<&Source> =
                chosen.iter().copied().filter(|source| is_of(source, workspace)).collect();
            if members.is_empty() {
                continue;
            }
            let Some(compiled) = self.compile(workspace, &members, run)? else { return Ok(None) };
            made.extend(members.iter().map(|source| of_cargo(source, &members, &compiled)));
        }
        for source in chosen {
            match &source.how {
                How::Cargo { .. } => {}
                How::Command { command, output } => {
                    let Some(of_it) = own_command::run(source, command, output, run) else {
                        return Ok(None);
                    };
                    made.push(of_it);
                }
                How::Not(why) => made.push(Made::not(source, why.clone())),
            }
        }
        made.sort_by(|a, b| a.source.name.cmp(&b.source.name));
        for of_mod in &mut made {
            self.check(of_mod);
        }
        self.install(made, run.console).map(Some)
    }

    /// Tells games that no mod could be built, for this reason.
    pub fn tell_failure(&self, why: &str, console: Console) {
        let made: Vec<Made> = self.sources.iter().map(|source| Made::not(source, why.to_owned())).collect();
        channel::tell(made.iter().map(|of_mod| (self.destination(of_mod.source), of_mod)), console);
    }

    fn compile(
        &self,
        workspace: &Workspace,
        members: &[&Source],
        run: Run,
    ) -> anyhow::Result<Option<Compiled>> {
        let package = |source: &&'_ Source| match &source.how {
            How::Cargo { package, .. } => Some(package.clone()),
            _ => None,
        };
        let packages: Vec<String> = members.iter().filter_map(package).collect();
        let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
        cargo::compile(workspace, &packages, &self.flags[&workspace.root], &run)
    }

    /// Checks what was made of a mod as a game would. If it would be refused, it is not installed.
    fn check(&self, made: &mut Made) {
        let Ok(files) = &made.files else { return };
        match check(files, &made.source.folder, made.source.game.interface.as_deref(), &self.check) {
            Ok(checked) if checked.refusals.is_empty() => made.checked = Some(checked),
            Ok(checked) => {
                let why = checked.refusals.join("; ");
                made.errors = checked.refusals.iter().map(CompileError::without_place).collect();
                made.checked = Some(checked);
                made.files = Err(BuildOutcome::Rejected(why));
            }
            Err(error) => *made = Made::not(made.source, format!("it could not be checked: {error:#}")),
        }
    }

    /// Tells games what was built here, and installs it.
    fn install(&self, made: Vec<Made>, console: Console) -> anyhow::Result<Report> {
        let mut report = Report { folder: self.to.clone(), ..Report::default() };
        if self.is_whole {
            let names: Vec<&str> = self.sources.iter().map(|source| source.name.as_str()).collect();
            (report.removed, report.kept) = install::remove_others(&self.to, &names)?;
        }
        channel::tell(made.iter().map(|of_mod| (self.destination(of_mod.source), of_mod)), console);
        for Made { source, files, errors, checked } in made {
            let to = self.destination(source);
            let install =
                |files: Files| install::install(source, &files, to).map_err(|error| format!("{error:#}"));
            let outcome = match files {
                Ok(files) => install(files).unwrap_or_else(BuildOutcome::NotBuilt),
                Err(outcome) => outcome,
            };
            report.mods.push(BuiltMod {
                name: source.name.clone(),
                id: source.id.clone(),
                source: source.folder.clone(),
                folder: to.join(&source.name),
                outcome,
                errors,
                checked,
            });
        }
        Ok(report)
    }
}

fn is_of(source: &Source, workspace: &Workspace) -> bool {
    matches!(&source.how, How::Cargo { root, .. } if *root == workspace.root)
}

/// What cargo has made of a mod.
fn of_cargo<'s>(source: &'s Source, all: &[&Source], compiled: &Compiled) -> Made<'s> {
    let manifest = || source.folder.join("Cargo.toml");
    let is_shared = |wasm: &PathBuf| {
        let same = all.iter().filter(|other| compiled.wasm.get(&other.folder) == Some(wasm));
        same.count() > 1
    };
    match compiled.wasm.get(&source.folder) {
        Some(wasm) if is_shared(wasm) => Made::not(source, shared(wasm)),
        Some(wasm) => Made::from(source, wasm),
        None if matches!(source.how, How::Cargo { is_cdylib: false, .. }) => Made::not(
            source,
            format!(
                "a game loads a cdylib. Add crate-type = [\"cdylib\"] under [lib] in {}",
                manifest().display()
            ),
        ),
        None => {
            let errors = compiled.errors_of(&source.folder);
            let why = "cargo says why above".to_owned();
            Made { errors, ..Made::failed(source, BuildOutcome::NotBuilt(why)) }
        }
    }
}

fn shared(wasm: &Path) -> String {
    format!(
        "the library of another mod has the same name, and both are built into {}. Rename one of them under [lib] in \
         its Cargo.toml",
        wasm.display()
    )
}
