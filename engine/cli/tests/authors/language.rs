//! What differs between the languages of mods.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::author::Author;

/// A language.
pub struct Language {
    /// As the tool calls it.
    pub name: &'static str,
    /// The main source file of the mod `gale`.
    pub source: &'static str,
    /// Commands that succeed where its compiler is installed.
    compilers: &'static [&'static [&'static str]],
    /// The line that is made wrong, and what it becomes.
    mistake: (&'static str, &'static str),
}

pub const RUST: Language = Language {
    name: "rust",
    source: "src/lib.rs",
    compilers: &[&["cargo", "--version"]],
    mistake: ("    if tick()", "    let = 1; if tick()"),
};

pub const C: Language = Language {
    name: "c",
    source: "gale.c",
    compilers: &[&["clang", "--version"], &["wasm-ld", "--version"]],
    mistake: ("    if (tb_tick()", "    if if (tb_tick()"),
};

pub const ZIG: Language = Language {
    name: "zig",
    source: "gale.zig",
    compilers: &[&["python3", "-m", "ziglang", "version"]],
    mistake: ("    if (tb.tick()", "    if if (tb.tick()"),
};

pub const ASSEMBLYSCRIPT: Language = Language {
    name: "assemblyscript",
    source: "gale.ts",
    compilers: &[&["node", "--version"], &["npm", "--version"]],
    mistake: ("  if (tick()", "  if if (tick()"),
};

impl Language {
    /// The first compiler that is missing.
    pub fn missing(&self) -> Option<&'static str> {
        let runs = |command: &&[&str]| {
            let mut process = Command::new(command[0]);
            process.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null());
            process.status().is_ok_and(|status| status.success())
        };
        self.compilers.iter().find(|command| !runs(command)).map(|command| command[0])
    }

    /// Does what the tool has told the author to do before the first build.
    pub fn prepare(&self, author: &Author, of_mod: &str) {
        if self.name == "assemblyscript" {
            // As it was installed for this repository, where it was: that takes no network.
            let sdk = author.folder().join(of_mod).join(".tinkerbox/sdk/assemblyscript");
            let mut npm = Command::new("npm");
            npm.args(["ci", "--prefer-offline", "--no-audit", "--no-fund", "--prefix"]).arg(&sdk);
            let done = npm.output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            assert!(Path::new(&sdk).join("node_modules").is_dir());
        }
    }

    /// The source with a mistake, and the number of its line.
    pub fn broken(&self, good: &str) -> (String, usize) {
        let (right, wrong) = self.mistake;
        let line = good.lines().position(|line| line.contains(right)).unwrap() + 1;
        (good.replace(right, wrong), line)
    }
}
