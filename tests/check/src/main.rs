//! `cargo ci`: everything that must pass before a change lands, as a program whose parts can be called one by one.
//!
//! ```text
//! command line -> checks (which steps there are) -> step (runs one) -> report (what failed, and what to do)
//! ```
//!
//! A failure does not end the run: the report at the end lists all of them. Steps are either commands of cargo or
//! inspections of the program's own, which read manifests and sources and change nothing. The program has few and small
//! dependencies, so that the first check on a fresh machine starts soon.

#![forbid(unsafe_code)]

mod checks;
mod dependencies;
mod metadata;
mod package;
mod policy;
mod release;
mod report;
mod step;
mod tokens;

use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, Command, value_parser};

use checks::Check;
use report::Report;

fn main() -> ExitCode {
    let line = command_line().get_matches();
    let named: Vec<Check> = line.get_many("checks").into_iter().flatten().copied().collect();
    let repository = repository();
    let mut report = Report::default();
    for check in checks::chosen(&named) {
        for step in check.steps(repository) {
            println!("\n== {check}: {}", step.name);
            report.add(check, step.run(repository));
        }
    }
    print!("\n{report}");
    if report.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn command_line() -> Command {
    let checks = Arg::new("checks").value_name("CHECK").action(ArgAction::Append);
    let checks = checks.value_parser(value_parser!(Check));
    Command::new("cargo ci")
        .about("Runs what must pass before a change lands.")
        .arg(checks.help("The checks to run; without any, all but `package-build`"))
}

/// The repository's folder: this package is `tests/check` in it.
fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("the package is two folders below the repository")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_named_on_the_command_line() {
        let read = |arguments: &[&str]| command_line().try_get_matches_from(arguments);
        let line = read(&["cargo ci", "fmt", "package-build"]).unwrap();
        let named: Vec<Check> = line.get_many("checks").unwrap().copied().collect();
        assert_eq!(named, [Check::Fmt, Check::PackageBuild]);
        assert!(read(&["cargo ci"]).unwrap().get_many::<Check>("checks").is_none());
        assert!(read(&["cargo ci", "nothing"]).is_err());
    }
}
