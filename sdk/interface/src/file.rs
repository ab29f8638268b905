//! The interface file: TOML in, TOML out.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::interface::Interface;
use crate::layout::{Number, Type};
use crate::toml_problem::toml_problem;

/// Longer files are not read.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Why a text is not an interface.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", file.as_ref().map(|file| format!("{}: ", file.display())).unwrap_or_default())]
pub struct InterfaceError {
    /// The file, if it was read from one.
    pub file: Option<PathBuf>,
    /// What is wrong, where, and what to do.
    pub problem: String,
}

impl Interface {
    /// Reads an interface from the text of its file.
    ///
    /// # Errors
    /// The text is not TOML, has unknown or missing keys, is for another version of the contract, or does not fit together:
    /// a name that stands for nothing, an id that is there twice, a type with padding, a hash that is not that of the content.
    pub fn parse(text: &str) -> Result<Interface, InterfaceError> {
        let interface: Interface = toml::from_str(text)
            .map_err(|error| InterfaceError { file: None, problem: toml_problem(&error, text) })?;
        interface.check().map_err(|problem| InterfaceError { file: None, problem })?;
        Ok(interface)
    }

    /// Reads an interface file.
    ///
    /// # Errors
    /// The file can't be read, has more than 4 MiB, or [`Interface::parse`] refuses it.
    pub fn read(file: &Path) -> Result<Interface, InterfaceError> {
        let fail = |problem| InterfaceError { file: Some(file.to_owned()), problem };
        let mut text = String::new();
        let opened = fs::File::open(file).map_err(|error| fail(format!("it can't be read: {error}")))?;
        let read = opened.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
        read.map_err(|error| fail(format!("it can't be read: {error}")))?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(fail(format!("it has more than {FILE_BYTES_MAX} bytes; is it an interface file?")));
        }
        Interface::parse(&text).map_err(|error| fail(error.problem))
    }

    /// The text of its file, with the hash of its content. The same interface always gives the same text.
    ///
    /// # Errors
    /// The interface does not fit together.
    pub fn to_toml(&self) -> Result<String, InterfaceError> {
        let fail = |problem| InterfaceError { file: None, problem };
        let whole = Interface { hash: Some(self.content_hash()), ..self.clone() };
        whole.check().map_err(fail)?;
        let text = toml::to_string_pretty(&whole)
            .map_err(|error| fail(format!("it can't be written as TOML: {error}")))?;
        Ok(format!(
            "# What the game `{}` exposes to mods. The game writes this file; changes made by hand are lost.\n\n{text}",
            self.game
        ))
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Type, D::Error> {
        let text = String::deserialize(deserializer)?;
        Type::parse(&text).map_err(|error| de::Error::custom(format!("type \"{text}\": {error}")))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Number, String> {
        let all = Number::ALL.map(|(name, _)| name).join(", ");
        Number::named(text).ok_or_else(|| format!("`{text}` is not a type of numbers: use one of {all}"))
    }
}
