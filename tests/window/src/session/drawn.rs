//! Tests of what the window draws, without a screen and a renderer: how much it is, and that it does not become more.

use std::collections::HashSet;
use std::path::Path;

use bevy::app::PluginsState;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::{RenderCreation, WgpuSettings};
use bevy::sprite_render::AlphaMode2d;
use bevy::winit::WinitPlugin;
use meadow_game::meadow_file::MeadowFile;
use meadow_game::project::Project;
use tinkerbox::panel::ModPanel;

use super::mods;
use crate::pace::Pace;
use crate::window;

/// Frames in which everything is spawned that the window ever needs.
const FIRST_FRAMES: usize = 50;

/// The game as in a window, without a screen and a renderer, in which the mods of the session run and the panel is open.
fn game(folder: &Path) -> App {
    mods::install_texts(folder).unwrap();
    let file = MeadowFile::read(&Project::find().unwrap().assets()).unwrap();
    let none = RenderCreation::Automatic(Box::new(WgpuSettings { backends: None, ..Default::default() }));
    let renderer = RenderPlugin { render_creation: none, ..Default::default() };
    let mut app = App::new();
    app.add_plugins(window::bevy().set(renderer).disable::<WinitPlugin>().disable::<LogPlugin>());
    window::add(&mut app, &file, folder, 1).unwrap();
    app.insert_resource(Pace::EachFrame);
    while app.plugins_state() == PluginsState::Adding {}
    app.finish();
    app.cleanup();
    app.world_mut().resource_mut::<ModPanel>().open(true);
    // The mods are compiled meanwhile.
    while app.world().resource::<ModPanel>().rows().len() < mods::TEXTS {
        app.update();
    }
    (0..FIRST_FRAMES).for_each(|_| app.update());
    app
}

/// What the window shows: nodes of the UI, pictures, meshes, materials.
fn shown(world: &mut World) -> [usize; 4] {
    [
        world.query::<&Node>().iter(world).count(),
        world.resource::<Assets<Image>>().len(),
        world.resource::<Assets<Mesh>>().len(),
        world.resource::<Assets<ColorMaterial>>().len(),
    ]
}

#[test]
fn a_thousand_frames_add_nothing_that_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = game(folder.path());
    let before = shown(app.world_mut());
    assert!(before[0] > 100, "{before:?}: the panel is not shown");
    for frame in 0..1_000 {
        // Each mod is looked at, and each level of the log.
        let mut panel = app.world_mut().resource_mut::<ModPanel>();
        panel.step(if frame % 100 < 50 { 1 } else { -1 });
        panel.view.next_level();
        app.update();
    }
    assert_eq!(shown(app.world_mut()), before);
}

#[test]
fn each_species_is_drawn_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = game(folder.path());
    let world = app.world_mut();
    let mut drawn = world.query::<(&Mesh2d, &MeshMaterial2d<ColorMaterial>)>();
    let all: Vec<_> = drawn.iter(world).map(|(mesh, material)| (mesh.id(), material.id())).collect();
    let kinds: HashSet<_> = all.iter().collect();
    assert!(all.len() > 100 && kinds.len() == 4, "{} are drawn, of {} kinds", all.len(), kinds.len());
    // What is blended is drawn from the back to the front, one by one.
    let materials = world.resource::<Assets<ColorMaterial>>();
    let is_blended = |material| materials.get(material).unwrap().alpha_mode == AlphaMode2d::Blend;
    assert!(!kinds.iter().any(|(_, material)| is_blended(*material)));
    assert_eq!(world.query::<&Sprite>().iter(world).count(), 0);
}
