//! What a player can do to a mod, and when that does something.

use bevy_ecs::world::World;

use super::row::ModRow;
use crate::game::entity::{ModPermissions, ModStatus};
use crate::game::requests::Mods;

/// What a player can do to a mod. It is done at the start of the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModAction {
    /// Run it again.
    Enable,
    /// Stop running it.
    Disable,
    /// Grant its newest code what it waits for.
    Allow,
    /// Don't run the code that waits.
    Refuse,
    /// Restart it with empty memory.
    Reset,
    /// Load its files, whether they have changed or not.
    Reload,
}

impl ModAction {
    /// All actions, in the order in which they are shown.
    pub const ALL: [ModAction; 6] = [
        ModAction::Allow,
        ModAction::Refuse,
        ModAction::Enable,
        ModAction::Disable,
        ModAction::Reset,
        ModAction::Reload,
    ];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            ModAction::Enable => "Turn on",
            ModAction::Disable => "Turn off",
            ModAction::Allow => "Allow",
            ModAction::Refuse => "Refuse",
            ModAction::Reset => "Reset",
            ModAction::Reload => "Reload",
        }
    }

    /// Why it would do nothing to this mod now, if so.
    pub fn hindrance(self, row: &ModRow) -> Option<&'static str> {
        const NOTHING_RUNS: &str = "the mod was refused, and none of its code runs";
        match self {
            ModAction::Allow | ModAction::Refuse if !row.is_waiting => {
                Some("no code of this mod waits for permissions")
            }
            ModAction::Enable | ModAction::Disable | ModAction::Reset if row.status == ModStatus::Refused => {
                Some(NOTHING_RUNS)
            }
            ModAction::Enable | ModAction::Disable | ModAction::Reset
                if row.status == ModStatus::AwaitsConsent =>
            {
                Some("the mod waits to be allowed, and none of its code runs")
            }
            ModAction::Enable if row.status != ModStatus::Disabled => Some("the mod is on"),
            ModAction::Disable if row.status == ModStatus::Disabled => Some("the mod is off"),
            _ => None,
        }
    }

    /// Asks the plugin for it.
    pub fn request(self, row: &ModRow, world: &mut World) {
        let Some(mut mods) = world.get_resource_mut::<Mods>() else { return };
        match self {
            ModAction::Enable => mods.enable_seen(row.entity, &seen(row)),
            ModAction::Disable => mods.disable(row.entity),
            ModAction::Reset => mods.reset(row.entity),
            ModAction::Reload => mods.load(&row.folder),
            // Files may change while the player reads: an answer is about what was seen.
            ModAction::Allow => mods.grant_seen(row.entity, &seen(row)),
            ModAction::Refuse => mods.refuse_seen(row.entity, &seen(row)),
        }
    }
}

fn seen(row: &ModRow) -> ModPermissions {
    ModPermissions { content: row.content.clone(), ..ModPermissions::default() }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::row;
    use super::*;

    /// The actions that do something.
    fn offered(status: ModStatus, is_waiting: bool) -> Vec<ModAction> {
        let row = ModRow { is_waiting, ..row("ant", status) };
        ModAction::ALL.into_iter().filter(|action| action.hindrance(&row).is_none()).collect()
    }

    #[test]
    fn actions_are_offered_where_they_do_something() {
        use ModAction::*;
        let running = [
            ModStatus::Live,
            ModStatus::Suspended { frames: 1 },
            ModStatus::Faulted { until_tick: 1 },
            ModStatus::Quarantined,
        ];
        for status in running {
            assert_eq!(offered(status, false), [Disable, Reset, Reload], "{status:?}");
            assert_eq!(offered(status, true), [Allow, Refuse, Disable, Reset, Reload], "{status:?}");
        }
        assert_eq!(offered(ModStatus::Disabled, false), [Enable, Reset, Reload]);
        assert_eq!(offered(ModStatus::Refused, false), [Reload]);
        assert_eq!(offered(ModStatus::AwaitsConsent, true), [Allow, Refuse, Reload]);
    }

    #[test]
    fn a_mod_that_is_gone_is_left_alone() {
        let mut world = World::new();
        let entity = world.spawn_empty().id();
        world.despawn(entity);
        let gone = ModRow { entity, ..row("ant", ModStatus::Live) };
        // Without the plugin's resource, too.
        ModAction::ALL.iter().for_each(|action| action.request(&gone, &mut world));
    }
}
