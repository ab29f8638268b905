//! Meadow's data: `assets/meadow/meadow.toml`.
//!
//! Checked when it is read, so that nothing behind it has to expect nonsense.

use std::fs;
use std::path::Path;

use anyhow::Context;
use ratatui::style::Color;
use ratatui::text::Span;
use serde::{Deserialize, Deserializer, de};

use crate::game::{Kind, Start};

/// The file's name.
pub const FILE_NAME: &str = "meadow.toml";

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeadowFile {
    /// The world as such.
    pub world: World,
    /// What lives in it before the mods begin.
    pub start: Start,
    /// How things are drawn; the later covers the earlier.
    #[serde(rename = "glyph")]
    pub glyphs: Vec<Glyph>,
    /// The panel beside the map.
    pub panel: Panel,
}

/// The world as such.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// Used where the command line names none.
    pub seed: u64,
    /// Seconds of simulation that one frame covers.
    #[serde(deserialize_with = "tick_seconds")]
    pub tick_seconds: f32,
}

/// How one kind of thing is drawn on the map.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glyph {
    /// The component that marks the kind.
    #[serde(rename = "component", deserialize_with = "kind")]
    pub kind: Kind,
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
    /// The mods that come first, by id; others follow in the alphabet's order.
    pub mods: Vec<String>,
}

impl MeadowFile {
    /// Reads the file of this folder.
    ///
    /// # Errors
    /// If the file can't be read, or something in it is not as it must be: the message says where.
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

    /// Reads the file's text.
    ///
    /// # Errors
    /// If something in it is not as it must be: the message says in which line.
    pub fn parse(text: &str) -> Result<MeadowFile, toml::de::Error> {
        toml::from_str(text)
    }
}

fn tick_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    let seconds = f32::deserialize(deserializer)?;
    match seconds > 0.0 && seconds <= 1.0 {
        true => Ok(seconds),
        false => Err(de::Error::custom(format!(
            "{seconds} is no length of a tick: write seconds, above 0 and up to 1"
        ))),
    }
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
    let id = String::deserialize(deserializer)?;
    Kind::ALL.into_iter().find(|kind| kind.id() == id).ok_or_else(|| {
        let ids = Kind::ALL.map(Kind::id).join(", ");
        de::Error::custom(format!("`{id}` marks nothing that can be drawn: write one of {ids}"))
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
            "`{name}` is no colour: write a name like \"green\" or numbers like \"#4f8f3f\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEADOW: &str = include_str!("../../../assets/meadow/meadow.toml");

    #[test]
    fn the_demo_world_is_read() {
        let file = MeadowFile::parse(MEADOW).unwrap();
        assert!(file.start.sheep > 0);
        assert_eq!(file.glyphs.len(), Kind::ALL.len());
    }

    #[track_caller]
    fn is_refused(from: &str, to: &str, because: &str) {
        assert!(MEADOW.contains(from), "{from} is not in the file");
        let error = MeadowFile::parse(&MEADOW.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(because), "{error}");
        assert!(error.contains("line"), "{error}");
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        is_refused("meadow:Wolf", "meadow:Fox", "`meadow:Fox` marks nothing");
        is_refused("\"W\"", "\"WW\"", "write one character");
        is_refused("\"W\"", "\"\\u0007\"", "write one character");
        is_refused("#d9534f", "reddish", "`reddish` is no colour");
        is_refused("tick_seconds = 0.05", "tick_seconds = nan", "no length of a tick");
        is_refused("seed", "sead", "sead");
    }
}
