//! What a game in development has learnt from an author's tool so far.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::dev_builds::DevBuild;

/// What was learnt so far.
#[derive(Default)]
pub(crate) struct Development {
    /// The builds, by the folders of their mods.
    pub builds: BTreeMap<PathBuf, DevBuild>,
    /// The errors that were reported last, for each folder that had some.
    pub reported: BTreeMap<PathBuf, String>,
    /// Why the file of a mods' folder can't be used, as it was reported last.
    pub trouble: BTreeMap<PathBuf, String>,
}
