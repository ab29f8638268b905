//! Why a mod is not loaded: the one form of every such message.
//!
//! With fields for file and remedy, a refusal can't be made without saying where to look and what to do.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::limits::PROBLEM_CHARS_MAX;
use crate::text::{cut_to, harmless, shown};

/// What is wrong with a mod's files, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The file or folder that has to change.
    pub file: PathBuf,
    /// What is wrong, with line, key or name.
    pub problem: String,
    /// What to do next: a sentence.
    pub remedy: String,
    /// The game whose interface the mod does not fit, if that is what is wrong.
    pub differs_from: Option<String>,
}

impl Refusal {
    pub(crate) fn new(file: &Path, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        // Names and layouts in them are untrusted, and may be long.
        let shown = |text: String| harmless(&cut_to(PROBLEM_CHARS_MAX, &text));
        Self {
            file: file.to_owned(),
            problem: shown(problem.into()),
            remedy: shown(remedy.into()),
            differs_from: None,
        }
    }

    /// The same refusal, of a mod that does not fit the game's interface: in what has this id.
    pub(crate) fn differs_in(mut self, id: &str) -> Self {
        self.differs_from = id.split_once(':').map(|(game, _)| game.to_owned());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", shown(&self.file), self.problem, self.remedy)
    }
}

impl std::error::Error for Refusal {}
