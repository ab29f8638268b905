//! What a picture must show, checked against the world that it shows.

use std::collections::HashSet;

use bevy::prelude::*;
use meadow::{Grass, Position, Sheep, WIDTH, Wolf};
use meadow_game::game::Species;
use tinkerbox::panel::ModPanel;

use super::mods::GATHERED_AT;
use super::screen::{Pixels, difference, texts};
use crate::camera::place;
use crate::sprites::Looks;

/// Colours that differ by less are the same, for a sprite that is drawn at any size.
const SAME_COLOR: u8 = 40;
/// How far from the middle of a sprite its colour is looked for, in pixels.
const REACH: i64 = 2;
/// Of the sprites of a species so many in a hundred must be seen: others may stand in front.
const SEEN: usize = 75;
/// And at as many places without one no more than that.
const SEEN_ELSEWHERE: usize = 55;

/// What a picture must show.
pub enum Check {
    /// Something: many colours, and not only dark ones.
    Lively,
    /// A sprite of each species wherever the world has one.
    Sprites,
    /// The panel, in which each text can be read.
    Panel,
    /// No panel.
    NoPanel,
    /// Texts of the panel that begin with these.
    Says(&'static [&'static str]),
    /// No text with this in it.
    Silent(&'static str),
    /// The graph of the chosen mod's fuel.
    Graph,
    /// All sheep on the line on which the new version of the mod `gather` puts them, or not.
    Gathered(bool),
}

impl Check {
    /// Checks a picture.
    ///
    /// # Errors
    /// If it does not show that.
    pub fn run(&self, world: &mut World, pixels: &Pixels) -> Result<(), String> {
        match self {
            Check::Lively => lively(pixels),
            Check::Sprites => {
                sprites::<Grass>(world, pixels, Species::Grass)?;
                sprites::<Sheep>(world, pixels, Species::Sheep)?;
                sprites::<Wolf>(world, pixels, Species::Wolf)
            }
            Check::Panel => panel(world, pixels),
            Check::NoPanel => match world.resource::<ModPanel>().view.is_open {
                true => Err("the panel is open".to_owned()),
                false => Ok(()),
            },
            Check::Says(beginnings) => says(world, beginnings),
            Check::Silent(part) => match texts(world).iter().find(|shown| shown.text.contains(part)) {
                Some(shown) => Err(format!("`{}` is shown", shown.text)),
                None => Ok(()),
            },
            Check::Graph => graph(world, pixels),
            Check::Gathered(expected) => gathered(world, *expected),
        }
    }
}

fn lively(pixels: &Pixels) -> Result<(), String> {
    let mut colors = HashSet::new();
    let (mut bright, mut all) = (0usize, 0usize);
    for color in pixels.inside(pixels.rect()) {
        colors.insert(color);
        bright += usize::from(difference(color, [0; 3]) > 24);
        all += 1;
    }
    match colors.len() >= 30 && bright * 5 > all {
        true => Ok(()),
        false => Err(format!("{} colours, and {bright} of {all} pixels are not black", colors.len())),
    }
}

/// The part of the window in which the world is to be seen.
fn free(world: &World, pixels: &Pixels) -> Rect {
    let mut rect = pixels.rect();
    if world.resource::<ModPanel>().view.is_open {
        rect.max.x -= ModPanel::WIDTH;
    }
    rect
}

fn sprites<T: Component>(world: &mut World, pixels: &Pixels, species: Species) -> Result<(), String> {
    let positions: Vec<Position> =
        world.query_filtered::<&Position, With<T>>().iter(world).copied().collect();
    let elsewhere = positions.iter().map(|at| Position::wrapped(at.x + WIDTH / 2.0, at.y + 1.7)).collect();
    let (seen, of) = seen(world, pixels, species, positions)?;
    let (by_chance, _) = self::seen(world, pixels, species, elsewhere)?;
    if of == 0 {
        return Err(format!("there are no {}", species.plural()));
    }
    if seen * 100 < of * SEEN || by_chance * 100 > of * SEEN_ELSEWHERE {
        return Err(format!(
            "of {of} {}, {seen} are where the world has them, and {by_chance} where it has none",
            species.plural()
        ));
    }
    Ok(())
}

/// At how many of these positions the colour of a species is seen, and how many of them are not behind the UI.
fn seen(
    world: &mut World,
    pixels: &Pixels,
    species: Species,
    positions: Vec<Position>,
) -> Result<(usize, usize), String> {
    let color = world.resource::<Looks>().of(species).rgb;
    let free = free(world, pixels);
    let texts: Vec<Rect> = texts(world).into_iter().map(|shown| shown.rect).collect();
    let mut cameras = world.query_filtered::<(&Camera, &GlobalTransform), With<Camera2d>>();
    let (camera, transform) = cameras.single(world).map_err(|error| error.to_string())?;
    let (mut seen, mut of) = (0, 0);
    for position in positions {
        let Ok(middle) = camera.world_to_viewport(transform, place(position, 0.0)) else { continue };
        if !free.contains(middle) || texts.iter().any(|rect| rect.inflate(4.0).contains(middle)) {
            continue;
        }
        of += 1;
        let (x, y) = (middle.x as i64, middle.y as i64);
        let around = (-REACH..=REACH).flat_map(|dx| (-REACH..=REACH).map(move |dy| (x + dx, y + dy)));
        let is_seen =
            around.filter_map(|(x, y)| pixels.at(x, y)).any(|found| difference(found, color) < SAME_COLOR);
        seen += usize::from(is_seen);
    }
    Ok((seen, of))
}

/// Each text must be inside the window, and where it is there must be pixels that differ from what is behind it.
fn panel(world: &mut World, pixels: &Pixels) -> Result<(), String> {
    let window = pixels.rect();
    let left = window.max.x - ModPanel::WIDTH;
    let texts: Vec<_> = texts(world).into_iter().filter(|shown| shown.rect.min.x >= left).collect();
    if texts.len() < 12 {
        return Err(format!("only {} texts are shown in the panel", texts.len()));
    }
    for shown in &texts {
        if shown.rect.intersect(window) != shown.rect {
            return Err(format!("`{}` is at {:?}, partly outside of the window", shown.text, shown.rect));
        }
        let colors: Vec<[u8; 3]> = pixels.inside(shown.rect).collect();
        // The first pixel is between letters or behind them: either way others differ from it.
        let behind = colors.first().copied().unwrap_or_default();
        let inked = colors.iter().filter(|color| difference(**color, behind) > 40).count();
        if inked * 50 < colors.len() {
            return Err(format!("`{}` can't be read: {inked} of {} pixels", shown.text, colors.len()));
        }
    }
    for (at, one) in texts.iter().enumerate() {
        for other in &texts[at + 1..] {
            let both = one.rect.intersect(other.rect);
            if both.width() > 1.0 && both.height() > 1.0 {
                return Err(format!("`{}` and `{}` overlap", one.text, other.text));
            }
        }
    }
    Ok(())
}

fn says(world: &mut World, beginnings: &[&str]) -> Result<(), String> {
    let texts = texts(world);
    for beginning in beginnings {
        if !texts.iter().any(|shown| shown.text.starts_with(beginning)) {
            let all: Vec<&str> = texts.iter().map(|shown| shown.text.as_str()).collect();
            return Err(format!("nothing begins with `{beginning}`, of {all:#?}"));
        }
    }
    Ok(())
}

/// The graph is high where much was used: its bars are drawn at their places.
fn graph(world: &mut World, pixels: &Pixels) -> Result<(), String> {
    let bars = world.resource::<ModPanel>().bars().to_vec();
    let mut seen = 0;
    let mut heights = HashSet::new();
    for bar in &bars {
        let (Some(node), Some(transform)) = (
            world.get::<ComputedNode>(*bar).copied(),
            world.get::<bevy::ui::UiGlobalTransform>(*bar).copied(),
        ) else {
            continue;
        };
        let rect = Rect::from_center_size(transform.translation, node.size());
        if rect.height() < 3.0 {
            continue;
        }
        heights.insert(rect.height() as u32);
        let middle = rect.center().as_i64vec2();
        let above = pixels.at(middle.x, rect.min.y as i64 - 3);
        let inside = pixels.at(middle.x, middle.y);
        seen += usize::from(inside.zip(above).is_some_and(|(inside, above)| difference(inside, above) > 40));
    }
    match seen * 2 > bars.len() && heights.len() >= 5 {
        true => Ok(()),
        false => Err(format!("{seen} of {} bars are seen, of {} heights", bars.len(), heights.len())),
    }
}

fn gathered(world: &mut World, expected: bool) -> Result<(), String> {
    let (at, of) = gathered_sheep(world);
    let is_as_expected = if expected { at == of } else { at * 4 < of };
    match is_as_expected && of > 0 {
        true => Ok(()),
        false => Err(format!("{at} of {of} sheep are at {GATHERED_AT} from the north")),
    }
}

/// How many sheep are on the line, and how many there are.
fn gathered_sheep(world: &mut World) -> (usize, usize) {
    let mut sheep = world.query_filtered::<&Position, With<Sheep>>();
    // A sheep moves after the mods have run.
    let is_there = |position: &&Position| (position.y - GATHERED_AT).abs() < 0.5;
    (sheep.iter(world).filter(is_there).count(), sheep.iter(world).count())
}
