//! What a compiler has made of a mod, on its way to where the mod is installed.

use std::path::Path;

use super::compile_error::CompileError;
use super::sources::Source;
use crate::check::Checked;
use crate::install;
use crate::project::Files;
use crate::report::BuildOutcome;

/// What was made of a mod.
pub(crate) struct Made<'s> {
    pub source: &'s Source,
    /// The files to install, or why there are none.
    pub files: Result<Files, BuildOutcome>,
    pub errors: Vec<CompileError>,
    /// What a game would say of it, once that is known.
    pub checked: Option<Checked>,
}

impl<'s> Made<'s> {
    /// A mod that was not built, for this reason.
    pub fn not(source: &'s Source, why: String) -> Made<'s> {
        let errors = vec![CompileError::without_place(&why)];
        Made { errors, ..Made::failed(source, BuildOutcome::NotBuilt(why)) }
    }

    /// A mod of which there are no files.
    pub fn failed(source: &'s Source, outcome: BuildOutcome) -> Made<'s> {
        Made { source, files: Err(outcome), errors: Vec::new(), checked: None }
    }

    /// A mod whose compiler has made this file.
    pub fn from(source: &'s Source, wasm: &Path) -> Made<'s> {
        match install::files(source, wasm) {
            Ok(files) => Made { source, files: Ok(files), errors: Vec::new(), checked: None },
            Err(error) => Made::not(source, format!("{error:#}")),
        }
    }
}
