//! A mod in the table: its budget, its condition, its guest and its code.

use std::path::PathBuf;

use bevy_ecs::entity::Entity;

use crate::guest::instance::Guest;
use crate::guest::state::{Carried, KnownRows};
use crate::package::Build;
use crate::schedule::faults::FaultRecord;
use crate::schedule::index::SystemIndex;
use crate::schedule::overruns::OverrunReports;

/// A mod's folder, and what runs of it. What every frame needs stands here, in two lines of the processor's cache; the rest
/// is behind pointers.
#[repr(align(64))]
pub(crate) struct ModEntry {
    pub entity: Entity,
    /// Units of fuel that are granted each frame, and how many can be saved up.
    pub grant: u64,
    pub burst: u64,
    /// Fuel that can be used.
    pub bucket: u64,
    /// Fuel that host functions have used beyond what the mod had.
    pub debt: u64,
    /// Fuel used in this frame, and in the one before.
    pub fuel_used: u64,
    pub fuel_before: u64,
    pub condition: Condition,
    /// It has faulted since the last tick was over.
    pub has_faulted: bool,
    /// It has not finished a tick since its last fault.
    pub is_recovering: bool,
    /// The game has disabled it.
    pub is_disabled: bool,
    /// The grant of this frame does not cover its debt: none of its systems is started.
    pub is_in_debt: bool,
    /// The number of the code that runs: one more with each reload.
    pub generation: u32,
    /// Frames in which it was ticked.
    pub ticks: u64,
    /// `None` while it rests or is in quarantine.
    pub guest: Option<Guest>,
    /// `None` if nothing of it can run.
    pub code: Option<Box<Code>>,
    pub folder: Box<ModFolder>,
}

const _: () = assert!(size_of::<ModEntry>() == 128);

/// A mod's folder, and the builds of its files that do not run yet. A frame does not need it.
pub(crate) struct ModFolder {
    pub path: PathBuf,
    /// The manifest's id, or the folder's name as long as no manifest could be read.
    pub id: String,
    /// The build that replaces the running code as soon as it may.
    pub staged: Option<StagedBuild>,
    /// The newest build, if other mods have a say in whether it runs.
    pub held: Option<Box<Build>>,
    /// The newest files were refused, or could not be started: what runs is an older version.
    pub is_behind: bool,
    /// Why other mods keep it from running, as last reported.
    pub held_report: Option<String>,
    /// The frame in which a failure of the game's code was last reported.
    pub failure_reported_in: Option<u64>,
}

impl ModFolder {
    /// The newest build that does not run.
    pub fn newest(&self) -> Option<&Build> {
        self.held.as_deref().or(self.staged.as_ref().map(|staged| &*staged.build))
    }
}

/// A build that waits to replace the running code.
pub(crate) struct StagedBuild {
    pub build: Box<Build>,
    /// What the game has to do before it may run; `None` if it may.
    pub waiting: Option<Waiting>,
    /// The folder of a mod whose new code it needs, and which can't take over; its own if the old code is in the middle of a
    /// system and is not ticked.
    pub waits_for: Option<PathBuf>,
}

impl StagedBuild {
    /// Whether it asks for no more than was granted, or the game has allowed it.
    pub fn is_allowed(&self) -> bool {
        self.waiting.is_none()
    }

    /// Whether it may take over, as far as it is known before it starts.
    pub fn is_free(&self) -> bool {
        self.is_allowed() && self.waits_for.is_none()
    }
}

/// Why a build does not run that has no faults of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// The player has not seen this content.
    Consent,
    /// It asks for more than was granted, in words.
    More(Vec<String>),
    /// The player has seen it and refused.
    Refused,
    /// The player has turned the mod off, or not on yet.
    Off,
}

impl Waiting {
    /// Whether it is a question that was not answered yet.
    pub fn is_open(&self) -> bool {
        matches!(self, Waiting::Consent | Waiting::More(_))
    }
}

/// The code of a mod that is running, and its history.
pub(crate) struct Code {
    pub build: Box<Build>,
    /// What the next guest continues with; `Some` while there is no guest.
    pub carried: Option<Carried>,
    /// What the queries of the last guest knew of the world; filled while there is no guest.
    pub rows: KnownRows,
    /// The last state that was saved.
    pub saved: Option<Vec<u8>>,
    pub faults: FaultRecord,
    pub overruns: OverrunReports,
}

/// Whether a mod's code is ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Live,
    /// For this many frames so far.
    Suspended(u32),
    /// Until the simulation's time has gained this many ticks.
    RestsUntil(u64),
    Quarantined,
}

impl ModEntry {
    /// A folder of which nothing runs yet.
    pub fn new(entity: Entity, path: PathBuf, id: String) -> ModEntry {
        let folder = ModFolder {
            path,
            id,
            staged: None,
            held: None,
            is_behind: false,
            held_report: None,
            failure_reported_in: None,
        };
        ModEntry {
            entity,
            grant: 0,
            burst: 0,
            bucket: 0,
            debt: 0,
            fuel_used: 0,
            fuel_before: 0,
            condition: Condition::Live,
            has_faulted: false,
            is_recovering: false,
            is_disabled: false,
            is_in_debt: false,
            generation: 0,
            ticks: 0,
            guest: None,
            code: None,
            folder: Box::new(folder),
        }
    }

    /// Takes fuel for work that the host has done; what the mod does not have becomes a debt.
    #[inline]
    pub fn charge(&mut self, fuel: u64) {
        self.fuel_used = self.fuel_used.saturating_add(fuel);
        self.debt = self.debt.saturating_add(fuel);
        self.pay_debt();
    }

    /// Pays the debt, as far as there is fuel.
    #[inline]
    pub fn pay_debt(&mut self) {
        let paid = self.bucket.min(self.debt);
        (self.bucket, self.debt) = (self.bucket - paid, self.debt - paid);
    }

    /// Whether it is in the middle of a system, which finishes or faults within 60 frames in which the mod is ticked. Until
    /// then its memory can't be saved.
    pub fn is_suspended(&self) -> bool {
        matches!(self.condition, Condition::Suspended(_))
    }

    /// Whether a build is staged that may take over now.
    pub fn can_hand_over(&self) -> bool {
        self.code.is_some()
            && !self.is_suspended()
            && self.folder.staged.as_ref().is_some_and(StagedBuild::is_free)
    }

    /// Whether its systems have a turn. A suspended system is resumed in spite of debts, so that its frames are counted.
    #[inline]
    pub fn has_turn(&self) -> bool {
        !self.is_disabled && (!self.is_in_debt || self.is_suspended())
    }

    /// A system of the running code, for messages.
    pub fn system_name(&self, system: SystemIndex) -> String {
        let name = self.code.as_ref().map_or("", |code| &code.build.systems[system.get()].name);
        format!("system `{name}`")
    }
}
