//! What a panel shows, without any way of showing it.
//!
//! Reads the game's world, where mods are entities and what happens to them are messages, and asks for what the player wants
//! through [`Mods`](crate::Mods), as any game could. Everything is bounded: the log by lines, a line by characters, fuel by
//! frames, and all texts are harmless lines.

pub(super) mod action;
pub(super) mod filter;
pub(super) mod fuel;
pub(super) mod line;
pub(super) mod log;
pub(super) mod looking;
mod newest_code;
pub(super) mod row;
pub(super) mod tone;

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use crate::exposed::time::ModTime;
use crate::game::entity::ModStats;

use fuel::FuelHistory;
use line::ReportLine;
use log::{Advice, ReportLog};
use newest_code::NewestCode;
use row::{ModRow, mod_rows};

/// What a panel remembers from frame to frame.
///
/// ```
/// use bevy_app::App;
/// use tinkerbox::ModdingPlugin;
/// use tinkerbox::panel::PanelModel;
///
/// let mut app = App::new();
/// app.add_plugins(ModdingPlugin::new("no-mods").watch(false));
/// let mut model = PanelModel::default();
/// app.update();
/// model.read(app.world_mut());
/// assert!(model.rows(app.world_mut(), &[]).is_empty());
/// ```
#[derive(Debug, Default)]
pub struct PanelModel {
    /// What has happened.
    pub log: ReportLog,
    /// The fuel that mods have used in the last ticks.
    pub fuel: FuelHistory,
    newest: NewestCode,
    tick: Option<u64>,
}

impl PanelModel {
    /// A model whose log adds this advice to the reports that it is about.
    pub fn with_advice(advice: Advice) -> PanelModel {
        PanelModel { log: ReportLog::with_advice(advice), ..PanelModel::default() }
    }

    /// Reads the last frame: its reports, which are returned as they are added to the log, and the fuel that was used.
    ///
    /// Must be called after each frame, paused or not, since messages are kept for two frames.
    pub fn read(&mut self, world: &mut World) -> Vec<ReportLine> {
        let tick = world.get_resource::<ModTime>().map(|time| time.tick);
        let new = self.log.read(world, |report| self.newest.hear(report));
        // In a game that is paused nothing runs, and nothing is drawn on the graph.
        if std::mem::replace(&mut self.tick, tick) != tick {
            let mut mods = world.query::<(Entity, &ModStats)>();
            self.fuel.record(mods.iter(world).map(|(entity, stats)| (entity, stats.fuel_used)));
        }
        new
    }

    /// All mods: first those named in `first`, in that order, then the others in alphabetical order.
    pub fn rows(&self, world: &mut World, first: &[String]) -> Vec<ModRow> {
        let mut rows = mod_rows(world, first);
        for row in &mut rows {
            row.is_behind = self.newest.is_behind(row.entity);
            row.fails_to_build = self.newest.fails_to_build(row.entity);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paused_game_adds_nothing_to_the_graph() {
        let mut world = World::new();
        world.init_resource::<ModTime>();
        let entity = world.spawn(ModStats { fuel_used: 7, ..ModStats::default() }).id();
        let mut model = PanelModel::default();
        let mut samples_after = |ticks: u32| {
            (0..ticks).for_each(|_| world.resource_mut::<ModTime>().advance(0.1));
            model.read(&mut world);
            model.fuel.samples(entity).count()
        };
        assert_eq!([samples_after(1), samples_after(0), samples_after(0), samples_after(3)], [1, 1, 1, 2]);
    }
}
