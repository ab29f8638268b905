//! The outcome of a build, mod by mod, and how it is printed.

mod json;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::build::compile_error::CompileError;
use crate::build::console::{Console, Tone};
use crate::check::Checked;
use crate::project::MANIFEST;

/// The outcome of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The folder that the mods are installed in.
    pub folder: PathBuf,
    /// The mods that were to be built, in the order of their names.
    pub mods: Vec<BuiltMod>,
    /// Installed folders that were removed because their mods have no sources any more.
    pub removed: Vec<PathBuf>,
    /// Why installed folders whose mods have no sources were not removed.
    pub kept: Vec<String>,
}

/// A mod that was to be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltMod {
    /// The name of its package, or of its folder if cargo does not build it.
    pub name: String,
    /// The id in its `mod.toml`, if that can be read.
    pub id: Option<String>,
    /// The folder of its sources.
    pub source: PathBuf,
    /// The folder that it is installed in, once it is.
    pub folder: PathBuf,
    /// What came of it.
    pub outcome: BuildOutcome,
    /// What the compiler found wrong, or the check.
    pub errors: Vec<CompileError>,
    /// What it is and may do, and whether a game would refuse it, if it was built.
    pub checked: Option<Checked>,
}

/// What came of a mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildOutcome {
    /// It was built and installed, and at least one of its files has changed.
    Installed,
    /// It was built, and the installed files were the same already.
    Unchanged,
    /// It is installed, and the game refuses to load it, for this reason. Only a game can tell:
    /// see [`Report::refuse`].
    Refused(String),
    /// It was built and not installed, since a game would refuse it, for this reason. An earlier version may be installed.
    Rejected(String),
    /// It was not built, since its compiler is not installed. An earlier version may be installed.
    Skipped(String),
    /// It could not be built or installed, for this reason. An earlier version may be installed.
    NotBuilt(String),
}

impl BuildOutcome {
    /// Whether the mod is installed as its sources are.
    pub fn is_built(&self) -> bool {
        !matches!(self, BuildOutcome::Rejected(_) | BuildOutcome::Skipped(_) | BuildOutcome::NotBuilt(_))
    }

    fn tone(&self) -> Tone {
        match self {
            BuildOutcome::Installed => Tone::Good,
            BuildOutcome::Unchanged | BuildOutcome::Skipped(_) => Tone::Plain,
            BuildOutcome::Refused(_) | BuildOutcome::Rejected(_) | BuildOutcome::NotBuilt(_) => Tone::Bad,
        }
    }
}

impl Report {
    /// Records which installed folders a game refuses to load, and why. What a game says of an installed `mod.toml` is said of
    /// the source that it was copied from, which is the one to correct.
    pub fn refuse(&mut self, refusals: &BTreeMap<PathBuf, String>) {
        for built in &mut self.mods {
            if let Some(why) = refusals.get(&built.folder).filter(|_| built.outcome.is_built()) {
                built.outcome = BuildOutcome::Refused(built.in_sources(why));
            }
        }
    }

    /// Prints a line for each mod and for each folder that was removed or kept.
    pub fn print(&self, console: Console) {
        for (tone, what, text) in self.lines() {
            console.say(tone, what, &text);
        }
    }

    fn lines(&self) -> Vec<(Tone, &'static str, String)> {
        let removed = |folder: &PathBuf| format!("{}: its mod has no sources any more", folder.display());
        let removed = self.removed.iter().map(|folder| (Tone::Plain, "removed", removed(folder)));
        let kept = self.kept.iter().map(|why| (Tone::Plain, "kept", why.clone()));
        let mut lines: Vec<_> = removed.chain(kept).collect();
        // Failures come last, where they are seen.
        let (done, failed): (Vec<_>, Vec<_>) = self.mods.iter().partition(|built| built.outcome.is_built());
        lines.extend(done.into_iter().chain(failed).flat_map(BuiltMod::lines));
        lines
    }

    /// The names of the mods that could not be built or installed.
    pub fn not_built(&self) -> Vec<&str> {
        self.names(|outcome| matches!(outcome, BuildOutcome::NotBuilt(_)))
    }

    /// The names of the mods that a game would refuse, so that they were not installed.
    pub fn rejected(&self) -> Vec<&str> {
        self.names(|outcome| matches!(outcome, BuildOutcome::Rejected(_)))
    }

    fn names(&self, has: impl Fn(&BuildOutcome) -> bool) -> Vec<&str> {
        self.mods.iter().filter(|built| has(&built.outcome)).map(|built| built.name.as_str()).collect()
    }

    /// Checks that every mod was built and installed, and none is refused.
    ///
    /// # Errors
    /// If a mod was not built or is refused: the error names all of them.
    pub fn check(&self) -> anyhow::Result<()> {
        let refused = self.names(|outcome| matches!(outcome, BuildOutcome::Refused(_)));
        let skipped = self.names(|outcome| matches!(outcome, BuildOutcome::Skipped(_)));
        let parts = [
            ("not built", self.not_built()),
            ("skipped", skipped),
            ("not installed, since the game would refuse it", self.rejected()),
            ("refused by the game", refused),
        ];
        let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
        let parts: Vec<String> = parts.map(|(what, names)| format!("{what}: {}", names.join(", "))).collect();
        if !parts.is_empty() {
            bail!("{}. See the reasons above", parts.join("; "));
        }
        Ok(())
    }
}

impl BuiltMod {
    fn in_sources(&self, why: &str) -> String {
        let manifest = |folder: &Path| folder.join(MANIFEST).display().to_string();
        why.replace(&manifest(&self.folder), &manifest(&self.source))
    }

    fn lines(&self) -> Vec<(Tone, &'static str, String)> {
        let (what, text) = self.line();
        let mut lines = vec![(self.outcome.tone(), what, text)];
        if let Some(id) = self.id.as_ref().filter(|id| **id != self.name) {
            let text = format!("{}: its id in {MANIFEST} is `{id}`, and games know it by that", self.name);
            lines.push((Tone::Plain, "note", text));
        }
        lines
    }

    fn line(&self) -> (&'static str, String) {
        let BuiltMod { name, folder, outcome, .. } = self;
        let in_folder = |folder: &Path| format!("{name} in {}", folder.display());
        match outcome {
            BuildOutcome::Installed => ("installed", in_folder(folder)),
            BuildOutcome::Unchanged => ("unchanged", in_folder(folder)),
            BuildOutcome::Refused(why) => {
                ("refused", format!("{name}: installed, but the game refuses it: {why}"))
            }
            BuildOutcome::Rejected(why) => {
                ("refused", format!("{name}: not installed, since the game would refuse it: {why}"))
            }
            BuildOutcome::Skipped(why) => ("skipped", format!("{name}: {why}")),
            BuildOutcome::NotBuilt(why) => ("not built", format!("{name}: {why}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let built = |name: &str, outcome| BuiltMod {
            name: name.to_owned(),
            id: Some(if name == "cow" { "calf" } else { name }.to_owned()),
            errors: Vec::new(),
            checked: None,
            source: Path::new("mods").join(name),
            folder: name.into(),
            outcome,
        };
        Report {
            folder: PathBuf::new(),
            mods: vec![
                built("ant", BuildOutcome::NotBuilt("no mod.toml".to_owned())),
                built("bee", BuildOutcome::Installed),
                built("cow", BuildOutcome::Unchanged),
            ],
            removed: vec!["old".into()],
            kept: vec!["edited: one of its files was edited".to_owned()],
        }
    }

    #[test]
    fn every_mod_has_a_line_and_failures_come_last() {
        let mut report = report();
        // An older version of a mod that was not built may well be refused: the build is what has failed.
        let refusals = ["ant", "cow"].map(|folder| (PathBuf::from(folder), "no system".to_owned()));
        report.refuse(&refusals.into());
        let lines: Vec<String> =
            report.lines().iter().map(|(_, what, text)| format!("{what} {text}")).collect();
        assert_eq!(
            lines,
            [
                "removed old: its mod has no sources any more",
                "kept edited: one of its files was edited",
                "installed bee in bee",
                "refused cow: installed, but the game refuses it: no system",
                "note cow: its id in mod.toml is `calf`, and games know it by that",
                "not built ant: no mod.toml",
            ]
        );
    }

    #[test]
    fn a_refused_manifest_is_the_authors_own() {
        let mut report = report();
        report.refuse(&[("bee".into(), "bee/mod.toml: line 2: no id. See bee/bee.wasm".to_owned())].into());
        let text =
            "bee: installed, but the game refuses it: mods/bee/mod.toml: line 2: no id. See bee/bee.wasm";
        assert!(report.lines().contains(&(Tone::Bad, "refused", text.to_owned())), "{:?}", report.lines());
    }

    #[test]
    fn a_failed_build_names_every_mod_that_failed() {
        let mut report = report();
        report.refuse(&[("bee".into(), "why".to_owned()), ("cow".into(), "why".to_owned())].into());
        let error = report.check().unwrap_err().to_string();
        assert_eq!(error, "not built: ant; refused by the game: bee, cow. See the reasons above");
        assert!(Report::default().check().is_ok());
    }
}
