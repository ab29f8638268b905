//! What lives in the meadow: a small picture for each species, in the colour that Meadow's data gives it.
//!
//! Whatever a mod makes of the components that mark a species, the entity's sprite follows: it comes and goes with them.
//!
//! A sprite is a mesh whose material all of its species share, and not a `Sprite` of Bevy's: those are blended one after the
//! other. Lavapipe, which is Vulkan in software, as Debian 12 has it, compiles the shader of a `Sprite` again for each draw and
//! keeps all of them: with a thousand sprites that took 90 MB a frame.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy::sprite_render::AlphaMode2d;
use meadow::{Grass, Position, Sheep, Velocity, Wolf};
use meadow_game::game::Species;
use meadow_game::meadow_file::Glyph;

use crate::camera::place;

/// The pictures: `o` has the species' colour, `d` is darker, `k` is almost black.
const GRASS: &[&str] = &["o....o..", "oo..oo.o", ".oo.o.oo", ".oooooo.", "..oooo..", "..dood.."];
const SHEEP: &[&str] = &[
    "..oooooo...",
    ".oooooookk.",
    "ooooooookkk",
    "ooooooookk.",
    "doooooood..",
    ".dddddddd..",
    "..k....k...",
    "..k....k...",
];
const WOLF: &[&str] = &[
    ".........o.o.",
    ".........ooo.",
    "o.ooooooookoo",
    "ooooooooooooo",
    ".ooooooooood.",
    ".odddddddd...",
    ".oo.....oo...",
    ".kk.....kk...",
];

/// The pictures of all species.
#[derive(Resource)]
pub struct Looks([Look; Species::ALL.len()]);

/// How a species looks.
pub struct Look {
    mesh: Handle<Mesh>,
    material: Handle<ColorMaterial>,
    /// Later species cover earlier ones.
    z: f32,
    /// Its colour.
    pub rgb: [u8; 3],
}

impl Looks {
    /// How a species looks.
    pub fn of(&self, species: Species) -> &Look {
        &self.0[species as usize]
    }
}

/// Adds the sprites.
///
/// # Errors
/// If the data gives no colour to a species.
pub fn add(app: &mut App, glyphs: &[Glyph]) -> anyhow::Result<()> {
    let mut looks = Vec::new();
    for species in Species::ALL {
        let place = glyphs.iter().position(|glyph| glyph.species == species);
        let Some(place) = place else {
            anyhow::bail!("no [[glyph]] for {}: it could not be drawn", species.plural());
        };
        looks.push(look(app.world_mut(), species, glyphs[place].rgb(), 1.0 + place as f32));
    }
    let looks: [Look; Species::ALL.len()] =
        looks.try_into().map_err(|_| anyhow::anyhow!("a look is missing"))?;
    app.insert_resource(Looks(looks));
    app.add_systems(
        PostUpdate,
        (
            (dress::<Grass>(Species::Grass), dress::<Sheep>(Species::Sheep), dress::<Wolf>(Species::Wolf)),
            (undress::<Grass>, undress::<Sheep>, undress::<Wolf>),
            follow,
        )
            .chain()
            .before(bevy::transform::TransformSystems::Propagate),
    );
    Ok(())
}

fn look(world: &mut World, species: Species, rgb: [u8; 3], z: f32) -> Look {
    let (rows, height) = match species {
        Species::Grass => (GRASS, 1.0),
        Species::Sheep => (SHEEP, 1.6),
        Species::Wolf => (WOLF, 2.2),
    };
    let width = height * rows[0].len() as f32 / rows.len() as f32;
    let image = world.resource_mut::<Assets<Image>>().add(image(rows, rgb));
    // A pixel is there or not, so that the order in which sprites are drawn does not matter, and a species is drawn at once.
    let material = ColorMaterial {
        texture: Some(image),
        alpha_mode: AlphaMode2d::Mask(0.5),
        ..ColorMaterial::default()
    };
    Look {
        mesh: world.resource_mut::<Assets<Mesh>>().add(Rectangle::new(width, height)),
        material: world.resource_mut::<Assets<ColorMaterial>>().add(material),
        z,
        rgb,
    }
}

/// Gives a sprite to those that have become one of a species.
fn dress<T: Component>(
    species: Species,
) -> impl FnMut(Commands<'_, '_>, Res<'_, Looks>, Query<'_, '_, Entity, Added<T>>) {
    move |mut commands, looks, added| {
        let look = looks.of(species);
        for entity in &added {
            commands.entity(entity).try_insert((
                Mesh2d(look.mesh.clone()),
                MeshMaterial2d(look.material.clone()),
                Transform::from_xyz(0.0, 0.0, look.z),
            ));
        }
    }
}

type OfNoSpecies = (Without<Grass>, Without<Sheep>, Without<Wolf>);

/// Takes the sprite from those that are no longer of any species, and live on.
fn undress<T: Component>(
    mut commands: Commands,
    mut removed: RemovedComponents<T>,
    those: Query<(), OfNoSpecies>,
) {
    for entity in removed.read().filter(|entity| those.contains(*entity)) {
        commands.entity(entity).try_remove::<(Mesh2d, MeshMaterial2d<ColorMaterial>)>();
    }
}

fn follow(mut all: Query<(&Position, Option<&Velocity>, &mut Transform), With<Mesh2d>>) {
    for (position, velocity, mut transform) in &mut all {
        transform.translation = place(*position, transform.translation.z);
        // The pictures look to the east.
        if let Some(velocity) = velocity
            && velocity.x != 0.0
        {
            transform.scale.x = if velocity.x < 0.0 { -1.0 } else { 1.0 };
        }
    }
}

fn image(rows: &[&str], rgb: [u8; 3]) -> Image {
    let pixel = |kind: char| match kind {
        'o' => [rgb[0], rgb[1], rgb[2], 255],
        'd' => [rgb[0] / 4 * 3, rgb[1] / 4 * 3, rgb[2] / 4 * 3, 255],
        'k' => [28, 26, 24, 255],
        _ => [0, 0, 0, 0],
    };
    let data = rows.iter().flat_map(|row| row.chars()).flat_map(pixel).collect();
    let size = Extent3d { width: rows[0].len() as u32, height: rows.len() as u32, depth_or_array_layers: 1 };
    let format = TextureFormat::Rgba8UnormSrgb;
    Image::new(size, TextureDimension::D2, data, format, RenderAssetUsages::RENDER_WORLD)
}
