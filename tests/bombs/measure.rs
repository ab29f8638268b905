//! The time and memory of each bomb, in a process of its own, so that their peaks are separate.

use std::process::Command;
use std::time::Instant;

use crate::{Bomb, bombs, compile};

/// The environment variable that tells a process which bomb to compile.
pub const CHILD: &str = "TINKERBOX_BOMB";

/// Prints a table of all bombs whose names contain a part.
pub fn all(part: &str) {
    println!("{:<44} {:>9} {:>9} {:>9}  outcome", "bomb", "bytes", "seconds", "MiB");
    for Bomb { name, .. } in bombs().filter(|bomb| bomb.name.contains(part)) {
        let program = std::env::current_exe().expect("this program is a file");
        let status = Command::new(program).env(CHILD, name).status().expect("it can be started again");
        if !status.success() {
            println!("{name:<44} {status}");
        }
    }
}

/// Compiles one bomb and prints its line of the table.
pub fn child(name: &str) {
    let bomb = bombs().find(|bomb| bomb.name == name).expect("the parent took it from the list");
    let bytes = (bomb.build)(bomb.size);
    // The time for making the bytes does not count.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (before, start) = (peak_mib(), Instant::now());
    let outcome = match compile(&bytes) {
        Ok(module) => format!("{} KiB of code", module.text().len() >> 10),
        Err(error) => error.to_string(),
    };
    let seconds = start.elapsed().as_secs_f64();
    println!("{name:<44} {:>9} {seconds:>9.2} {:>9}  {outcome}", bytes.len(), peak_mib() - before);
}

/// The peak memory of this process, if the system reports it.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) >> 10
}
