//! The table of all mods, in the order in which their folders were found.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};
use std::path::{Path, PathBuf};

use bevy_ecs::change_detection::Tick;
use bevy_ecs::entity::Entity;

use super::entry::ModEntry;
use super::run_order::RunOrder;
use crate::package::Build;
use crate::schedule::index::ModIndex;
use crate::schedule::order::Cycle;

/// All mods.
#[derive(Default)]
pub(crate) struct Table {
    pub mods: Entries,
    by_folder: BTreeMap<PathBuf, ModIndex>,
    /// The order in which the systems of all mods run.
    pub order: RunOrder,
}

/// Entries by their [`ModIndex`].
#[derive(Default)]
pub(crate) struct Entries(Vec<ModEntry>);

impl Index<ModIndex> for Entries {
    type Output = ModEntry;

    #[inline]
    fn index(&self, index: ModIndex) -> &ModEntry {
        &self.0[index.get()]
    }
}

impl IndexMut<ModIndex> for Entries {
    #[inline]
    fn index_mut(&mut self, index: ModIndex) -> &mut ModEntry {
        &mut self.0[index.get()]
    }
}

impl Entries {
    pub fn indices(&self) -> impl DoubleEndedIterator<Item = ModIndex> + use<> {
        (0..self.0.len()).map(ModIndex::new)
    }

    pub fn iter(&self) -> impl Iterator<Item = (ModIndex, &ModEntry)> {
        self.0.iter().enumerate().map(|(index, entry)| (ModIndex::new(index), entry))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (ModIndex, &mut ModEntry)> {
        self.0.iter_mut().enumerate().map(|(index, entry)| (ModIndex::new(index), entry))
    }

    /// The entry at `index`, if it is still that of this entity.
    #[inline]
    pub fn get_for_entity(&mut self, index: ModIndex, entity: Entity) -> Option<&mut ModEntry> {
        self.0.get_mut(index.get()).filter(|entry| entry.entity == entity)
    }
}

impl Table {
    /// The mod of a folder.
    pub fn find(&self, folder: &Path) -> Option<ModIndex> {
        self.by_folder.get(folder).copied()
    }

    /// The mod of a folder, which most probably is at this index.
    pub fn find_near(&self, index: ModIndex, folder: &Path) -> Option<ModIndex> {
        let is_there = self.mods.0.get(index.get()).is_some_and(|entry| entry.folder.path == folder);
        if is_there { Some(index) } else { self.find(folder) }
    }

    pub fn find_entity(&self, entity: Entity) -> Option<ModIndex> {
        self.mods.0.iter().position(|entry| entry.entity == entity).map(ModIndex::new)
    }

    /// All mods, sorted by their folders.
    pub fn by_folder(&self) -> impl Iterator<Item = (ModIndex, &ModEntry)> {
        self.by_folder.values().map(|&index| (index, &self.mods[index]))
    }

    /// The index of the folder that is added next.
    pub fn next_index(&self) -> ModIndex {
        ModIndex::new(self.mods.0.len())
    }

    /// Adds a folder of which nothing runs yet.
    pub fn add(&mut self, entity: Entity, folder: &Path, id: String) -> ModIndex {
        let index = self.next_index();
        self.by_folder.insert(folder.to_owned(), index);
        self.mods.0.push(ModEntry::new(entity, folder.to_owned(), id));
        index
    }

    /// Removes a mod. The systems of the others have to be ordered again before they run.
    pub fn remove(&mut self, index: ModIndex) -> ModEntry {
        let removed = self.mods.0.remove(index.get());
        self.by_folder.retain(|_, other| *other != index);
        self.by_folder.values_mut().for_each(|other| *other = other.after_removal_of(index));
        // It has places of mods that are others now.
        self.order = RunOrder::default();
        removed
    }

    /// The order of the systems of all mods that run.
    ///
    /// # Errors
    /// Systems wait for each other.
    pub fn order_of_running(&self) -> Result<RunOrder, Cycle> {
        self.order_with(&BTreeMap::new())
    }

    /// The same with other builds in place of what runs of these mods, or in addition.
    ///
    /// # Errors
    /// As [`Table::order_of_running`].
    pub fn order_with(&self, others: &BTreeMap<ModIndex, &Build>) -> Result<RunOrder, Cycle> {
        let running =
            self.mods.iter().filter_map(|(index, entry)| Some((index, &*entry.code.as_ref()?.build)));
        let mut builds: BTreeMap<ModIndex, &Build> = running.collect();
        builds.extend(others);
        RunOrder::of(builds.into_iter().collect())
    }

    /// The mod of this folder has other code now, or none: staged builds that have waited for it may take over.
    pub fn release(&mut self, folder: &Path) {
        for staged in self.mods.0.iter_mut().filter_map(|entry| entry.folder.staged.as_mut()) {
            staged.waits_for.take_if(|waits_for| waits_for == folder);
        }
    }

    /// Clamps the change ticks that guests keep.
    pub fn check_ticks(&mut self, now: Tick) {
        for guest in self.mods.0.iter_mut().filter_map(|entry| entry.guest.as_mut()) {
            guest.state().check_ticks(now);
        }
    }
}
