//! What happens to a mod, reported to the game as [`ModReport`]s and in the mod's [`ModStats`].

use bevy_ecs::change_detection::DetectChangesMut;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use super::context::ModContext;
use super::entry::{Condition, ModEntry};
use crate::exposed::time::Moment;
use crate::game::entity::{ModStats, ModStatus, change};
use crate::game::report::{ModReport, ModReportKind, send};
use crate::game_code::{Failures, take_failures};
use crate::text::harmless;

impl ModContext<'_> {
    /// Reports to the game, and keeps the text as the mod's last message. The text is made harmless here, whatever its
    /// parts are.
    pub fn report(&mut self, kind: ModReportKind, text: impl AsRef<str>) {
        let text = harmless(text.as_ref());
        self.change_stats(|stats| stats.last_message.clone_from(&text));
        let (mod_entity, mod_id) = (self.entry.entity, self.entry.folder.id.clone());
        send(self.world, ModReport { mod_entity, mod_id, kind, text });
    }

    /// Changes what the game sees of the mod's past, if the game has left that on its entity.
    pub fn change_stats(&mut self, change: impl FnOnce(&mut ModStats)) {
        if let Some(mut stats) = self.world.get_mut::<ModStats>(self.entry.entity) {
            change(&mut stats);
        }
    }

    /// Shows the game the state of a mod that runs, before the tick does so: the game may be paused.
    pub fn show_status(&mut self) {
        show(self.world, self.entry.entity, status_of(self.entry, self.moment));
    }

    /// Reports the messages of the mod itself.
    pub fn report_logs(&mut self) {
        let Some(guest) = &mut self.entry.guest else { return };
        for (level, text) in guest.state().logs.take() {
            self.report(ModReportKind::Log(level), text);
        }
    }

    /// Reports failures of the game's own code in what was done for the mod.
    pub fn report_failures(&mut self) {
        let Failures { count, first: Some(first) } = take_failures() else { return };
        self.change_stats(|stats| stats.game_errors += count);
        let more = if count > 1 { format!("; {} more failed after it", count - 1) } else { String::new() };
        let text = format!("the game's own code failed in what was done for the mod: {first}{more}");
        self.report_game_error(text);
    }

    /// Reports an error of the game's, at most one in a frame.
    pub fn report_game_error(&mut self, text: String) {
        let frame = self.moment.frame;
        if self.entry.folder.failure_reported_in.replace(frame) != Some(frame) {
            self.report(ModReportKind::GameError, text);
        }
    }
}

/// Changes what the game sees of a mod, in place if the game has left the component there.
pub(crate) fn show<C: Component<Mutability = Mutable> + PartialEq>(
    world: &mut World,
    entity: Entity,
    value: C,
) {
    match world.get_mut::<C>(entity) {
        Some(mut shown) => drop(shown.set_if_neq(value)),
        None => drop(change(world, entity, |entity| _ = entity.insert(value))),
    }
}

/// The state of a mod that runs, as the game sees it.
pub(crate) fn status_of(entry: &ModEntry, moment: &Moment) -> ModStatus {
    match entry.condition {
        _ if entry.is_disabled => ModStatus::Disabled,
        Condition::Live => ModStatus::Live,
        Condition::Suspended(frames) => ModStatus::Suspended { frames },
        Condition::RestsUntil(age) => ModStatus::Faulted { until_tick: moment.tick_at(age) },
        Condition::Quarantined => ModStatus::Quarantined,
    }
}
