//! Builds become an order of systems, cut into batches.
//!
//! The rules for order and batches are in `schedule/`.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::package::Build;
use crate::schedule::batches::{self, OrderedSystem};
use crate::schedule::index::{ModIndex, SystemIndex, SystemRef};
use crate::schedule::order::{self, Cycle, Node};

/// Systems in the order in which they run, cut into batches.
#[derive(Debug, Default)]
pub(crate) struct RunOrder {
    pub systems: Vec<SystemRef>,
    pub batches: Vec<Range<usize>>,
}

impl RunOrder {
    /// The order in which the systems of these builds run.
    ///
    /// # Errors
    /// Systems wait for each other.
    pub fn of(mut builds: Vec<(ModIndex, &Build)>) -> Result<RunOrder, Cycle> {
        builds.sort_by(|(_, a), (_, b)| a.about.id.cmp(&b.about.id));
        let mut systems = phase(&builds, true)?;
        systems.extend(phase(&builds, false)?);
        Ok(RunOrder { batches: cut(&builds, &systems), systems })
    }
}

/// Handlers of events come first, then the other systems; in each phase in the order that they ask for.
fn phase(builds: &[(ModIndex, &Build)], handlers: bool) -> Result<Vec<SystemRef>, Cycle> {
    let (mut systems, mut nodes) = (Vec::new(), Vec::new());
    for (of_mod, build) in builds {
        let of_phase =
            build.systems.iter().enumerate().filter(|(_, system)| system.handles.is_some() == handlers);
        for (number, system) in of_phase {
            systems.push(SystemRef { of_mod: *of_mod, system: SystemIndex::new(number) });
            let (after, before) = (&system.after[..], &system.before[..]);
            nodes.push(Node { mod_id: &build.about.id, system: &system.name, after, before });
        }
    }
    Ok(order::order(&nodes)?.into_iter().map(|node| systems[node]).collect())
}

fn cut(builds: &[(ModIndex, &Build)], systems: &[SystemRef]) -> Vec<Range<usize>> {
    let builds: BTreeMap<ModIndex, &Build> = builds.iter().copied().collect();
    let ordered = |&SystemRef { of_mod, system }: &SystemRef| OrderedSystem {
        of_mod,
        access: &builds[&of_mod].systems[system.get()].access,
    };
    batches::cut(&systems.iter().map(ordered).collect::<Vec<_>>())
}
