//! How often a frame of the game runs: 30 times a second, as in the terminal, or when a session says so.
//!
//! The window is drawn as often as it can be, and the panel works while the game is paused.

use std::time::Duration;

use bevy::prelude::*;
use meadow_game::game::Simulate;

/// The time from one frame of the game to the next.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// When frames of the game run.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// At their pace.
    Timed,
    /// With each frame of the window.
    EachFrame,
    /// Not.
    Paused,
}

/// Frames of the game run at their pace.
pub fn add(app: &mut App) {
    app.insert_resource(Pace::Timed).configure_sets(Update, Simulate.run_if(is_due));
}

fn is_due(pace: Res<Pace>, time: Res<Time>, mut since: Local<Duration>) -> bool {
    match *pace {
        Pace::Paused => false,
        Pace::EachFrame => true,
        Pace::Timed => {
            // After a long frame the game does not catch up.
            *since = (*since + time.delta()).min(2 * FRAME);
            let is_due = *since >= FRAME;
            *since -= if is_due { FRAME } else { Duration::ZERO };
            is_due
        }
    }
}
