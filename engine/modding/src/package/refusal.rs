//! Why a mod is not loaded: the one shape of every such message.
//!
//! It stands at the end of all ways out of `package/` and knows none of them. Having fields for file and
//! remedy, it can't be made without saying where to look and what to do.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::limits::PROBLEM_CHARS_MAX;
use crate::text::{cut_to, harmless, shown};

/// What is wrong with a mod's files, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file or folder that has to change.
    pub file: PathBuf,
    /// What is wrong, with line, key or name.
    pub problem: String,
    /// What to do next: a sentence.
    pub remedy: String,
}

impl Refusal {
    pub(crate) fn new(file: &Path, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            problem: harmless(&cut_to(PROBLEM_CHARS_MAX, &problem.into())),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", shown(&self.file), self.problem, self.remedy)
    }
}

impl std::error::Error for Refusal {}
