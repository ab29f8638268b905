//! What the host keeps for a mod while its code runs: the `T` of its store.
//!
//! Host functions work on it, the tick fills it before a system and empties it after. It holds nothing of
//! the world.

use std::sync::Arc;

use bevy_ecs::world::World;
use rand_pcg::Pcg64;
use tinkerbox_abi::{LOG_BYTES_MAX, LOGS_PER_TICK_MAX, LogLevel};
use tinkerbox_columns::Journal;
use tinkerbox_wasm::{StoreLimits, StoreLimitsBuilder};

use crate::commands::{COMMANDS_MAX, Population, Queue};
use crate::package::Build;
use crate::package::access::Rights;
use crate::text::harmless;
use crate::time::ModTime;
use crate::view::{Cursor, Query};

/// Elements of each of a mod's tables.
const TABLE_ELEMENTS_MAX: usize = 100_000;

/// What the host keeps for a mod while its code runs.
pub(crate) struct ModState {
    pub limits: StoreLimits,
    pub rights: Arc<Rights>,
    /// The queries of each system.
    pub queries: Vec<Vec<Query>>,
    /// There while a system runs or is suspended.
    pub run: Option<SystemRun>,
    /// As it was when the system started: it sees one moment, however long it takes.
    pub time: ModTime,
    pub kept: Kept,
    /// Fuel that host functions have used beyond what was there.
    pub debt: u64,
    pub logs: Logs,
    /// Commands that systems may still queue in this tick.
    commands_left: usize,
    /// The journal of the next run: one that is empty, with its memory.
    pub journal: Journal,
}

/// What outlives an instance: the next one of the mod goes on with it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub random: Pcg64,
    pub population: Population,
}

/// One run of a system, which may take several frames.
pub(crate) struct SystemRun {
    pub system: usize,
    pub cursors: Vec<Cursor>,
    pub journal: Journal,
    pub commands: Queue,
}

/// What a mod has said since it was asked last.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    lines: Vec<(LogLevel, String)>,
    count: u32,
}

impl Logs {
    pub fn push(&mut self, level: LogLevel, text: &[u8]) {
        if self.count < LOGS_PER_TICK_MAX {
            let text = harmless(&String::from_utf8_lossy(&text[..text.len().min(LOG_BYTES_MAX)]));
            self.lines.push((level, text));
        }
        self.count = self.count.saturating_add(1);
    }

    /// What was said since the last time.
    pub fn take(&mut self) -> Vec<(LogLevel, String)> {
        std::mem::take(&mut self.lines)
    }

    fn next_tick(&mut self) -> u32 {
        std::mem::take(&mut self.count).saturating_sub(LOGS_PER_TICK_MAX)
    }
}

impl ModState {
    pub fn new(world: &World, build: &Build, kept: Kept, time: ModTime) -> Self {
        let queries = build.systems.iter().map(|system| {
            let plans = system.queries.iter();
            plans.map(|plan| Query::new(world, plan)).collect()
        });
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(build.budget.memory_bytes).unwrap_or(usize::MAX))
            .table_elements(TABLE_ELEMENTS_MAX)
            .instances(1)
            .memories(1)
            .tables(8)
            .build();
        Self {
            limits,
            rights: Arc::new(build.rights.clone()),
            queries: queries.collect(),
            run: None,
            time,
            kept,
            debt: 0,
            logs: Logs::default(),
            commands_left: COMMANDS_MAX,
            journal: Journal::default(),
        }
    }

    /// Begins a run: from now on the system's rows are fixed.
    pub fn start(&mut self, world: &World, system: usize, time: ModTime) {
        let cursors = self.queries[system].iter_mut().map(|query| query.start(world)).collect();
        let (journal, commands) = (std::mem::take(&mut self.journal), Queue::new(self.commands_left));
        self.time = time;
        self.run = Some(SystemRun { system, cursors, journal, commands });
    }

    /// Makes a suspended run ready for a world that goes on.
    pub fn pin(&mut self, world: &World) {
        let Some(run) = &mut self.run else { return };
        for (cursor, query) in run.cursors.iter_mut().zip(&self.queries[run.system]) {
            // There is no fuel left to pay with.
            self.debt += cursor.pin(world, query) as u64;
        }
        run.journal.pin(world);
    }

    /// Goes on with a suspended run in a world that has gone on.
    pub fn go_on(&mut self, world: &World) {
        let Some(run) = &self.run else { return };
        self.queries[run.system].iter_mut().for_each(|query| query.update(world));
    }

    /// Ends a run: takes back what is still lent, and gives out what is to be done to the world.
    pub fn finish(&mut self, world: &World, memory: &[u8]) -> Option<SystemRun> {
        let mut run = self.run.take()?;
        for (cursor, query) in run.cursors.iter_mut().zip(&self.queries[run.system]) {
            cursor.hand_back(world, query, memory, &mut run.journal);
        }
        self.commands_left = self.commands_left.saturating_sub(run.commands.len());
        Some(run)
    }

    /// Begins the next tick's counts; returns how many lines of the last tick's log were dropped.
    pub fn next_tick(&mut self) -> u32 {
        self.commands_left = COMMANDS_MAX;
        self.logs.next_tick()
    }
}
