//! How the guest of a mod comes and goes while the mod's code stays the same: restart, save, contain.

use tinkerbox_abi::export::InitReason;

use super::context::ModContext;
use super::entry::Condition;
use crate::game::report::ModReportKind;
use crate::game_code::take_failures;
use crate::guest::diagnosis::Fault;
use crate::guest::instance::{Guest, GuestEnvironment, GuestStart};
use crate::limits::REST_TICKS_MAX;
use crate::schedule::faults::Consequence;
use crate::schedule::overruns::OverrunReports;

impl ModContext<'_> {
    /// Restarts a mod whose rest after a fault is over: the first time with the last saved state, and without any if that
    /// ends in a fault again.
    pub fn wake(&mut self, environment: &GuestEnvironment) {
        let Some(code) = &mut self.entry.code else { return };
        let saved = code.saved.take();
        self.entry.ticks += 1;
        self.restart(environment, InitReason::Fault, saved.as_deref());
    }

    /// Starts a new guest of a mod that has none, which continues with what the last one left. A fault in its
    /// initialisation is contained.
    pub fn restart(&mut self, environment: &GuestEnvironment, reason: InitReason, saved: Option<&[u8]>) {
        let Some(code) = &self.entry.code else { return };
        let carried = code.carried.clone().expect("kept when the last guest was dropped");
        let moment = *self.moment;
        let start = GuestStart { environment, build: &code.build, reason, carried, moment, saved };
        let mut spent = 0;
        let guest = Guest::new_and_price(self.world, start, &mut spent);
        if reason == InitReason::Fault {
            // The mod itself has caused this, and could do so again and again.
            self.entry.charge(spent);
        }
        match guest {
            Ok(mut guest) => {
                if let Some(code) = &mut self.entry.code {
                    code.carried = None;
                    guest.state().restore_rows(std::mem::take(&mut code.rows));
                }
                self.entry.guest = Some(guest);
                self.entry.condition = Condition::Live;
                self.report_logs();
            }
            Err(fault) => self.contain("its restart", &fault),
        }
    }

    /// Saves the mod's state, unless a system is suspended or has faulted in this frame.
    pub fn save(&mut self) {
        let entry = &mut *self.entry;
        if entry.condition != Condition::Live || entry.has_faulted {
            return;
        }
        let (Some(code), Some(guest)) = (&mut entry.code, &mut entry.guest) else { return };
        let saved = guest.save(&code.build);
        let spent = guest.take_spent();
        entry.charge(spent);
        match saved {
            Ok(None) => {}
            Ok(saved) => entry.code.iter_mut().for_each(|code| code.saved.clone_from(&saved)),
            Err(fault) => self.contain("saving its state", &fault),
        }
    }

    /// Contains a fault: drops the guest, of whose last run the world has seen nothing, and decides when the mod runs
    /// again.
    #[cold]
    pub fn contain(&mut self, what: &str, fault: &Fault) {
        self.drop_guest();
        let (entry, moment) = (&mut *self.entry, self.moment);
        let Some(code) = &mut entry.code else { return };
        (entry.has_faulted, entry.is_recovering) = (true, true);
        let consequence = match fault.is_the_machines {
            true => Consequence::RestUntil(moment.age.saturating_add(REST_TICKS_MAX)),
            false => code.faults.fault(moment.age),
        };
        entry.condition = match consequence {
            Consequence::RestUntil(age) => Condition::RestsUntil(age),
            Consequence::Quarantine => Condition::Quarantined,
        };
        self.change_stats(|stats| stats.faults += 1);
        let text = format!("{what} ended in a fault at tick {}: {fault}", moment.time.tick);
        self.report(ModReportKind::Faulted, text);
        if consequence == Consequence::Quarantine {
            self.report_quarantine();
        }
    }

    /// Reports that the mod is in quarantine, and what ends that.
    pub fn report_quarantine(&mut self) {
        let text = "it faulted too often: it does not run until its files change or the game resets it";
        self.report(ModReportKind::Quarantined, text);
    }

    /// Drops a guest that can't be used any more, and keeps what the next one continues with.
    pub fn drop_guest(&mut self) {
        if let Some(mut guest) = self.entry.guest.take() {
            let state = guest.state();
            let has_deferred = state.effects.deferred() > 0;
            if has_deferred {
                // Failures that are left over from other code are not this mod's.
                take_failures();
            }
            state.effects.abandon(self.world);
            if has_deferred {
                self.report_failures();
            }
            state.carried.random.roll_back();
            if let Some(code) = &mut self.entry.code {
                code.carried = Some(state.carried.clone());
                code.rows = state.take_rows();
            }
        }
        if let Some(code) = &mut self.entry.code {
            code.overruns = OverrunReports::default();
        }
    }
}
