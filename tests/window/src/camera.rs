//! The camera, which shows the whole world in the part of the window that the panel leaves free.

use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::prelude::*;
use meadow::{HEIGHT, Position, WIDTH};
use tinkerbox::panel::ModPanel;

/// Adds the camera.
pub fn add(app: &mut App) {
    app.add_systems(Startup, spawn)
        .add_systems(PostUpdate, fit.before(bevy::transform::TransformSystems::Propagate));
}

/// Where a position of the game is in the world that the camera sees: y is up, and the middle is 0. Mods may write any
/// number: positions outside the world are drawn at its border.
pub fn place(position: Position, z: f32) -> Vec3 {
    // NaN gives 0.
    let inside = |value: f32, extent: f32| value.max(0.0).min(extent);
    Vec3::new(inside(position.x, WIDTH) - WIDTH / 2.0, HEIGHT / 2.0 - inside(position.y, HEIGHT), z)
}

fn spawn(mut commands: Commands) {
    // Colours are those of Meadow's data, and pictures of pixels need no smoothing.
    commands.spawn((Camera2d, Tonemapping::None, Msaa::Off));
}

fn fit(
    window: Single<&Window>,
    panel: Res<ModPanel>,
    camera: Single<(&mut Transform, &mut Projection), With<Camera2d>>,
) {
    let covered = if panel.view.is_open { ModPanel::WIDTH } else { 0.0 };
    let free = (window.width() - covered).max(1.0);
    let units_per_pixel = (WIDTH / free).max(HEIGHT / window.height().max(1.0));
    let (mut transform, mut projection) = camera.into_inner();
    // The middle of the world is in the middle of the free part.
    transform.translation.x = covered / 2.0 * units_per_pixel;
    if let Projection::Orthographic(projection) = &mut *projection {
        projection.scale = units_per_pixel;
    }
}
