//! A mod as a row of the panel, read from the world.

use std::path::PathBuf;

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use super::tone::Tone;
use crate::game::entity::{FuelBudget, ModInfo, ModPermissions, ModStats, ModStatus};
use crate::limits::{PANEL_NAME_CHARS_MAX, PANEL_PERMISSIONS_MAX};
use crate::package::details::Permission;
use crate::text::{cut_to, harmless_line, short_line};

/// A mod as a panel shows it. All texts are harmless lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModRow {
    /// Its entity.
    pub entity: Entity,
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its version; may be empty.
    pub version: String,
    /// Its authors in one line; may be empty.
    pub authors: String,
    /// The folder in which it was found.
    pub folder: PathBuf,
    /// Its status.
    pub status: ModStatus,
    /// Its budget.
    pub budget: FuelBudget,
    /// Its statistics. The last message is one harmless line.
    pub stats: ModStats,
    /// What it asks for: first what it was not granted. The last row counts what is left out of a long list.
    pub permissions: Vec<PermissionRow>,
    /// The hash of the files that ask for it.
    pub content: String,
    /// Whether its newest code was refused, and an older version runs.
    pub is_behind: bool,
    /// Whether its newest code waits for the player to allow it.
    pub is_waiting: bool,
    /// Whether its sources can't be built, and an older version runs.
    pub fails_to_build: bool,
}

/// A permission of a mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionRow {
    /// What the mod does with it, as a sentence about the mod.
    pub words: String,
    /// Whether it waits for the player.
    pub is_pending: bool,
}

/// All mods: first those named in `first`, in that order, then the others in alphabetical order.
///
/// What stands of their newest code, [`PanelModel::rows`](crate::panel::PanelModel::rows) adds.
pub fn mod_rows(world: &mut World, first: &[String]) -> Vec<ModRow> {
    let mut mods =
        world.query::<(Entity, &ModInfo, &ModStatus, &FuelBudget, &ModStats, Option<&ModPermissions>)>();
    let mut rows: Vec<ModRow> = mods
        .iter(world)
        .map(|(entity, info, status, budget, stats, asks)| ModRow {
            entity,
            id: name(&info.id),
            title: name(&info.title),
            version: name(&info.version),
            authors: name(&info.authors.join(", ")),
            folder: info.folder.clone(),
            status: *status,
            budget: *budget,
            stats: ModStats { last_message: short_line(&stats.last_message), ..stats.clone() },
            permissions: asks.map_or(Vec::new(), permissions),
            content: asks.map_or(String::new(), |asks| asks.content.clone()),
            is_behind: false,
            is_waiting: asks.is_some_and(|asks| asks.is_waiting),
            fails_to_build: false,
        })
        .collect();
    let place = |row: &ModRow| first.iter().position(|id| *id == row.id).unwrap_or(first.len());
    rows.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.id.cmp(&b.id)));
    rows
}

/// What a mod asks for: first what it was not granted, which must not be overlooked in a long list.
fn permissions(asks: &ModPermissions) -> Vec<PermissionRow> {
    let granted =
        asks.asked.iter().filter(|asked| !asks.pending.contains(asked)).map(|granted| (granted, false));
    let all = asks.pending.iter().map(|pending| (pending, true)).chain(granted);
    let row = |(permission, is_pending): (&Permission, bool)| PermissionRow {
        words: name(&permission.words()),
        is_pending,
    };
    let mut rows: Vec<PermissionRow> = all.take(PANEL_PERMISSIONS_MAX).map(row).collect();
    let left_out = asks.asked.len().saturating_sub(rows.len());
    if left_out > 0 {
        let is_pending = asks.pending.len() > rows.len();
        rows.push(PermissionRow { words: format!("and does {left_out} things more"), is_pending });
    }
    rows
}

fn name(text: &str) -> String {
    cut_to(PANEL_NAME_CHARS_MAX, &harmless_line(text))
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
            ModStatus::Loading => "loading".to_owned(),
            ModStatus::AwaitsConsent => "waits for permission".to_owned(),
            ModStatus::Refused => "refused".to_owned(),
        };
        state + behind
    }

    /// How good its state is.
    pub fn tone(&self) -> Tone {
        match self.status {
            _ if self.is_behind || self.fails_to_build => Tone::Bad,
            _ if self.is_waiting => Tone::Notice,
            ModStatus::Live if self.stats.fuel_used > self.budget.grant => Tone::Notice,
            ModStatus::Live => Tone::Good,
            ModStatus::Disabled
            | ModStatus::Loading
            | ModStatus::Suspended { .. }
            | ModStatus::AwaitsConsent => Tone::Notice,
            ModStatus::Faulted { .. } | ModStatus::Quarantined | ModStatus::Refused => Tone::Bad,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A mod that has used half of its 300,000 units.
    pub fn row(id: &str, status: ModStatus) -> ModRow {
        let stats = ModStats { fuel_used: 150_000, generation: 1, ..ModStats::default() };
        ModRow {
            entity: Entity::PLACEHOLDER,
            id: id.to_owned(),
            title: id.to_owned(),
            version: "0.1.0".to_owned(),
            authors: String::new(),
            folder: id.into(),
            status,
            budget: FuelBudget { grant: 300_000, burst: 600_000 },
            stats,
            permissions: Vec::new(),
            content: String::new(),
            is_behind: false,
            is_waiting: false,
            fails_to_build: false,
        }
    }

    #[test]
    fn state_and_tone_name_what_stands_of_the_newest_code() {
        let shown = |status, change: &dyn Fn(&mut ModRow)| {
            let mut row = row("grass", status);
            change(&mut row);
            (row.state(), row.tone())
        };
        let live = |change: &dyn Fn(&mut ModRow)| shown(ModStatus::Live, change);
        let is = |state: &str, tone| (state.to_owned(), tone);
        assert_eq!(live(&|_| {}), is("live", Tone::Good));
        assert_eq!(live(&|row| row.is_behind = true), is("live, rebuild refused", Tone::Bad));
        assert_eq!(live(&|row| row.is_waiting = true), is("live, rebuild waits", Tone::Notice));
        assert_eq!(live(&|row| row.fails_to_build = true), is("live, build failed", Tone::Bad));
        assert_eq!(live(&|row| row.stats.fuel_used = 300_001), is("live", Tone::Notice));
        assert_eq!(
            shown(ModStatus::Quarantined, &|row| row.fails_to_build = true),
            is("quarantined, build failed", Tone::Bad)
        );
        assert_eq!(shown(ModStatus::Refused, &|row| row.is_behind = true), is("refused", Tone::Bad));
        assert_eq!(
            shown(ModStatus::AwaitsConsent, &|row| row.is_waiting = true),
            is("waits for permission", Tone::Notice)
        );
    }

    #[test]
    fn rows_are_in_order_and_their_texts_are_harmless() {
        let mut world = World::new();
        for id in ["zebra", "wolves", "ant", "grass"] {
            let info = ModInfo {
                id: id.to_owned(),
                version: "1\n2".to_owned(),
                title: "\u{202e}long ".repeat(1_000),
                authors: vec!["A\tB".to_owned(), "C".to_owned()],
                folder: id.into(),
            };
            let stats = ModStats { last_message: "a\n\u{1b}[31mb".to_owned(), ..ModStats::default() };
            world.spawn((info, ModStatus::Live, FuelBudget { grant: 1, burst: 2 }, stats));
        }
        let rows = mod_rows(&mut world, &["grass".to_owned(), "flock".to_owned(), "wolves".to_owned()]);
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["grass", "wolves", "ant", "zebra"]);
        let row = &rows[0];
        assert_eq!(row.stats.last_message, "a \u{fffd}[31mb");
        assert_eq!((row.version.as_str(), row.authors.as_str()), ("1 2", "A B, C"));
        assert!(row.title.starts_with("\u{fffd}long \u{fffd}long"), "{}", row.title);
        assert_eq!(row.title.chars().count(), PANEL_NAME_CHARS_MAX + 3);
    }

    #[test]
    fn what_was_not_granted_comes_first_and_long_lists_are_counted() {
        let read = |number: usize| Permission::Read(format!("a:B{number}"));
        for (all, pending) in [(0, 0), (1, 1), (3, 2), (PANEL_PERMISSIONS_MAX + 7, 1), (500, 500), (500, 0)] {
            let asks = ModPermissions {
                asked: (0..all).map(read).collect(),
                pending: (all - pending..all).map(read).collect(),
                ..ModPermissions::default()
            };
            let rows = permissions(&asks);
            assert!(rows.len() <= PANEL_PERMISSIONS_MAX + 1 && rows.is_sorted_by_key(|row| !row.is_pending));
            let shown_pending = rows.iter().filter(|row| row.is_pending).count();
            assert_eq!(shown_pending, pending.min(PANEL_PERMISSIONS_MAX + 1), "{pending} of {all}");
            assert_eq!(rows.len(), all.min(PANEL_PERMISSIONS_MAX + 1), "{all}");
        }
    }
}
