//! Programs that run beside a test, and files that are saved for them.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Nothing takes so long, except a compiler on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a program prints, read line by line as it comes.
pub struct Printed {
    of: &'static str,
    lines: Receiver<String>,
    /// Everything so far, for a failing test.
    all: String,
}

impl Printed {
    pub fn of(of: &'static str, output: impl Read + Send + 'static) -> Printed {
        let (send, lines) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Nobody listens if the test has ended.
            lines.map(|line| send.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        Printed { of, lines, all: String::new() }
    }

    /// Reads until a line has these words, and returns it.
    #[track_caller]
    pub fn wait(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.all += &format!("{line}\n");
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => panic!("{} did not say `{words}` ({error}):\n{}", self.of, self.all),
            }
        }
    }
}

/// Saves a file as many editors do: under another name, which is then renamed.
pub fn save(file: &Path, text: &str) {
    let new = file.with_extension("new.tmp");
    fs::write(&new, text).unwrap();
    fs::rename(new, file).unwrap();
}
