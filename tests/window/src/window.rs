//! The game with its window: puts the parts together.

use std::path::Path;

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
    let window = Window {
        title: "Meadow".to_owned(),
        resolution: WindowResolution::new(1280, 800),
        ..Window::default()
    };
    let window = WindowPlugin { primary_window: Some(window), ..WindowPlugin::default() };
    let (start, tick_seconds) = (file.start, file.world.tick_seconds);
    let mut app = App::new();
    app.add_plugins(DefaultPlugins.set(window).set(ImagePlugin::default_nearest()))
        .add_plugins(MeadowPlugin { start, tick_seconds, seed })
        .add_plugins(ModdingPlugin::new(mods).seed(seed).development(true))
        .add_plugins(ModPanelPlugin::default().first(file.panel.mods.clone()))
        .insert_resource(ClearColor(Color::BLACK));
    pace::add(&mut app);
    land::add(&mut app);
    sprites::add(&mut app, &file.glyphs)?;
    camera::add(&mut app);
    heading::add(&mut app);
    keys::add(&mut app);
    Ok(app)
}
