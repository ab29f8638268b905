//! Which systems may run at the same time: a fixed order is cut into batches.
//!
//! Systems of a batch see the world as it is when the batch begins, and their effects are applied when all of them have
//! finished, one after the other. The result is identical to running them one after the other: no system of a batch reads
//! or writes what another one writes, and a system that may change more than values is the last of its batch. So neither
//! the number of threads nor the batches themselves make a difference.
//!
//! Pure: accesses in, ranges out.

use std::collections::BTreeSet;
use std::ops::Range;

use bevy_ecs::component::ComponentId;

use super::index::ModIndex;

/// What a system may read and change.
#[derive(Clone, Debug, Default)]
pub(crate) struct SystemAccess {
    pub reads: BTreeSet<ComponentId>,
    pub writes: BTreeSet<ComponentId>,
    /// It may read anything, since it calls functions of the game.
    pub reads_all: bool,
    /// It may spawn and despawn entities, insert and remove components, or change anything: no later system runs at the same
    /// time.
    pub changes_structure: bool,
}

/// A system in the order: its mod, and its access.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderedSystem<'a> {
    pub of_mod: ModIndex,
    pub access: &'a SystemAccess,
}

/// Cuts the order into batches.
pub(crate) fn cut(order: &[OrderedSystem<'_>]) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let mut batch = Batch::default();
    let mut start = 0;
    for (at, entry) in order.iter().enumerate() {
        if batch.is_closed_to(entry) {
            batches.push(start..at);
            (batch, start) = (Batch::default(), at);
        }
        batch.add(entry);
    }
    if start < order.len() {
        batches.push(start..order.len());
    }
    batches
}

/// The access of the systems that are in a batch already.
#[derive(Default)]
struct Batch {
    mods: BTreeSet<ModIndex>,
    reads: BTreeSet<ComponentId>,
    writes: BTreeSet<ComponentId>,
    reads_all: bool,
    is_closed: bool,
}

impl Batch {
    fn is_closed_to(&self, entry: &OrderedSystem<'_>) -> bool {
        let SystemAccess { reads, writes, reads_all, changes_structure: _ } = entry.access;
        self.is_closed
            || self.mods.contains(&entry.of_mod)
            || self.reads_all && !writes.is_empty()
            || *reads_all && !self.writes.is_empty()
            || reads.iter().any(|id| self.writes.contains(id))
            || writes.iter().any(|id| self.writes.contains(id) || self.reads.contains(id))
    }

    fn add(&mut self, entry: &OrderedSystem<'_>) {
        self.mods.insert(entry.of_mod);
        self.reads.extend(&entry.access.reads);
        self.writes.extend(&entry.access.writes);
        self.reads_all |= entry.access.reads_all;
        self.is_closed = entry.access.changes_structure;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mod:what it does`: `r0` reads component 0, `w1` writes 1, `all` reads everything, `!` changes structure.
    /// Batches come back as the mods in them.
    fn run(systems: &[&str]) -> String {
        let parsed: Vec<(ModIndex, SystemAccess)> = systems.iter().map(|text| parse(text)).collect();
        let order: Vec<_> =
            parsed.iter().map(|(of_mod, access)| OrderedSystem { of_mod: *of_mod, access }).collect();
        let batches = cut(&order)
            .into_iter()
            .map(|batch| batch.map(|at| char::from(b'a' + order[at].of_mod.get() as u8)).collect::<String>());
        batches.collect::<Vec<_>>().join(" ")
    }

    fn parse(text: &str) -> (ModIndex, SystemAccess) {
        let (of_mod, what) = text.split_once(':').unwrap();
        let mut access = SystemAccess::default();
        for word in what.split_whitespace() {
            match word.split_at(1) {
                ("r", id) => drop(access.reads.insert(ComponentId::new(id.parse().unwrap()))),
                ("w", id) => drop(access.writes.insert(ComponentId::new(id.parse().unwrap()))),
                ("!", _) => access.changes_structure = true,
                _ => access.reads_all = true,
            }
        }
        (ModIndex::new(usize::from(of_mod.as_bytes()[0] - b'a')), access)
    }

    #[test]
    fn readers_are_together() {
        assert_eq!(run(&["a:r0", "b:r0", "c:r0 r1"]), "abc");
        assert_eq!(run(&[]), "");
    }

    #[test]
    fn a_writer_is_alone_with_what_it_writes() {
        assert_eq!(run(&["a:w0", "b:r0", "c:w0"]), "a b c");
        assert_eq!(run(&["a:r0", "b:w0", "c:r1", "d:w1"]), "a bc d");
        assert_eq!(run(&["a:w0", "b:w1", "c:w2", "d:r2"]), "abc d");
    }

    #[test]
    fn a_mod_runs_one_system_at_a_time() {
        assert_eq!(run(&["a:", "a:", "b:", "a:"]), "a ab a");
    }

    #[test]
    fn who_changes_structure_is_the_last() {
        assert_eq!(run(&["a:r0", "b:!", "c:r0", "d:!", "e:"]), "ab cd e");
    }

    #[test]
    fn who_reads_everything_is_with_readers_only() {
        assert_eq!(run(&["a:all", "b:r0", "c:w0", "d:all"]), "ab c d");
        assert_eq!(run(&["a:all", "b:all"]), "ab");
    }
}
