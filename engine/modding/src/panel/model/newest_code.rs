//! What stands of the newest code of each mod, which its components do not say: those are about the code that runs.

use std::collections::BTreeSet;

use bevy_ecs::entity::Entity;

use crate::game::report::{ModReport, ModReportKind};

/// Mods whose newest code does not run.
#[derive(Debug, Default)]
pub(super) struct NewestCode {
    /// It was refused.
    behind: BTreeSet<Entity>,
    /// Its sources can't be built.
    failing: BTreeSet<Entity>,
}

impl NewestCode {
    /// Remembers what a report says of it, until that changes.
    pub fn hear(&mut self, report: &ModReport) {
        let entity = report.mod_entity;
        match report.kind {
            ModReportKind::Refused | ModReportKind::ReloadRefused => drop(self.behind.insert(entity)),
            ModReportKind::BuildFailed => drop(self.failing.insert(entity)),
            ModReportKind::BuildRepaired => drop(self.failing.remove(&entity)),
            ModReportKind::Loaded
            | ModReportKind::Reloaded
            | ModReportKind::AwaitsConsent
            | ModReportKind::AsksForMore => drop(self.behind.remove(&entity)),
            ModReportKind::Removed => {
                for all in [&mut self.behind, &mut self.failing] {
                    all.remove(&entity);
                }
            }
            _ => {}
        }
    }

    pub fn is_behind(&self, mod_entity: Entity) -> bool {
        self.behind.contains(&mod_entity)
    }

    pub fn fails_to_build(&self, mod_entity: Entity) -> bool {
        self.failing.contains(&mod_entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the newest code is behind, and whether it can't be built, after each of these reports.
    fn after<const N: usize>(kinds: [ModReportKind; N]) -> [(bool, bool); N] {
        let entity = Entity::PLACEHOLDER;
        let mut newest = NewestCode::default();
        kinds.map(|kind| {
            newest.hear(&ModReport { mod_entity: entity, mod_id: String::new(), kind, text: String::new() });
            (newest.is_behind(entity), newest.fails_to_build(entity))
        })
    }

    #[test]
    fn a_mod_is_behind_from_a_refusal_until_the_next_reload() {
        use ModReportKind::*;
        let behind = after([Loaded, ReloadRefused, Faulted, Reloaded]).map(|(behind, _)| behind);
        assert_eq!(behind, [false, true, true, false]);
    }

    #[test]
    fn code_that_waits_is_not_behind() {
        use ModReportKind::*;
        let kinds = [ReloadRefused, AsksForMore, ReloadRefused, AwaitsConsent, Refused, Removed];
        assert_eq!(after(kinds).map(|(behind, _)| behind), [true, false, true, false, true, false]);
    }

    #[test]
    fn a_mod_fails_to_build_until_it_is_repaired() {
        use ModReportKind::*;
        let kinds = [BuildFailed, Reloaded, BuildRepaired, BuildFailed, Removed];
        assert_eq!(after(kinds).map(|(_, fails)| fails), [true, true, false, true, false]);
    }
}
