//! Finds the compilers of other languages, and says how to install one that is missing.

use std::process::{Command, Stdio};

/// Whether a compiler can be started. A test without its compiler ends early, except where `CI` is set: there all have to
/// be installed.
pub fn is_installed(command: &str, arguments: &[&str], how_to_install: &str) -> bool {
    let status = Command::new(command).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = status.is_ok_and(|status| status.success());
    if !is_there {
        let message = format!("`{command} {}` can't be run: {how_to_install}", arguments.join(" "));
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("SKIPPED: {message}");
    }
    is_there
}
