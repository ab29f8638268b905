//! The game with its window: puts the parts together.

use std::path::Path;

use bevy::app::PluginGroupBuilder;
use bevy::prelude::*;
use bevy::window::{WindowPlugin, WindowResolution};
use meadow_game::game::MeadowPlugin;
use meadow_game::meadow_file::MeadowFile;
use tinkerbox::ModdingPlugin;
use tinkerbox::panel::ModPanelPlugin;

use crate::{camera, heading, keys, land, pace, sprites};

/// The game with its window.
///
/// # Errors
/// If Meadow's data does not say how something looks.
pub fn app(file: &MeadowFile, mods: &Path, seed: u64) -> anyhow::Result<App> {
    let mut app = App::new();
    app.add_plugins(bevy());
    add(&mut app, file, mods, seed)?;
    Ok(app)
}

/// Bevy, with this window.
pub fn bevy() -> PluginGroupBuilder {
    let window = Window {
        title: "Meadow".to_owned(),
        resolution: WindowResolution::new(1280, 800),
        ..Window::default()
    };
    let window = WindowPlugin { primary_window: Some(window), ..WindowPlugin::default() };
    DefaultPlugins.set(window).set(ImagePlugin::default_nearest())
}

/// Adds everything but Bevy.
///
/// # Errors
/// If Meadow's data does not say how something looks.
pub fn add(app: &mut App, file: &MeadowFile, mods: &Path, seed: u64) -> anyhow::Result<()> {
    let (start, tick_seconds) = (file.start, file.world.tick_seconds);
    app.add_plugins(MeadowPlugin { start, tick_seconds, seed })
        .add_plugins(ModdingPlugin::new(mods).seed(seed).development(true))
        .add_plugins(ModPanelPlugin::default().first(file.panel.mods.clone()))
        .insert_resource(ClearColor(Color::BLACK));
    pace::add(app);
    land::add(app);
    sprites::add(app, &file.glyphs)?;
    camera::add(app);
    heading::add(app);
    keys::add(app);
    Ok(())
}
