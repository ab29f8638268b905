//! The log in a file, which remains when the screen is gone, even after a crash.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use tinkerbox::panel::ReportLine;

/// The file, or the error that it failed with.
pub(super) struct LogFile {
    path: PathBuf,
    state: io::Result<File>,
    lines: u64,
}

impl LogFile {
    /// Creates a file in the system's folder of temporary files.
    pub fn new() -> LogFile {
        let path = std::env::temp_dir().join(format!("tinkerbox-meadow-{}.log", std::process::id()));
        let state = File::create(&path);
        LogFile { path, state, lines: 0 }
    }

    /// Adds lines, unless that has failed before.
    pub fn write(&mut self, lines: &[ReportLine]) {
        for line in lines {
            let Ok(file) = &mut self.state else { return };
            self.lines += 1;
            if let Err(error) = file.write_all(entry(line).as_bytes()) {
                self.state = Err(error);
            }
        }
    }

    /// Tells the player where the log is.
    pub fn farewell(&self) -> String {
        let path = self.path.display();
        match &self.state {
            Ok(_) => format!("The log, with {} messages of all mods, is in {path}", self.lines),
            Err(error) => format!("The log could not be written to {path}: {error}"),
        }
    }
}

/// An entry: the report's first line, and its other lines below it.
fn entry(line: &ReportLine) -> String {
    let text = line.lines.join("\n                ");
    format!("tick {:<8} {} {}: {text}\n", line.tick, line.mod_id, line.word())
}

#[cfg(test)]
mod tests {
    use tinkerbox::ModReportKind;

    use super::*;

    #[test]
    fn messages_are_written_with_all_their_lines() {
        let line = ReportLine {
            tick: 12,
            mod_id: "wolves".to_owned(),
            kind: ModReportKind::Faulted,
            text: "a b".to_owned(),
            lines: vec!["a".to_owned(), "b".to_owned()],
        };
        let mut file = LogFile::new();
        file.write(&[line.clone(), line]);
        let text = std::fs::read_to_string(&file.path).unwrap();
        std::fs::remove_file(&file.path).unwrap();
        let one = "tick 12       wolves faulted: a\n                b\n";
        assert_eq!(text, one.repeat(2));
        assert!(file.farewell().contains("2 messages") && file.farewell().contains("tinkerbox-meadow-"));
    }
}
