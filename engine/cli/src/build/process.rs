//! Runs a compiler, reads what it says line by line, and ends it with all that it has started if its result is no longer
//! wanted.

use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::console::Console;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// How long output is awaited after the program has ended: something that it has left running may hold the pipe open.
const LAST_LINES: Duration = Duration::from_millis(200);

/// Ends a build, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    is_cancelled: bool,
    /// The process group that runs; its leader is not reaped while this is `Some`, so that its number is no one else's.
    group: Option<Pid>,
}

impl Cancel {
    /// Ends what runs, and keeps anything else from being started.
    pub fn cancel(&self) {
        let mut state = self.state();
        state.is_cancelled = true;
        if let Some(group) = state.group {
            // If it has just ended by itself, there is nothing to do.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How compilers are run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Run<'c> {
    pub console: Console,
    /// Ends them; without it, what ends this program ends them.
    pub cancel: Option<&'c Cancel>,
}

/// Where a program has written a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Output,
    Error,
}

/// How a program has ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Done(ExitStatus),
    Cancelled,
}

enum News {
    Line(Stream, String),
    Ended,
}

/// Runs a program to its end, and calls `line` for each line that it writes. With `cancel`, it runs in a process group of
/// its own, which a key in the terminal does not end.
///
/// # Errors
/// If it can't be started.
pub(crate) fn run(
    command: &mut Command,
    cancel: Option<&Cancel>,
    line: &mut dyn FnMut(Stream, &str),
) -> io::Result<Ended> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match cancel {
        None => command.spawn()?,
        Some(cancel) => {
            let mut state = cancel.state();
            if state.is_cancelled {
                return Ok(Ended::Cancelled);
            }
            let child = command.process_group(0).spawn()?;
            state.group = Some(pid(&child));
            child
        }
    };
    read(&mut child, line);
    let mut state = cancel.map(Cancel::state);
    if let Some(state) = &mut state {
        state.group = None;
    }
    let status = child.wait()?;
    Ok(match state {
        Some(state) if state.is_cancelled => Ended::Cancelled,
        _ => Ended::Done(status),
    })
}

/// Passes its lines on until it has ended. It is not reaped.
fn read(child: &mut Child, line: &mut dyn FnMut(Stream, &str)) {
    let (sender, news) = channel();
    let output = child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
    let error = child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
    for (stream, pipe) in [(Stream::Output, output), (Stream::Error, error)] {
        let sender = sender.clone();
        thread::spawn(move || pipe.map(|pipe| send_lines(pipe, stream, &sender)));
    }
    let pid = pid(child);
    thread::spawn(move || {
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        // Nobody listens if all lines were read to their end.
        let _ = sender.send(News::Ended);
    });
    let mut has_ended = false;
    loop {
        let next = match has_ended {
            false => news.recv().map_err(|_| RecvTimeoutError::Disconnected),
            true => news.recv_timeout(LAST_LINES),
        };
        match next {
            Ok(News::Line(stream, text)) => line(stream, &text),
            Ok(News::Ended) => has_ended = true,
            Err(_) => return,
        }
    }
}

fn send_lines(pipe: Box<dyn Read + Send>, stream: Stream, sender: &Sender<News>) {
    let mut pipe = BufReader::new(pipe);
    let mut bytes = Vec::new();
    while pipe.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&bytes);
        if sender.send(News::Line(stream, text.trim_end_matches(['\n', '\r']).to_owned())).is_err() {
            return;
        }
        bytes.clear();
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed()).expect("a process has a number above 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_of_both_streams_are_read() {
        let mut lines = Vec::new();
        let ended =
            run(&mut sh("echo one; echo two >&2; printf three; exit 3"), None, &mut |stream, text| {
                lines.push((stream, text.to_owned()));
            });
        assert!(matches!(ended, Ok(Ended::Done(status)) if status.code() == Some(3)));
        let of =
            |wanted| lines.iter().filter(move |(stream, _)| *stream == wanted).map(|(_, text)| text.as_str());
        assert_eq!(of(Stream::Output).collect::<Vec<_>>(), ["one", "three"]);
        assert_eq!(of(Stream::Error).collect::<Vec<_>>(), ["two"]);
    }

    #[test]
    fn cancelling_ends_what_the_program_has_started() {
        let cancel = Cancel::default();
        let mut started = 0;
        // The second `sh` would hold the pipe open for as long as it runs.
        let ended = run(&mut sh("sh -c 'echo in; sleep 1000' & wait"), Some(&cancel), &mut |_, _| {
            started += 1;
            cancel.cancel();
        });
        assert!(matches!(ended, Ok(Ended::Cancelled)) && started == 1, "{ended:?}");
        assert!(matches!(run(&mut sh("exit 0"), Some(&cancel), &mut |_, _| panic!()), Ok(Ended::Cancelled)));
    }

    #[test]
    fn a_program_that_left_something_running_has_ended() {
        let mut left = String::new();
        let ended = run(&mut sh("sleep 1000 & echo $!"), None, &mut |_, pid| pid.clone_into(&mut left));
        assert!(matches!(ended, Ok(Ended::Done(status)) if status.success()));
        assert!(sh(&format!("kill {left}")).status().unwrap().success());
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let error = run(&mut Command::new("no-such-compiler"), Some(&Cancel::default()), &mut |_, _| {});
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
