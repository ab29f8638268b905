//! Bevy's clock, for mods to read, and for `ModTime` to follow.

use bevy_app::App;
use bevy_ecs::change_detection::{Res, ResMut};
use bevy_ecs::system::Local;
use bevy_time::{Fixed, Time};
use tinkerbox_macros::mod_type;

use super::read_only::READ_ONLY;
use crate::exposed::time::ModTime;
use crate::game::expose::Expose;
use crate::game::requests::Mods;

/// Bevy's clock.
#[mod_type("bevy:Time")]
struct TimeSeen {
    /// Seconds since the game was started.
    elapsed: f64,
    /// Seconds since the last run of the schedule.
    delta: f64,
}

pub(super) fn expose_time(app: &mut App) {
    app.expose_resource_as::<Time, TimeSeen>().read_only();
}

impl From<&Time> for TimeSeen {
    fn from(time: &Time) -> TimeSeen {
        TimeSeen { elapsed: time.elapsed_secs_f64(), delta: time.delta_secs_f64() }
    }
}

impl TryFrom<TimeSeen> for Time {
    type Error = &'static str;

    fn try_from(_: TimeSeen) -> Result<Time, &'static str> {
        Err(READ_ONLY)
    }
}

/// Advances the time of mods by what has passed for Bevy's clock in this schedule. A clock that stands does not advance it.
pub(crate) fn follow_time(ours: ModsTime, theirs: Option<Res<Time>>, is_told: Local<bool>) {
    follow(ours, theirs.map(|time| time.delta_secs()), "Time", is_told);
}

/// Advances the time of mods by one step of the fixed clock.
pub(crate) fn follow_fixed_time(ours: ModsTime, theirs: Option<Res<Time<Fixed>>>, is_told: Local<bool>) {
    follow(ours, theirs.map(|time| time.timestep().as_secs_f32()), "Time<Fixed>", is_told);
}

/// The time of mods, and whether it stands with them.
type ModsTime<'w> = (ResMut<'w, ModTime>, Option<Res<'w, Mods>>);

fn follow((mut ours, mods): ModsTime, delta: Option<f32>, clock: &str, mut is_told: Local<bool>) {
    match delta {
        _ if mods.is_some_and(|mods| mods.is_paused()) => {}
        Some(delta) if delta > 0.0 => ours.advance(delta),
        Some(_) => {}
        None if *is_told => {}
        None => {
            *is_told = true;
            tracing::error!(
                "mods follow `{clock}`, which is not there, so that no time passes for them: add Bevy's `TimePlugin`, or set \
                 ModTime yourself and leave `ModdingPlugin::clock` out"
            );
        }
    }
}
