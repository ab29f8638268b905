//! Turns a mod's folder into code that is checked and compiled, or into a refusal.
//!
//! Mods are built in this one way, at the start of the game and at a reload. It runs on any thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tinkerbox_abi::SCHEMA_SECTION;
use tinkerbox_wasm::{Declarations, Engine, Module};

use super::access::{Rights, System};
use super::contract::{self, FunctionTypes, Importable, OptionalExports};
use super::details::{self, Permission};
use super::files::{self, ContentHash, Files};
use super::foreign::{self, Finding};
use super::manifest::{self, About, Budget, Caps};
use super::permission::Nameable;
use super::refusal::Refusal;
use super::{built_against, permission, schema};
use crate::exposed::Exposed;

/// What every build needs of the game.
#[derive(Clone)]
pub(crate) struct Settings {
    pub engine: Engine,
    pub exposed: Exposed,
    /// The functions of the contract.
    pub contract: Arc<FunctionTypes>,
    /// The functions of the game.
    pub functions: Arc<FunctionTypes>,
    pub caps: Arc<Caps>,
}

/// A mod that can run.
#[derive(Clone)]
pub(crate) struct Build {
    pub wasm_file: PathBuf,
    pub hash: ContentHash,
    pub about: About,
    pub budget: Budget,
    pub module: Module,
    pub systems: Vec<System>,
    pub rights: Rights,
    /// What its manifest asks for.
    pub permissions: Vec<Permission>,
    pub exports: OptionalExports,
    /// The price of an instance, without the pages of its memory.
    pub instantiation_fuel: u64,
}

/// What became of a mod's folder.
pub(crate) struct BuildOutcome {
    pub folder: PathBuf,
    /// `None` if the files could not be read.
    pub hash: Option<ContentHash>,
    pub result: BuildResult,
}

/// What became of the content of a mod's folder.
pub(crate) enum BuildResult {
    /// There is no such folder.
    Gone,
    /// Its content has not changed.
    Unchanged,
    Refused {
        /// `Some` if the manifest could be read.
        about: Option<Box<About>>,
        refusal: Refusal,
    },
    Ready(Box<Build>),
}

/// Reads, checks and compiles the mod in a folder, unless its content is the `known` one.
pub(crate) fn build(folder: &Path, known: Option<ContentHash>, settings: &Settings) -> BuildOutcome {
    if !files::is_folder(folder) {
        return BuildOutcome { folder: folder.to_owned(), hash: None, result: BuildResult::Gone };
    }
    build_read(folder, files::read(folder), known, settings)
}

/// The same for a mod whose files the game has in memory. It is known by a path that does not exist.
pub(crate) fn build_embedded(
    path: &Path,
    (manifest, wasm): (&[u8], &[u8]),
    known: Option<ContentHash>,
    settings: &Settings,
) -> BuildOutcome {
    build_read(path, files::embedded(path, manifest, wasm), known, settings)
}

fn build_read(
    folder: &Path,
    files: Result<Files, Refusal>,
    known: Option<ContentHash>,
    settings: &Settings,
) -> BuildOutcome {
    let outcome = |hash, result| BuildOutcome { folder: folder.to_owned(), hash, result };
    let files = match files {
        Ok(files) => files,
        Err(refusal) => {
            return outcome(None, BuildResult::Refused { about: None, refusal });
        }
    };
    let hash = Some(files.hash);
    if hash == known {
        return outcome(hash, BuildResult::Unchanged);
    }
    let mut about = None;
    match build_files(files, settings, &mut about) {
        Ok(build) => outcome(hash, BuildResult::Ready(Box::new(build))),
        Err(refusal) => outcome(hash, BuildResult::Refused { about, refusal }),
    }
}

/// Checks all that can be checked before anything is compiled.
fn build_files(files: Files, settings: &Settings, about: &mut Option<Box<About>>) -> Result<Build, Refusal> {
    let Settings { engine, exposed, contract, functions, caps } = settings;
    let manifest = manifest::read(&files.manifest_file, &files.manifest, caps)?;
    let (mod_id, limits) = (&*manifest.about.id, caps.of(&manifest.about.id));
    *about = Some(Box::new(manifest.about.clone()));
    let declarations = declarations(&files)?;
    let explained = |refusal| built_against::explained(refusal, &declarations, exposed);
    let importable = Importable { contract, game: functions };
    contract::check_imports(&files.wasm_file, &declarations, importable).map_err(explained)?;
    let sections: Vec<&[u8]> = declarations.custom_sections(SCHEMA_SECTION).collect();
    let schema = schema::read((&files.manifest_file, manifest.systems), (&files.wasm_file, &sections))?;
    let exports = contract::check_exports(&files.wasm_file, &declarations, &schema.systems)?;
    contract::check_memory(&files.wasm_file, &declarations, &manifest.budget)?;
    contract::check_no_way_to_imports(&files.wasm_file, &declarations)?;
    let instantiation_fuel = contract::check_instantiation(&files.wasm_file, &declarations, &schema.systems)?;
    let rights = permission::rights(&files.manifest_file, mod_id, &manifest.permissions, exposed)
        .map_err(explained)?;
    let rights = Rights { spawned_max: limits.spawned, ..rights };
    let calls_the_game = permission::functions(&files.manifest_file, &declarations, &rights, functions)?;
    let nameable = Nameable { mod_id, rights: &rights, exposed, calls_the_game };
    let systems = permission::systems(&files.manifest_file, schema, nameable).map_err(explained)?;
    let module = Module::from_binary(engine, &files.wasm).map_err(|error| {
        let (problem, remedy) = foreign::invalid(&files.wasm, &error);
        Refusal::new(&files.wasm_file, problem, remedy)
    })?;
    // Done here, since the game does not wait for a build.
    module.initialize_copy_on_write_image().map_err(|error| {
        let problem = format!("its data can't be mapped: {error:#}");
        Refusal::new(
            &files.wasm_file,
            problem,
            "The mod itself needs no change: free some memory of the machine.",
        )
    })?;
    Ok(Build {
        wasm_file: files.wasm_file,
        hash: files.hash,
        about: manifest.about,
        budget: manifest.budget,
        module,
        systems,
        rights,
        permissions: details::asked(&manifest.permissions, |id| exposed.resource(id).is_some()),
        exports,
        instantiation_fuel,
    })
}

fn declarations(files: &Files) -> Result<Declarations<'_>, Refusal> {
    let refusal = |(problem, remedy): Finding| Refusal::new(&files.wasm_file, problem, remedy);
    if let Some(finding) = foreign::file(&files.wasm) {
        return Err(refusal(finding));
    }
    let declarations = Declarations::read(&files.wasm);
    let declarations = declarations.map_err(|error| refusal(foreign::invalid(&files.wasm, &error)))?;
    match foreign::unlinked(&declarations) {
        None => Ok(declarations),
        Some(finding) => Err(refusal(finding)),
    }
}
