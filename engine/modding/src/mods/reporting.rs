//! What happens to a mod, reported to the game as [`ModReport`]s and in the mod's [`ModStats`].

use super::context::ModContext;
use crate::game::entity::ModStats;
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
