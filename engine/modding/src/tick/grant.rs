//! Grants at the start of a frame: fuel for each mod, and what else the frame has to do.

use crate::exposed::time::Moment;
use crate::limits::SAVE_TICKS;
use crate::mods::entry::{Condition, ModEntry};
use crate::mods::table::Entries;
use crate::schedule::budget;
use crate::schedule::index::ModIndex;

/// What a frame has to do beside running systems: nothing in most frames.
#[derive(Default)]
pub(crate) struct FrameWork {
    /// Mods whose rest is over.
    pub rested: Vec<ModIndex>,
    /// Mods whose state is to be saved.
    pub to_save: Vec<ModIndex>,
}

/// Fills the buckets, at most with `frame_fuel` in all, and counts the ticks of the mods that are ticked.
pub(crate) fn grant_budgets(mods: &mut Entries, frame_fuel: u64, moment: &Moment) -> FrameWork {
    let mut work = FrameWork::default();
    let mut shares = None;
    if frame_fuel < u64::MAX {
        let mut demands: Vec<u64> = mods.iter().map(|(_, entry)| demand(entry)).collect();
        budget::share(frame_fuel, &mut demands);
        shares = Some(demands);
    }
    for (index, entry) in mods.iter_mut() {
        // It has faulted between two ticks, at a reset for instance: its rest begins with this one.
        let faulted_before = std::mem::take(&mut entry.has_faulted);
        let granted = shares.as_ref().map_or(entry.grant, |shares| shares[index.get()].min(entry.grant));
        grant(entry, granted);
        if entry.is_disabled {
            continue;
        }
        if entry.guest.is_some() {
            entry.ticks += 1;
            if entry.ticks.is_multiple_of(SAVE_TICKS) {
                work.to_save.push(index);
            }
        } else if matches!(entry.condition, Condition::RestsUntil(age) if age <= moment.age && !faulted_before)
        {
            work.rested.push(index);
        }
    }
    work
}

/// What a mod can use of its grant: to fill its bucket, and to pay its debt.
fn demand(entry: &ModEntry) -> u64 {
    entry.grant.min(entry.burst.saturating_sub(entry.bucket).saturating_add(entry.debt))
}

fn grant(entry: &mut ModEntry, fuel: u64) {
    entry.bucket = entry.bucket.saturating_add(fuel);
    entry.pay_debt();
    entry.bucket = entry.bucket.min(entry.burst);
    entry.is_in_debt = entry.debt > 0;
    entry.fuel_before = std::mem::take(&mut entry.fuel_used);
}
