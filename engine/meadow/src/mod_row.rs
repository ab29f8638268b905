//! A mod as both shells show it, read from the world.

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use tinkerbox::{FuelBudget, ModInfo, ModStats, ModStatus, harmless_line, short_line};

/// A mod as both shells show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModRow {
    /// Its entity.
    pub entity: Entity,
    /// Its id.
    pub id: String,
    /// Its status.
    pub status: ModStatus,
    /// Its budget.
    pub budget: FuelBudget,
    /// Its statistics. The last message is one harmless line.
    pub stats: ModStats,
    /// Whether its newest code was refused, and an older version runs.
    pub is_behind: bool,
    /// Whether its newest code waits for the permissions that it asks for.
    pub is_waiting: bool,
    /// Whether its sources can't be built, and an older version runs.
    pub fails_to_build: bool,
}

/// All mods: first those named in `first`, in that order, then the others in alphabetical order.
pub fn mod_rows(world: &mut World, first: &[String]) -> Vec<ModRow> {
    let mut mods = world.query::<(Entity, &ModInfo, &ModStatus, &FuelBudget, &ModStats)>();
    let mut rows: Vec<ModRow> = mods
        .iter(world)
        .map(|(entity, info, status, budget, stats)| ModRow {
            entity,
            id: harmless_line(&info.id),
            status: *status,
            budget: *budget,
            stats: ModStats { last_message: short_line(&stats.last_message), ..stats.clone() },
            is_behind: false,
            is_waiting: false,
            fails_to_build: false,
        })
        .collect();
    let place = |row: &ModRow| first.iter().position(|id| *id == row.id).unwrap_or(first.len());
    rows.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.id.cmp(&b.id)));
    rows
}

impl ModRow {
    /// Its status in a word or two.
    pub fn state(&self) -> String {
        let behind = match (self.status, self.fails_to_build) {
            (_, true) => ", build failed",
            (ModStatus::Refused | ModStatus::AwaitsConsent, _) => "",
            _ if self.is_waiting => ", rebuild waits",
            _ if self.is_behind => ", rebuild refused",
            _ => "",
        };
        let state = match self.status {
            ModStatus::Live => "live".to_owned(),
            ModStatus::Suspended { frames } => format!("suspended {frames}"),
            ModStatus::Faulted { until_tick } => format!("rests until {until_tick}"),
            ModStatus::Quarantined => "quarantined".to_owned(),
            ModStatus::Disabled => "off".to_owned(),
            ModStatus::AwaitsConsent => "waits for permission".to_owned(),
            ModStatus::Loading => "loading".to_owned(),
            ModStatus::Refused => "refused".to_owned(),
        };
        state + behind
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A mod that has used half of its 300,000 units.
    pub(crate) fn row(id: &str, status: ModStatus) -> ModRow {
        let stats = ModStats {
            fuel_used: 150_000,
            fuel_total: 1_200_000,
            ticks: 10,
            generation: 1,
            last_message: "version 0.1.0 with 1 systems".to_owned(),
            ..ModStats::default()
        };
        ModRow {
            entity: Entity::PLACEHOLDER,
            id: id.to_owned(),
            status,
            budget: FuelBudget { grant: 300_000, burst: 600_000 },
            stats,
            is_behind: false,
            is_waiting: false,
            fails_to_build: false,
        }
    }

    #[test]
    fn the_state_names_what_stands_of_the_newest_code() {
        let state = |status, change: &dyn Fn(&mut ModRow)| {
            let mut row = row("grass", status);
            change(&mut row);
            row.state()
        };
        assert_eq!(state(ModStatus::Live, &|_| {}), "live");
        assert_eq!(state(ModStatus::Live, &|row| row.is_behind = true), "live, rebuild refused");
        assert_eq!(state(ModStatus::Live, &|row| row.is_waiting = true), "live, rebuild waits");
        assert_eq!(
            state(ModStatus::Quarantined, &|row| row.fails_to_build = true),
            "quarantined, build failed"
        );
        assert_eq!(state(ModStatus::Refused, &|row| row.is_behind = true), "refused");
        assert_eq!(state(ModStatus::AwaitsConsent, &|row| row.is_waiting = true), "waits for permission");
    }

    #[test]
    fn rows_are_in_the_order_of_the_panel() {
        let mut world = World::new();
        for id in ["zebra", "wolves", "ant", "grass"] {
            let info = ModInfo {
                id: id.to_owned(),
                version: String::new(),
                title: id.to_owned(),
                authors: Vec::new(),
                folder: id.into(),
            };
            let stats = ModStats { last_message: "a\n\u{1b}[31mb".to_owned(), ..ModStats::default() };
            world.spawn((info, ModStatus::Live, FuelBudget { grant: 1, burst: 2 }, stats));
        }
        let rows = mod_rows(&mut world, &["grass".to_owned(), "flock".to_owned(), "wolves".to_owned()]);
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["grass", "wolves", "ant", "zebra"]);
        assert_eq!(rows[0].stats.last_message, "a \u{fffd}[31mb");
    }
}
