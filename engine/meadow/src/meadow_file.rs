//! Meadow's data: `assets/meadow/meadow.toml`.
//!
//! It is checked when it is read, so that no other code has to handle invalid values.

use std::fs;
use std::path::Path;

use anyhow::Context;
use ratatui::style::Color;
use ratatui::text::Span;
use serde::{Deserialize, Deserializer, de};

use crate::game::{Species, Start};

/// What the binary plays with outside of the project's folder, as authors of mods do.
const BUILT_IN: &str = include_str!("../../../assets/meadow/meadow.toml");

/// The file's name.
pub const FILE_NAME: &str = "meadow.toml";

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeadowFile {
    /// Settings of the world.
    pub world: World,
    /// What lives in the world before the mods start.
    pub start: Start,
    /// How things are drawn; later entries cover earlier ones.
    #[serde(rename = "glyph")]
    pub glyphs: Vec<Glyph>,
    /// The panel beside the map.
    pub panel: Panel,
}

/// Settings of the world.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The seed, unless the command line gives one.
    pub seed: u64,
    /// Seconds of simulation per frame.
    #[serde(deserialize_with = "tick_seconds")]
    pub tick_seconds: f32,
}

/// How a species is drawn on the map.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glyph {
    /// The component that marks the species.
    #[serde(rename = "component", deserialize_with = "species")]
    pub species: Species,
    /// One character, one cell wide.
    #[serde(deserialize_with = "symbol")]
    pub symbol: String,
    /// Its colour.
    #[serde(deserialize_with = "color")]
    pub color: Color,
}

/// The panel beside the map.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// The ids of the mods that come first; others follow in alphabetical order.
    pub mods: Vec<String>,
}

impl Glyph {
    /// Its colour in red, green and blue, where no terminal decides what a name stands for.
    pub fn rgb(&self) -> [u8; 3] {
        match self.color {
            Color::Rgb(red, green, blue) => [red, green, blue],
            Color::Black => [0, 0, 0],
            Color::Red => [170, 0, 0],
            Color::Green => [0, 170, 0],
            Color::Yellow => [170, 85, 0],
            Color::Blue => [0, 0, 170],
            Color::Magenta => [170, 0, 170],
            Color::Cyan => [0, 170, 170],
            Color::Gray => [170, 170, 170],
            Color::DarkGray => [85, 85, 85],
            Color::LightRed => [255, 85, 85],
            Color::LightGreen => [85, 255, 85],
            Color::LightYellow => [255, 255, 85],
            Color::LightBlue => [85, 85, 255],
            Color::LightMagenta => [255, 85, 255],
            Color::LightCyan => [85, 255, 255],
            // The terminal's own colour, and numbers of its palette.
            Color::White | Color::Reset | Color::Indexed(_) => [255, 255, 255],
        }
    }
}

impl MeadowFile {
    /// Reads the file of this folder.
    ///
    /// # Errors
    /// If the file can't be read, or something in it is invalid: the message says where.
    pub fn read(folder: &Path) -> anyhow::Result<MeadowFile> {
        let file = folder.join(FILE_NAME);
        let text = fs::read_to_string(&file).with_context(|| {
            format!(
                "{} can't be read. Give the folder that holds Meadow's {FILE_NAME} with --assets",
                file.display()
            )
        })?;
        MeadowFile::parse(&text).with_context(|| file.display().to_string())
    }

    /// The file that was there when the game was compiled.
    ///
    /// # Errors
    /// If something in it is invalid.
    pub fn built_in() -> Result<MeadowFile, toml::de::Error> {
        MeadowFile::parse(BUILT_IN)
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// If something in it is invalid: the message says in which line.
    pub fn parse(text: &str) -> Result<MeadowFile, toml::de::Error> {
        toml::from_str(text)
    }
}

fn tick_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    let seconds = f32::deserialize(deserializer)?;
    match seconds > 0.0 && seconds <= 1.0 {
        true => Ok(seconds),
        false => Err(de::Error::custom(format!(
            "invalid length of a tick: {seconds}. Write seconds, above 0 and up to 1"
        ))),
    }
}

fn species<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Species, D::Error> {
    let id = String::deserialize(deserializer)?;
    Species::ALL.into_iter().find(|species| species.id() == id).ok_or_else(|| {
        let ids = Species::ALL.map(Species::id).join(", ");
        de::Error::custom(format!("`{id}` is not a component that can be drawn: write one of {ids}"))
    })
}

fn symbol<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let symbol = String::deserialize(deserializer)?;
    let is_one = symbol.chars().count() == 1 && !symbol.chars().any(char::is_control);
    match is_one && Span::raw(&symbol).width() == 1 {
        true => Ok(symbol),
        false => Err(de::Error::custom(format!(
            "`{symbol}` does not fill one cell of the map: write one character"
        ))),
    }
}

fn color<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Color, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| {
        de::Error::custom(format!(
            "`{name}` is not a colour: write a name like \"green\" or numbers like \"#4f8f3f\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEADOW: &str = BUILT_IN;

    #[test]
    fn the_demo_world_is_read() {
        let file = MeadowFile::parse(MEADOW).unwrap();
        assert!(file.start.sheep > 0);
        assert_eq!(file.glyphs.len(), Species::ALL.len());
    }

    #[track_caller]
    fn is_refused(from: &str, to: &str, because: &str) {
        assert!(MEADOW.contains(from), "{from} is not in the file");
        let error = MeadowFile::parse(&MEADOW.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(because), "{error}");
        assert!(error.contains("line"), "{error}");
    }

    #[test]
    fn invalid_values_are_refused_with_their_lines() {
        is_refused("meadow:Wolf", "meadow:Fox", "`meadow:Fox` is not a component");
        is_refused("\"W\"", "\"WW\"", "write one character");
        is_refused("\"W\"", "\"\\u0007\"", "write one character");
        is_refused("#d9534f", "reddish", "`reddish` is not a colour");
        is_refused("tick_seconds = 0.05", "tick_seconds = nan", "invalid length of a tick: NaN");
        is_refused("seed", "sead", "sead");
    }
}
