//! A small harbour without a window: ships come in with the tide, are unloaded by customs and sail again.
//!
//! The game moves ships, makes tides and keeps the books. Where ships sail to and what customs do is up to mods: those in
//! `mods/` come with the game. It was made from the guide of `tinkerbox` alone, as a game of somebody else's would be.
//!
//! ```text
//! screen (menu, sailing, paused) -> harbour, voyage (the simulation) -> modding (exposes it, runs mods) -> consent (asks)
//! ```

#![forbid(unsafe_code)]

mod settings;

pub mod screen;

pub mod harbour;
pub mod voyage;

pub mod consent;
pub mod modding;

use std::time::Duration;

use bevy::app::ScheduleRunnerPlugin;
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;

pub use settings::Settings;

/// The whole game, to be run, or updated frame by frame.
pub fn app(settings: &Settings) -> App {
    let mut app = App::new();
    let at_its_pace = ScheduleRunnerPlugin::run_loop(Duration::from_secs_f64(1.0 / 64.0));
    app.add_plugins((MinimalPlugins.set(at_its_pace), StatesPlugin, TransformPlugin));
    app.add_plugins((screen::plugin, harbour::plugin, voyage::plugin));
    modding::add_to(&mut app, settings);
    consent::add_to(&mut app, settings);
    app
}
