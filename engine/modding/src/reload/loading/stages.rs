//! How far the mods of the start are: what waits for the next step of loading.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use bevy_ecs::entity::Entity;

use crate::guest::diagnosis::Fault;
use crate::guest::instance::Guest;
use crate::package::Build;
use crate::package::build::BuildOutcome;

/// How far the mods of the start are.
#[derive(Default)]
pub(crate) enum Loading {
    /// The game has not come to `Startup`.
    #[default]
    NotBegun,
    /// They are built; these are done, by their folders.
    Building(BTreeMap<PathBuf, BuildOutcome>),
    Accepting(VecDeque<BuildOutcome>),
    /// It is decided which of them run.
    Deciding,
    /// Guests are started.
    Starting {
        waiting: VecDeque<Wanted>,
        started: VecDeque<Started>,
    },
    /// Guests that have started, or failed to, become mods that run.
    Entering(VecDeque<Started>),
    /// All that can run is in the table, and its systems are ordered.
    Ordering,
    /// The first tick has a frame of its own.
    Ending,
    Done,
}

/// A build that is to run.
pub(crate) struct Wanted {
    pub folder: PathBuf,
    pub build: Box<Build>,
}

/// A build of which a guest has started, or failed to.
pub(crate) struct Started {
    pub wanted: Wanted,
    /// The mod's entity, which may be gone when the guest enters.
    pub entity: Entity,
    pub guest: Result<Guest, Fault>,
}

impl Loading {
    pub fn is_done(&self) -> bool {
        matches!(self, Loading::Done)
    }

    /// Whether the mods are still accepted, so that it is not decided yet which of them run.
    pub fn is_accepting(&self) -> bool {
        matches!(self, Loading::Accepting(_))
    }
}
