//! The land: a picture in which each pixel has the colour of its height.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy::sprite_render::AlphaMode2d;
use meadow::{HEIGHT, WIDTH};
use meadow_game::game::height_at;

/// Pixels of the picture for a unit of the world.
const DETAIL: f32 = 6.0;
/// The colours of the plain and of the highest hills.
const PLAIN: [f32; 3] = [34.0, 44.0, 34.0];
const PEAK: [f32; 3] = [104.0, 96.0, 78.0];
/// Heights between two contour lines.
const CONTOUR: f32 = 1.5;

/// Adds the land.
pub fn add(app: &mut App) {
    app.add_systems(Startup, spawn);
}

fn spawn(
    mut commands: Commands,
    mut images: ResMut<Assets<Image>>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<ColorMaterial>>,
) {
    let texture = Some(images.add(image()));
    let material = ColorMaterial { texture, alpha_mode: AlphaMode2d::Opaque, ..ColorMaterial::default() };
    commands.spawn((
        Name::new("land"),
        Mesh2d(meshes.add(Rectangle::new(WIDTH, HEIGHT))),
        MeshMaterial2d(materials.add(material)),
    ));
}

fn image() -> Image {
    let (width, height) = ((WIDTH * DETAIL) as u32, (HEIGHT * DETAIL) as u32);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let data = pixels.flat_map(|(x, y)| color(x as f32 / DETAIL, y as f32 / DETAIL)).collect();
    let size = Extent3d { width, height, depth_or_array_layers: 1 };
    let format = TextureFormat::Rgba8UnormSrgb;
    Image::new(size, TextureDimension::D2, data, format, RenderAssetUsages::RENDER_WORLD)
}

/// Steps of height have the same colour, as on a map.
fn color(x: f32, y: f32) -> [u8; 4] {
    let height = (height_at(x, y) / CONTOUR).ceil() * CONTOUR;
    let part = (height / 10.0).min(1.0);
    let mix = |at: usize| (PLAIN[at] + (PEAK[at] - PLAIN[at]) * part) as u8;
    [mix(0), mix(1), mix(2), 255]
}
