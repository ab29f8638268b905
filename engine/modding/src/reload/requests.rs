//! What the game has asked for of its mods is done, at the start of a frame.

use bevy_ecs::world::World;
use tinkerbox_abi::export::InitReason;

use super::handover::{moment, nothing_kept, remove};
use crate::mods::{Mods, Request};
use crate::report::ModReportKind;
use crate::table::Table;
use crate::tick::{begin_anew, report};

/// Does what waits in [`Mods`], in the order in which it was asked for.
pub(super) fn take(world: &mut World, table: &mut Table) {
    for (entity, request) in world.get_resource_or_init::<Mods>().take_requests() {
        let Some(at) = table.find_entity(entity) else { continue };
        match request {
            Request::Disable => turn(world, table, at, true),
            Request::Enable => turn(world, table, at, false),
            Request::Unload => drop(remove(world, table, at, "the game has unloaded it")),
            Request::Reset => reset(world, table, at),
        }
    }
}

fn turn(world: &mut World, table: &mut Table, at: usize, off: bool) {
    let it = &mut table.mods[at];
    if it.code.is_none() || it.is_disabled == off {
        return;
    }
    it.is_disabled = off;
    let (kind, text) = match off {
        true => (ModReportKind::Disabled, "the game has turned it off"),
        false => (ModReportKind::Enabled, "the game has turned it on again"),
    };
    report(world, it, kind, text.to_owned());
}

fn reset(world: &mut World, table: &mut Table, at: usize) {
    let (moment, it) = (moment(world, table), &mut table.mods[at]);
    let Some(code) = &mut it.code else { return };
    // Of what was there only the count of what it has spawned goes on: that is the world's.
    let mut kept = match &mut it.guest {
        Some(guest) => {
            guest.state().effects.abandon(world);
            guest.state().kept.clone()
        }
        None => code.kept.clone().expect("kept when its guest was dropped"),
    };
    let id = it.about.id.clone();
    code.saved = None;
    (code.faults, code.waits) = Default::default();
    (it.guest, it.bucket, it.debt) = (None, it.burst, 0);
    kept.random = nothing_kept(table, &id).random;
    if let Some(code) = &mut table.mods[at].code {
        code.kept = Some(kept);
    }
    report(world, &table.mods[at], ModReportKind::Reset, "the game lets it begin anew".to_owned());
    begin_anew(world, table, at, InitReason::New, None, moment);
}
