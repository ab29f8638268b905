//! Builds mods whenever their sources change, until it is stopped.
//!
//! ```text
//! watch (notify) ─> source_paths, own_writes ─> plan ─> build, on a thread of its own ─> channel, install ─> the running game
//!                                     \─> cancel: newer edits have overtaken the build
//! ```
//!
//! `plan`, `source_paths` and `own_writes` decide and are pure; this file does what they say.

mod own_writes;
mod plan;
mod source_paths;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use anyhow::Context;

use crate::build::console::{Console, Tone};
use crate::build::process::{Cancel, Run};
use crate::build::sources::How;
use crate::build::{BuildRequest, Prepared};
use crate::project::CommandLine;
use crate::report::Report;
use own_writes::{Change, OwnWrites};
use plan::{Plan, Step, Work};
use source_paths::SourcePaths;
use watch::{Noticed, Watch};

/// What to build again and again, and which game to start.
#[derive(Clone, Debug, Default)]
pub struct DevRequest {
    /// The mods.
    pub build: BuildRequest,
    /// The mods were just built: the first build is after the first change.
    pub is_built: bool,
    /// The game to start once the mods were built for the first time. It is not ended.
    pub game: Option<Game>,
}

/// A game that can be started.
#[derive(Clone, Debug)]
pub struct Game {
    /// The command that starts it.
    pub command: CommandLine,
    /// The folder to start it in.
    pub folder: PathBuf,
}

/// Builds mods whenever their sources change, until it is dropped.
pub struct DevSession {
    events: Sender<Event>,
    thread: Option<JoinHandle<()>>,
}

enum Event {
    Noticed(Noticed),
    Built(Box<Built>),
    Stop,
}

/// A build that has ended. The mods are those of which it was, or which were found for it.
struct Built {
    prepared: Option<Arc<Prepared>>,
    /// `None` if it was cancelled.
    report: anyhow::Result<Option<Report>>,
}

/// Stops a session from elsewhere.
pub struct Stopper(Sender<Event>);

impl Stopper {
    /// Stops it. The session ends soon after.
    pub fn stop(&self) {
        // If it has ended, there is nothing to stop.
        let _ = self.0.send(Event::Stop);
    }
}

impl DevSession {
    /// Starts to watch and to build.
    ///
    /// # Errors
    /// If no mod is found, cargo can't read the workspace, or files can't be watched.
    pub fn start(request: DevRequest, console: Console) -> anyhow::Result<DevSession> {
        let (events, received) = channel();
        let noticing = events.clone();
        let mut watch = Watch::new(move |noticed| drop(noticing.send(Event::Noticed(noticed))))?;
        // Watched first, so that a change while the mods are found is noticed.
        let folder = crate::project::folder(Some(&request.build.folder))?;
        watch.add(&BTreeSet::from([folder.clone()]))?;
        let prepared = Arc::new(Prepared::new(&request.build, console)?);
        let mut session = Loop {
            plan: Plan::default(),
            paths: SourcePaths::default(),
            own_writes: OwnWrites::default(),
            prepared: Arc::clone(&prepared),
            folder,
            watch,
            events: events.clone(),
            cancel: Cancel::default(),
            builder: None,
            build_started: Instant::now(),
            game: request.game,
            request: request.build,
            console,
        };
        session.adopt(prepared)?;
        if !request.is_built {
            session.plan.demand(Work { mods: session.prepared.names(), is_anew: false });
        }
        let thread =
            thread::Builder::new().name("mod sources".to_owned()).spawn(move || session.run(&received));
        let thread = Some(thread.context("the system gives this program no more threads")?);
        Ok(DevSession { events, thread })
    }

    /// What stops this session.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.events.clone())
    }

    /// Waits until it is stopped.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // That it has panicked was printed.
            let _ = thread.join();
        }
    }
}

impl Drop for DevSession {
    fn drop(&mut self) {
        self.stopper().stop();
        self.join();
    }
}

/// What the session's thread knows.
struct Loop {
    request: BuildRequest,
    console: Console,
    folder: PathBuf,
    game: Option<Game>,
    plan: Plan,
    paths: SourcePaths,
    own_writes: OwnWrites,
    prepared: Arc<Prepared>,
    watch: Watch,
    events: Sender<Event>,
    cancel: Cancel,
    builder: Option<JoinHandle<()>>,
    build_started: Instant,
}

impl Loop {
    fn run(mut self, received: &Receiver<Event>) {
        let started = Instant::now();
        loop {
            let patience = match self.plan.step(started.elapsed()) {
                Step::Build(work) => {
                    self.own_writes.build_starts(started.elapsed());
                    self.build(work);
                    continue;
                }
                Step::Cancel => {
                    self.cancel.cancel();
                    continue;
                }
                Step::Wait(patience) => patience,
            };
            let event = match patience {
                None => received.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(patience) => received.recv_timeout(patience),
            };
            match event {
                Ok(Event::Noticed(noticed)) => self.notice(noticed, started),
                Ok(Event::Built(built)) => self.accept(*built),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.cancel.cancel();
        if let Some(builder) = self.builder.take() {
            let _ = builder.join();
        }
    }

    fn notice(&mut self, noticed: Noticed, started: Instant) {
        let everything = || Work { mods: BTreeSet::new(), is_anew: true };
        let changed = match noticed {
            Noticed::Lost => return self.plan.change(everything(), started.elapsed()),
            Noticed::Paths(paths) => self.watch.changed(paths),
        };
        match changed {
            Ok(files) => {
                for file in files {
                    if let Some(work) = self.paths.work(&file).filter(|_| self.is_of_author(&file)) {
                        self.plan.change(work, started.elapsed());
                    }
                }
            }
            Err(error) => self.console.say(Tone::Bad, "warning", &format!("{error:#}")),
        }
    }

    /// Whether a changed file is not one that builds write themselves.
    fn is_of_author(&mut self, file: &Path) -> bool {
        if self.builder.is_none() {
            return true;
        }
        let change = self.own_writes.change(file);
        if change == Change::FirstOwn {
            let text = format!(
                "{} changes during each build, so builds do not wait for it any more. Let the build write it into `target` or \
                 `build`, or only if it differs",
                file.display()
            );
            self.console.say(Tone::Bad, "warning", &text);
        }
        change == Change::OfSources
    }

    /// Starts to build on a thread of its own.
    fn build(&mut self, work: Work) {
        self.cancel = Cancel::default();
        self.build_started = Instant::now();
        let (cancel, console, request) = (self.cancel.clone(), self.console, self.request.clone());
        let (prepared, events) = (Arc::clone(&self.prepared), self.events.clone());
        let build = move || {
            let built = build(&prepared, &request, &work, Run { console, cancel: Some(&cancel) });
            // Nobody listens if the session has ended.
            let _ = events.send(Event::Built(Box::new(built)));
        };
        match thread::Builder::new().name("mod build".to_owned()).spawn(build) {
            Ok(builder) => self.builder = Some(builder),
            Err(error) => {
                self.plan.ended(false);
                self.console.say(Tone::Bad, "error", &format!("the build can't be started: {error}"));
            }
        }
    }

    fn accept(&mut self, built: Built) {
        if let Some(builder) = self.builder.take() {
            let _ = builder.join();
        }
        let was_cancelled = matches!(built.report, Ok(None));
        self.plan.ended(was_cancelled);
        if let Some(prepared) = built.prepared
            && let Err(error) = self.adopt(prepared)
        {
            self.console.say(Tone::Bad, "warning", &format!("{error:#}"));
        }
        match built.report {
            Ok(None) => return,
            Ok(Some(report)) => {
                report.print(self.console);
                let seconds = self.build_started.elapsed().as_secs_f32();
                self.console.say(Tone::Plain, "watching", &format!("for changes; this took {seconds:.1} s"));
            }
            Err(error) => {
                let why = format!("{error:#}");
                self.console.say(Tone::Bad, "error", &why);
                self.prepared.tell_failure(&why, self.console);
            }
        }
        self.start_game();
    }

    /// Watches the sources of these mods from now on.
    fn adopt(&mut self, prepared: Arc<Prepared>) -> anyhow::Result<()> {
        let folders = prepared.sources.iter().map(|source| (source.name.clone(), prepared.watched(source)));
        let outputs = prepared.sources.iter().filter_map(|source| match &source.how {
            How::Command { output, .. } => Some(output.clone()),
            _ => None,
        });
        let bindings = prepared.sources.iter().filter_map(|source| source.game.bindings.clone());
        let mut interfaces: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
        for source in &prepared.sources {
            if let Some(file) = source.game.interface.as_ref().and_then(|file| file.canonicalize().ok()) {
                interfaces.entry(file).or_default().insert(source.name.clone());
            }
        }
        self.watch.add_files(interfaces.keys().cloned().collect())?;
        let outputs = outputs.chain(bindings).collect();
        self.paths = SourcePaths { mods: folders.collect(), interfaces, outputs };
        self.prepared = prepared;
        let mut roots: BTreeSet<PathBuf> = self.paths.mods.values().flatten().cloned().collect();
        roots.insert(self.folder.clone());
        self.watch.add(&roots)
    }

    /// Starts the game, once. It is in a group of processes of its own, so that a key in the terminal does not end it, and
    /// reads no keys from there.
    fn start_game(&mut self) {
        let Some(Game { command, folder }) = self.game.take() else { return };
        let mut process = command.command(&folder);
        match process.stdin(Stdio::null()).process_group(0).spawn() {
            Ok(_) => self.console.say(Tone::Good, "started", command.program()),
            Err(error) => {
                let text = format!(
                    "the game `{}` can't be started: {error}. Correct the command",
                    command.program()
                );
                self.console.say(Tone::Bad, "error", &text);
            }
        }
    }
}

fn build(known: &Arc<Prepared>, request: &BuildRequest, work: &Work, run: Run) -> Built {
    let prepared = match work.is_anew {
        false => Arc::clone(known),
        true => match Prepared::new(request, run.console) {
            Ok(mut prepared) => {
                prepared.keep_destinations(known);
                Arc::new(prepared)
            }
            Err(error) => return Built { prepared: None, report: Err(error) },
        },
    };
    let names = if work.is_anew { prepared.names() } else { work.mods.clone() };
    let report = prepared.build(&names, run);
    Built { prepared: work.is_anew.then_some(prepared), report }
}
