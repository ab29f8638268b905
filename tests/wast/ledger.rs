//! How much of each file passes, kept beside the tests as text, so that a change is visible in a diff.
//!
//! `BLESS=1` rewrites `passes.txt`. It cannot bless a directive that fails: only directives that need a version 3
//! feature which the runtime refuses by name are recorded as missing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use crate::script::Report;
use crate::suite::{SpecFile, Version};

/// The table, and the results of this run.
pub struct Ledger {
    expected: BTreeMap<String, String>,
    seen: Mutex<BTreeMap<String, String>>,
}

impl Ledger {
    /// # Panics
    /// The table cannot be read.
    pub fn read() -> Ledger {
        let text = std::fs::read_to_string(path()).expect("tests/wast/passes.txt is there");
        let entries = text.lines().filter(|line| !line.starts_with('#'));
        let split = |line: &str| {
            let (file, summary) = line.split_once(' ').unwrap_or((line, ""));
            (file.to_string(), summary.trim().to_string())
        };
        Ledger { expected: entries.map(split).collect(), seen: Mutex::default() }
    }

    /// Whether a file has the results in the table, and nothing failed.
    ///
    /// # Errors
    /// Every failing place is named.
    pub fn check(&self, file: &SpecFile, report: &Report) -> Result<(), String> {
        let path = file.path();
        let mut problems: Vec<String> = report
            .failures
            .iter()
            .map(|failure| format!("{path}:{}: {}", failure.line, failure.text))
            .collect();
        if file.version != Version::Three {
            problems
                .extend(report.waiting.keys().map(|feature| format!("{path}: must not wait for {feature}")));
        }
        problems.extend(self.compare(path, summary(report)));
        if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
    }

    fn compare(&self, path: String, found: String) -> Option<String> {
        let expected = self.expected.get(&path).map_or("nothing of it", String::as_str);
        let differs = !blessing() && expected != found;
        let problem = differs.then(|| {
            format!(
                "{path}: {found}, but tests/wast/passes.txt says {expected}: \
                 if this is meant, run again with BLESS=1 and read the difference"
            )
        });
        self.seen.lock().expect("nobody panics while holding it").insert(path, found);
        problem
    }

    /// Rewrites the table, if asked to. Files that were not run keep their entries.
    ///
    /// # Panics
    /// The table cannot be written.
    pub fn write_if_blessed(&self) {
        if !blessing() {
            return;
        }
        let mut all = self.expected.clone();
        all.append(&mut self.seen.lock().expect("nobody panics while holding it"));
        let mut text = String::from(HEADER);
        for (file, summary) in all {
            writeln!(text, "{file:<32} {summary}").expect("a string takes all");
        }
        std::fs::write(path(), text).expect("tests/wast/passes.txt can be written");
    }
}

const HEADER: &str = "\
# The specification's tests: directives that pass, and what the others wait for.
# Written by: BLESS=1 cargo test -p tinkerbox-tests --test wast
";

fn summary(report: &Report) -> String {
    let waiting = report.waiting.iter().map(|(feature, count)| format!(", {count} wait for {feature}"));
    let follows = match report.follows {
        0 => String::new(),
        follows => format!(", {follows} follow from that"),
    };
    format!("passes {}{}{follows}", report.passed, waiting.collect::<String>())
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "wast", "passes.txt"].iter().collect()
}
