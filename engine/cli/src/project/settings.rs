//! The table `[dev]` of a `mod.toml`: what the tool can't know by itself.
//!
//! Games accept and ignore it. Paths are relative to the folder of the `mod.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The table `[dev]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DevSettings {
    /// The command that builds the mod. Without it, a mod with a `Cargo.toml` is built by cargo.
    pub build: Option<CommandLine>,
    /// The `.wasm` file that the command makes.
    pub output: Option<PathBuf>,
    /// What the game exposes.
    pub interface: Option<PathBuf>,
    /// The file that the interface becomes in the mod's language, before each build.
    pub bindings: Option<PathBuf>,
    /// The folder that the game loads mods from.
    pub mods: Option<PathBuf>,
    /// The command that starts the game.
    pub game: Option<CommandLine>,
}

/// A program and its arguments. No shell runs it, so nothing in it is expanded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct CommandLine {
    program: String,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a command is a text as \"clang src/mod.c\", or a list of texts")]
enum Written {
    Text(String),
    Words(Vec<String>),
}

impl CommandLine {
    /// The words of a command line, with quotes and backslashes as in a POSIX shell.
    ///
    /// # Errors
    /// If it is empty, or a quote is not closed.
    pub fn parse(text: &str) -> Result<CommandLine, String> {
        let words = shlex::split(text);
        CommandLine::of(words.ok_or_else(|| format!("a quote in the command `{text}` is not closed"))?)
    }

    fn of(words: Vec<String>) -> Result<CommandLine, String> {
        match words.first() {
            None => Err("the command is empty: write the program and its arguments".to_owned()),
            Some(program) => Ok(CommandLine { program: program.clone(), words }),
        }
    }

    /// The program.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The program and its arguments.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The command, run in this folder. A program that is a path with several parts is relative to the folder too.
    pub fn command(&self, folder: &Path) -> Command {
        let is_path = Path::new(&self.program).components().count() > 1;
        let mut command = match is_path {
            true => Command::new(folder.join(&self.program)),
            false => Command::new(&self.program),
        };
        command.args(&self.words[1..]).current_dir(folder);
        command
    }
}

impl TryFrom<Written> for CommandLine {
    type Error = String;

    fn try_from(written: Written) -> Result<CommandLine, String> {
        match written {
            Written::Text(text) => CommandLine::parse(&text),
            Written::Words(words) => CommandLine::of(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(value: &str) -> Result<Vec<String>, String> {
        let settings: Result<DevSettings, _> = toml::from_str(&format!("build = {value}"));
        Ok(settings.map_err(|error| error.to_string())?.build.ok_or("no command")?.words().to_vec())
    }

    #[test]
    fn commands_are_split_without_a_shell() {
        let cases = [
            (r#"'clang -O2 "a file.c" -o $HOME/x'"#, vec!["clang", "-O2", "a file.c", "-o", "$HOME/x"]),
            (r#"["npx", "asc", "a b", ""]"#, vec!["npx", "asc", "a b", ""]),
            (r#"'make "" x'"#, vec!["make", "", "x"]),
        ];
        for (text, words) in cases {
            assert_eq!(build(text).unwrap(), words, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_command_is_refused() {
        let cases = [
            ("''", "empty"),
            ("[]", "empty"),
            (r#"'make "x'"#, "not closed"),
            ("3", "a command is a text"),
            ("[1]", "a command is a text"),
        ];
        for (text, why) in cases {
            let error = build(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn only_programs_that_are_paths_are_looked_up_in_the_folder() {
        let folder = Path::new("/mods/gale");
        let program = |text: &str| CommandLine::parse(text).unwrap().command(folder).get_program().to_owned();
        assert_eq!(program("clang -c"), "clang");
        assert_eq!(program("./build.sh"), "/mods/gale/./build.sh");
        assert_eq!(program("tools/asc"), "/mods/gale/tools/asc");
        assert_eq!(program("/usr/bin/clang"), "/usr/bin/clang");
    }
}
