//! Builds mods while the game runs, on Bevy's threads for work that takes longer than a frame.
//!
//! ```text
//! game's thread   start ─> queue ─> the first request                  finished ─> batches, in the order of requests
//! tasks                              └─> list ─> build │ build │ ... ─> batch
//! ```
//!
//! One request is answered at a time, so that a folder is never built twice at once, and batches come in the order in which
//! changes were noticed; the mods of a request are built side by side. A thread that waits for builds helps with them. What
//! a request means is in `answer.rs`.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use bevy_tasks::{AsyncComputeTaskPool, TaskPoolBuilder};

use super::answer::{self, Batch, BuildRequest, Job, KnownContents};
use crate::limits::BUILD_THREADS_MAX;
use crate::package::build::BuildOutcome;
use crate::text::{cut, harmless_name};

/// Builds mods, request by request.
#[derive(Default)]
pub(crate) struct Builder {
    waiting: VecDeque<BuildRequest>,
    /// The request that is being answered, and folders whose outcomes nobody wants any more.
    running: Option<(Arc<Work>, BTreeSet<PathBuf>)>,
    finished: Vec<Batch>,
    known: Arc<Mutex<KnownContents>>,
}

/// How far a request is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Mods that are built, of all of the request. Both are 0 as long as it is not known which these are.
    pub done: usize,
    pub of: usize,
    /// The name of the folder that is being built.
    pub current: Option<String>,
}

/// A request that is being answered, shared by all threads that work on it.
struct Work {
    known: Arc<Mutex<KnownContents>>,
    state: Mutex<WorkState>,
    is_done: Condvar,
}

#[derive(Default)]
struct WorkState {
    /// `Some` until a thread begins with it.
    request: Option<BuildRequest>,
    /// With their numbers.
    jobs: VecDeque<(usize, Job)>,
    outcomes: Vec<(usize, BuildOutcome)>,
    /// Jobs that are not finished, and the listing of the folders if that is not.
    open: usize,
    of: usize,
    current: Option<String>,
    batch: Batch,
}

/// What a thread can do next.
enum Step {
    List(BuildRequest),
    Build(usize, Job),
    /// The others do the rest.
    Nothing,
}

impl Builder {
    /// Starts to build what has changed, after what was started before.
    pub fn start(&mut self, request: BuildRequest) {
        self.waiting.push_back(request);
        self.go_on();
    }

    /// Waits for all started builds, and helps with them.
    pub fn finish(&mut self) {
        while let Some((work, _)) = &self.running {
            while step(work) {}
            work.wait();
            self.receive();
        }
    }

    /// What was built since the last call. Never waits.
    pub fn finished(&mut self) -> Vec<Batch> {
        self.receive();
        std::mem::take(&mut self.finished)
    }

    /// Whether nothing is being built, waits for that, or is finished and not taken yet.
    pub fn is_idle(&self) -> bool {
        self.running.is_none() && self.finished.is_empty()
    }

    /// The game does not want this mod any more: what was started for its folder does not bring it back.
    pub fn forget(&mut self, folder: &Path) {
        let ignored = self.running.iter_mut().map(|(_, ignored)| ignored);
        let waiting = self.waiting.iter_mut().map(|request| &mut request.ignored);
        ignored.chain(waiting).for_each(|ignored| ignored.extend([folder.to_owned()]));
    }

    /// How far the request is that is being answered.
    pub fn progress(&self) -> Progress {
        self.running.as_ref().map_or_else(Progress::default, |(work, _)| work.progress())
    }

    /// Takes the batch that is finished, if one is, and begins with the next request.
    fn receive(&mut self) {
        let Some((work, ignored)) = self.running.take_if(|(work, _)| work.state().open == 0) else { return };
        let mut state = work.state();
        let (mut batch, mut outcomes) =
            (std::mem::take(&mut state.batch), std::mem::take(&mut state.outcomes));
        drop(state);
        // They were built side by side.
        outcomes.sort_unstable_by_key(|&(number, _)| number);
        let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome);
        batch.outcomes = outcomes.filter(|outcome| !ignored.contains(&outcome.folder)).collect();
        self.finished.push(batch);
        self.go_on();
    }

    fn go_on(&mut self) {
        if self.running.is_some() {
            return;
        }
        let Some(mut request) = self.waiting.pop_front() else { return };
        let ignored = std::mem::take(&mut request.ignored);
        let state = WorkState { request: Some(request), open: 1, ..WorkState::default() };
        let (known, is_done) = (self.known.clone(), Condvar::new());
        let work = Arc::new(Work { known, state: Mutex::new(state), is_done });
        spawn_step(&work);
        self.running = Some((work, ignored));
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        if let Some((work, _)) = &self.running {
            // What has begun ends by itself.
            let mut state = work.state();
            (state.request, state.jobs) = (None, VecDeque::new());
        }
    }
}

/// Lets a thread of Bevy's do one step of the work. Other tasks of the game have their turns in between.
fn spawn_step(work: &Arc<Work>) {
    let work = work.clone();
    let pool = AsyncComputeTaskPool::get_or_init(|| {
        // As many as the game would have made: a quarter of the cores.
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let threads = (cores / 4).clamp(1, BUILD_THREADS_MAX);
        TaskPoolBuilder::new().num_threads(threads).thread_name("mod builder".to_owned()).build()
    });
    pool.spawn(async move { step(&work) }).detach();
}

/// Does one step of the work, if one is left. Returns whether there was one.
fn step(work: &Arc<Work>) -> bool {
    match work.next() {
        Step::Nothing => return false,
        Step::List(request) => {
            let jobs = work.list(request);
            (0..jobs).for_each(|_| spawn_step(work));
        }
        Step::Build(number, job) => work.close(Some((number, answer::build(job, &work.known)))),
    }
    true
}

impl Work {
    fn state(&self) -> MutexGuard<'_, WorkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Step {
        let mut state = self.state();
        if let Some(request) = state.request.take() {
            return Step::List(request);
        }
        let Some((number, job)) = state.jobs.pop_front() else { return Step::Nothing };
        let name = job.folder().file_name().unwrap_or_default();
        state.current = Some(harmless_name(&cut(&name.to_string_lossy())));
        Step::Build(number, job)
    }

    /// Lists what is to be built. Returns the number of mods.
    fn list(&self, request: BuildRequest) -> usize {
        let (batch, jobs) = answer::list(request, &self.known);
        let mut state = self.state();
        (state.of, state.open) = (jobs.len(), state.open + jobs.len());
        (state.batch, state.jobs) = (batch, jobs.into_iter().enumerate().collect());
        let of = state.of;
        drop(state);
        self.close(None);
        of
    }

    fn close(&self, outcome: Option<(usize, BuildOutcome)>) {
        let mut state = self.state();
        state.outcomes.extend(outcome);
        state.open -= 1;
        if state.open == 0 {
            self.is_done.notify_all();
        }
    }

    /// Waits until no job is open.
    fn wait(&self) {
        let is_open = |state: &mut WorkState| state.open > 0;
        drop(self.is_done.wait_while(self.state(), is_open).unwrap_or_else(PoisonError::into_inner));
    }

    fn progress(&self) -> Progress {
        let state = self.state();
        let done = state.outcomes.len();
        Progress { done, of: state.of, current: state.current.clone() }
    }
}
