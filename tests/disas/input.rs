//! The files: their settings, the module, and the expectation at the end.

use std::path::{Path, PathBuf};
use std::{fs, io};

use tinkerbox_wasm::Config;

/// A file, in its three parts.
pub struct Input {
    path: PathBuf,
    /// The words after `;;!`.
    words: Vec<String>,
    module: String,
    expected: String,
}

/// All files beside this one, ordered by name.
///
/// # Panics
/// They cannot be read.
pub fn all() -> Vec<Input> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("disas");
    let entries = fs::read_dir(folder).expect("the folder of the tests can be read");
    let paths = entries.map(|entry| entry.expect("it has entries").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "wat")).collect();
    paths.sort();
    paths.into_iter().map(|path| Input::read(path).expect("the file can be read")).collect()
}

impl Input {
    fn read(path: PathBuf) -> io::Result<Input> {
        let text = fs::read_to_string(&path)?;
        let is_expected = |line: &&str| line.starts_with(";;") && !line.starts_with(";;!");
        let expected = text.lines().rev().take_while(is_expected).count();
        let lines: Vec<&str> = text.lines().collect();
        let (module, expected) = lines.split_at(lines.len() - expected);
        let words = module.iter().filter_map(|line| line.strip_prefix(";;!"));
        let words = words.flat_map(str::split_whitespace).map(str::to_string).collect();
        let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect();
        Ok(Input { words, module: joined(module), expected: joined(expected), path })
    }

    pub fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    pub fn module(&self) -> &str {
        &self.module
    }

    /// Whether CLIF is shown, and whether machine code is; and the settings.
    ///
    /// # Errors
    /// There is an unknown word, or nothing is to be shown.
    pub fn wanted(&self) -> Result<(bool, bool, Config), String> {
        let (mut clif, mut code, mut config) = (false, false, Config::new());
        for word in &self.words {
            match word.as_str() {
                "clif" => clif = true,
                "code" => code = true,
                "fuel" => _ = config.consume_fuel(true),
                "canonical-nans" => _ = config.cranelift_nan_canonicalization(true),
                "no-signals" => _ = config.signals_based_traps(false),
                other => {
                    return Err(format!("`{other}` is none of clif, code, fuel, canonical-nans, no-signals"));
                }
            }
        }
        if clif || code {
            Ok((clif, code, config))
        } else {
            Err("begin with `;;! clif` or `;;! code`".into())
        }
    }

    /// The first line that differs from the expectation.
    pub fn difference(&self, found: &str) -> Option<String> {
        let (expected, found) = (self.expected.lines().collect::<Vec<_>>(), commented(found));
        let found: Vec<&str> = found.lines().collect();
        let at = (0..expected.len().max(found.len())).find(|&at| expected.get(at) != found.get(at))?;
        let line = self.module.lines().count() + at + 1;
        let show = |lines: &[&str]| lines.get(at).map_or("nothing", |line| line).to_string();
        Some(format!("line {line}:\n  expected {}\n  found    {}", show(&expected), show(&found)))
    }

    /// Rewrites the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn expect(&self, found: &str) -> Result<(), String> {
        let text = format!("{}{}", self.module, commented(found));
        fs::write(&self.path, text).map_err(|error| format!("cannot write {}: {error}", self.path.display()))
    }
}

fn commented(text: &str) -> String {
    text.lines().map(|line| format!(";; {line}").trim_end().to_string() + "\n").collect()
}
