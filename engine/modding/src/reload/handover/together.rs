//! Which staged builds take over in the same frame, since their systems are ordered by each other.
//!
//! ```text
//!   the new A: after b:graze, which the new B has and the old one has not    A needs B, and B goes with A
//!   the new A: after b:eat, which the old A did not ask for                  B goes with A
//!   the new A and the old B wait for each other                              A goes with B
//! ```
//!
//! No frame has new code of one mod beside old code of another if the new code of both has an order between them that would
//! be missing. A mod's own wishes bind it further: if what it *needs* can't take over, it stays as it is. Wishes of others do
//! not bind it, so that a mod can't keep others from being reloaded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::mods::run_order::RunOrder;
use crate::mods::table::Table;
use crate::package::Build;
use crate::schedule::index::ModIndex;

/// For each mod with a staged build, other mods with one. Each set contains what its members lead to.
pub(super) struct Ties {
    /// Mods whose new code is named by what it asks for itself.
    needs: BTreeMap<ModIndex, BTreeSet<ModIndex>>,
    /// Mods that take over in the same frame, of those that may take over.
    together: BTreeMap<ModIndex, BTreeSet<ModIndex>>,
}

/// What becomes of a staged build in this frame.
pub(super) enum Turn {
    /// These take over together, and systems run in this order from then on.
    TakesOver(BTreeSet<ModIndex>, RunOrder),
    /// One of them is in the middle of a system.
    Waits,
    /// Its systems wait for those of other mods, and these for them.
    ClosesCycle,
}

/// A mod of which a build is staged.
#[derive(Clone, Copy)]
struct Change<'t> {
    old: &'t Build,
    new: &'t Build,
    is_free: bool,
}

impl Ties {
    pub fn of(table: &Table) -> Ties {
        let changes: BTreeMap<ModIndex, Change> =
            table.mods.indices().filter_map(|index| Some((index, change(table, index)?))).collect();
        let by_id: BTreeMap<&str, ModIndex> =
            changes.iter().map(|(index, change)| (&*change.new.about.id, *index)).collect();
        let (mut needs, mut together) = (Edges::new(), Edges::new());
        for (&index, change) in &changes {
            let before: BTreeSet<Wish> = wishes(change.old).collect();
            for wish in wishes(change.new) {
                let Some(&other) = by_id.get(wish.of_mod) else { continue };
                let named = changes[&other];
                if !has(named.new, wish.system) {
                    continue;
                }
                let are_free = change.is_free && named.is_free;
                if !has(named.old, wish.system) {
                    needs.entry(index).or_default().insert(other);
                    together.entry(index).or_default().extend(are_free.then_some(other));
                }
                if are_free && !before.contains(&wish) {
                    together.entry(other).or_default().insert(index);
                }
            }
        }
        let free = changes.iter().filter(|(_, change)| change.is_free).map(|(&index, _)| index);
        Ties {
            needs: changes.keys().map(|&index| (index, reachable(&needs, index))).collect(),
            together: free.map(|index| (index, reachable(&together, index))).collect(),
        }
    }

    /// All mods that may take over, each after those that go with it but do not need it in turn.
    pub fn in_turn(&self) -> Vec<ModIndex> {
        let mut turns: Vec<ModIndex> = self.together.keys().copied().collect();
        turns.sort_by_key(|index| self.together[index].len());
        turns
    }

    pub fn needs(&self, index: ModIndex, other: ModIndex) -> bool {
        self.needs.get(&index).is_some_and(|needs| needs.contains(&other))
    }

    /// Mods that may take over, but need one that may not: each with the folder of that one.
    pub fn blocked(&self, table: &Table) -> Vec<(ModIndex, PathBuf)> {
        let blocked = self.together.keys().filter_map(|&index| {
            let folders = self.needs[&index].iter().map(|&needed| &table.mods[needed].folder);
            let blocking = folders.filter_map(|folder| {
                let staged = folder.staged.as_ref()?;
                let waits_for = (!staged.is_allowed()).then_some(&folder.path).or(staged.waits_for.as_ref());
                waits_for.cloned()
            });
            Some((index, blocking.min()?))
        });
        blocked.collect()
    }

    /// What becomes of the staged build of a mod in this frame.
    pub fn turn(&self, table: &Table, index: ModIndex) -> Turn {
        let mut group = BTreeSet::new();
        let mut next = BTreeSet::from([index]);
        loop {
            // Some may have taken over before it was their turn.
            let others = next.iter().flat_map(|index| &self.together[index]);
            group.extend(others.filter(|&&index| change(table, index).is_some()));
            if !group.iter().all(|&index| table.mods[index].can_hand_over()) {
                return Turn::Waits;
            }
            let builds = group.iter().filter_map(|&index| Some((index, change(table, index)?.new))).collect();
            let cycle = match table.order_with(&builds) {
                Ok(order) => return Turn::TakesOver(group, order),
                Err(cycle) => cycle,
            };
            // The new code of others in the cycle breaks it.
            let in_cycle: BTreeSet<&str> = cycle.mods().collect();
            let is_in_it = |index: ModIndex| {
                change(table, index).is_some_and(|change| in_cycle.contains(&*change.new.about.id))
            };
            let others = self.together.keys().copied().filter(|index| !group.contains(index));
            next = others.filter(|&index| is_in_it(index)).collect();
            if next.is_empty() {
                return Turn::ClosesCycle;
            }
        }
    }
}

fn change(table: &Table, index: ModIndex) -> Option<Change<'_>> {
    let entry = &table.mods[index];
    let staged = entry.folder.staged.as_ref()?;
    let is_free = staged.is_free();
    Some(Change { old: &entry.code.as_ref()?.build, new: &staged.build, is_free })
}

/// A system of another mod that a system names in its order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wish<'b> {
    of: &'b str,
    is_after: bool,
    of_mod: &'b str,
    system: &'b str,
}

fn wishes(build: &Build) -> impl Iterator<Item = Wish<'_>> {
    build.systems.iter().flat_map(|of| {
        let after = of.after.iter().map(|name| (true, name));
        let before = of.before.iter().map(|name| (false, name));
        after.chain(before).filter_map(|(is_after, name)| {
            let (of_mod, system) = name.split_once(':')?;
            Some(Wish { of: &of.name, is_after, of_mod, system })
        })
    })
}

fn has(build: &Build, name: &str) -> bool {
    build.systems.iter().any(|system| system.name == name)
}

type Edges = BTreeMap<ModIndex, BTreeSet<ModIndex>>;

/// What can be reached from `start`, itself included.
fn reachable(edges: &Edges, start: ModIndex) -> BTreeSet<ModIndex> {
    let mut reached = BTreeSet::from([start]);
    let mut next = vec![start];
    while let Some(index) = next.pop() {
        let others = edges.get(&index).into_iter().flatten().copied();
        next.extend(others.filter(|&other| reached.insert(other)));
    }
    reached
}
