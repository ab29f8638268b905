//! Builds mods with cargo, and reads its messages: which files a build has made, and what was wrong.
//!
//! Nothing is guessed from names, so a file that an earlier build left in the target folder is never taken for this one's.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tinyjson::JsonValue;

use super::compile_error::{self, CompileError};
use super::json::{items, member, text};
use super::process::{self, Ended, Run, Stream};
use super::target::{self, TARGET};
use super::workspace::{Workspace, cannot_start, cargo, folder_of};

/// What cargo has made of the packages of a workspace, by the folders of the packages.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    /// The WebAssembly files.
    pub wasm: BTreeMap<PathBuf, PathBuf>,
    /// What the compiler found wrong, also in packages that mods depend on.
    pub errors: BTreeMap<PathBuf, Vec<CompileError>>,
    /// What cargo itself found wrong.
    pub said: Vec<String>,
}

impl Compiled {
    /// Why the package in a folder could not be built: its own errors; otherwise all others, since the package, or what it
    /// depends on, was not compiled on account of them.
    pub fn errors_of(&self, folder: &Path) -> Vec<CompileError> {
        if let Some(own) = self.errors.get(folder) {
            return own.clone();
        }
        let others: Vec<CompileError> = self.errors.values().flatten().cloned().collect();
        match others.is_empty() {
            false => others,
            true => self
                .said
                .first()
                .map(|_| CompileError::without_place(self.said.join("\n")))
                .into_iter()
                .collect(),
        }
    }

    fn read(&mut self, line: &str, workspace: &Path, run: &Run) {
        let Ok(message) = line.parse::<JsonValue>() else { return };
        if let Some(rendered) = member(&message, "message").and_then(|message| text(message, "rendered")) {
            rendered.lines().for_each(|line| run.console.line(line));
        }
        let Some(folder) = folder_of(&message) else { return };
        if let Some(wasm) = wasm_file(&message) {
            self.wasm.insert(folder, wasm);
        } else if let Some(error) = compile_error::in_cargo_message(&message, workspace) {
            self.errors.entry(folder).or_default().push(error);
        }
    }

    /// From its first error on, what cargo says is the reason for a failure. That a package could not be compiled follows
    /// from errors that the compiler has already told.
    fn hear(&mut self, line: &str) {
        let line = anstream::adapter::strip_str(line).to_string();
        let is_summary = line.starts_with("error: could not compile ") || line.starts_with("warning: ");
        if !is_summary && (line.starts_with("error") || !self.said.is_empty()) {
            self.said.push(line);
        }
    }
}

/// Builds these packages, as many of them as can be built. Returns nothing if the build was cancelled.
pub(super) fn compile(
    workspace: &Workspace,
    packages: &[&str],
    flags: &str,
    run: &Run,
) -> anyhow::Result<Option<Compiled>> {
    let mut cargo = cargo(&workspace.root);
    cargo
        .args(["build", "--release", "--keep-going", "--target", TARGET, "--target-dir"])
        .arg(workspace.target())
        .args(["--message-format", "json-diagnostic-rendered-ansi", "--config", flags])
        // What it says passes through this tool, which knows whether there is a terminal.
        .env("CARGO_TERM_COLOR", "always")
        // Flags for this machine's own code do not fit WebAssembly.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    for package in packages {
        cargo.args(["--package", package]);
    }
    let mut compiled = Compiled::default();
    // Whether cargo fails as a whole says less than the files that it has made.
    let ended = process::run(&mut cargo, run.cancel, &mut |stream, line| match stream {
        Stream::Output => compiled.read(line, &workspace.root, run),
        Stream::Error => {
            compiled.hear(line);
            run.console.line(line);
        }
    });
    match ended.with_context(|| cannot_start(&cargo))? {
        Ended::Cancelled => Ok(None),
        Ended::Done(_) => Ok(Some(compiled)),
    }
}

/// The `.wasm` file that a message of cargo's names.
fn wasm_file(message: &JsonValue) -> Option<PathBuf> {
    let files = items(message, "filenames")?.iter().filter_map(|file| file.get::<String>());
    let is_wasm = |file: &&Path| file.extension().is_some_and(|extension| extension == "wasm");
    Some(files.map(Path::new).find(is_wasm)?.to_owned())
}

/// The setting that keeps this machine's folders out of the compiled code, so that panic messages and backtraces are the
/// same wherever a mod is built, and do not name the author's home folder.
pub(super) fn path_remapping(workspace: &Path) -> anyhow::Result<String> {
    let mut folders: Vec<(PathBuf, String)> = Vec::new();
    folders.extend(workspace.parent().map(|above| (above.to_owned(), String::new())));
    let home = || Some(env::home_dir()?.join(".cargo"));
    folders.extend(
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).map(|home| (home, ".cargo".to_owned())),
    );
    folders.push(target::standard_library(workspace)?);
    let flag = |(folder, name): (PathBuf, String)| {
        toml::Value::String(format!("--remap-path-prefix={}={name}", folder.display())).to_string()
    };
    let flags: Vec<String> = folders.into_iter().map(flag).collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::console::Console;

    fn compiled(messages: &str, said: &str) -> Compiled {
        let mut compiled = Compiled::default();
        let run = Run { console: Console::Silent, cancel: None };
        messages.lines().for_each(|line| compiled.read(line.trim(), Path::new("/m"), &run));
        said.lines().for_each(|line| compiled.hear(line));
        compiled
    }

    #[test]
    fn the_wasm_file_is_the_one_that_cargo_names() {
        let messages = r#"
            {"reason":"compiler-artifact","manifest_path":"/m/serde/Cargo.toml","filenames":["/t/libserde.rlib"]}
            {"reason":"compiler-artifact","manifest_path":"/m/flock/Cargo.toml","filenames":["/t/x.d","/t/sheep.wasm"]}
            {"reason":"build-script-executed","package_id":"a"}
            not a message
            {"reason":"build-finished","success":false}"#;
        let found = compiled(messages, "").wasm;
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("/m/flock".into(), "/t/sheep.wasm".into())]);
    }

    #[test]
    fn a_mod_fails_for_its_own_errors_or_for_those_of_others() {
        let error = |folder: &str, text: &str| {
            format!(
                r#"{{"reason":"compiler-message","manifest_path":"{folder}/Cargo.toml","message":{{"rendered":"{text}",
                "level":"error","message":"{text}","spans":[]}}}}"#
            )
            .replace('\n', "")
        };
        let texts = |compiled: &Compiled, folder: &str| {
            let errors = compiled.errors_of(Path::new(folder)).into_iter();
            errors.map(|error| error.text).collect::<Vec<_>>()
        };
        let failed =
            compiled(&format!("{}\n{}", error("/m/a", "own"), error("/types", "theirs")), "error: x");
        assert_eq!(texts(&failed, "/m/a"), ["own"]);
        assert_eq!(texts(&failed, "/m/b"), ["own", "theirs"]);
        let unread = compiled(
            "",
            "  Updating\n\u{1b}[31merror\u{1b}[0m: no such crate\n\nCaused by:\n  x\nerror: could not compile `a`",
        );
        assert_eq!(texts(&unread, "/m/a"), ["error: no such crate\n\nCaused by:\n  x"]);
        assert_eq!(texts(&compiled("", "   Compiling a"), "/m/a"), [""; 0]);
    }

    #[test]
    fn compiled_code_does_not_name_folders_of_this_machine() {
        let project = tempfile::tempdir().unwrap();
        let mods = project.path().join("a \"b\"").join("mods");
        std::fs::create_dir_all(&mods).unwrap();
        let setting = path_remapping(&mods).unwrap();
        let read: toml::Table = toml::from_str(&setting).unwrap();
        let flags = read["target"][TARGET]["rustflags"].as_array().unwrap();
        let first = flags[0].as_str().unwrap();
        assert!(first.ends_with("/a \"b\"="), "{first}");
        assert_eq!(flags.len(), 3, "{flags:?}");
    }
}
