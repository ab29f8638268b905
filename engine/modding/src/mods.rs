//! The table of all mods: what the tick works through.
//!
//! It is taken out of the world while mods run, so that the world can be lent to them whole. It knows no
//! file but by name.

use std::path::{Path, PathBuf};

use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use tinkerbox_wasm::Linker;

use crate::fault::FaultRecord;
use crate::guest::Guest;
use crate::order::{self, Cycle, Node};
use crate::package::Build;
use crate::state::{Kept, ModState};

/// All mods.
#[derive(Resource)]
pub(crate) struct Mods {
    pub linker: Linker<ModState>,
    pub seed: u64,
    /// In the order in which their folders were found.
    pub mods: Vec<Mod>,
    /// (mod, system) in the order in which they run.
    pub order: Vec<(usize, usize)>,
}

/// A mod's folder, and what runs of it.
pub(crate) struct Mod {
    pub entity: Entity,
    pub folder: PathBuf,
    /// The manifest's id, or the folder's name as long as there is none.
    pub id: String,
    /// `None` where nothing of it can run.
    pub code: Option<Code>,
    /// What is to run instead, as soon as it may.
    pub next: Option<Next>,
}

/// A build that waits for its turn.
pub(crate) struct Next {
    pub build: Box<Build>,
    /// It may ask for more than the running one.
    pub is_allowed: bool,
}

/// The code of a mod that is running, and how it is doing.
pub(crate) struct Code {
    pub build: Box<Build>,
    pub generation: u32,
    pub condition: Condition,
    /// There unless it rests or is in quarantine.
    pub guest: Option<Guest>,
    /// What the next guest begins with while there is none.
    pub kept: Kept,
    /// The last state that was saved.
    pub saved: Option<Vec<u8>>,
    pub faults: FaultRecord,
    /// Fuel to be used.
    pub bucket: u64,
    /// Fuel used in this frame.
    pub fuel_used: u64,
    /// A system has faulted in this frame.
    pub has_faulted: bool,
}

/// Whether a mod's code is ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Live,
    /// For so many frames already.
    Suspended(u32),
    RestsUntil(u64),
    Quarantined,
}

impl Mods {
    pub fn new(linker: Linker<ModState>, seed: u64) -> Self {
        Self { linker, seed, mods: Vec::new(), order: Vec::new() }
    }

    pub fn find(&self, folder: &Path) -> Option<usize> {
        self.mods.iter().position(|it| it.folder.as_os_str() == folder.as_os_str())
    }

    /// Another mod that runs under this id.
    pub fn namesake(&self, id: &str, folder: &Path) -> Option<&Mod> {
        self.mods.iter().find(|it| it.code.is_some() && it.id == id && it.folder != folder)
    }

    /// Takes a mod out, and orders the systems of the others anew.
    pub fn remove(&mut self, at: usize) -> Mod {
        let removed = self.mods.remove(at);
        self.order = self.order_with(None).expect("what is left was in order before");
        removed
    }

    /// The order that there is with `candidate` in place of the mod's running code, or as one mod more at the end.
    ///
    /// # Errors
    /// Systems wait for each other.
    pub fn order_with(&self, candidate: Option<(&Path, &Build)>) -> Result<Vec<(usize, usize)>, Cycle> {
        let new_folder = candidate.filter(|(folder, _)| self.find(folder).is_none());
        let mut builds: Vec<(usize, &Build)> = Vec::new();
        for (at, it) in self.mods.iter().enumerate() {
            match (candidate, &it.code) {
                (Some((folder, build)), _) if folder == it.folder => builds.push((at, build)),
                (_, Some(code)) => builds.push((at, &code.build)),
                (_, None) => {}
            }
        }
        builds.extend(new_folder.map(|(_, build)| (self.mods.len(), build)));
        builds.sort_by(|(_, a), (_, b)| a.about.id.cmp(&b.about.id));
        let mut places = Vec::new();
        let mut nodes = Vec::new();
        for (at, build) in builds {
            for (number, system) in build.systems.iter().enumerate() {
                places.push((at, number));
                let (after, before) = (&system.after[..], &system.before[..]);
                nodes.push(Node { mod_id: &build.about.id, system: &system.name, after, before });
            }
        }
        Ok(order::order(&nodes)?.into_iter().map(|node| places[node]).collect())
    }
}
