//! What lives in the meadow: a small picture for each species, in the colour that Meadow's data gives it.
//!
//! Whatever a mod makes of the components that mark a species, the entity's sprite follows: it comes and goes with them.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
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
    image: Handle<Image>,
    /// In units of the world.
    size: Vec2,
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
    let mut images = app.world_mut().resource_mut::<Assets<Image>>();
    let mut looks = Vec::new();
    for species in Species::ALL {
        let place = glyphs.iter().position(|glyph| glyph.species == species);
        let Some(place) = place else {
            anyhow::bail!("no [[glyph]] for {}: it could not be drawn", species.plural());
        };
        let rgb = glyphs[place].rgb();
        let (rows, height) = match species {
            Species::Grass => (GRASS, 1.0),
            Species::Sheep => (SHEEP, 1.6),
            Species::Wolf => (WOLF, 2.2),
        };
        let size = Vec2::new(height * rows[0].len() as f32 / rows.len() as f32, height);
        looks.push(Look { image: images.add(image(rows, rgb)), size, z: 1.0 + place as f32, rgb });
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

/// Gives a sprite to those that have become one of a species.
fn dress<T: Component>(
    species: Species,
) -> impl FnMut(Commands<'_, '_>, Res<'_, Looks>, Query<'_, '_, Entity, Added<T>>) {
    move |mut commands, looks, added| {
        let look = looks.of(species);
        for entity in &added {
            let sprite =
                Sprite { image: look.image.clone(), custom_size: Some(look.size), ..Sprite::default() };
            commands.entity(entity).try_insert((sprite, Transform::from_xyz(0.0, 0.0, look.z)));
        }
    }
}

/// Takes the sprite from those that are no longer one of a species, and live on.
fn undress<T: Component>(
    mut commands: Commands,
    mut removed: RemovedComponents<T>,
    those: Query<(), Without<T>>,
) {
    for entity in removed.read().filter(|entity| those.contains(*entity)) {
        commands.entity(entity).try_remove::<Sprite>();
    }
}

fn follow(mut all: Query<(&Position, Option<&Velocity>, &mut Transform, &mut Sprite)>) {
    for (position, velocity, mut transform, mut sprite) in &mut all {
        transform.translation = place(*position, transform.translation.z);
        // The pictures look to the east.
        if let Some(velocity) = velocity
            && velocity.x != 0.0
        {
            sprite.flip_x = velocity.x < 0.0;
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
