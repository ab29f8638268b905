//! One step of a check: a command, an inspection of our own, or the reason why it is skipped.
//!
//! Which steps there are is decided in `checks.rs`.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Finds problems in a repository. Each is told in one line: where, what, and what to do.
type Inspection = fn(&Path) -> anyhow::Result<Vec<String>>;

pub struct Step {
    pub name: String,
    pub work: Work,
    /// What a contributor does when it fails.
    pub what_to_do: String,
}

pub enum Work {
    Run(Cargo),
    Inspect(Inspection),
    Skip(String),
}

/// How a step ended.
#[derive(Debug)]
pub struct Finished {
    pub name: String,
    pub outcome: Outcome,
    pub took: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed { what_to_do: String },
    Skipped { why: String },
}

impl Step {
    pub fn run_cargo(cargo: Cargo, what_to_do: &str) -> Step {
        Step { name: cargo.to_string(), work: Work::Run(cargo), what_to_do: what_to_do.to_owned() }
    }

    pub fn inspect(name: &str, inspection: Inspection, what_to_do: &str) -> Step {
        Step { name: name.to_owned(), work: Work::Inspect(inspection), what_to_do: what_to_do.to_owned() }
    }

    pub fn skip(name: &str, why: &str) -> Step {
        Step { name: name.to_owned(), work: Work::Skip(why.to_owned()), what_to_do: String::new() }
    }

    /// A step with a tool that not everybody has: skipped where it is missing.
    pub fn run_tool(cargo: Cargo, package: &str, what_to_do: &str) -> Step {
        if cargo.is_installed() {
            return Step::run_cargo(cargo, what_to_do);
        }
        let why =
            format!("`cargo {}` is not installed: cargo install {package} --locked", cargo.subcommand());
        Step::skip(&cargo.to_string(), &why)
    }

    /// Runs the step and prints what it finds.
    pub fn run(self, repository: &Path) -> Finished {
        let start = Instant::now();
        let problems = match self.work {
            Work::Run(cargo) => cargo.run(repository).err().into_iter().collect(),
            Work::Inspect(inspect) => inspect(repository).unwrap_or_else(|error| vec![format!("{error:#}")]),
            Work::Skip(why) => {
                println!("skipped: {why}");
                return Finished {
                    name: self.name,
                    outcome: Outcome::Skipped { why },
                    took: Duration::default(),
                };
            }
        };
        problems.iter().for_each(|problem| println!("{problem}"));
        let outcome = match problems.is_empty() {
            true => Outcome::Passed,
            false => Outcome::Failed { what_to_do: self.what_to_do },
        };
        Finished { name: self.name, outcome, took: start.elapsed() }
    }
}

/// A command of cargo's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cargo {
    arguments: Vec<String>,
    /// Relative to the repository; empty for the repository itself.
    folder: &'static str,
    environment: Vec<(&'static str, &'static str)>,
}

impl Cargo {
    /// With arguments that hold no spaces themselves.
    pub fn new(arguments: &str) -> Cargo {
        let arguments = arguments.split_whitespace().map(str::to_owned).collect();
        Cargo { arguments, folder: "", environment: Vec::new() }
    }

    pub fn in_folder(mut self, folder: &'static str) -> Cargo {
        self.folder = folder;
        self
    }

    pub fn env(mut self, name: &'static str, value: &'static str) -> Cargo {
        self.environment.push((name, value));
        self
    }

    fn subcommand(&self) -> &str {
        &self.arguments[0]
    }

    /// Whether cargo has this subcommand.
    fn is_installed(&self) -> bool {
        let asked = Command::new(cargo()).args([self.subcommand(), "--version"]).output();
        asked.is_ok_and(|output| output.status.success())
    }

    fn command(&self, repository: &Path) -> Command {
        let mut command = Command::new(cargo());
        command.args(&self.arguments).current_dir(repository.join(self.folder));
        command.envs(self.environment.iter().copied());
        command
    }

    /// Runs it with this program's own output.
    fn run(&self, repository: &Path) -> Result<(), String> {
        let status = self.command(repository).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{self}: {status}")),
            Err(error) => Err(format!("{self} could not be started: {error}")),
        }
    }

    /// Runs it and returns what it writes to its standard output.
    pub fn output(&self, repository: &Path) -> anyhow::Result<String> {
        let output = self.command(repository).output()?;
        let problems = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{self}: {}\n{}", output.status, problems.trim());
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// As one would type it in the repository's folder.
impl fmt::Display for Cargo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.folder.is_empty() {
            write!(f, "cd {} && ", self.folder)?;
        }
        for (name, value) in &self.environment {
            write!(f, "{name}=\"{value}\" ")?;
        }
        write!(f, "cargo {}", self.arguments.join(" "))
    }
}

/// The cargo that runs this program, or the one that is found first.
fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(step: Step) -> Outcome {
        step.run(Path::new(".")).outcome
    }

    #[test]
    fn commands_are_shown_as_they_are_typed() {
        let cargo = Cargo::new("doc  --no-deps").in_folder("mods").env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(cargo.to_string(), "cd mods && RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
        assert_eq!(cargo.arguments, ["doc", "--no-deps"]);
    }

    #[test]
    fn a_step_fails_when_its_command_does_or_it_finds_something() {
        let failed = Outcome::Failed { what_to_do: "mend it".to_owned() };
        assert_eq!(outcome(Step::run_cargo(Cargo::new("--version"), "mend it")), Outcome::Passed);
        assert_eq!(outcome(Step::run_cargo(Cargo::new("no-such-command"), "mend it")), failed);
        assert_eq!(outcome(Step::inspect("a", |_| Ok(Vec::new()), "mend it")), Outcome::Passed);
        assert_eq!(outcome(Step::inspect("a", |_| Ok(vec!["b".to_owned()]), "mend it")), failed);
        assert_eq!(outcome(Step::inspect("a", |_| anyhow::bail!("unreadable"), "mend it")), failed);
    }

    #[test]
    fn a_tool_that_is_missing_is_named_with_how_to_install_it() {
        let Outcome::Skipped { why } =
            outcome(Step::run_tool(Cargo::new("no-such-tool check"), "some-tool", ""))
        else {
            panic!("the tool is not there")
        };
        assert_eq!(why, "`cargo no-such-tool` is not installed: cargo install some-tool --locked");
    }
}
