//! Builds a mod with the command in its `mod.toml`.

use std::io;
use std::path::Path;

use super::compile_error::{self, CompileError};
use super::console::Tone;
use super::made::Made;
use super::process::{self, Ended, Run};
use super::sources::Source;
use crate::project::{CommandLine, MANIFEST};
use crate::report::BuildOutcome;

/// Of what a compiler says without a form that is known, this many lines are passed on.
const LINES_MAX: usize = 20;
/// What Python and Node.js say if they are to run a compiler that is not installed.
const MISSING: [&str; 2] = ["No module named ", "Error: Cannot find module '"];

/// Runs the command and takes the file that it makes. Returns nothing if it was cancelled.
pub(super) fn run<'s>(
    source: &'s Source,
    command: &CommandLine,
    output: &Path,
    run: Run,
) -> Option<Made<'s>> {
    run.console.say(Tone::Good, "Building", &format!("{} with {}", source.name, command.program()));
    let mut lines = Vec::new();
    let ended = process::run(&mut command.command(&source.folder), run.cancel, &mut |_, line| {
        run.console.line(line);
        lines.push(anstream::adapter::strip_str(line).to_string());
    });
    let status = match ended {
        Ok(Ended::Cancelled) => return None,
        Ok(Ended::Done(status)) => status,
        Err(error) => return Some(not_started(source, command, &error)),
    };
    if !status.success() {
        if let Some(line) = missing_compiler(&lines) {
            return Some(not_installed(source, command, line));
        }
        let errors = errors(&lines, &source.folder);
        let why = format!("`{}` failed, and says why above", command.program());
        return Some(Made { errors, ..Made::failed(source, BuildOutcome::NotBuilt(why)) });
    }
    if !output.is_file() {
        let why = format!(
            "`{}` ended without an error, but there is no file {}. Correct `output` under [dev] in {}",
            command.program(),
            output.display(),
            source.folder.join(MANIFEST).display()
        );
        return Some(Made::not(source, why));
    }
    Some(Made::from(source, output))
}

fn not_started<'s>(source: &'s Source, command: &CommandLine, error: &io::Error) -> Made<'s> {
    if !source.folder.is_dir() {
        return Made::not(source, format!("its folder {} is not there any more", source.folder.display()));
    }
    match error.kind() {
        io::ErrorKind::NotFound => not_installed(source, command, command.program()),
        _ => Made::not(source, format!("`{}` can't be started: {error}", command.program())),
    }
}

/// A mod whose compiler is missing: others who have the mod's sources need not have its compiler.
fn not_installed<'s>(source: &'s Source, command: &CommandLine, what: &str) -> Made<'s> {
    let why = format!(
        "what builds it is not installed: {what}. Install it, or correct `build` under [dev] in {}; it begins with `{}`",
        source.folder.join(MANIFEST).display(),
        command.program()
    );
    let errors = vec![CompileError::without_place(&why)];
    Made { errors, ..Made::failed(source, BuildOutcome::Skipped(why)) }
}

/// What a program says that runs a compiler which is not installed.
fn missing_compiler(lines: &[String]) -> Option<&str> {
    let is_missing = |line: &&String| MISSING.iter().any(|words| line.contains(words));
    lines.iter().find(is_missing).map(|line| line.trim())
}

/// The errors in what was said; the end of it if none has a form that is known.
fn errors(lines: &[String], folder: &Path) -> Vec<CompileError> {
    let found = compile_error::in_lines(lines.iter().map(String::as_str), folder);
    if !found.is_empty() {
        return found;
    }
    let last = &lines[lines.len().saturating_sub(LINES_MAX)..];
    vec![CompileError::without_place(match last {
        [] => "the build command failed without a word".to_owned(),
        last => last.join("\n"),
    })]
}
