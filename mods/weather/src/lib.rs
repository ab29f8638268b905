//! Rain and wind come and go.
//!
//! The point of this mod: it changes a resource of the game, by which others live. What it is up to is its state, so the
//! weather does not change when its code is reloaded.
#![forbid(unsafe_code)]

use meadow::Weather;
use tinkerbox_sdk::prelude::*;

/// Seconds from one change of the weather to the next, and the part of the way to it that each second covers.
const SPELL: f32 = 20.0;
const TURNING: f32 = 0.4;
/// The strongest wind.
const STORM: f32 = 3.0;

/// What the weather is turning to.
#[state]
struct Outlook {
    wind: f32,
    rain: f32,
}

impl Default for Outlook {
    fn default() -> Outlook {
        let Weather { wind, rain } = Weather::default();
        Outlook { wind, rain }
    }
}

#[system(before = "grass:grow")]
fn turn(outlook: &mut Outlook, mut weather: ResMut<Weather>) {
    if every(SPELL) {
        (outlook.wind, outlook.rain) = (random_range(-STORM..STORM), random());
        match outlook.rain {
            rain if rain > 0.8 => info!("clouds gather"),
            rain if rain < 0.2 => info!("it clears up"),
            _ => {}
        }
    }
    let turn = TURNING * delta();
    weather.wind += (outlook.wind - weather.wind) * turn;
    weather.rain += (outlook.rain - weather.rain) * turn;
}
