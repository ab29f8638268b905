//! The table of all mods: what the tick works through.
//!
//! It is taken out of the world while mods run, so that the world can be lent to them whole. It knows no
//! file but by name.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use bevy_ecs::change_detection::{CHECK_TICK_THRESHOLD, Tick};
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use bevy_tasks::TaskPool;
use tinkerbox_wasm::Linker;

use crate::batches;
use crate::exposed::Exposed;
use crate::fault::FaultRecord;
use crate::game_code;
use crate::guest::{Common, Guest};
use crate::order::{self, Cycle, Node};
use crate::package::Build;
use crate::reload::{Allowances, Grants};
use crate::state::{Kept, KnownRows, ModState};
use crate::tick::events::Channels;
use crate::tick::show::Shown;
use crate::time::Age;
use crate::waits::Waits;

/// All mods.
#[derive(Resource)]
pub(crate) struct Table {
    /// There from when mods are loaded on.
    pub linker: Linker<ModState>,
    pub exposed: Exposed,
    pub seed: u64,
    /// The most fuel that all mods together are granted in a frame.
    pub frame_fuel: u64,
    /// Threads of our own for mods, where the game wants that.
    pub pool: Option<TaskPool>,
    /// In the order in which their folders were found.
    pub mods: Vec<Mod>,
    /// Some of them have new code that waits.
    pub has_waiting: bool,
    /// Mods have come, changed or gone, and which of them run has not been decided since.
    pub is_undecided: bool,
    pub grants: Grants,
    pub allowances: Option<Allowances>,
    /// Where the folders' mods are.
    by_folder: BTreeMap<PathBuf, usize>,
    pub order: Order,
    pub channels: Channels,
    pub shown: Shown,
    /// Counts frames.
    pub frame: u64,
    /// The ticks that the simulation's time has gained.
    pub age: Age,
    /// Mods were loaded.
    pub is_loaded: bool,
    /// The name of the schedule in which mods run, for messages.
    pub schedule: String,
    /// When the change ticks that are kept here were checked last.
    ticks_checked: Tick,
}

/// A mod's folder, and what runs of it. What every frame needs of it stands here, in two lines of the processor's
/// cache; the rest lies behind pointers.
#[repr(align(64))]
pub(crate) struct Mod {
    pub entity: Entity,
    /// Units granted each frame, and how many can be saved up.
    pub grant: u64,
    pub burst: u64,
    /// Fuel to be used.
    pub bucket: u64,
    /// Fuel that host functions have used beyond what was there.
    pub debt: u64,
    /// Fuel used in this frame, and in the one before.
    pub fuel_used: u64,
    pub fuel_before: u64,
    pub condition: Condition,
    /// A system has faulted in this frame.
    pub has_faulted: bool,
    /// It has not finished a tick since its last fault.
    pub is_recovering: bool,
    /// The game has turned it off.
    pub is_disabled: bool,
    /// What it is granted in this frame does not cover what it owes: none of its systems is started.
    pub is_in_debt: bool,
    /// Frames in which it was ticked.
    pub ticks: u64,
    /// There unless it rests or is in quarantine.
    pub guest: Option<Guest>,
    /// `None` where nothing of it can run.
    pub code: Option<Box<Code>>,
    pub about: Box<ModFolder>,
}

const _: () = assert!(size_of::<Mod>() == 128);

/// What a frame does not need of a mod.
pub(crate) struct ModFolder {
    pub folder: PathBuf,
    /// The manifest's id, or the folder's name as long as there is none.
    pub id: String,
    /// What is to run instead, as soon as it may.
    pub next: Option<Next>,
    /// What its files have become, where other mods have a say in whether it runs.
    pub held: Option<Box<Build>>,
    /// Why other mods keep it from running, as the game was told last.
    pub told: Option<String>,
    /// The frame in which a failure of the game's code was told last.
    pub told_in: Option<u64>,
}

/// A build that waits for its turn.
pub(crate) struct Next {
    pub build: Box<Build>,
    /// It may ask for more than the running one.
    pub is_allowed: bool,
}

/// The code of a mod that is running, and what it came through.
pub(crate) struct Code {
    pub build: Box<Build>,
    pub generation: u32,
    /// What the next guest begins with; there while there is no guest.
    pub kept: Option<Kept>,
    /// What the queries of the guest before have known; there while there is no guest.
    pub rows: KnownRows,
    /// The last state that was saved.
    pub saved: Option<Vec<u8>>,
    pub faults: FaultRecord,
    pub waits: Waits,
}

/// Whether a mod's code is ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Live,
    /// For so many frames already.
    Suspended(u32),
    /// Until the simulation's time has gained this many ticks.
    RestsUntil(u64),
    Quarantined,
}

/// Systems in the order in which they run, cut into batches.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// (mod, system)
    pub systems: Vec<(usize, usize)>,
    pub batches: Vec<Range<usize>>,
}

impl Mod {
    /// Takes fuel for what was done for it; what is not there is owed.
    #[inline]
    pub fn charge(&mut self, fuel: u64) {
        self.fuel_used = self.fuel_used.saturating_add(fuel);
        self.debt = self.debt.saturating_add(fuel);
        self.pay_debt();
    }

    /// Pays what it owes, as far as there is fuel.
    #[inline]
    pub fn pay_debt(&mut self) {
        let paid = self.bucket.min(self.debt);
        (self.bucket, self.debt) = (self.bucket - paid, self.debt - paid);
    }

    /// Whether its systems have a turn: one that is suspended goes on, so that it is known how long it takes.
    #[inline]
    pub fn has_turn(&self) -> bool {
        !self.is_disabled && (!self.is_in_debt || matches!(self.condition, Condition::Suspended(_)))
    }
}

/// Works on the table, out of the world, while what fails in commands and observers is noted. It comes back whatever happens.
///
/// # Panics
/// If `f` does.
pub(crate) fn with_table<R>(world: &mut World, f: impl FnOnce(&mut World, &mut Table) -> R) -> Option<R> {
    let Some(mut table) = world.remove_resource::<Table>() else {
        tracing::error!(
            "mods are not ticked: `tick_mods` runs within itself, or in a world without `ModdingPlugin`"
        );
        return None;
    };
    let noting = AssertUnwindSafe(|| game_code::noting(world, |world| f(world, &mut table)));
    let result = catch_unwind(noting);
    world.insert_resource(table);
    if let Some(first) = game_code::take_failures().first {
        tracing::error!("the game's own code failed while mods were ticked, for none of them: {first}");
    }
    Some(result.unwrap_or_else(|payload| resume_unwind(payload)))
}

impl Table {
    pub fn new(
        linker: Linker<ModState>,
        seed: u64,
        frame_fuel: u64,
        pool: Option<TaskPool>,
        schedule: String,
    ) -> Self {
        Self {
            linker,
            exposed: Exposed::default(),
            seed,
            frame_fuel,
            pool,
            mods: Vec::new(),
            has_waiting: false,
            is_undecided: false,
            grants: Grants::default(),
            allowances: None,
            by_folder: BTreeMap::new(),
            order: Order::default(),
            channels: Channels::default(),
            shown: Shown::default(),
            frame: 0,
            age: Age::default(),
            is_loaded: false,
            schedule,
            ticks_checked: Tick::new(0),
        }
    }

    pub fn common(&self) -> Common<'_> {
        Common { linker: &self.linker, exposed: &self.exposed }
    }

    /// Clamps the change ticks that are kept here and in guests, if that is due: at least as often as Bevy clamps those of
    /// components.
    pub fn check_ticks_if_due(&mut self, now: Tick) {
        if now.get().wrapping_sub(self.ticks_checked.get()) >= CHECK_TICK_THRESHOLD {
            self.check_ticks(now);
        }
    }

    /// Clamps the change ticks that are kept here and in guests.
    #[cold]
    pub fn check_ticks(&mut self, now: Tick) {
        self.ticks_checked = now;
        self.shown.check_ticks(now);
        for guest in self.mods.iter_mut().filter_map(|it| it.guest.as_mut()) {
            guest.state().check_ticks(now);
        }
    }

    pub fn find(&self, folder: &Path) -> Option<usize> {
        self.by_folder.get(folder).copied()
    }

    pub fn find_entity(&self, entity: Entity) -> Option<usize> {
        self.mods.iter().position(|it| it.entity == entity)
    }

    /// All mods, sorted by their folders.
    pub fn by_folder(&self) -> impl Iterator<Item = &Mod> {
        self.by_folder.values().map(|&at| &self.mods[at])
    }

    /// Adds a folder of which nothing runs yet.
    pub fn add(&mut self, entity: Entity, folder: &Path, id: String) -> usize {
        let about =
            ModFolder { folder: folder.to_owned(), id, next: None, held: None, told: None, told_in: None };
        let about = Box::new(about);
        self.by_folder.insert(folder.to_owned(), self.mods.len());
        self.mods.push(Mod {
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
            ticks: 0,
            guest: None,
            code: None,
            about,
        });
        self.mods.len() - 1
    }

    /// Takes a mod out, and orders the systems of the others anew.
    pub fn remove(&mut self, at: usize) -> Mod {
        let removed = self.mods.remove(at);
        let shift = |index: &mut usize| *index -= usize::from(*index > at);
        self.by_folder.retain(|_, index| *index != at);
        self.by_folder.values_mut().for_each(shift);
        self.shown.forget();
        self.is_undecided = true;
        self.order = self.order_with(None).expect("what is left was in order before");
        removed
    }

    /// The order that there is with `candidate` in place of the mod's running code, or as one mod more at the end.
    ///
    /// # Errors
    /// Systems wait for each other.
    pub fn order_with(&self, candidate: Option<(&Path, &Build)>) -> Result<Order, Cycle> {
        let new_folder = candidate.filter(|(folder, _)| self.find(folder).is_none());
        let mut builds: Vec<(usize, &Build)> = Vec::new();
        for (at, it) in self.mods.iter().enumerate() {
            match (candidate, &it.code) {
                (Some((folder, build)), _) if folder == it.about.folder => builds.push((at, build)),
                (_, Some(code)) => builds.push((at, &code.build)),
                (_, None) => {}
            }
        }
        builds.extend(new_folder.map(|(_, build)| (self.mods.len(), build)));
        self.order_of(builds)
    }

    /// The order in which the systems of these run, each with its mod's place in the table.
    ///
    /// # Errors
    /// Systems wait for each other.
    pub fn order_of(&self, mut builds: Vec<(usize, &Build)>) -> Result<Order, Cycle> {
        builds.sort_by(|(_, a), (_, b)| a.about.id.cmp(&b.about.id));
        let mut systems = self.phase(&builds, true)?;
        systems.extend(self.phase(&builds, false)?);
        Ok(Order { batches: cut(&builds, &systems), systems })
    }

    /// Handlers of events come first, then the other systems; in each phase in the order that they ask for.
    fn phase(&self, builds: &[(usize, &Build)], handlers: bool) -> Result<Vec<(usize, usize)>, Cycle> {
        let (mut places, mut nodes) = (Vec::new(), Vec::new());
        for (at, build) in builds {
            let systems = build.systems.iter().enumerate();
            for (number, system) in systems.filter(|(_, system)| system.handles.is_some() == handlers) {
                places.push((*at, number));
                let (after, before) = (&system.after[..], &system.before[..]);
                nodes.push(Node { mod_id: &build.about.id, system: &system.name, after, before });
            }
        }
        Ok(order::order(&nodes)?.into_iter().map(|node| places[node]).collect())
    }
}

fn cut(builds: &[(usize, &Build)], systems: &[(usize, usize)]) -> Vec<Range<usize>> {
    let builds: BTreeMap<usize, &Build> = builds.iter().copied().collect();
    let access = |&(of_mod, system): &(usize, usize)| batches::Entry {
        of_mod,
        access: &builds[&of_mod].systems[system].access,
    };
    batches::cut(&systems.iter().map(access).collect::<Vec<_>>())
}
